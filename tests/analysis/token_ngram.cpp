#include <lofi/analysis/token_ngram.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("token n-grams: probabilities sum to one, and habits are learned") {
    const std::vector<std::vector<std::int32_t>> songs = {{0, 1, 2, 0, 1, 2, 0, 1, 3}, {2, 2, 0, 1, 2}};
    for (std::size_t order = 0; order < 4; ++order) {
        const analysis::token_ngram g(songs, 5, order);
        // Of every last token after a beginning: the whole is one.
        const std::vector<std::int32_t> beginning = {2, 0, 1};
        const double before = g.measure(beginning).bits;
        double sum = 0;
        for (std::int32_t v = 0; v < 5; ++v) {
            std::vector<std::int32_t> s = beginning;
            s.push_back(v);
            sum += std::exp2(before - g.measure(s).bits);
        }
        CHECK(sum == Approx(1.0));
        CHECK(g.measure(songs[0]).symbols == 9);
    }
    // Order 0 by hand: 14 tokens of 4 kinds; a token never seen has 4/18 of 1/5.
    CHECK(analysis::token_ngram(songs, 5, 0).measure(std::vector<std::int32_t>{4}).bits ==
          Approx(-std::log2(4.0 / 18.0 / 5.0)));
    CHECK(analysis::token_ngram(songs, 5, 2).measure(songs[0]).per_symbol() <
          analysis::token_ngram(songs, 5, 0).measure(songs[0]).per_symbol());
}
