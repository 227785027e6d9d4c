#include <lofi/analysis/ngram.hpp>

#include <array>
#include <cmath>

#include <lofi/corpus/lead_sheet_json.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

TEST_CASE("bits of the fixture's second half after its first, as in the reference script") {
    const auto all = corpus::read_lead_sheets(test::data("corpus/ewld.test.jsonl"));
    const std::span<const score::lead_sheet> first(all.data(), 12), second(all.data() + 12, 12);
    const double chords[] = {2.4504176694688233, 1.9034615060461606, 1.857337108836171, 1.8675941872409645, 1.9860011957440382};
    for (std::size_t order = 0; order < 5; ++order)
        CHECK(chord_ngram(first, order).measure(second).per_symbol() == Approx(chords[order]).epsilon(1e-13));
    const double slots[] = {3.763138963628774,  1.5389657244444535, 1.646251555721581,
                            1.6438663272420948, 1.8369011055992943, 1.934253511877818};
    for (std::size_t level = 0; level < 6; ++level)
        CHECK(slot_ngram(first, static_cast<slot_context>(level)).measure(second).per_symbol() ==
              Approx(slots[level]).epsilon(1e-13));
}

TEST_CASE("by hand: one chord seen once") {
    score::lead_sheet one;
    one.has_melody = false;
    one.rows.resize(1);
    one.rows[0].chord = 3;
    // Seen: 3 and END, once each. p = (1 + 2/9) / (2 + 2).
    const code_length bits = chord_ngram(std::span(&one, 1), 0).measure(one);
    CHECK(bits.symbols == 2);
    CHECK(bits.bits == Approx(-2 * std::log2((1 + 2.0 / 9) / 4)));
    CHECK(slot_ngram(std::span(&one, 1)).measure(one).symbols == 0);
    CHECK(std::isnan(slot_ngram({}).measure(one).per_symbol()));
}

TEST_CASE("a model that has seen nothing knows nothing") {
    score::lead_sheet s;
    s.rows.resize(4);
    CHECK(chord_ngram({}, 3).measure(s).per_symbol() == Approx(std::log2(9.0)));
    CHECK(slot_ngram({}).measure(s).per_symbol() == Approx(4.0));
}

TEST_CASE("probabilities of all short sheets sum to less than one, by as much as they should") {
    const auto all = corpus::read_lead_sheets(test::data("corpus/ewld.test.jsonl"));
    for (const std::size_t order : {0U, 1U, 3U}) {
        const chord_ngram model(all, order);
        const auto bits = [&](std::initializer_list<int> chords) {
            score::lead_sheet s;
            for (const int c : chords) s.rows.push_back({static_cast<std::uint8_t>(c), {}});
            return model.measure(s).bits;
        };
        double ended = std::exp2(-bits({}));
        for (int a = 0; a < 8; ++a) {
            ended += std::exp2(-bits({a}));
            for (int b = 0; b < 8; ++b) ended += std::exp2(-bits({a, b}));
        }
        CHECK(ended > 0.0);
        CHECK(ended < 1.0);
        // With order 0 the probability of END is the same everywhere, and the sum is that of a geometric series.
        if (order == 0) {
            const double end = std::exp2(-bits({}));
            CHECK(ended == Approx(1.0 - std::pow(1.0 - end, 3.0)));
        }
    }
}
