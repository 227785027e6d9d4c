#include <lofi/text/hashed.hpp>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "support/test.hpp"

using namespace lofi;

namespace {
std::set<std::int32_t> ids_of(std::string_view word) {
    const auto h = text::hash_words(word, 1U << 30);
    REQUIRE(h.tokens() == 1);
    return {h.ids.begin(), h.ids.end()};
}
std::size_t shared(std::string_view a, std::string_view b) {
    const auto x = ids_of(a), y = ids_of(b);
    return static_cast<std::size_t>(
        std::count_if(x.begin(), x.end(), [&](std::int32_t id) { return id >= 0 && y.count(id) != 0; }));
}
}  // namespace

TEST_CASE("hashed words: one set of ids a word, the same for the same word wherever it stands") {
    const auto a = text::hash_words("Rain on the RAIN", 8192);
    REQUIRE(a.tokens() == 4);
    CHECK(std::equal(a.ids.begin(), a.ids.begin() + text::hashed_ids, a.ids.begin() + 3 * text::hashed_ids));
    CHECK(std::all_of(a.ids.begin(), a.ids.end(), [](std::int32_t id) { return id >= -1 && id < 8192; }));
    // "<on>" has two 3-grams and one 4-gram beside the word.
    const auto on = text::hash_words("on", 8192);
    CHECK(std::count_if(on.ids.begin(), on.ids.end(), [](std::int32_t id) { return id >= 0; }) == 4);
}

TEST_CASE("hashed words: words alike in spelling share ids, others do not") {
    CHECK(shared("lonely", "lonesome") >= 3);
    CHECK(shared("happiness", "happily") >= 4);
    CHECK(shared("lonely", "sunrise") == 0);
    CHECK(shared("дождь", "дождя") >= 3);  // letters, not bytes
    CHECK(shared("дождь", "снегу") == 0);
}

TEST_CASE("hashed words: nothing, any bytes and very long texts are defined") {
    CHECK(text::hash_words("", 8192).tokens() == 0);
    CHECK(text::hash_words(" ,.!\n", 8192).tokens() == 0);
    CHECK(text::hash_words("\xFF\xFE\x80", 8192).tokens() == 0);
    CHECK(text::hash_words("雨の夜", 8192).tokens() == 3);
    std::string many, one(100'000, 'a');
    while (many.size() < 100'000) many += "rain ";
    CHECK(text::hash_words(many, 8192).tokens() == text::most_tokens);
    CHECK(text::hash_words(one, 8192).tokens() == 1);
    one.back() = 'b';  // the word's own id sees all of it
    CHECK(text::hash_words(one, 1U << 30).ids[0] != text::hash_words(std::string(100'000, 'a'), 1U << 30).ids[0]);
}

TEST_CASE("drawn vectors: of unit variance, near for words alike, far for others") {
    const auto t = text::hash_words("lonely lonesome sunrise", 1U << 20);
    const auto v = text::drawn_vectors(t, 768);
    REQUIRE(v.size() == 3 * 768);
    const auto dot = [&](std::size_t a, std::size_t b) {
        double sum = 0;
        for (std::size_t d = 0; d < 768; ++d) sum += static_cast<double>(v[a * 768 + d]) * static_cast<double>(v[b * 768 + d]);
        return sum / 768;
    };
    for (std::size_t i = 0; i < 3; ++i) CHECK(dot(i, i) == Approx(1).margin(.25));
    CHECK(dot(0, 1) > .2);
    CHECK(std::abs(dot(0, 2)) < .15);
    CHECK(v == text::drawn_vectors(t, 768));
}
