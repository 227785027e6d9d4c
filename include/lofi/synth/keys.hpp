#pragma once
// Keyboards: the tine and the reed electric piano, and the felt piano.
#include <algorithm>

#include <lofi/score/note.hpp>
#include <lofi/synth/pickup.hpp>

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

// Halves every `semitones` upwards from a pitch.
inline double halving(double value, double from, double semitones, double midi) {
    return value * math::exp2((from - midi) / semitones);
}

// A curve through points, straight between them and level beyond.
template <std::size_t N>
constexpr double between(const std::array<double, N>& x, const std::array<double, N>& y, double at) {
    for (std::size_t i = 1; i < N; ++i)
        if (at < x[i]) return y[i - 1] + (y[i] - y[i - 1]) * std::max(at - x[i - 1], 0.0) / (x[i] - x[i - 1]);
    return y[N - 1];
}

inline float across(double midi, double width) {
    return static_cast<float>(std::clamp((midi - 60.0) / 24.0, -1.0, 1.0) * width);
}

}  // namespace detail

inline strike reed(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 3.0);
    strike s;
    // How far the reed swings in the slot of its plate, what force does to that (short reeds are stiff), where it rests, and
    // how long it swings: fitted to the samples, at these keys and straight between them.
    constexpr std::array keys = {33.0, 45.0, 57.0, 69.0, 79.0, 92.0};
    const double wide = detail::between(keys, {1.60, 1.70, 0.93, 0.64, -0.10, -1.85}, m),
                 yields = detail::between(keys, {0.55, 0.85, 0.75, 0.60, 1.90, 1.50}, m),
                 rest = detail::between(keys, {0.93, 0.94, 0.76, 0.90, 0.93, 1.00}, m) - 0.20 * (v - 0.5),
                 t60 = detail::between(keys, {40.0, 9.9, 8.3, 5.2, 2.1, 2.8}, m);
    const double swing = math::exp(wide + yields * math::log(v / 0.85)) * about_one(r, 0.03);
    add_pickup(s, hertz(f0), {swing, rest * about_one(r, 0.03), 0.6, seconds(t60)}, 18);
    // The reed's second way to bend: a short clang.
    s.add({hertz(f0 * 6.3 * detune(r, 15.0)), static_cast<float>(0.05 * v * v), seconds(0.12)});
    s.scale(0.115 * math::pow(v, 1.15) * detail::halving(1.0, 60.0, 90.0, m));
    s.bursts[0] = {
        static_cast<float>(0.016 * v + 0.03 * v * v), seconds(0.002), seconds(0.05), hertz(900.0), 0.6, burst::pass::low};
    s.lift = {0.014F, seconds(0.001), seconds(0.07), hertz(520.0 * about_one(r, 0.2)), 0.7, burst::pass::low};
    s.attack = seconds(0.0008 + 0.95 / f0);
    s.release = seconds(0.16);
    s.pan = detail::across(m, 0.35);
    return s;
}

inline strike tine(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 2.5);
    strike s;
    // The tine swings across the coil a little beside its middle, which makes the octave strong.
    constexpr std::array keys = {36.0, 48.0, 60.0, 72.0, 84.0};
    const double wide = detail::between(keys, {0.80, 0.45, 0.00, -0.50, -1.20}, m);
    const double t60 =
        6.0 * (m < 56.0 ? detail::halving(2.3, 56.0, 20.0, m) : std::max(detail::halving(2.3, 56.0, 12.0, m), 0.4));
    const double swing = math::exp(wide + 1.1 * math::log(v / 0.85)) * about_one(r, 0.04);
    add_pickup(s, hertz(f0), {swing, 0.40 * about_one(r, 0.05), 0.8, seconds(t60)}, 15);
    // The tone bar rings on with the tine, a hair apart: the slow bloom of a held chord.
    s.add({hertz(f0 * math::exp2(0.8 / 1200.0)), 0.35F, seconds(1.4 * t60)});
    // The tine's higher bends are not in tune with it: the bell. Felt softens it low down, the ear high up.
    const double bell = (0.10 + 0.30 * v * v) / (1.0 + math::exp2((m - 76.0) / 7.0)) * about_one(r, 0.2);
    s.add({hertz(f0 * 6.27 * detune(r, 10.0)), static_cast<float>(bell * 0.55), seconds(0.55 * math::exp2((48.0 - m) / 30.0))});
    s.add({hertz(f0 * 17.55 * detune(r, 10.0)), static_cast<float>(bell * 0.12), seconds(0.16)});
    s.scale(0.087 * math::pow(v, 1.1) * detail::halving(1.0, 60.0, 80.0, m));
    s.bursts[0] = {static_cast<float>(0.05 * v), seconds(0.001), seconds(0.035), hertz(700.0), 0.6, burst::pass::low};
    s.lift = {0.012F, seconds(0.001), seconds(0.08), hertz(430.0 * about_one(r, 0.2)), 0.7, burst::pass::low};
    s.attack = seconds(0.0012 + 0.4 / f0);
    s.release = seconds(0.22);
    s.pan = detail::across(m, 0.40);
    return s;
}

inline strike felt(score::pitch which, score::velocity force, random_stream& r) {
    const double m = which.midi, v = force.value / 127.0, f0 = math::midi_to_hertz(m).value * detune(r, 1.5);
    strike s;
    const double stiff = 0.00035 * math::exp2((m - 60.0) / 8.0);        // inharmonicity rises up the keyboard
    const double soft = 330.0 + 0.5 * f0 + (500.0 + 1.2 * f0) * v * v;  // the felt lets less through the softer the touch
    const double t60 = std::clamp(detail::halving(9.0, 48.0, 14.0, m), 0.7, 14.0);
    const double apart = detune(r, 0.5) * math::exp2(0.9 / 1200.0);  // of the second string
    const std::size_t most = m > 84.0 ? 6 : 13;
    for (std::size_t k = 1; k <= most; ++k) {
        const double n = static_cast<double>(k), f = n * f0 * math::sqrt(1.0 + stiff * n * n);
        const double comb = math::abs(math::sin_turns(0.5 * n * 0.121));  // struck at an eighth of its length
        const double g = comb * math::exp(-f / soft) / math::sqrt(n) * about_one(r, 0.06);
        const double decay = t60 / (1.0 + 0.22 * (n - 1.0) + 0.012 * n * n);
        // Two strings: together they are loud and die soon, against each other quiet and long.
        s.add({hertz(f), static_cast<float>(g), seconds(0.45 * decay)});
        if (k <= 7) s.add({hertz(f * apart), static_cast<float>(0.28 * g), seconds(1.3 * decay)});
    }
    s.level(0.150 * math::pow(v, 1.2) * detail::halving(1.0, 60.0, 70.0, m));
    // The thump of key and hammer, and the felt's brush.
    s.bursts[0] = {static_cast<float>(0.02 + 0.15 * v),
                   seconds(0.003),
                   seconds(0.09),
                   hertz(190.0 * about_one(r, 0.1)),
                   0.8,
                   burst::pass::band};
    s.bursts[1] = {static_cast<float>(0.047 * v), seconds(0.004), seconds(0.05), hertz(1300.0), 0.5, burst::pass::low};
    s.lift = {0.022F, seconds(0.001), seconds(0.14), hertz(340.0 * about_one(r, 0.2)), 0.7, burst::pass::low};
    s.attack = seconds(0.004 + 0.004 * (1.0 - v));
    s.release = seconds(0.25);
    s.pan = detail::across(m, 0.50);
    return s;
}

}  // namespace lofi::inline LOFI_ABI::synth
