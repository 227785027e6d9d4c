#include <lofi/midi/text.hpp>

#include "bytes_of.hpp"
#include "support/test.hpp"

using namespace lofi::test;
using lofi::midi::encoding;
using lofi::midi::is_utf8;
using lofi::midi::text_utf8;

TEST_CASE("UTF-8 is told from what is none") {
    for (const char* s :
         {"", "plain", "\xC3\xA9", "\xE3\x81\x82", "\xF0\x9F\x8E\xB9", "\xED\x9F\xBF", "\xEE\x80\x80", "\xF4\x8F\xBF\xBF"})
        CHECK(is_utf8(text(s)));
    // Long forms, surrogates, beyond U+10FFFF, cut off, a continuation alone.
    for (const char* s :
         {"\xC0\x80", "\xC1\xBF", "\xE0\x9F\xBF", "\xF0\x8F\xBF\xBF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80",
          "\xC3", "\xE3\x81", "\xF0\x9F\x8E", "\x80", "a\xBF", "\xC3(", "\xE3\x81(", "\xFF"})
        CHECK_FALSE(is_utf8(text(s)));
}

TEST_CASE("text becomes UTF-8") {
    CHECK(text_utf8(text("caf\xC3\xA9")) == "caf\xC3\xA9");
    CHECK(text_utf8(text("\xEF\xBB\xBFlyric")) == "lyric");
    CHECK(text_utf8(text("caf\xE9 \x80")) == "caf\xC3\xA9 \xC2\x80");
    CHECK(text_utf8(bytes{}).empty());
}

TEST_CASE("Shift-JIS, where it is said") {
    // Values by iconv: kana, kanji of both levels, half-width katakana, a character of NEC's row 13.
    const std::pair<const char*, const char*> pairs[] = {{"\x82\xA0", "\xE3\x81\x82"},
                                                         {"\x89\xB9\x8A\x79", "\xE9\x9F\xB3\xE6\xA5\xBD"},
                                                         {"\xEA\xA2", "\xE7\x91\xA4"},
                                                         {"\xB1\xDF", "\xEF\xBD\xB1\xEF\xBE\x9F"},
                                                         {"\x87\x40", "\xE2\x91\xA0"},
                                                         {"\x81\x40", "\xE3\x80\x80"},
                                                         {"a\x83\x5C"
                                                          "b",
                                                          "a\xE3\x82\xBD"
                                                          "b"}};
    for (const auto& [sjis, utf8] : pairs) {
        CHECK(text_utf8(text(sjis), encoding::shift_jis) == utf8);
        CHECK(text_utf8(text(std::string("{@JP}") + sjis)) == std::string("{@JP}") + utf8);
        CHECK(text_utf8(text(sjis)) != utf8);
    }
    CHECK(text_utf8(text("{@LATIN}\xE9"), encoding::shift_jis) == "{@LATIN}\xC3\xA9");
    // Not valid in Shift-JIS after all: Latin-1.
    for (const char* s : {"\x82", "\x82\x20", "\xFD\x40", "\xA0\x40", "\x85\xFD", "\x82\x7F"}) {
        const auto latin = text_utf8(text(s));
        CHECK(text_utf8(text(s), encoding::shift_jis) == latin);
    }
}

TEST_CASE("a file declares its encoding in a lyric") {
    lofi::midi::file f;
    f.tracks.resize(2);
    f.tracks[0].add(lofi::ticks(0), lofi::midi::meta::track_name, "{@JP}");
    CHECK(declared_encoding(f) == encoding::latin_1);
    f.tracks[1].add(lofi::ticks(0), lofi::midi::meta::lyric, "{@JP}{#title}");
    CHECK(declared_encoding(f) == encoding::shift_jis);
    f.tracks[0].add(lofi::ticks(0), lofi::midi::meta::text, "{@LATIN}");
    CHECK(declared_encoding(f) == encoding::latin_1);
}
