#pragma once
// Plucked, bowed and mallet instruments: nylon guitar, harp, vibraphone, round bass, warm pad.
#include <lofi/synth/keys.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// A guitar with nylon strings, plucked over the hole.
[[nodiscard]] strike nylon(score::pitch, score::velocity, random_stream&);
/// A small harp: plucked near the middle, long and clear.
[[nodiscard]] strike harp(score::pitch, score::velocity, random_stream&);
/// Tuned bars under soft mallets.
[[nodiscard]] strike vibes(score::pitch, score::velocity, random_stream&);
/// An electric bass with old strings and the tone knob down.
[[nodiscard]] strike bass(score::pitch, score::velocity, random_stream&);
/// A slow, soft chord machine of two detuned voices.
[[nodiscard]] strike pad(score::pitch, score::velocity, random_stream&);

// ---------------------------------------------------------------- bodies

namespace detail {

struct pluck {
    double place;   // of the finger along the string, 0 to 0.5
    double bright;  // hertz where the finger's softness begins to tell
    double t60;     // of the fundamental, seconds
    double loss;    // what every further harmonic loses more
    std::size_t most;
};

// The ideal string pulled aside at a place and let go, heard as the force on its bridge: sin(k pi place)/k.
inline void add_string(strike& s, double f0, const pluck& p, random_stream& r) {
    for (std::size_t k = 1; k <= p.most; ++k) {
        const double n = static_cast<double>(k), f = n * f0 * math::sqrt(1.0 + 0.00006 * n * n);
        const double g = math::sin_turns(0.5 * n * p.place) / n * math::exp(-f / p.bright) * about_one(r, 0.08);
        const double t60 = p.t60 / (1.0 + p.loss * (n - 1.0) + 0.15 * p.loss * n * n);
        // Up and down it moves the bridge and dies soon; to and fro, a hair lower, it hardly does and lasts.
        if (k <= 4) s.add({hertz(f * 0.99985), static_cast<float>(0.32 * g), seconds(1.5 * t60)});
        s.add({hertz(f), static_cast<float>(g), seconds((k <= 4 ? 0.7 : 1.0) * t60)});
    }
}

}  // namespace detail

inline strike nylon(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 2.5);
    strike s;
    detail::add_string(s, f0,
                       {0.22 * about_one(r, 0.12), 900.0 + 0.8 * f0 + 2200.0 * v * v,
                        std::clamp(detail::halving(4.2, 52.0, 15.0, m), 0.6, 6.0), 0.16, 15},
                       r);
    // The box: air and top plate answer every pluck at their own pitches.
    s.add({hertz(103.0 * detune(r, 20.0)), 0.10F, seconds(0.14)});
    s.add({hertz(204.0 * detune(r, 20.0)), 0.07F, seconds(0.10)});
    s.level(0.085 * math::pow(v, 1.15) * detail::halving(1.0, 60.0, 80.0, m));
    s.bursts[0] = {static_cast<float>(0.03 * v + 0.05 * v * v),
                   seconds(0.001),
                   seconds(0.030),
                   hertz(1900.0 * about_one(r, 0.15)),
                   0.7,
                   burst::pass::band};
    s.lift = {static_cast<float>(0.002 + 0.006 * v),
              seconds(0.001),
              seconds(0.05),
              hertz(1400.0 * about_one(r, 0.3)),
              0.8,
              burst::pass::band};
    s.attack = seconds(0.0012);
    s.release = seconds(0.30);
    s.pan = detail::across(m, 0.25);
    return s;
}

