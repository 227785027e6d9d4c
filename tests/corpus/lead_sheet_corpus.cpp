#include <lofi/corpus/lead_sheet_corpus.hpp>

#include <fstream>
#include <set>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::corpus;

namespace {

using paths = std::vector<std::filesystem::path>;

std::string message(const auto& call) {
    try {
        call();
    } catch (const error& e) {
        return e.message();
    }
    return "nothing was thrown";
}
void put(const std::filesystem::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }
std::string sample(std::string_view title) {
    return R"({"title":")" + std::string(title) + R"(","chords":[1,4],"melodies":[]})" + "\n";
}

}  // namespace

TEST_CASE("songs are what stands before the last dash") {
    CHECK(song_of("ewld/1110-02") == "ewld/1110");
    CHECK(song_of("rs200/a-day-in-1999-03") == "rs200/a-day-in-1999");
    CHECK(song_of("alone") == "alone");
    CHECK(song_of("") == "");
    CHECK(song_of("-01") == "");
    CHECK(song_of("fmc/maj-008", title_names::song) == "fmc/maj-008");
}

TEST_CASE("splits by name and by song") {
    CHECK(split_in_name("x/ewld.test.jsonl") == split::test);
    CHECK(split_in_name("ewld.train.jsonl") == split::train);
    CHECK(split_in_name("ewld.valid.jsonl") == split::valid);
    CHECK_FALSE(split_in_name("mine.jsonl"));
    const paths all = {test::data("corpus/ewld.test.jsonl"), test::data("corpus/ewld.test.ext.jsonl")};
    CHECK(read_lead_sheet_corpus(all).phrases.size() == 24);  // a twin that came with "*.jsonl" is no file of its own
    CHECK_FALSE(split_in_name("train.jsonl"));
    // From Python: int(sha1(b"lofi-v1:" + song).hexdigest(), 16) % 100.
    CHECK(split_of("tape 0") == split::train);      // 32
    CHECK(split_of("tape 1") == split::train);      // 99
    CHECK(split_of("tape 12") == split::valid);     // 22
    CHECK(split_of("tape 14") == split::hold_out);  // 2
    CHECK(split_of("tape 17") == split::train);     // 24
    CHECK(split_of("tape 18") == split::test);      // 11
    CHECK(split_of("edge 15") == split::hold_out);  // 9
    CHECK(split_of("edge 44") == split::test);      // 10
    CHECK(split_of("edge 34") == split::test);      // 16
    CHECK(split_of("edge 5") == split::valid);      // 17
    CHECK(split_of("edge 149") == split::valid);    // 23
    CHECK(split_of("edge 112") == split::train);    // 24
    // Shares come out near 10, 7, 7, 76 in a hundred.
    std::array<int, 4> count{};
    for (int i = 0; i < 20000; ++i) ++count[static_cast<std::size_t>(split_of("song " + std::to_string(i)))];
    CHECK(std::abs(count[3] - 2000) < 200);
    CHECK(std::abs(count[2] - 1400) < 160);
    CHECK(std::abs(count[1] - 1400) < 160);
}

TEST_CASE("the public-domain fixture: songs, set, split and attacks") {
    const lead_sheet_corpus c = read_lead_sheet_corpus(paths{test::data("corpus/ewld.test.jsonl")});
    REQUIRE(c.phrases.size() == 24);
    CHECK(c.songs == std::vector<std::string>{"ewld/1110", "ewld/1370", "ewld/1845", "ewld/2245", "ewld/2769", "ewld/2835"});
    CHECK(c.sets == std::vector<std::string>{"ewld"});
    CHECK(c.count(split::test) == 24);
    CHECK(c.sheets(split::test).size() == 24);
    CHECK(c.sheets(split::train).empty());
    CHECK(c.phrases[3].song == 1);
    CHECK(c.phrases[0].attacks == std::vector<std::uint8_t>{64, 17, 65, 17, 65, 85, 85, 1});
    for (const phrase& p : c.phrases) {
        REQUIRE(p.attacks.size() == p.sheet.rows.size());
        // An attack on a rest makes no sense, and a change of pitch is always an attack.
        std::uint8_t before = 0;
        for (std::size_t r = 0; r < p.attacks.size(); ++r)
            for (std::size_t s = 0; s < 8; ++s) {
                const std::uint8_t v = p.sheet.rows[r].melody[s];
                const bool attack = (p.attacks[r] >> s & 1) != 0;
                if (attack) CHECK(v != 0);
                // A phrase may begin inside a held note.
                if (v != 0 && v != before && r + s > 0) CHECK(attack);
                before = v;
            }
    }
}

