#pragma once
// Text of meta events. No file says how its text is encoded: the bytes are kept, and here they become UTF-8.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include <lofi/midi/detail/shift_jis.hpp>
#include <lofi/midi/file.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// How text is encoded that is not valid UTF-8.
enum class encoding : std::uint8_t { latin_1, shift_jis };

/// Whether the bytes are well-formed UTF-8.
/// source: Unicode 15, table 3-7
[[nodiscard]] constexpr bool is_utf8(std::span<const std::byte> bytes);

/// The encoding that a file declares with the tags {@LATIN} or {@JP} in a text or a lyric; Latin-1 where there is none.
/// source: RP-026
[[nodiscard]] encoding declared_encoding(const file& f);

/// Gives the text of a meta event as UTF-8: as it is where it is valid UTF-8 (without a byte order mark), from Shift-JIS
/// where that is said and the bytes are valid in it, else from Latin-1. A tag {@LATIN} or {@JP} that begins the text decides
/// for it, and stays in it.
[[nodiscard]] std::string text_utf8(std::span<const std::byte> bytes, encoding otherwise = encoding::latin_1);

// ---------------------------------------------------------------- bodies

namespace detail {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

inline std::string_view as_text(std::span<const std::byte> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Appends a code point of the basic plane.
inline void put_utf8(std::string& out, std::uint32_t c) {
    if (c < 0x80)
        out += static_cast<char>(c);
    else if (c < 0x800)
        (out += static_cast<char>(0xC0 | c >> 6)) += static_cast<char>(0x80 | (c & 0x3F));
    else
        ((out += static_cast<char>(0xE0 | c >> 12)) += static_cast<char>(0x80 | (c >> 6 & 0x3F))) +=
            static_cast<char>(0x80 | (c & 0x3F));
}

/// Translates Shift-JIS; false where the bytes are none.
inline bool from_shift_jis(std::string_view s, std::string& out) {
    for (std::size_t i = 0; i < s.size(); ++i) {
        const auto lead = static_cast<std::uint8_t>(s[i]);
        if (lead < 0x80)
            put_utf8(out, lead);
        else if (lead >= 0xA1 && lead <= 0xDF)
            put_utf8(out, 0xFF61U + lead - 0xA1U);  // half-width katakana
        else {
            const std::uint8_t trail = i + 1 < s.size() ? static_cast<std::uint8_t>(s[++i]) : std::uint8_t{0};
            const std::uint32_t c = jis_character(lead, trail);
            if (c == 0) return false;
            put_utf8(out, c);
        }
    }
    return true;
}

}  // namespace detail

constexpr bool is_utf8(std::span<const std::byte> bytes) {
    const auto at = [&](std::size_t i) { return std::to_integer<std::uint8_t>(bytes[i]); };
    for (std::size_t i = 0; i < bytes.size();) {
        const std::uint8_t lead = at(i);
        const std::size_t more = lead < 0x80                   ? 0
                                 : lead >= 0xC2 && lead < 0xE0 ? 1
                                 : lead >= 0xE0 && lead < 0xF0 ? 2
                                 : lead >= 0xF0 && lead < 0xF5 ? 3
                                                               : 9;
        if (more > bytes.size() - i - 1) return false;
        // The second byte's range keeps out long forms, surrogates and what lies beyond U+10FFFF.
        const std::uint8_t low = lead == 0xE0   ? 0xA0
                                 : lead == 0xF0 ? 0x90
                                                : 0x80,
                           high = lead == 0xED   ? 0x9F
                                  : lead == 0xF4 ? 0x8F
                                                 : 0xBF;
        if (more > 0 && (at(i + 1) < low || at(i + 1) > high)) return false;
        for (std::size_t k = 2; k <= more; ++k)
            if ((at(i + k) & 0xC0) != 0x80) return false;
        i += more + 1;
    }
    return true;
}

inline encoding declared_encoding(const file& f) {
    for (const track& t : f.tracks)
        for (const event& e : t.events) {
            if (!e.is(meta::lyric) && !e.is(meta::text)) continue;
            const std::string_view s = detail::as_text(t.payload(e));
            if (s.find("{@JP}") != std::string_view::npos) return encoding::shift_jis;
            if (s.find("{@LATIN}") != std::string_view::npos) return encoding::latin_1;
        }
    return encoding::latin_1;
}

inline std::string text_utf8(std::span<const std::byte> bytes, encoding otherwise) {
    std::string_view s = detail::as_text(bytes);
    if (is_utf8(bytes)) {
        if (s.substr(0, 3) == detail::byte_order_mark) s.remove_prefix(3);
        return std::string(s);
    }
    if (s.substr(0, 5) == "{@JP}") otherwise = encoding::shift_jis;
    if (s.substr(0, 8) == "{@LATIN}") otherwise = encoding::latin_1;
    std::string out;
    if (otherwise == encoding::shift_jis && detail::from_shift_jis(s, out)) return out;
    out.clear();
    for (const char c : s) detail::put_utf8(out, static_cast<std::uint8_t>(c));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::midi