inline strike harp(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 2.0);
    strike s;
    detail::add_string(s, f0,
                       {0.40 * about_one(r, 0.06), 800.0 + 1.1 * f0 + 1500.0 * v * v,
                        std::clamp(detail::halving(6.0, 55.0, 15.0, m), 0.9, 9.0), 0.22, 12},
                       r);
    s.add({hertz(160.0 * detune(r, 25.0)), 0.06F, seconds(0.20)});
    s.level(0.085 * math::pow(v, 1.15) * detail::halving(1.0, 60.0, 90.0, m));
    s.bursts[0] = {
        static_cast<float>(0.02 * v + 0.02 * v * v), seconds(0.001), seconds(0.020), hertz(1500.0), 0.7, burst::pass::band};
    s.attack = seconds(0.002);
    s.release = seconds(0.9);
    s.pan = detail::across(m, 0.55);
    return s;
}

inline strike vibes(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 1.5);
    strike s;
    const double t60 = std::clamp(detail::halving(5.0, 60.0, 16.0, m), 0.8, 8.0);
    // The bars' arch is cut so that their second bend lies two octaves up.
    s.add({hertz(f0), 1.0F, seconds(t60)});
    s.add({hertz(f0 * math::exp2(1.2 / 1200.0)), 0.25F, seconds(1.2 * t60)});
    s.add({hertz(f0 * 3.99 * detune(r, 6.0)), static_cast<float>(0.05 + 0.25 * v * v), seconds(0.22 * t60)});
    s.add({hertz(f0 * 9.9 * detune(r, 12.0)), static_cast<float>(0.08 * v * v), seconds(0.05 * t60)});
    s.level(0.080 * math::pow(v, 1.15) * detail::halving(1.0, 60.0, 80.0, m));
    s.bursts[0] = {static_cast<float>(0.045 * v), seconds(0.002), seconds(0.030), hertz(500.0), 0.7, burst::pass::low};
    s.attack = seconds(0.0025);
    s.release = seconds(0.55);
    s.pan = detail::across(m, 0.50);
    return s;
}

inline strike bass(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 2.0);
    strike s;
    const double t60 = std::clamp(detail::halving(6.5, 36.0, 18.0, m), 1.5, 8.0);
    // Small speakers do not play the fundamental: the second to fourth harmonics carry the line there.
    constexpr double gains[] = {1.0, 1.2, 0.8, 0.55, 0.36, 0.24, 0.15, 0.09};
    for (std::size_t k = 1; k <= 8; ++k) {
        const double n = static_cast<double>(k), touch = math::pow(0.62 + 0.5 * v, n - 1.0);
        s.add({hertz(n * f0), static_cast<float>(gains[k - 1] * touch * about_one(r, 0.05)),
               seconds(t60 / (1.0 + 0.3 * (n - 1.0)))});
    }
    // The finger's push: for a moment the string is louder than it can stay.
    s.add({hertz(f0), static_cast<float>(0.30 + 0.25 * v), seconds(0.30)});
    s.add({hertz(2.0 * f0), static_cast<float>(0.30 + 0.35 * v), seconds(0.22)});
    s.level(0.175 * math::pow(v, 0.9));
    s.bursts[0] = {static_cast<float>(0.05 * v + 0.06 * v * v),
                   seconds(0.002),
                   seconds(0.030),
                   hertz(420.0 * about_one(r, 0.15)),
                   0.8,
                   burst::pass::low};
    s.lift = {0.020F, seconds(0.001), seconds(0.06), hertz(300.0 * about_one(r, 0.2)), 0.7, burst::pass::low};
    s.attack = seconds(0.005);
    s.release = seconds(0.12);
    return s;
}

inline strike pad(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value;
    strike s;
    for (std::size_t k = 1; k <= 8; ++k) {
        const double n = static_cast<double>(k), g = math::exp(-n * f0 / (500.0 + 700.0 * v)) / n;
        for (const double cents : {-4.5, 0.3, 4.0})
            s.add({hertz(n * f0 * math::exp2(cents / 1200.0)), static_cast<float>(g), seconds(90.0), uniform_unit(r)});
    }
    s.level(0.045 * math::pow(v, 1.0));
    s.attack = seconds(0.60 - 0.25 * v);
    s.release = seconds(1.8);
    s.pan = detail::across(m, 0.60);
    return s;
}

}  // namespace lofi::inline LOFI_ABI::synth
