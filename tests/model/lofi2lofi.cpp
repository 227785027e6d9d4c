#include <lofi/model/lofi2lofi.hpp>

#include <array>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("logits: a chord's is its own output, its interval's, and those of the bars it would repeat") {
    std::array<std::vector<std::size_t>, model::chord_symbols> terms;
    model::chord_terms({5, {5, 1, 1, 9}}, [&](std::size_t symbol, std::size_t output) { terms[symbol].push_back(output); });
    CHECK(terms[0] == std::vector<std::size_t>{0});
    CHECK(terms[8] == std::vector<std::size_t>{8});
    CHECK(terms[5] == std::vector<std::size_t>{5, 9, 16});
    CHECK(terms[1] == std::vector<std::size_t>{1, 9 + 3, 17, 18});
    CHECK(terms[6] == std::vector<std::size_t>{6, 9 + 1});
}

TEST_CASE("logits: a slot's is its own output, by chord, by step, by holding and by repeating") {
    std::array<std::vector<std::size_t>, model::melody_symbols> terms;
    model::melody_terms({2, 9, 0, {9, 16, 0, 3}}, [&](std::size_t symbol, std::size_t output) {
        REQUIRE(output < model::melody_outputs);
        terms[symbol].push_back(output);
    });
    CHECK(terms[0] == std::vector<std::size_t>{0, 54, 57});               // itself, held, 32 slots back
    CHECK(terms[9] == std::vector<std::size_t>{9, 16 + 0, 23 + 15, 55});  // chord's root, no step, 8 slots back
    CHECK(terms[3] == std::vector<std::size_t>{3, 16 + 1, 23 + 9, 58});
    CHECK(terms[15] == std::vector<std::size_t>{15, 16 + 6, 23 + 21});
}
