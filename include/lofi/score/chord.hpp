#pragma once
// Chords: a root as a scale degree, a quality, a seventh, extensions, and which tone is in the bass.
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/score/key.hpp>
#include <lofi/score/pitch_set.hpp>

namespace lofi::inline LOFI_ABI::score {

enum class quality : std::uint8_t { major, minor, diminished, augmented, sus2, sus4 };
/// A diminished seventh stands on diminished triads alone.
enum class seventh : std::uint8_t { none, minor, major, diminished };
/// A tone added to a triad or seventh chord.
enum class extension : std::uint8_t {
    sixth,
    flat_ninth,
    ninth,
    sharp_ninth,
    eleventh,
    sharp_eleventh,
    flat_thirteenth,
    thirteenth
};
inline constexpr int extension_count = 8;

[[nodiscard]] constexpr int semitones(extension e) {
    constexpr int above[extension_count] = {9, 13, 14, 15, 17, 18, 20, 21};
    return above[static_cast<int>(e)];
}

/// Any number of extensions.
struct extensions {
    std::uint8_t bits = 0;

    constexpr extensions() = default;
    constexpr extensions(extension e)
        : bits(static_cast<std::uint8_t>(1U << static_cast<unsigned>(e))) {}  // NOLINT: one is a set
    [[nodiscard]] constexpr bool has(extension e) const { return (bits >> static_cast<unsigned>(e) & 1U) != 0; }
    [[nodiscard]] constexpr bool empty() const { return bits == 0; }
    constexpr void remove(extension e) { bits = static_cast<std::uint8_t>(bits & ~(1U << static_cast<unsigned>(e))); }
    friend constexpr extensions operator|(extensions a, extensions b) {
        a.bits = static_cast<std::uint8_t>(a.bits | b.bits);
        return a;
    }
    friend constexpr bool operator==(extensions, extensions) = default;
};
[[nodiscard]] constexpr extensions operator|(extension a, extension b) { return extensions(a) | extensions(b); }

/// What stands on a root, whichever root it is.
struct chord_type {
    score::quality quality = score::quality::major;
    score::seventh seventh = score::seventh::none;
    extensions added{};

    friend constexpr bool operator==(const chord_type&, const chord_type&) = default;
};

/// A chord as a Roman numeral writes it: its root is a degree of the *major* scale on the key's tonic, altered by
/// semitones, so that bVII means the same in every mode.
struct chord {
    std::uint8_t degree = 1;     ///< 1 to 7
    std::int8_t accidental = 0;  ///< -1 flat, 1 sharp
    chord_type type{};
    std::uint8_t inversion = 0;  ///< tone in the bass: 0 root, 1 third (or what is suspended), 2 fifth, 3 seventh

    friend constexpr bool operator==(const chord&, const chord&) = default;
};

/// Semitones above a root, rising: 0 4 7 11 14 is a major ninth chord.
struct chord_tones {
    std::array<std::uint8_t, 4 + extension_count> above{};
    std::uint8_t count = 0;

