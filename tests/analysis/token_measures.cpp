#include <lofi/analysis/token_measures.hpp>

#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using score::pitch_set;

TEST_CASE("tokens: in key, and the key that fits best") {
    const std::vector<pitch_set> tokens = {{0, 4, 7}, {2}, {1}, {11, 2, 5, 7}};
    CHECK(analysis::in_key(tokens, {}) == .75);
    CHECK(analysis::in_key(tokens, {score::pitch_class(9), score::mode::aeolian}) == .75);
    CHECK(std::isnan(analysis::in_key({}, {})));
    // First all in C major, then all in F sharp major: halves of the windows across the change fit only one of them.
    std::vector<pitch_set> two;
    for (int i = 0; i < 51; ++i) two.push_back({0, 4, 7, 5, 11});
    for (int i = 0; i < 51; ++i) two.push_back({6, 10, 1, 11, 5});
    CHECK(analysis::window_key_fit(std::span(two).first(51)) == 1.0);
    double sum = 0;
    for (int k = 0; k <= 51; ++k) sum += std::max(k, 51 - k) / 51.0;
    CHECK(analysis::window_key_fit(two) == Approx(sum / 52));
    CHECK(analysis::key_changes(two) == 1);
    CHECK(analysis::key_changes(std::span(two).first(60)) == 0);
    CHECK(analysis::window_key_fit(std::span(two).first(3)) == 1.0);
}

TEST_CASE("rhythm entropy: none in a row of equal steps, one bit in two that take turns") {
    score::piece p;
    p.tracks.resize(2);
    for (int i = 0; i < 17; ++i) p.tracks[0].notes.push_back({ticks(240 * i), ticks(100), score::pitch(60), {}});
    CHECK(analysis::rhythm_entropy(p) == 0.0);
    p.tracks[0].notes.clear();
    for (int i = 0; i < 9; ++i) {
        p.tracks[0].notes.push_back({ticks(480 * i), ticks(100), score::pitch(60), {}});
        if (i < 8) p.tracks[1].notes.push_back({ticks(480 * i + 120), ticks(100), score::pitch(60), {}});
    }
    CHECK(analysis::rhythm_entropy(p) == Approx(1.0));
    p.tracks[1].channel = 9;  // drums do not count
    CHECK(analysis::rhythm_entropy(p) == 0.0);
    CHECK(std::isnan(analysis::rhythm_entropy({})));
}

TEST_CASE("copies: what was put in is found, and what a plain search finds") {
    random_stream random(random_key{5});
    std::vector<std::vector<std::int32_t>> training(30);
    for (auto& song : training)
        for (int i = 0; i < 80; ++i) song.push_back(static_cast<std::int32_t>(uniform_below(random, 3)));
    const analysis::copy_finder finder(training, 8);
    for (int round = 0; round < 20; ++round) {
        std::vector<std::int32_t> tokens;
        for (int i = 0; i < 60; ++i) tokens.push_back(static_cast<std::int32_t>(uniform_below(random, 3)));
        // A plain search over all pairs of places.
        std::size_t longest = 0;
        std::vector<bool> inside(tokens.size());
        for (std::size_t at = 0; at < tokens.size(); ++at)
            for (const auto& song : training)
                for (std::size_t there = 0; there < song.size(); ++there) {
                    std::size_t n = 0;
                    while (at + n < tokens.size() && there + n < song.size() && tokens[at + n] == song[there + n]) ++n;
                    if (n < 8) continue;
                    longest = std::max(longest, n);
                    for (std::size_t k = 0; k < n; ++k) inside[at + k] = true;
                }
        const analysis::copy_report r = finder.find(tokens);
        CHECK(r.longest == longest);
        CHECK(r.share == Approx(static_cast<double>(std::count(inside.begin(), inside.end(), true)) / 60.0));
        if (longest > 0)
            for (std::size_t k = 0; k < longest; ++k) CHECK(tokens[r.at + k] == training[r.song][r.there + k]);
    }
    std::vector<std::int32_t> strange(50, 9);
    std::copy_n(training[7].begin() + 20, 25, strange.begin() + 10);
    const auto r = finder.find(strange);
    CHECK(r.longest == 25);
    CHECK(r.at == 10);
    CHECK(r.song == 7);
    CHECK(r.there == 20);
    CHECK(r.share == .5);
    CHECK(finder.find({}).share == 0);
}
