#include <lofi/analysis/key.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("key: scales and their transpositions are found") {
    score::piece p;
    p.tracks.resize(1);
    for (int tonic = 0; tonic < 12; ++tonic)
        for (const auto m : {score::mode::ionian, score::mode::aeolian}) {
            p.tracks[0].notes.clear();
            const score::key k{score::pitch_class(tonic), m};
            for (const int d : {1, 3, 5, 1, 4, 6, 5, 2, 7, 1}) {
                const int midi = 60 + score::degree(k, d).value;
                p.tracks[0].notes.push_back({ticks(0), ticks(d == 1 ? 960 : 480), score::pitch(midi), {}});
            }
            const auto found = analysis::find_key(analysis::pitch_class_time(p));
            CHECK(found.key == k);
            CHECK(found.covered == 1.0);
        }
}
