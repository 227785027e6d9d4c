#pragma once
// The drum kit: old, dry and a little dull.
#include <lofi/score/groove.hpp>
#include <lofi/synth/strike.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// One hit of the kit. Every hit differs a little from the one before.
/// measured: against one-shots, docs/synth.md
[[nodiscard]] strike hit(score::drum, score::velocity, random_stream&);

/// The voice of the kit for a General MIDI drum key: the nearest of ours for keys we lack.
[[nodiscard]] constexpr score::drum drum_of(score::pitch key);

// ---------------------------------------------------------------- bodies

constexpr score::drum drum_of(score::pitch key) {
    using enum score::drum;
    switch (key.midi) {
        case 35:
        case 36: return kick;
        case 37:
        case 31:
        case 75:
        case 76:
        case 77: return rim;
        case 38:
        case 39:
        case 40: return snare;
        case 42:
        case 44: return closed_hat;
        case 46: return open_hat;
        case 41:
        case 43:
        case 45:
        case 64:
        case 66: return low_tom;
        case 47:
        case 48:
        case 61:
        case 63: return mid_tom;
        case 50:
        case 60:
        case 62:
        case 65: return high_tom;
        case 49:
        case 52:
        case 55:
        case 57: return crash;
        case 51:
        case 53:
        case 59: return ride;
        default: return key.midi < 36 ? kick : shaker;
    }
}