TEST_CASE("several files make one corpus, and a user's own songs are kept whole") {
    const test::temporary_folder folder;
    std::string mine;
    for (int song = 0; song < 40; ++song)
        for (int phrase = 0; phrase < 3; ++phrase)
            mine += sample("tape " + std::to_string(song) + "-" + std::to_string(phrase));
    put(folder.path() / "mine.jsonl", mine);
    put(folder.path() / "midi_chords.train.jsonl", sample("fmc/maj-001") + sample("fmc/maj-002"));
    const lead_sheet_corpus c =
        read_lead_sheet_corpus(paths{folder.path() / "mine.jsonl", folder.path() / "midi_chords.train.jsonl"});
    CHECK(c.phrases.size() == 122);
    CHECK(c.songs.size() == 42);
    CHECK(c.sets == std::vector<std::string>{"mine", "midi_chords"});
    std::set<split> seen;
    for (const phrase& p : c.phrases) {
        if (p.set == 1)
            CHECK(p.split == split::train);
        else
            CHECK(p.split == split_of(c.songs[p.song]));
        CHECK(p.attacks.empty());
        seen.insert(p.split);
    }
    CHECK(seen.size() == 4);
}

TEST_CASE("a song in two splits is refused") {
    const test::temporary_folder folder;
    put(folder.path() / "x.train.jsonl", sample("s/1-01"));
    put(folder.path() / "x.test.jsonl", sample("s/2-01") + sample("s/1-02"));
    const paths files = {folder.path() / "x.train.jsonl", folder.path() / "x.test.jsonl"};
    CHECK(message([&] { (void)read_lead_sheet_corpus(files); }) ==
          files[1].string() + ":2: title: song 's/1' is in train and in test");
}

TEST_CASE("twins that do not fit are refused") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "x.jsonl", twin = folder.path() / "x.ext.jsonl";
    const std::string melody = "[[1,1,1,1,1,1,1,1],[1,1,1,1,1,1,1,1]]";
    put(path, R"({"title":"a-1","chords":[1,4],"melodies":)" + melody + "}\n" + R"({"title":"a-2","chords":[1,4],"melodies":)" +
                  melody + "}\n");
    const auto refused = [&](std::string_view text) {
        put(twin, text);
        return message([&] { (void)read_lead_sheet_corpus(paths{path}); });
    };
    const std::string one = R"({"title":"a-1","att":[1,3]})", two = R"({"title":"a-2","att":[1,3]})";
    CHECK(refused(one + "\n" + two + "\n") == "nothing was thrown");
    CHECK(refused(R"({"title":"a-1"})"
                  "\n"
                  R"({"title":"a-2","att":[0,255]})") == "nothing was thrown");
    CHECK_THAT(refused(one), LOFI_CATCH_CONTAINS("1 samples for 2 phrases"));
    CHECK_THAT(refused(one + "\n" + two + "\n" + two), LOFI_CATCH_CONTAINS(".ext.jsonl:3: sample: has no twin"));
    CHECK_THAT(refused(two + "\n" + one), LOFI_CATCH_CONTAINS(".ext.jsonl:1: title: is not 'a-1'"));
    CHECK_THAT(refused(one + "\n" + R"({"title":"a-2","att":[1]})"), LOFI_CATCH_CONTAINS("att: 1 rows for 2 chords"));
    CHECK_THAT(refused(one + "\n" + R"({"title":"a-2","att":[1,256]})"),
               LOFI_CATCH_CONTAINS("att, row 2: 256 is not 0 to 255"));
    CHECK_THAT(refused("[]"), LOFI_CATCH_CONTAINS("title"));
}
