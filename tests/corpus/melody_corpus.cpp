#include <lofi/corpus/melody_corpus.hpp>

#include <fstream>

#include "support/test.hpp"

#include <lofi/midi/write.hpp>

using namespace lofi;

namespace {

std::filesystem::path table(const test::temporary_folder& folder, const std::string& name, const std::string& rows) {
    std::ofstream(folder / name) << "song\tstart_beat\tkey\tmode\tbpm\tsteps\n" << rows;
    return folder / name;
}
std::string steps(int first, int then = 0) {
    std::string s = std::to_string(first);
    for (int i = 1; i < 32; ++i) s += ' ' + std::to_string(i == 16 ? then : 0);
    return s;
}

}  // namespace

TEST_CASE("melody corpus: a table gives segments, keys, splits, and what came before") {
    const test::temporary_folder folder;
    const auto path =
        table(folder, "ours.test.tsv",
              "a/1\t0\t10\t6\t90\t" + steps(69, 1) + "\na/1\t4\t10\t6\t90\t" + steps(72) + "\r\na/1\t8\t10\t6\t90\t" +
                  steps(76) + "\na/2\t8.5\t1\t1\t0\t" + steps(60) + "\na/3\t0\t1\t1\t0\t" + steps(1, 60) + "\n");
    const std::vector<std::filesystem::path> files = {path};
    const corpus::melody_corpus all = corpus::read_melody_corpus(files);
    REQUIRE(all.segments.size() == 5);
    CHECK(all.sets == std::vector<std::string>{"ours"});
    CHECK(all.songs == std::vector<std::string>{"a/1", "a/2", "a/3"});
    CHECK(all.count(corpus::split::test) == 5);
    CHECK(all.segments[0].steps[0] == 69 - 19);
    CHECK(all.segments[0].steps[16] == token::melody_class::off);
    CHECK(all.segments[0].key == score::key{score::pitch_class(9), score::mode::aeolian});
    CHECK(all.segments[0].before == corpus::melody_segment::none);
    CHECK(all.segments[1].before == corpus::melody_segment::none);
    CHECK(all.segments[2].before == 0);
    CHECK(all.segments[3].before == corpus::melody_segment::none);
    CHECK(all.segments[4].steps[0] == token::melody_class::hold);  // a note-off that ends nothing
    CHECK(corpus::from_tonic(all.segments[0])[0] == 72 - 19);      // A minor comes to C minor
    CHECK(corpus::from_tonic(all.segments[3])[0] == 60 - 19);
    const auto longer = corpus::long_melodies(all, corpus::split::test, 2);
    REQUIRE(longer.size() == 1);
    CHECK(longer[0].size() == 64);
    CHECK(longer[0][0] == 69 - 19);
    CHECK(longer[0][32] == 76 - 19);
    CHECK(corpus::long_melodies(all, corpus::split::test, 1).size() == 5);
    CHECK(corpus::long_melodies(all, corpus::split::train, 1).empty());
    std::array<std::uint8_t, 32> high{};
    high[3] = 89;
    CHECK(corpus::moved(high, 1)[3] == 78);
    CHECK(corpus::moved(high, -1)[3] == 88);
}

TEST_CASE("melody corpus: faults are told with their place") {
    const test::temporary_folder folder;
    const auto says = [&](const std::string& row, const std::string& what) {
        const std::vector<std::filesystem::path> files = {table(folder, "x.train.tsv", row)};
        CHECK_THROWS_WITH(corpus::read_melody_corpus(files), test::contains(what));
    };
    says("a\n", "x.train.tsv:2: line: has not the six fields");
    says("a\t0\t13\t1\t0\t" + steps(60), "key: '13' is not a whole number from 1 to 12");
    says("a\t0\t1\t1\t0\t60 0 0", "steps: are 3, and two bars have 32");
    says("a\t0\t1\t1\t0\t" + steps(60) + " 0", "steps: are more than 32");
    says("a\t0\t1\t1\t0\t" + steps(7), "step 1: 7 is neither");
    says("a\t0\t1\t1\t0\t" + steps(109), "step 1: '109'");
    says("", "has no melody");
    const std::vector<std::filesystem::path> missing = {folder / "none.tsv"};
    CHECK_THROWS_AS(corpus::read_melody_corpus(missing), error);
}

TEST_CASE("melody corpus: MIDI files in 4/4 give their melodies, others none") {
    const test::temporary_folder folder;
    std::vector<std::int32_t> classes(64, 0);
    for (std::size_t i = 0; i < 64; i += 4) classes[i] = 41 + static_cast<std::int32_t>(i / 4 % 8);
    auto piece = token::decode_melody(classes).value();
    const auto save = [&](const char* name) {
        const auto bytes = midi::write(midi::from_piece(piece).value()).value();
        write_file(folder / name, std::span<const std::byte>(bytes)).value();
    };
    save("tune.mid");
    piece.tracks[0].program = 33;
    save("bass.mid");
    piece.meters.push_back({ticks(0), 3, 4});
    save("waltz.mid");
    const std::vector<std::filesystem::path> both = {folder / "tune.mid", folder / "waltz.mid"}, waltz = {folder / "waltz.mid"};
    const corpus::melody_corpus all = corpus::read_melody_corpus(both);
    REQUIRE(all.segments.size() == 3);
    CHECK(all.segments[2].before == 0);
    CHECK(all.segments[1].before == corpus::melody_segment::none);
    const std::vector<std::filesystem::path> bass = {folder / "bass.mid"};
    CHECK(corpus::read_melody_corpus(bass, token::melody_voice::bass).segments.size() == 3);
    CHECK_THROWS_AS(corpus::read_melody_corpus(bass), error);
    CHECK_THROWS_WITH(corpus::read_melody_corpus(waltz), test::contains("has no melody of two bars"));
}
