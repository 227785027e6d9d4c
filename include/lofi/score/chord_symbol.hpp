#pragma once
// Absolute chord symbols, as lead sheets print them: "Dm7", "Fmaj7/A".
#include <string>
#include <string_view>

#include <lofi/score/chord.hpp>

namespace lofi::inline LOFI_ABI::score {

/// Writes a chord of a key as a symbol: ii7 in C major is "Dm7", IVmaj7 over its third "Fmaj7/A". A half-diminished seventh is
/// "m7b5"; with a seventh further tones stand in parentheses, "G7(b9)", without one after "add", "C(add9)".
[[nodiscard]] std::string to_string(const chord& c, const key& k);
/// Writes a chord on a root, black keys spelled either way.
[[nodiscard]] std::string to_string(const chord_type& t, pitch_class root, spelling s = spelling::sharps);

// ---------------------------------------------------------------- bodies

namespace detail {
// The number that a seventh chord carries, 7 to 13; the extensions that it says are taken out.
inline std::string_view height_of(extensions& rest) {
    if (!rest.has(extension::ninth)) return "7";
    rest.remove(extension::ninth);
    if (!rest.has(extension::eleventh)) return "9";
    rest.remove(extension::eleventh);
    if (!rest.has(extension::thirteenth)) return "11";
    rest.remove(extension::thirteenth);
    return "13";
}
inline constexpr std::string_view extension_names[extension_count] = {"6", "b9", "9", "#9", "11", "#11", "b13", "13"};

// "(b9,13)", "(add9)", or nothing.
inline std::string in_parentheses(extensions rest, const chord_type& t) {
    std::string out;
    for (int e = 0; e < extension_count; ++e) {
        if (!rest.has(static_cast<extension>(e))) continue;
        out += out.empty() ? (t.seventh == seventh::none ? "(add" : "(") : ",";
        out += extension_names[e];
    }
    return out.empty() ? out : out + ")";
}
}  // namespace detail

inline std::string to_string(const chord_type& t, pitch_class r, spelling s) {
    std::string out(to_string(r, s));
    const bool half_diminished = t.quality == quality::diminished && t.seventh == seventh::minor;
    constexpr std::string_view names[] = {"", "m", "dim", "aug", "", ""};
    out += half_diminished ? "m" : names[static_cast<int>(t.quality)];

    extensions rest = t.added;
    if (t.seventh != seventh::none) {
        const std::string number(detail::height_of(rest));
        const bool plain = t.quality == quality::major || t.quality == quality::sus2 || t.quality == quality::sus4;
        out += t.seventh != seventh::major ? number : plain ? "maj" + number : "(maj" + number + ")";
    } else if (rest == extension::sixth && (t.quality == quality::major || t.quality == quality::minor)) {
        rest.remove(extension::sixth);
        out += "6";
    }
    if (half_diminished) out += "b5";
    if (t.quality == quality::sus2) out += "sus2";
    if (t.quality == quality::sus4) out += "sus4";
    return out + detail::in_parentheses(rest, t);
}

inline std::string to_string(const chord& c, const key& k) {
    const spelling s = spelling_of(k);
    std::string out = to_string(c.type, root(c, k), s);
    if (bass(c, k) != root(c, k)) out += "/" + std::string(to_string(bass(c, k), s));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::score