namespace detail {

// A soft hit is not a hard one turned down: the stick stays longer on what it hits, and high frequencies are not set going.
inline double colour_of(double v) { return 0.72 + 0.42 * v; }

inline strike kick(double v, random_stream& r) {
    strike s;
    const double low = 49.0 * about_one(r, 0.015);
    s.skin = {static_cast<float>(0.62 * math::pow(v, 1.1)), hertz(low * (2.2 + 1.3 * v)), hertz(low), seconds(0.022),
              seconds(0.56 + 0.16 * v)};
    // The beater's felt, and what the shell makes of it.
    s.bursts[0] = {static_cast<float>(0.06 + 0.34 * v * v),
                   seconds(0.0005),
                   seconds(0.022),
                   hertz(1250.0 * colour_of(v) * about_one(r, 0.15)),
                   0.6,
                   burst::pass::low};
    s.bursts[1] = {static_cast<float>(0.09 * v), seconds(0.004), seconds(0.20), hertz(230.0), 0.6, burst::pass::band};
    s.attack = seconds(0.0012);
    return s;
}

inline strike snare(double v, random_stream& r) {
    strike s;
    const double low = 186.0 * about_one(r, 0.012), g = math::pow(v, 1.25);
    s.add({hertz(low), 1.0F, seconds(0.42)});
    s.add({hertz(low * 1.59), 0.45F, seconds(0.30)});
    s.add({hertz(low * 2.14 * detune(r, 20.0)), static_cast<float>(0.10 + 0.14 * v), seconds(0.16)});
    s.add({hertz(low * 2.65 * detune(r, 30.0)), static_cast<float>(0.06 + 0.10 * v), seconds(0.12)});
    s.add({hertz(low * 4.10 * detune(r, 40.0)), static_cast<float>(0.03 + 0.08 * v), seconds(0.09)});
    s.level(0.165 * g);
    // The wires: thrown off the skin at once, then rattling on as it swings.
    const double colour = colour_of(v) * about_one(r, 0.08);
    s.bursts[0] = {static_cast<float>(0.29 * g * (0.6 + 0.5 * v)),
                   seconds(0.001),
                   seconds(0.26 * about_one(r, 0.06)),
                   hertz(2900.0 * colour),
                   0.45,
                   burst::pass::band};
    s.bursts[1] = {static_cast<float>(0.19 * g * (0.7 + 0.35 * v)),
                   seconds(0.006),
                   seconds((0.45 + 0.10 * v) * about_one(r, 0.06)),
                   hertz(2600.0 * colour),
                   0.45,
                   burst::pass::band};
    s.attack = seconds(0.0008 + 0.0010 * (1.0 - v));
    return s;
}

inline strike rim(double v, random_stream& r) {
    strike s;
    const double g = math::pow(v, 1.2), low = 470.0 * about_one(r, 0.02);
    s.add({hertz(low), 0.5F, seconds(0.18)});
    s.add({hertz(1705.0 * detune(r, 30.0)), static_cast<float>(0.75 + 0.3 * v), seconds(0.175)});
    s.add({hertz(2540.0 * detune(r, 30.0)), static_cast<float>(0.25 + 0.35 * v), seconds(0.11)});
    s.add({hertz(4100.0 * detune(r, 50.0)), static_cast<float>(0.10 + 0.25 * v), seconds(0.08)});
    s.level(0.13 * g);
    s.bursts[0] = {
        static_cast<float>(0.25 * g), seconds(0.0003), seconds(0.04), hertz(2900.0 * colour_of(v)), 0.7, burst::pass::band};
    s.attack = seconds(0.0006);
    s.pan = -0.22F;
    return s;
}

// Metal: bends of a bronze disc lie without order. From octave to octave they are 2^tilt as loud and ring 2^dying as long.
struct metal {
    double low, spread, t60, tilt, dying;
    std::size_t count;
};
inline void add_metal(strike& s, const metal& m, random_stream& r) {
    double f = m.low;
    for (std::size_t i = 0; i < m.count; ++i) {
        const double gain = math::pow(f / m.low, m.tilt) * about_one(r, 0.5),
                     t60 = m.t60 * math::pow(f / m.low, m.dying) * about_one(r, 0.35);
        s.add({hertz(f), static_cast<float>(gain), seconds(t60), uniform_unit(r)});
        f *= m.spread * detune(r, 60.0);
    }
}

inline strike hat(double v, random_stream& r, double t60, double colour) {
    strike s;
    const double g = math::pow(v, 1.3);
    colour *= 0.9 + 0.14 * v;
    add_metal(s, {3150.0 * colour, 1.19, 0.8 * t60, -0.4 + 0.5 * v, 0.0, 9}, r);
    s.level(0.032 * g);
    s.bursts[0] = {static_cast<float>(0.26 * g),
                   seconds(0.0008),
                   seconds(t60 * about_one(r, 0.08)),
                   hertz(8300.0 * colour * about_one(r, 0.05)),
                   0.75,
                   burst::pass::band};
    s.bursts[1] = {static_cast<float>(0.10 * g * (0.3 + 0.8 * v)),
                   seconds(0.0005),
                   seconds(0.6 * t60),
                   hertz(9000.0 * colour),
                   0.7,
                   burst::pass::high};
    s.attack = seconds(0.0008);
    s.pan = static_cast<float>(0.24 * about_one(r, 0.15));
    return s;
}

inline strike shaker(double v, random_stream& r) {
    strike s;
    const double g = math::pow(v, 1.2);
    s.bursts[0] = {static_cast<float>(0.16 * g),
                   seconds((0.024 - 0.012 * v) * about_one(r, 0.3)),
                   seconds(0.15 * about_one(r, 0.15)),
                   hertz(7600.0 * colour_of(v) * about_one(r, 0.06)),
                   0.9,
                   burst::pass::band};
    s.attack = seconds(0.001);
    s.pan = static_cast<float>(-0.35 * about_one(r, 0.15));
    return s;
}

inline strike tom(double v, random_stream& r, double low, float pan) {
    strike s;
    const double g = math::pow(v, 1.2), f = low * about_one(r, 0.012);
    s.skin = {static_cast<float>(0.30 * g), hertz(f * (1.25 + 0.15 * v)), hertz(f), seconds(0.045),
              seconds((0.92 + 0.10 * v) * 1.35 * 100.0 / low + 0.30)};
    // The rings of a membrane: the harder it is hit the more of them sound.
    constexpr double ratios[] = {1.59, 2.14, 2.65, 3.16, 3.50, 4.06, 5.13, 6.42};
    double gain = 0.85, t60 = 0.52;
    for (const double ratio : ratios) {
        s.add({hertz(f * ratio * detune(r, 12.0)), static_cast<float>(gain * about_one(r, 0.2)), seconds(t60)});
        gain *= 0.62 + 0.16 * v, t60 *= 1.05;
    }
    s.level(0.125 * g);
    s.bursts[0] = {
        static_cast<float>(0.22 * g), seconds(0.0008), seconds(0.06), hertz(1000.0 * colour_of(v)), 0.5, burst::pass::band};
    s.attack = seconds(0.001);
    s.pan = pan;
    return s;
}

inline strike cymbal(double v, random_stream& r, score::drum which) {
    const bool ride = which == score::drum::ride;
    strike s;
    const double g = math::pow(v, 1.2);
    if (ride)
        add_metal(s, {330.0, 1.20, 6.8, 0.25 + 0.2 * v, -0.28, 18}, r);
    else
        add_metal(s, {360.0, 1.21, 2.6, 0.40 + 0.3 * v, 0.0, 18}, r);
    s.level((ride ? 0.045 : 0.05) * g);
    if (ride)
        s.bursts[0] = {static_cast<float>(0.035 * g), seconds(0.001), seconds(0.7), hertz(6200.0), 0.6, burst::pass::band};
    else
        s.bursts[0] = {static_cast<float>(0.15 * g),
                       seconds(0.012 - 0.008 * v),
                       seconds(2.0 + 0.4 * v),
                       hertz(7600.0),
                       0.5,
                       burst::pass::band};
    s.bursts[1] = {static_cast<float>((ride ? 0.13 : 0.08) * g),
                   seconds(0.0005),
                   seconds(0.05),
                   hertz(5200.0 * colour_of(v)),
                   0.7,
                   burst::pass::band};
    s.attack = seconds(0.001);
    s.pan = ride ? 0.35F : -0.3F;
    return s;
}

}  // namespace detail

inline strike hit(score::drum which, score::velocity force, random_stream& r) {
    using enum score::drum;
    const double v = force.value / 127.0;
    strike s;
    switch (which) {
        case kick: s = detail::kick(v, r); break;
        case snare: s = detail::snare(v, r); break;
        case closed_hat: s = detail::hat(v, r, 0.14 + 0.16 * v * v, 1.0); break;
        case open_hat: s = detail::hat(v, r, 0.85 + 0.30 * v, 0.80); break;
        case low_tom: s = detail::tom(v, r, 104.0, 0.25F); break;
        case mid_tom: s = detail::tom(v, r, 137.0, 0.0F); break;
        case high_tom: s = detail::tom(v, r, 172.0, -0.25F); break;
        case crash: s = detail::cymbal(v, r, which); break;
        case ride: s = detail::cymbal(v, r, which); break;
        case rim: s = detail::rim(v, r); break;
        case shaker: s = detail::shaker(v, r); break;
    }
    s.release = seconds(-1.0);
    return s;
}

}  // namespace lofi::inline LOFI_ABI::synth
