#include <lofi/text/words.hpp>

#include <string>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

namespace {
std::vector<std::string> words(std::string_view text) {
    std::vector<std::string> out;
    text::for_each_word(text, [&](std::string_view w) { out.emplace_back(w); });
    return out;
}
using list = std::vector<std::string>;
}  // namespace

TEST_CASE("words: letters and digits of any script, in small letters") {
    CHECK(words("Rain, on the LAST train-home!") == list{"rain", "on", "the", "last", "train", "home"});
    CHECK(words("Don't 'quote' it’s rock'n'roll' 24 x7") == list{"don't", "quote", "it's", "rock'n'roll", "24", "x7"});
    CHECK(words("ÉTÉ À LA PLAGE ŠŽÿŸ ×") == list{"été", "à", "la", "plage", "šžÿÿ"});
    CHECK(words("ΆΝΟΙΞΗ Ώρα") == list{"άνοιξη", "ώρα"});
    CHECK(words("ВЕСНА Ёлка Ђ") == list{"весна", "ёлка", "ђ"});
    CHECK(words("雨の夜。") == list{"雨", "の", "夜"});
    CHECK(words("مطر 비가 🌧 𐐀") == list{"مطر", "비가", "𐐀"});
}

TEST_CASE("words: nothing, and bytes that are no UTF-8") {
    CHECK(words("").empty());
    CHECK(words(" \t\n.,'’").empty());
    CHECK(words("a\xFF"
                "b\xC3") == list{"a", "b"});
    CHECK(words("a\xC0\xAF"
                "b\xED\xA0\x80"
                "c\xF4\x90\x80\x80"
                "d\xE2\x82") == list{"a", "b", "c", "d"});
    CHECK(words(std::string_view("a\0b", 3)) == list{"a", "b"});
    CHECK(words(std::string(100000, 'x')) == list{std::string(100000, 'x')});
    std::uint32_t state = 7;
    std::string noise;
    for (int i = 0; i < 20000; ++i) noise += static_cast<char>((state = state * 1664525u + 1013904223u) >> 24);
    for (const auto& w : words(noise)) CHECK_FALSE(w.empty());
}
