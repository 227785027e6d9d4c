#include <lofi/song/wish.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("wishes: a scene names the mood, and how words feel the rest") {
    const auto w = song::understand("Rain on the last train home");
    CHECK(w.mood == "rain");
    CHECK(w.valence.value() == Approx(.57).margin(.01));
    CHECK(song::understand("train, train, rain").mood == "train");
    CHECK_FALSE(song::understand("happy").mood);
    CHECK_FALSE(song::understand("").valence);
    for (const auto& [word, mood] : song::detail::scenes) {
        CHECK(song::find_mood(mood));
        CHECK(song::understand(word).mood == mood);
    }
    song::config c{.valence = .25};
    song::take(w, c);
    CHECK(c.valence == .25);
    CHECK(c.mood == "rain");
    CHECK(c.energy == w.energy);
}

TEST_CASE("wishes: what feels glad is composed brighter than what feels sad") {
    const auto networks = song::networks::builtin();
    const auto valence = [&](const char* text) {
        song::config c{.seed = 5, .minutes = .2};
        song::take(song::understand(text), c);
        const auto made = song::compose(c, networks).value();
        return made.settings.key.scale;
    };
    const auto glad = valence("happy smiling children"), sad = valence("lonely grief");
    CHECK(model::brightness(glad) > model::brightness(sad));
}
