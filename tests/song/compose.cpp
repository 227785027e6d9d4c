#include <lofi/song/compose.hpp>

#include <cmath>
#include <limits>

#include "support/test.hpp"

using namespace lofi;

namespace {
const song::networks& network() {
    static const song::networks n = song::networks::builtin();
    return n;
}
}  // namespace

TEST_CASE("songs: the same seed gives the same notes, another seed others") {
    const auto a = song::compose({.seed = 5, .minutes = 1}, network()).value(),
               b = song::compose({.seed = 5, .minutes = 1}, network()).value();
    const auto c = song::compose({.seed = 6, .minutes = 1}, network()).value();
    CHECK(a.notes_hash() == b.notes_hash());
    CHECK(a.piece == b.piece);
    CHECK(a.notes_hash() != c.notes_hash());
}

TEST_CASE("songs: these notes, whatever the compiler, its flags and the machine") {
    // A change here is a change of the music: raise LOFI_MUSIC_VERSION with it.
    constexpr std::uint64_t held[] = {0xff75e055571bbc48, 0x139f8cc02b4b5a5f, 0x35033adf0d77ee5d,
                                      0x69c8586fe253bff0, 0x3904986f67c06719, 0x5b278f09054c5cc9};
    static_assert(LOFI_MUSIC_VERSION == 3);
    for (std::uint64_t seed = 1; seed <= 6; ++seed)
        CHECK(song::compose({.seed = seed, .minutes = 2, .mood = song::moods[seed % song::moods.size()].name}, network())
                  .value()
                  .notes_hash() == held[seed - 1]);
}

TEST_CASE("songs: about as long as asked") {
    for (const double minutes : {0.5, 2.0, 3.0, 10.0}) {
        const auto s = song::compose({.seed = 2, .minutes = minutes, .mood = "study"}, network()).value();
        const double length = s.piece.tempo.seconds_at(s.piece.length).value / 60;
        CHECK(length > minutes - .3);
        CHECK(length < minutes + .3);
    }
}

TEST_CASE("songs: every mood and every seed sounds in its key") {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        const auto& mood = song::moods[seed % song::moods.size()];
        const auto s = song::compose({.seed = seed, .minutes = 1, .mood = mood.name}, network()).value();
        std::int64_t in_key = 0, all = 0;
        for (const score::track& t : s.piece.tracks) {
            if (t.drums()) continue;
            for (const score::note& n : t.notes) {
                all += n.length.value;
                if (contains(s.settings.key, n.which.name())) in_key += n.length.value;
            }
        }
        REQUIRE(all > 0);
        CHECK(static_cast<double>(in_key) >= .95 * static_cast<double>(all));
    }
}

TEST_CASE("songs: what is asked for is what is played") {
    const auto s =
        song::compose(
            {.seed = 9, .minutes = 1, .tempo = bpm(90.0), .tonic = score::pitch_class(3), .scale = score::mode::dorian},
            network())
            .value();
    CHECK(to_string(s.settings.key) == "Eb dorian");
    CHECK(s.piece.tempo.tempo_at(ticks(0)).value == Approx(90).epsilon(1e-4));
    CHECK(s.sheet(0).tempo.value == Approx(180));
    // More energy, more notes.
    const auto calm = song::compose({.seed = 9, .minutes = 2, .energy = .42}, network()).value();
    const auto lively = song::compose({.seed = 9, .minutes = 2, .energy = .75}, network()).value();
    const auto notes = [](const song::composition& c) {
        std::size_t n = 0;
        for (const score::track& t : c.piece.tracks) n += t.notes.size();
        return n;
    };
    CHECK(notes(lively) > notes(calm) * 5 / 4);
    // A valence without a mode chooses the mode.
    CHECK(song::compose({.seed = 9, .minutes = 1, .valence = .2}, network()).value().settings.key.scale != score::mode::ionian);
}

TEST_CASE("songs: a theme comes back changed") {
    bool changed = false, kept = false;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        const auto s = song::compose({.seed = seed, .minutes = 3}, network()).value();
        const arrange::section* first = nullptr;
        for (std::size_t i = 0; i < s.sections.size(); ++i) {
            if (s.form[i].kind != arrange::section_kind::theme || s.form[i].material != 0 || s.form[i].bars != 8) continue;
            if (first == nullptr) {
                first = &s.sections[i];
                continue;
            }
            for (std::size_t r = 0; r < first->rows.size(); ++r) {
                changed = changed || !(first->rows[r] == s.sections[i].rows[r]);
                kept = kept || (first->rows[r] == s.sections[i].rows[r] && first->rows[r].chord != 0);
            }
        }
    }
    CHECK(changed);
    CHECK(kept);
}

TEST_CASE("songs: what cannot be composed is refused by name") {
    const double nan = std::numeric_limits<double>::quiet_NaN(), infinity = std::numeric_limits<double>::infinity();
    const auto refused = [](const song::config& c, const char* place) {
        const auto r = song::compose(c, network());
        REQUIRE_FALSE(r);
        CHECK_THAT(r.error().message(), test::contains(place));
    };
    refused({.mood = "angry"}, "mood 'angry': is not known; there are night, rain");
    for (const double m : {0.0, -1.0, 1e9, nan, infinity}) refused({.minutes = m}, "minutes");
    for (const double v : {-.1, 1.1, nan}) {
        refused({.energy = v}, "energy");
        refused({.valence = v}, "valence");
        refused({.accent = v}, "accent");
    }
    for (const double v : {0.0, 49.0, 111.0, nan, infinity}) refused({.tempo = bpm(v)}, "bpm");
}
