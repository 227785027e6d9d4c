#pragma once
// Keyboards: the tine and the reed electric piano, and the felt piano.
#include <algorithm>

#include <lofi/score/note.hpp>
#include <lofi/synth/strike.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// An electric piano with tines: round, with a bell at the touch and a bark when it is played hard.
[[nodiscard]] strike tine(score::pitch, score::velocity, random_stream&);
/// An electric piano with reeds: nasal and warm; growls in the bass.
/// measured: against a Wurlitzer EP200, docs/synth.md
[[nodiscard]] strike reed(score::pitch, score::velocity, random_stream&);
/// A piano with felt between hammers and strings: dark, close and soft, with the hammer's thump.
[[nodiscard]] strike felt(score::pitch, score::velocity, random_stream&);

// ---------------------------------------------------------------- bodies

namespace detail {

// A pickup beside a swinging metal tongue hears 1/(1 - b cos), whose harmonics have the gains k*q^(k-1): q grows with the
// swing, and since the swing dies away, harmonic k dies about k times as fast. That is the bark.
struct pickup {
    double q;        // 0 a pure sine, 0.75 as harsh as it gets
    double even;     // share of even harmonics: 0 the tongue swings right across the pickup, 1 far beside it
    double low_cut;  // hertz: the amplifier's
    double slope;    // how much faster each further harmonic dies, 1 by the theory
    double edge;     // second harmonic of what the theory leaves out: the tongue's own bend, half as much each further
    std::size_t most;
};

inline void add_pickup(strike& s, double f0, double t60, const pickup& p) {
    double gain = 1.0;
    for (std::size_t k = 1; k <= p.most; ++k, gain *= p.q) {
        const double n = static_cast<double>(k), f = n * f0;
        const double cut = f / math::sqrt(f * f + p.low_cut * p.low_cut);
        const double edge = k == 1 ? 0.0 : p.edge * math::exp2(2.0 - n);
        const double g = (n * gain * (k % 2 == 0 ? p.even : 1.0) + edge) * cut;
        // Alternate signs keep the crest low, as the pickup's two polarities do.
        s.add({hertz(f), static_cast<float>(k % 4 >= 2 ? -g : g), seconds(t60 / (1.0 + p.slope * (n - 1.0)))});
    }
}

// Halves every `semitones` upwards from a pitch.
inline double halving(double value, double from, double semitones, double midi) {
    return value * math::exp2((from - midi) / semitones);
}

inline float across(double midi, double width) {
    return static_cast<float>(std::clamp((midi - 60.0) / 30.0, -1.0, 1.0) * width);
}

}  // namespace detail

inline strike reed(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 3.0);
    strike s;
    // The swing against the gap, fitted to the samples' third and fifth harmonics over keys and velocities.
    const double middle = 55.5 + 13.0 * v + 0.7 * (about_one(r, 1.0) - 1.0);
    const double q = (0.25 + 0.68 * v) / (1.0 + math::exp2((m - middle) / 5.0));
    const double edge = 0.14 / (1.0 + math::exp2((m - 62.0 - 12.0 * v) / 1.8));
    const double t60 =
        6.0 * (m < 56.0 ? detail::halving(1.9, 56.0, 17.0, m) : std::max(detail::halving(1.9, 56.0, 9.5, m), 0.33));
    const double slope =
        (0.35 + 0.5 * std::clamp((m - 36.0) / 20.0, 0.0, 1.0)) * (1.0 - 0.75 * v * v);  // wide swings stay bright
    detail::add_pickup(s, f0, t60, {q, 0.2 + 0.6 * v * v, 110.0, slope, edge, 16});
    // The reed's second way to bend: a short clang.
    s.add({hertz(f0 * 6.3 * detune(r, 15.0)), static_cast<float>(0.05 * v * v), seconds(0.12)});
    s.level(0.115 * math::pow(v, 1.15) * detail::halving(1.0, 60.0, 90.0, m));
    s.bursts[0] = {
        static_cast<float>(0.010 + 0.03 * v * v), seconds(0.002), seconds(0.05), hertz(900.0), 0.6, burst::pass::low};
    s.attack = seconds(0.0015 + 1.1 / f0 * 0.5);
    s.release = seconds(0.16);
    s.pan = detail::across(m, 0.2);
    return s;
}

