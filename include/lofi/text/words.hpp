#pragma once
// Text in any script, as words in small letters.
#include <cstddef>
#include <string>
#include <string_view>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::text {

/// Calls f(std::string_view) for each word: letters and digits of any script, apostrophes inside words kept, Latin, Greek and
/// Cyrillic in small letters. An ideograph or a kana is a word of its own. Bytes that are no UTF-8 part words.
template <class F>
void for_each_word(std::string_view text, F&& f);

// ---------------------------------------------------------------- bodies

namespace detail {

inline constexpr char32_t broken = 0xFFFD;

/// Reads one letter of UTF-8 and moves past it; what is malformed is `broken`, a byte at a time.
constexpr char32_t next_letter(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(at++);
    if (first < 0x80) return first;
    const std::size_t more = first >= 0xC2 && first < 0xE0   ? 1
                             : first >= 0xE0 && first < 0xF0 ? 2
                             : first >= 0xF0 && first < 0xF5 ? 3
                                                             : 0;
    if (more == 0 || text.size() - at < more) return broken;
    char32_t c = first & (0x3Fu >> more);
    for (std::size_t i = 0; i < more; ++i) {
        if ((byte(at + i) & 0xC0) != 0x80) return broken;
        c = c << 6 | (byte(at + i) & 0x3Fu);
    }
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (c < least[more] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000)) return broken;
    at += more;
    return c;
}

constexpr char32_t small(char32_t c) {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0xDE && c != 0xD7)) return c + 32;
    if (c == 0x130) return 'i';
    if (c == 0x178) return 0xFF;
    const bool even_is_capital = (c >= 0x100 && c <= 0x137) || (c >= 0x14A && c <= 0x177);
    const bool odd_is_capital = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E);
    if (even_is_capital) return c | 1;
    if (odd_is_capital) return c + (c & 1);
    if (c == 0x386) return 0x3AC;
    if (c >= 0x388 && c <= 0x38A) return c + 37;
    if (c == 0x38C) return 0x3CC;
    if (c == 0x38E || c == 0x38F) return c + 63;
    if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 32;
    if (c >= 0x400 && c <= 0x40F) return c + 80;
    if (c >= 0x410 && c <= 0x42F) return c + 32;
    return c;
}

constexpr bool in_word(char32_t c) {
    if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c < 0xC0) return c == 0xAA || c == 0xB5 || c == 0xBA;
    if (c == 0xD7 || c == 0xF7 || c == broken) return false;
    return !((c >= 0x2000 && c < 0x2C00) || (c >= 0x2E00 && c < 0x2E80) || (c >= 0x3000 && c < 0x3005) ||
             (c >= 0x3008 && c < 0x3021) || (c >= 0xE000 && c < 0xF900) || (c >= 0xFE00 && c < 0xFE70) ||
             (c >= 0xFF00 && c < 0xFF10) || (c >= 0xFFF0 && c < 0x10000) || (c >= 0x1F000 && c < 0x20000) || c >= 0xE0000);
}

constexpr bool stands_alone(char32_t c) {
    return (c >= 0x3040 && c < 0x3100) || (c >= 0x3400 && c < 0xA000) || (c >= 0xF900 && c < 0xFB00) ||
           (c >= 0x20000 && c < 0x32000);
}

inline void append(std::string& to, char32_t c) {
    const auto put = [&](char32_t byte) { to += static_cast<char>(static_cast<unsigned char>(byte)); };
    if (c < 0x80) return put(c);
    if (c < 0x800) {
        put(0xC0 | c >> 6);
    } else {
        if (c < 0x10000) {
            put(0xE0 | c >> 12);
        } else {
            put(0xF0 | c >> 18);
            put(0x80 | (c >> 12 & 0x3F));
        }
        put(0x80 | (c >> 6 & 0x3F));
    }
    put(0x80 | (c & 0x3F));
}

}  // namespace detail

template <class F>
void for_each_word(std::string_view text, F&& f) {
    std::string word;
    bool apostrophe = false;
    const auto end = [&] {
        if (!word.empty()) f(std::string_view(word));
        word.clear();
        apostrophe = false;
    };
    for (std::size_t at = 0; at < text.size();) {
        const char32_t c = detail::small(detail::next_letter(text, at));
        if ((c == '\'' || c == 0x2019) && !word.empty() && !apostrophe) {
            apostrophe = true;
        } else if (!detail::in_word(c)) {
            end();
        } else if (detail::stands_alone(c)) {
            end();
            detail::append(word, c);
            end();
        } else {
            if (apostrophe) word += '\'';
            apostrophe = false;
            detail::append(word, c);
        }
    }
    end();
}

}  // namespace lofi::inline LOFI_ABI::text