    [[nodiscard]] constexpr std::size_t size() const { return count; }
    [[nodiscard]] constexpr int operator[](std::size_t i) const { return above[i]; }
    [[nodiscard]] constexpr const std::uint8_t* begin() const { return above.data(); }
    [[nodiscard]] constexpr const std::uint8_t* end() const { return above.data() + count; }
    friend constexpr bool operator==(const chord_tones&, const chord_tones&) = default;
};

/// How high thirds are stacked on a degree.
enum class stack : std::uint8_t { triad = 3, seventh, ninth, eleventh, thirteenth };

/// The chord that the tones of a mode make on one of its degrees, 1 to 7; degrees beyond wrap around.
[[nodiscard]] constexpr chord diatonic(mode m, int degree, stack height = stack::triad);

/// Semitones of one tone above the root. The third is the suspended tone where there is one.
[[nodiscard]] constexpr int third_of(const chord_type& t);
[[nodiscard]] constexpr int fifth_of(const chord_type& t);
/// The seventh in semitones above the root, or 0 where there is none.
[[nodiscard]] constexpr int seventh_of(const chord_type& t);
/// All tones from the root up.
[[nodiscard]] constexpr chord_tones tones(const chord_type& t);

[[nodiscard]] constexpr pitch_class root(const chord& c, const key& k);
/// The pitch class in the bass. An inversion that the chord has no tone for is the root position.
[[nodiscard]] constexpr pitch_class bass(const chord& c, const key& k);
/// The pitch classes that sound.
[[nodiscard]] constexpr pitch_set pitch_classes(const chord& c, const key& k);
[[nodiscard]] constexpr pitch_set pitch_classes(const chord_type& t, pitch_class root);

// ---------------------------------------------------------------- bodies

constexpr int third_of(const chord_type& t) {
    constexpr int third[] = {4, 3, 3, 4, 2, 5};
    return third[static_cast<int>(t.quality)];
}
constexpr int fifth_of(const chord_type& t) {
    constexpr int fifth[] = {7, 7, 6, 8, 7, 7};
    return fifth[static_cast<int>(t.quality)];
}
constexpr int seventh_of(const chord_type& t) {
    constexpr int above[] = {0, 10, 11, 9};
    return above[static_cast<int>(t.seventh)];
}

constexpr chord_tones tones(const chord_type& t) {
    chord_tones out;
    const auto add = [&](int semitones_up) { out.above[out.count++] = static_cast<std::uint8_t>(semitones_up); };
    add(0), add(third_of(t)), add(fifth_of(t));
    if (t.added.has(extension::sixth) && t.seventh != seventh::diminished) add(semitones(extension::sixth));
    if (t.seventh != seventh::none) add(seventh_of(t));
    for (int e = 1; e < extension_count; ++e)
        if (t.added.has(static_cast<extension>(e))) add(semitones(static_cast<extension>(e)));
    return out;
}

constexpr chord diatonic(mode m, int number, stack height) {
    const int index = ((number - 1) % 7 + 7) % 7;
    const auto scale = steps(m), major = steps(mode::ionian);
    const int bottom = scale[static_cast<std::size_t>(index)];
    const auto above = [&](int thirds) { return semitones_of_step(m, index + 2 * thirds) - bottom; };

    chord out;
    out.degree = static_cast<std::uint8_t>(index + 1);
    out.accidental = static_cast<std::int8_t>(bottom - major[static_cast<std::size_t>(index)]);
    out.type.quality = above(2) == 6 ? quality::diminished : above(1) == 3 ? quality::minor : quality::major;
    if (height >= stack::seventh) out.type.seventh = above(3) == 11 ? seventh::major : seventh::minor;
    for (int thirds = 4; thirds < static_cast<int>(height); ++thirds)
        for (int e = 1; e < extension_count; ++e)
            if (semitones(static_cast<extension>(e)) == above(thirds))
                out.type.added = out.type.added | static_cast<extension>(e);
    return out;
}

constexpr pitch_class root(const chord& c, const key& k) {
    return pitch_class(degree(key{k.tonic, mode::ionian}, c.degree).value + c.accidental);
}

constexpr pitch_class bass(const chord& c, const key& k) {
    const int above[] = {0, third_of(c.type), fifth_of(c.type), seventh_of(c.type)};
    return pitch_class(root(c, k).value + (c.inversion < 4 ? above[c.inversion] : 0));
}

constexpr pitch_set pitch_classes(const chord_type& t, pitch_class r) {
    pitch_set out;
    for (const std::uint8_t above : tones(t)) out.insert(pitch_class(r.value + above));
    return out;
}
constexpr pitch_set pitch_classes(const chord& c, const key& k) { return pitch_classes(c.type, root(c, k)); }

}  // namespace lofi::inline LOFI_ABI::score
