#include <lofi/recipe/piece_set.hpp>

#include <lofi/midi/write.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::recipe;
namespace fs = std::filesystem;

namespace {

score::piece scale(int tonic, std::size_t bars = 4) {
    score::piece p;
    p.tracks.resize(1);
    constexpr int steps[] = {0, 2, 4, 5, 7, 9, 11, 12};
    for (std::size_t i = 0; i < bars * 4; ++i)
        p.tracks[0].notes.push_back(
            {ticks(static_cast<std::int64_t>(i) * 480), ticks(480), score::pitch(tonic + steps[i % 8])});
    return p;
}

void save(const score::piece& p, const fs::path& path) { midi::write_file(path, midi::from_piece(p).value()).value(); }

double value(const measured_piece& p, std::string_view name) {
    for (std::size_t m = 0; m < piece_measures().size(); ++m)
        if (piece_measures()[m].name == name) return p.values.at(m);
    FAIL("no measure " << name);
    return 0;
}

}  // namespace

TEST_CASE("a scale measures as a scale, and as the same in every key") {
    const measured_piece c = measure_piece(scale(60), "c"), g = measure_piece(scale(67), "g");
    CHECK(value(c, "pitches used") == 8);
    CHECK(value(c, "scale consistency") == 1);
    CHECK(value(c, "key fit of 51 tokens") == 1);
    CHECK(value(c, "key changes") == 0);
    CHECK(value(c, "rhythm entropy") == 0);
    CHECK(value(c, "bars") == 4);
    CHECK(c.tokens.size() == 16);
    CHECK(c.tokens.front() % 12 == 0);
    for (std::size_t i = 0; i < c.tokens.size(); ++i) CHECK(c.tokens[i] % 12 == g.tokens.at(i) % 12);
    REQUIRE(c.melodies.size() == 1);
    REQUIRE(c.melodies[0].size() == 2);
    CHECK(c.melodies[0][1].front().pitch == 60);
    CHECK(c.melodies[0][1].back().step == 28);
}

TEST_CASE("a folder is read with its folders; what cannot be measured is named") {
    const test::temporary_folder f;
    fs::create_directories(f / "in/deeper");
    save(scale(60), f / "in/a.mid");
    save(scale(62), f / "in/deeper/b.MID");
    save({}, f / "in/silent.mid");
    test::write_text(f / "in/broken.mid", "MThd");
    test::write_text(f / "in/notes.txt", "no music");
    std::size_t told = 0;
    const std::vector<fs::path> places = {f / "in"};
    const piece_set set = read_piece_set(places, [&](std::size_t done, std::size_t of) {
        CHECK(of == 4);
        CHECK(done == ++told);
    });
    CHECK(told == 4);
    REQUIRE(set.pieces.size() == 2);
    CHECK(set.pieces[0].file == (f / "in/a.mid").string());
    REQUIRE(set.left_out.size() == 2);
    CHECK_THAT(set.left_out[0], test::contains("broken.mid: "));
    CHECK_THAT(set.left_out[1], test::contains("silent.mid: has no notes"));

    const auto refused = [](const fs::path& place, const std::string& why) {
        const std::vector<fs::path> one = {place};
        INFO(place);
        try {
            (void)read_piece_set(one);
            FAIL("was read");
        } catch (const error& e) {
            CHECK_THAT(e.message(), test::contains(why));
        }
    };
    fs::create_directory(f / "empty");
    fs::create_directory(f / "silence");
    save({}, f / "silence/x.mid");
    refused(f / "empty", "empty: holds no MIDI files (.mid, .midi, .smf)");
    refused(f / "silence", "silence: no file of 1 can be measured; the first: ");
    refused(f / "in/silent.mid", "silent.mid: has no notes");
    refused(f / "absent", "absent: cannot be opened");
    CHECK_THROWS_AS(read_piece_set({}), error);
}
