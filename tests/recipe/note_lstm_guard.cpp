#include <lofi/recipe/note_lstm_guard.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;

namespace {

/// A tune of quarters over a chord a bar, from steps above the tonic.
std::vector<std::int32_t> tune(const std::vector<int>& steps) {
    std::vector<std::int32_t> ids;
    const auto say = [&](token::hands_kind kind, int value) { ids.push_back(token::to_id({kind, value})); };
    using enum token::hands_kind;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        if (i % 4 == 0) say(bar, 0);
        say(position, static_cast<int>(i % 4) * 4);
        say(right, steps[i]), say(duration, 4);
    }
    say(end, 0);
    return ids;
}

score::piece in(const std::vector<std::int32_t>& ids, int tonic) {
    return token::decode_hands(ids, {score::pitch_class(tonic), score::mode::ionian}).value();
}

const std::vector<int> known = {0, 2, 4, 7, 9, 7, 4, 2, 0, 4, 5, 9, 11, 12, 7, 4};

corpus::hands_corpus music() {
    corpus::hands_corpus all;
    all.sets = {"ours"};
    corpus::hands_song s;
    s.name = "ours/known", s.key = {score::pitch_class(7), score::mode::ionian}, s.tokens = tune(known);
    all.songs.push_back(s);
    return all;
}

}  // namespace

TEST_CASE("note guard: a copy is one in whatever key it is played") {
    const recipe::note_guard guard(music());
    for (int tonic = 0; tonic < 12; ++tonic) {
        const analysis::copy_report r = guard.find(in(tune(known), tonic));
        CHECK(r.longest == 16);
        CHECK(r.share == Approx(1));
        CHECK_FALSE(guard.passes(in(tune(known), tonic)));
    }
}

TEST_CASE("note guard: bounds are for the longest copy and for the share inside copies") {
    const recipe::note_guard guard(music());
    std::vector<int> other;
    for (int i = 0; i < 120; ++i) other.push_back((i * i * 5 + i) % 11);
    CHECK(guard.passes(in(tune(other), 3)));
    // Eight tokens of 128 are let through, 12 of 72 are too much of it, 13 are too long anywhere.
    const auto with = [&](std::size_t copied, std::size_t others) {
        std::vector<int> steps(other.begin(), other.begin() + static_cast<std::ptrdiff_t>(others));
        steps.push_back(30);
        steps.insert(steps.end(), known.begin(), known.begin() + static_cast<std::ptrdiff_t>(copied));
        steps.push_back(-30);
        return in(tune(steps), 3);
    };
    CHECK(guard.find(with(8, 120)).longest == 8);
    CHECK(guard.passes(with(8, 120)));
    CHECK(guard.find(with(12, 60)).share > .1);
    CHECK_FALSE(guard.passes(with(12, 60)));
    CHECK(guard.passes(with(12, 120)));
    CHECK_FALSE(guard.passes(with(13, 120)));
    CHECK(recipe::note_guard(music(), {.longest = 20, .share = 1}).passes(with(13, 120)));
}
