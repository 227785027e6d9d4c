#pragma once
// What a pickup hears of a metal tongue that swings past it: the harmonics, and how each comes and goes as the swing dies.
#include <algorithm>
#include <array>
#include <cstddef>

#include <lofi/synth/strike.hpp>

namespace lofi::inline LOFI_ABI::synth {

/// A tongue before a pickup. The field is a bump, 1/(1+u^2), and u is the tongue's place in units of the bump's width.
struct pickup {
    double swing;   ///< of the tongue at the touch
    double centre;  ///< where the tongue rests: 0 right before the pickup, which hears it twice a turn, 1 on the flank
    double tilt;    ///< 0 hears the tongue's place, 1 its speed, and an amplifier with little bass something in between
    seconds t60;    ///< time in which the swing falls by 60 dB
};

/// Adds the harmonics of a tone to a strike, at an RMS of 1 where they are loudest, with no more modes than there is room for.
///
/// A wide swing leaves the bump at both ends, so that all harmonics are equally strong and stay so until the swing has died
/// down to the bump's width: they do not fall with the swing but one after the other, from the top. No single exponential
/// does that; the difference of two does.
/// measured: over keys and forces of a Wurlitzer EP200 within 4 dB on average, harmonics 1 to 12, 0.03 to 3.2 s
inline void add_pickup(strike&, hertz pitch, const pickup&, std::size_t room = strike::most_modes);

// ---------------------------------------------------------------- bodies

namespace detail {

inline constexpr std::size_t pickup_moments = 9, pickup_harmonics = 16, pickup_falls = 10;
using pickup_course = std::array<double, pickup_moments>;  // of a harmonic: its level at some moments of the note

// How many octaves each harmonic lies above the tone.
inline constexpr auto octave_of = [] {
    std::array<double, pickup_harmonics> octaves{};
    for (std::size_t k = 0; k < octaves.size(); ++k) octaves[k] = math::log2(static_cast<double>(k + 1));
    return octaves;
}();

// The Fourier series of 1/(1 + (a cos - c)^2) is the imaginary part of q^k/(a sqrt(z^2 - 1)), z = (c + i)/a, q = z - sqrt(z^2 - 1).
inline std::array<double, pickup_harmonics> hear(double swing, double centre) {
    const double x = centre / swing, y = 1.0 / swing, re = x * x - y * y - 1.0, im = 2.0 * x * y;
    const double size = math::sqrt(re * re + im * im);
    const double sx = math::sqrt(std::max(0.5 * (size + re), 0.0)), sy = math::sqrt(std::max(0.5 * (size - re), 1e-12));
    const double qx = x - sx, qy = y - sy, scale = 1.0 / (swing * (sx * sx + sy * sy));
    double px = sx * scale, py = -sy * scale;  // 1/(a s), then times q again and again
    std::array<double, pickup_harmonics> out{};
    for (double& h : out) {
        const double next = px * qx - py * qy;
        py = px * qy + py * qx, px = next;
        h = -py;
    }
    return out;
}

// Exponentials from slow to quick, and the two neighbours among them whose weighted sum comes nearest to a course.
struct two_falls {
    double slow = 0.0, quick = 0.0;  // weights
    std::size_t which = 0;           // of the slow one
};
class fall_fitter {
public:
    fall_fitter(const pickup_course& moments, double slowest) {
        std::array<double, pickup_falls> square{}, cross{};
        for (std::size_t i = 0; i < pickup_falls; ++i, slowest *= 1.7) {
            speed_[i] = slowest;
            for (std::size_t j = 0; j < pickup_moments; ++j) {
                fall_[j][i] = math::exp(-slowest * moments[j]);
                square[i] += fall_[j][i] * fall_[j][i];
                if (i > 0) cross[i - 1] += fall_[j][i - 1] * fall_[j][i];
            }
        }
        for (std::size_t i = 0; i + 1 < pickup_falls; ++i) {
            const double det = square[i] * square[i + 1] - cross[i] * cross[i];
            const double whole = det > 1e-9 * square[i] * square[i + 1] ? 1.0 / det : 0.0;
            pair_[i] = {square[i + 1] * whole, -cross[i] * whole, square[i] * whole};
            alone_[i] = 1.0 / square[i];
        }
    }
    [[nodiscard]] two_falls nearest(const pickup_course& y, bool both) const {
        std::array<double, pickup_falls> along{};
        for (std::size_t j = 0; j < pickup_moments; ++j)
            for (std::size_t i = 0; i < pickup_falls; ++i) along[i] += fall_[j][i] * y[j];
        two_falls best;
        double most = -1.0;  // of the course's square, what the sum explains
        for (std::size_t i = 0; i + 1 < pickup_falls; ++i) {
            const double a = along[i], b = along[i + 1];
            const bool pair = both && pair_[i][0] > 0.0;
            const double slow = pair ? pair_[i][0] * a + pair_[i][1] * b : alone_[i] * a;
            const double quick = pair ? pair_[i][1] * a + pair_[i][2] * b : 0.0;
            if (const double explained = slow * a + quick * b; explained > most) most = explained, best = {slow, quick, i};
        }
        return best;
    }
    [[nodiscard]] seconds decay(std::size_t which) const { return seconds(6.9077552789821368 / speed_[which]); }

private:
    std::array<std::array<double, pickup_falls>, pickup_moments> fall_{};
    std::array<std::array<double, 3>, pickup_falls> pair_{};  // the inverse of what each pair has in common
    std::array<double, pickup_falls> speed_{}, alone_{};
};

}  // namespace detail

inline void add_pickup(strike& s, hertz pitch, const pickup& p, std::size_t room) {
    using namespace detail;
    // As long as a note lasts in music, or until the swing is a thirtieth; closer together where more happens.
    const double fall = 6.9077552789821368 / p.t60.value, last = std::min(4.0, 3.4 / fall);
    pickup_course moments = {0.0, 0.04, 0.09, 0.16, 0.26, 0.39, 0.55, 0.75, 1.0};
    std::array<double, pickup_harmonics> weight{};
    for (std::size_t k = 0; k < weight.size(); ++k) weight[k] = math::exp2(p.tilt * octave_of[k]);
    std::array<pickup_course, pickup_harmonics> course{};
    double loudest = 1e-30;
    for (std::size_t j = 0; j < moments.size(); ++j) {
        moments[j] *= last;
        const auto h = hear(p.swing * math::exp(-fall * moments[j]), p.centre);
        double power = 0.0;
        for (std::size_t k = 0; k < h.size(); ++k) course[k][j] = weight[k] * h[k], power += 0.5 * course[k][j] * course[k][j];
        loudest = std::max(loudest, power);
    }
    std::size_t heard = 0;  // harmonics up to the last that is ever less than 47 dB down
    const double scale = 1.0 / math::sqrt(loudest);
    for (std::size_t k = 0; k < course.size(); ++k)
        for (double& y : course[k])
            if (y *= scale; math::abs(y) > 0.006) heard = k + 1;

    room = std::min(room, strike::most_modes - s.count);
    heard = std::min(heard, room);
    const fall_fitter falls(moments, 0.3 * fall);
    for (std::size_t k = 0; k < heard; ++k) {
        const two_falls best = falls.nearest(course[k], k < room - heard);
        // The tongue sets out from where it rests, so that the cosines of its turn are now sines, now cosines of the sound's.
        const float phase = 0.25F * static_cast<float>((4 - k % 4) % 4);
        const hertz f(pitch.value * static_cast<double>(k + 1));
        s.add({f, static_cast<float>(best.slow), falls.decay(best.which), phase});
        if (best.quick != 0.0) s.add({f, static_cast<float>(best.quick), falls.decay(best.which + 1), phase});
    }
}

}  // namespace lofi::inline LOFI_ABI::synth