inline strike tine(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 2.5);
    strike s;
    const double q = 0.62 / (1.0 + math::exp2((m - 35.0 - 34.0 * v) / 9.0));
    const double t60 =
        6.0 * (m < 56.0 ? detail::halving(2.3, 56.0, 20.0, m) : std::max(detail::halving(2.3, 56.0, 12.0, m), 0.4));
    detail::add_pickup(s, f0, t60, {q, 0.75 + 0.25 * v, 60.0, 0.7, 0.02 + 0.03 * v, 12});
    // The tone bar rings on with the tine, a hair apart: the slow bloom of a held chord.
    s.add({hertz(f0 * math::exp2(0.8 / 1200.0)), 0.30F, seconds(1.4 * t60)});
    // The tine's higher bends are not in tune with it: the bell. Felt softens it low down, the ear high up.
    const double bell = (0.10 + 0.30 * v * v) / (1.0 + math::exp2((m - 76.0) / 7.0)) * about_one(r, 0.2);
    s.add({hertz(f0 * 6.27 * detune(r, 10.0)), static_cast<float>(bell * 0.55), seconds(0.55 * math::exp2((48.0 - m) / 30.0))});
    s.add({hertz(f0 * 17.55 * detune(r, 10.0)), static_cast<float>(bell * 0.12), seconds(0.16)});
    s.level(0.090 * math::pow(v, 1.1) * detail::halving(1.0, 60.0, 80.0, m));
    s.bursts[0] = {static_cast<float>(0.012 + 0.03 * v), seconds(0.001), seconds(0.035), hertz(700.0), 0.6, burst::pass::low};
    s.attack = seconds(0.0012 + 0.4 / f0);
    s.release = seconds(0.22);
    s.pan = detail::across(m, 0.25);
    return s;
}

inline strike felt(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 1.5);
    strike s;
    const double stiff = 0.00035 * math::exp2((m - 60.0) / 8.0);        // inharmonicity rises up the keyboard
    const double soft = 330.0 + 0.5 * f0 + (500.0 + 1.2 * f0) * v * v;  // the felt lets less through the softer the touch
    const double t60 = std::clamp(detail::halving(9.0, 48.0, 14.0, m), 0.7, 14.0);
    const double apart = detune(r, 0.5) * math::exp2(0.9 / 1200.0);  // of the second string
    const std::size_t most = m > 84.0 ? 6 : 14;
    for (std::size_t k = 1; k <= most; ++k) {
        const double n = static_cast<double>(k), f = n * f0 * math::sqrt(1.0 + stiff * n * n);
        const double comb = math::abs(math::sin_turns(0.5 * n * 0.121));  // struck at an eighth of its length
        const double g = comb * math::exp(-f / soft) / math::sqrt(n) * about_one(r, 0.06);
        const double decay = t60 / (1.0 + 0.22 * (n - 1.0) + 0.012 * n * n);
        // Two strings: together they are loud and die soon, against each other quiet and long.
        s.add({hertz(f), static_cast<float>(g), seconds(0.45 * decay)});
        if (k <= 8) s.add({hertz(f * apart), static_cast<float>(0.28 * g), seconds(1.3 * decay)});
    }
    s.level(0.150 * math::pow(v, 1.2) * detail::halving(1.0, 60.0, 70.0, m));
    // The thump of key and hammer, and the felt's brush.
    s.bursts[0] = {static_cast<float>(0.05 + 0.10 * v),
                   seconds(0.003),
                   seconds(0.09),
                   hertz(190.0 * about_one(r, 0.1)),
                   0.8,
                   burst::pass::band};
    s.bursts[1] = {static_cast<float>(0.010 + 0.03 * v), seconds(0.004), seconds(0.05), hertz(1300.0), 0.5, burst::pass::low};
    s.attack = seconds(0.004 + 0.004 * (1.0 - v));
    s.release = seconds(0.25);
    s.pan = detail::across(m, 0.35);
    return s;
}

}  // namespace lofi::inline LOFI_ABI::synth
