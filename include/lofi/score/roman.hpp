#pragma once
// Roman numerals, both ways: "ii7", "bVIImaj7", "viiø7", "V7(b9)/3".
#include <string>
#include <string_view>
#include <utility>

#include <lofi/core/error.hpp>
#include <lofi/score/chord_symbol.hpp>

namespace lofi::inline LOFI_ABI::score {

/// Writes a chord as a Roman numeral: upper case for major, augmented and suspended chords, lower case for minor and
/// diminished ones; "o" diminished, "ø" half-diminished (UTF-8), "+" augmented; "/3", "/5", "/7" the tone in the bass. The
/// figures of thoroughbass (6, 65, ...) are not used, because 6 is an added sixth elsewhere.
[[nodiscard]] std::string to_roman(const chord& c);
/// Reads what `to_roman` writes; "°" is as good as "o", and "ø" alone is "ø7".
/// errors: what is wrong and with which numeral: "numeral 'VIIo': a diminished chord is written in lower case"
[[nodiscard]] result<chord> parse_roman(std::string_view text);

// ---------------------------------------------------------------- bodies

namespace detail {
// Takes a prefix off a text if it is there.
constexpr bool take(std::string_view& text, std::string_view prefix) {
    if (text.substr(0, prefix.size()) != prefix) return false;
    text.remove_prefix(prefix.size());
    return true;
}
inline constexpr std::string_view upper_numerals[] = {"I", "II", "III", "IV", "V", "VI", "VII"};
inline constexpr std::string_view lower_numerals[] = {"i", "ii", "iii", "iv", "v", "vi", "vii"};
inline constexpr std::string_view diminished_sign = "o", degree_sign = "\xC2\xB0", half_diminished_sign = "\xC3\xB8";

// Reads "(b9,13)" or "(add9)"; false where it is malformed.
inline bool take_extensions(std::string_view& text, chord_type& type) {
    if (take(text, "add") != (type.seventh == seventh::none)) return false;
    do {
        // Longest names first, so that "13" is not read as "1" and "b13" not as anything shorter.
        int found = -1;
        for (int e = 0; e < extension_count; ++e)
            if (text.substr(0, extension_names[e].size()) == extension_names[e] &&
                (found < 0 || extension_names[e].size() > extension_names[found].size()))
                found = e;
        if (found < 0) return false;
        text.remove_prefix(extension_names[found].size());
        type.added = type.added | static_cast<extension>(found);
    } while (take(text, ","));
    return take(text, ")");
}
}  // namespace detail

inline std::string to_roman(const chord& c) {
    const chord_type& t = c.type;
    std::string out(static_cast<std::size_t>(c.accidental < 0 ? -c.accidental : c.accidental), c.accidental < 0 ? 'b' : '#');
    const bool lower = t.quality == quality::minor || t.quality == quality::diminished;
    out += (lower ? detail::lower_numerals : detail::upper_numerals)[c.degree - 1];
    if (t.quality == quality::diminished)
        out += t.seventh == seventh::minor ? detail::half_diminished_sign : detail::diminished_sign;
    if (t.quality == quality::augmented) out += "+";

    extensions rest = t.added;
    if (t.seventh != seventh::none) {
        if (t.seventh == seventh::major) out += "maj";
        out += detail::height_of(rest);
    }
    if (t.quality == quality::sus2) out += "sus2";
    if (t.quality == quality::sus4) out += "sus4";
    out += detail::in_parentheses(rest, t);
    constexpr std::string_view over[] = {"", "/3", "/5", "/7"};
    return out + std::string(over[c.inversion & 3U]);
}

inline result<chord> parse_roman(std::string_view text) {
    using detail::take;
    const auto refused = [&, whole = text](std::string_view what) {
        return error("numeral '" + std::string(whole) + "'", what);
    };
    chord out;
    chord_type& type = out.type;
    while (out.accidental > -2 && take(text, "b")) --out.accidental;
    while (out.accidental >= 0 && out.accidental < 2 && take(text, "#")) ++out.accidental;

    int degree = 0;
    bool lower = false;
    std::size_t longest = 0;
    for (int d = 0; d < 7; ++d) {
        const std::string_view upper = detail::upper_numerals[d];
        if (upper.size() <= longest) continue;
        const std::string_view head = text.substr(0, upper.size());
        if (head != upper && head != detail::lower_numerals[d]) continue;
        degree = d + 1, longest = upper.size(), lower = head != upper;
    }
    if (degree == 0) return refused("does not begin with one of I, II, ... VII in one case, after b or #");
    text.remove_prefix(longest);
    out.degree = static_cast<std::uint8_t>(degree);
    type.quality = lower ? quality::minor : quality::major;

    const bool half = take(text, detail::half_diminished_sign);
    const bool diminished = half || take(text, detail::degree_sign) || take(text, detail::diminished_sign);
    if (diminished && !lower) return refused("a diminished chord is written in lower case");
    if (diminished) type.quality = quality::diminished;
    if (take(text, "+")) {
        if (lower) return refused("an augmented chord is written in upper case");
        type.quality = quality::augmented;
    }

    const bool major_seventh = take(text, "maj");
    const int height = take(text, "13") ? 13 : take(text, "11") ? 11 : take(text, "9") ? 9 : take(text, "7") ? 7 : 0;
    if (major_seventh && (half || height == 0)) return refused("'maj' stands before 7, 9, 11 or 13 and not after ø");
    if (height != 0 || half)
        type.seventh = major_seventh ? seventh::major : diminished && !half ? seventh::diminished : seventh::minor;
    if (height >= 9) type.added = type.added | extension::ninth;
    if (height >= 11) type.added = type.added | extension::eleventh;
    if (height >= 13) type.added = type.added | extension::thirteenth;

    for (const auto& [name, suspended] : {std::pair{"sus2", quality::sus2}, std::pair{"sus4", quality::sus4}}) {
        if (!take(text, name)) continue;
        if (type.quality != quality::major) return refused("a suspended chord is written in upper case without o, ø or +");
        type.quality = suspended;
    }
    if (take(text, "(") && !detail::take_extensions(text, type))
        return refused(
            "parentheses hold some of 6, b9, 9, #9, 11, #11, b13, 13 with commas between, after 'add' where there is no "
            "seventh");
    if (take(text, "/")) {
        out.inversion = take(text, "3") ? 1 : take(text, "5") ? 2 : take(text, "7") ? 3 : 0;
        if (out.inversion == 0) return refused("after '/' comes 3, 5 or 7: the tone in the bass");
        if (out.inversion == 3 && type.seventh == seventh::none) return refused("has no seventh to put in the bass");
    }
    if (!text.empty()) return refused("'" + std::string(text) + "' is not understood");
    return out;
}

}  // namespace lofi::inline LOFI_ABI::score
