#include <lofi/model/lofi2lofi_published_batch.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;
using ids = std::vector<std::int32_t>;

namespace {

token::lead_tokens phrase(std::size_t rows, std::uint8_t chord, std::uint8_t note) {
    token::lead_tokens p;
    p.chords.assign(rows, chord);
    p.chords.push_back(token::end_chord);
    p.melody.assign(8 * rows, note);
    p.key = 3, p.mode = 6, p.tempo = bpm(135), p.valence = 0.25, p.energy = 0.75;
    return p;
}

/// Every `batch`th id from the first on: one phrase.
ids column(const ids& all, std::size_t batch, std::size_t first) {
    ids out;
    for (std::size_t n = first; n < all.size(); n += batch) out.push_back(all[n]);
    return out;
}

}  // namespace

TEST_CASE("a training batch stops at its longest phrase, as published") {
    const std::vector<token::lead_tokens> phrases{phrase(1, 5, 9), phrase(3, 2, 4)};
    const model::published_batch b = model::make_batch(phrases);
    CHECK(b.size == 2);
    CHECK(b.bars == 3);
    CHECK(b.chord_lengths == ids{1, 3});
    CHECK(b.melody_lengths == ids{8, 24});
    CHECK(column(b.chords, 2, 0) == ids{5, 8, 8});
    CHECK(column(b.chord_targets, 2, 0) == ids{5, 8, -1});
    CHECK(column(b.chord_targets, 2, 1) == ids{2, 2, 2});  // its END has no step
    ids melody(24, 0), targets(24, -1);
    std::fill_n(melody.begin(), 8, 9), std::fill_n(targets.begin(), 8, 9);
    targets[8] = 0;  // one slot beyond the end counts
    CHECK(column(b.melody, 2, 0) == melody);
    CHECK(column(b.melody_targets, 2, 0) == targets);
    CHECK(column(b.melody_targets, 2, 1) == ids(24, 4));
    CHECK(b.key == ids{2, 2});
    CHECK(b.mode == ids{5, 5});
    CHECK(b.tempo[0] == Approx(0.5));
    CHECK(b.valence[1] == 0.25);
    CHECK(b.energy[1] == 0.75);
}

TEST_CASE("a likelihood has the END of every phrase and nothing after it") {
    const std::vector<token::lead_tokens> phrases{phrase(1, 5, 9), phrase(3, 2, 4)};
    const model::published_batch b = model::make_batch(phrases, model::published_steps::likelihood);
    CHECK(b.bars == 4);
    CHECK(column(b.chord_targets, 2, 0) == ids{5, 8, -1, -1});
    CHECK(column(b.chord_targets, 2, 1) == ids{2, 2, 2, 8});
    CHECK(std::count_if(b.melody_targets.begin(), b.melody_targets.end(), [](int id) { return id >= 0; }) == 8 * 4);
}

TEST_CASE("phrases are cut at fifty rows") {
    for (const auto steps : {model::published_steps::training, model::published_steps::likelihood}) {
        const std::vector<token::lead_tokens> one{phrase(60, 5, 9)};
        const model::published_batch b = model::make_batch(one, steps);
        CHECK(b.bars == 50);
        CHECK(b.chord_targets == ids(50, 5));
        CHECK(b.melody_targets == ids(400, 9));
    }
    const std::vector<token::lead_tokens> two{phrase(60, 5, 9), phrase(50, 2, 4)};
    const model::published_batch b = model::make_batch(two, model::published_steps::likelihood);
    CHECK(b.bars == 51);
    CHECK(column(b.chord_targets, 2, 0).back() == -1);  // what is cut has not ended
    CHECK(column(b.chord_targets, 2, 1).back() == 8);
}

TEST_CASE("scheduled sampling tells the truth to all phrases or to none") {
    const std::vector<token::lead_tokens> phrases{phrase(40, 5, 9), phrase(50, 2, 4), phrase(30, 1, 1)};
    const model::published_batch b = model::make_batch(phrases);
    CHECK(model::mixed_tokens(b, 0, random_key{1}).melody == model::own_tokens(b).melody);
    CHECK(model::mixed_tokens(b, 1, random_key{1}).chords == model::true_tokens(b).chords);
    CHECK(model::own_tokens(b).chords == ids(150, -1));
    const model::published_feed f = model::mixed_tokens(b, .3, random_key{1});
    int told = 0;
    for (std::size_t t = 0; t < 400; ++t) {
        const bool truth = f.melody[3 * t] >= 0;
        told += truth ? 1 : 0;
        for (std::size_t i = 0; i < 3; ++i) CHECK(f.melody[3 * t + i] == (truth ? b.melody[3 * t + i] : -1));
    }
    CHECK(told > 80);  // .3 of 400 is 120, five deviations are 46
    CHECK(told < 166);
    CHECK(model::mixed_tokens(b, .3, random_key{2}).melody != f.melody);
}
