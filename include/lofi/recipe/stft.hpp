#pragma once
// The STFT networks as models of sound: as published, and the improved one, which goes on frame by frame with overlap.
#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/audio/stft.hpp>
#include <lofi/backend/cpu.hpp>
#include <lofi/model/stft_published_training.hpp>
#include <lofi/model/stft_training.hpp>
#include <lofi/recipe/wave_network.hpp>
#include <lofi/recipe/wave_training.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// As published: 200 epochs at 1e-3 and 200 more at half of it, Keras's Adam.
[[nodiscard]] inline wave_recipe stft_published_recipe() {
    return {.epochs = 400,
            .batch = 32,
            .rate = 1e-3,
            .schedule =
                [](double rate, std::uint64_t steps, std::uint64_t) {
                    return train::schedule(train::step_decay{rate, 0.5, std::max<std::uint64_t>(steps / 2, 1)});
                },
            .optimiser = train::keras_adam(),
            .validate_every = 10};
}

/// The encoder-decoder of paper 004 as a model of sound.
template <model::stft_published_config C>
class stft_published_wave : public wave_network<model::stft_published<C, backend::cpu<float>>> {
public:
    using network = model::stft_published<C, backend::cpu<float>>;

    stft_published_wave(hertz rate, random_key key) : wave_network<network>(rate, key, nn::scheme::keras), transform_(C.size) {}

    [[nodiscard]] static std::string kind() { return "stft-published"; }
    [[nodiscard]] nn::json config() const {
        return {{"rate", rate_.value}, {"hidden", C.hidden}, {"size", C.size}, {"frames", C.frames}};
    }
    [[nodiscard]] std::size_t window() const { return 2 * horizon(); }
    [[nodiscard]] std::size_t seed_length() const { return horizon(); }
    /// How many samples it makes at once, out of as many.
    [[nodiscard]] static constexpr std::size_t horizon() { return C.size * C.frames; }

    [[nodiscard]] train::metrics train_step(std::span<const float> windows, random_key key);
    [[nodiscard]] train::metrics validate(std::span<const float> windows);
    /// The horizon, again and again: what it made is what it hears. Nothing is drawn.
    [[nodiscard]] std::vector<float> generate(std::span<const float> seed, std::size_t samples, random_key, double);

private:
    static constexpr std::size_t F = network::F;
    // Frames of both halves of each window, time-major.
    void fill(std::span<const float> windows);

    using base = wave_network<network>;
    using base::rate_, base::weights_, base::gradients_, base::be_, base::ctx_;
    audio::block_dft transform_;
    std::vector<float> heard_, wanted_;
};

/// Warm-up and a cosine, weights averaged.
[[nodiscard]] inline wave_recipe stft_recipe() {
    return {.epochs = 40,
            .batch = 8,
            .rate = 3e-3,
            .schedule =
                [](double rate, std::uint64_t steps, std::uint64_t) {
                    return train::schedule(train::warm_up_cosine{rate, rate / 100, steps / 20, steps});
                },
            .clip = 1,
            .average = 0.995,
            .validate_every = 5,
            .temperature = 1};
}

/// The improved network as a model of sound.
template <model::stft_network_config C>
class stft_wave : public wave_network<model::stft_network<C, backend::cpu<float>>> {
public:
    using network = model::stft_network<C, backend::cpu<float>>;
    using complex = std::complex<float>;
    static constexpr std::size_t K = network::K, context = 64, frames = 160;  ///< heard before it goes on; of a window

    stft_wave(hertz rate, random_key key)
        : wave_network<network>(rate, key, nn::scheme::pytorch), transform_({C.window, C.hop}) {}

    [[nodiscard]] static std::string kind() { return "stft"; }
    [[nodiscard]] nn::json config() const {
        return {{"rate", rate_.value}, {"hidden", C.hidden}, {"window", C.window}, {"hop", C.hop}};
    }
    [[nodiscard]] std::size_t window() const { return frames * C.hop + C.window - C.hop; }
    [[nodiscard]] std::size_t seed_length() const { return context * C.hop + C.window - C.hop; }

    [[nodiscard]] train::metrics train_step(std::span<const float> windows, random_key key);
    [[nodiscard]] train::metrics validate(std::span<const float> windows);
    /// Goes on, frames drawn at a temperature; at 0 each is the likeliest. Phases that do not agree from frame to frame are brought together
    /// by the method of Griffin and Lim, and the step at the seam between what the frames say and the seed fades out over 8 ms.
    [[nodiscard]] std::vector<float> generate(std::span<const float> seed, std::size_t samples, random_key key,
                                              double temperature);
    /// What is to be expected: the means of levels over so many draws, with the phases that are likeliest.
    [[nodiscard]] std::vector<float> expect(std::span<const float> seed, std::size_t samples, random_key key,
                                            std::size_t draws = 16);

private:
    static constexpr std::size_t unscored = 8;  // frames at the beginning of a window
    static constexpr double noise = 1.0;        // most, on levels that are heard in training
    void fill(std::span<const float> windows);
    struct heard_seed {
        typename network::state state;
        std::vector<complex> before, now;  // the last two frames
        std::vector<float> y;              // what comes next
    };
    [[nodiscard]] heard_seed hear(std::span<const float> seed);
    void hear_frame(heard_seed& h, std::span<const complex> frame);
    // Frames that follow, `count` of them. Levels that are given (count x K) take the place of those drawn.
    [[nodiscard]] std::vector<complex> draw(heard_seed h, std::size_t count, random_key key, double temperature,
                                            std::span<const double> levels = {});
    [[nodiscard]] std::size_t frames_for(std::size_t samples) const {
        return transform_.times(C.window + samples) - C.window / C.hop;
    }
    [[nodiscard]] std::vector<float> sound_of(std::span<const float> seed, std::span<const complex> made, std::size_t samples);
    [[nodiscard]] static double size_of(double level) {
        return std::clamp(std::exp(std::min(level, 9.0)) - 0.01, 0.0, static_cast<double>(C.window) / 2);
    }
    // Phases less what they were, less what they advanced by before: 0 for a steady tone.
    [[nodiscard]] static float angle(complex next, complex now, complex before) {
        return std::arg(next * std::conj(now) * std::conj(now) * before);
    }

    using base = wave_network<network>;
    using base::rate_, base::weights_, base::gradients_, base::be_, base::ctx_;
    audio::stft transform_;
    std::vector<float> heard_, level_, rise_, angle_;
};

/// What a prediction over a horizon is worth.
struct horizon_score {
    decibels gain{0.0};  ///< of the waveform
    decibels distance{
        0.0};  ///< root mean square of the differences between spectrograms in decibels, quieter than -60 dB of full scale left out
};
/// shapes: predicted, real of equal lengths
[[nodiscard]] horizon_score score_horizon(std::span<const std::vector<float>> predicted,
                                          std::span<const std::vector<float>> real);

// ---------------------------------------------------------------- bodies

template <model::stft_published_config C>
void stft_published_wave<C>::fill(std::span<const float> windows) {
    const std::size_t B = windows.size() / window();
    heard_.resize(C.frames * B * F), wanted_.resize(heard_.size());
    std::vector<float> spectra(2 * C.frames * F);
    for (std::size_t b = 0; b < B; ++b) {
        transform_.forward(windows.subspan(b * window(), window()), spectra);
        for (std::size_t t = 0; t < C.frames; ++t) {
            std::copy_n(spectra.data() + t * F, F, heard_.data() + (t * B + b) * F);
            std::copy_n(spectra.data() + (C.frames + t) * F, F, wanted_.data() + (t * B + b) * F);
        }
    }
}

template <model::stft_published_config C>
train::metrics stft_published_wave<C>::train_step(std::span<const float> windows, random_key key) {
    const std::size_t B = windows.size() / window(), rows = C.frames * B;
    fill(windows);
    ctx_.begin(key);
    ctx_.mode = nn::mode::training;
    const auto dp = gradients_.view();
    return {{"loss", network::loss(be_, ctx_, weights_.view(), {heard_.data(), rows}, {wanted_.data(), rows}, B, &dp)}};
}

template <model::stft_published_config C>
train::metrics stft_published_wave<C>::validate(std::span<const float> windows) {
    const std::size_t B = windows.size() / window(), rows = C.frames * B;
    fill(windows);
    ctx_.begin({});
    ctx_.mode = nn::mode::inference;
    return {{"loss", network::loss(be_, ctx_, weights_.view(), {heard_.data(), rows}, {wanted_.data(), rows}, B)}};
}

template <model::stft_published_config C>
std::vector<float> stft_published_wave<C>::generate(std::span<const float> seed, std::size_t samples, random_key, double) {
    LOFI_ASSERT(seed.size() == horizon(), "the network goes on from as many samples as it hears");
    ctx_.begin({});
    ctx_.mode = nn::mode::inference;
    std::vector<float> sound, part(seed.begin(), seed.end()), x(C.frames * F), y(C.frames * F);
    while (sound.size() < samples) {
        transform_.forward(part, x);
        network::predict(be_, ctx_, weights_.view(), {x.data(), C.frames}, {y.data(), C.frames}, 1);
        transform_.inverse(y, part);
        sound.insert(sound.end(), part.begin(), part.end());
    }
    sound.resize(samples);
    return sound;
}

template <model::stft_network_config C>
void stft_wave<C>::fill(std::span<const float> windows) {
    // A window of `frames` whole frames: two to know an advance by, and one that comes last.
    const std::size_t B = windows.size() / window(), T = frames - 2;
    heard_.resize(T * B * K), level_.resize(heard_.size()), rise_.resize(heard_.size()), angle_.resize(heard_.size());
    std::vector<complex> spectra(frames * K);
    for (std::size_t b = 0; b < B; ++b) {
        const std::span<const float> sound = windows.subspan(b * window(), window());
        for (std::size_t f = 0; f < frames; ++f)
            transform_.forward_frame(sound.subspan(f * C.hop, C.window), std::span(spectra).subspan(f * K, K));
        for (std::size_t t = 0; t < T; ++t)
            for (std::size_t k = 0; k < K; ++k) {
                const complex before = spectra[t * K + k], now = spectra[(t + 1) * K + k], next = spectra[(t + 2) * K + k];
                const double level = network::level(static_cast<double>(std::abs(now)));
                const std::size_t at = (t * B + b) * K + k;
                heard_[at] = static_cast<float>(network::heard(level));
                level_[at] = static_cast<float>(level);
                rise_[at] = static_cast<float>(network::level(static_cast<double>(std::abs(next))) - level);
                angle_[at] = angle(next, now, before);
            }
    }
}

template <model::stft_network_config C>
train::metrics stft_wave<C>::train_step(std::span<const float> windows, random_key key) {
    const std::size_t B = windows.size() / window(), rows = (frames - 2) * B;
    fill(windows);
    // What it will hear when it runs by itself is never quite right, so it learns from what is not: noise of a strength drawn a window.
    random_stream random(key.child("noise"));
    for (std::size_t b = 0; b < B; ++b) {
        const double strength = noise * static_cast<double>(uniform_unit(random)) / 65536.0;
        for (std::size_t row = b; row < rows; row += B)
            for (std::size_t k = 0; k < K; ++k)
                heard_[row * K + k] += static_cast<float>(network::heard(strength * normal_q16(random)));
    }
    ctx_.begin(key);
    ctx_.mode = nn::mode::training;
    const auto dp = gradients_.view();
    return {{"loss", network::loss(be_, ctx_, weights_.view(), {heard_.data(), rows}, {level_.data(), rows},
                                   {rise_.data(), rows}, {angle_.data(), rows}, B, unscored * B, &dp)}};
}

template <model::stft_network_config C>
train::metrics stft_wave<C>::validate(std::span<const float> windows) {
    const std::size_t B = windows.size() / window(), rows = (frames - 2) * B;
    fill(windows);
    ctx_.begin({});
    ctx_.mode = nn::mode::inference;
    return {{"loss", network::loss(be_, ctx_, weights_.view(), {heard_.data(), rows}, {level_.data(), rows},
                                   {rise_.data(), rows}, {angle_.data(), rows}, B, unscored * B)}};
}

template <model::stft_network_config C>
void stft_wave<C>::hear_frame(heard_seed& h, std::span<const complex> frame_heard) {
    std::swap(h.before, h.now);
    std::copy(frame_heard.begin(), frame_heard.end(), h.now.begin());
    std::array<float, K> x{};
    for (std::size_t k = 0; k < K; ++k)
        x[k] = static_cast<float>(network::heard(network::level(static_cast<double>(std::abs(h.now[k])))));
    network::step(be_, weights_.view(), h.state, x, frame<float, 4 * K>(h.y.data(), 4 * K));
}

template <model::stft_network_config C>
typename stft_wave<C>::heard_seed stft_wave<C>::hear(std::span<const float> seed) {
    LOFI_ASSERT(seed.size() == seed_length(), "the network goes on from as many samples as it hears");
    heard_seed h{{}, std::vector<complex>(K), std::vector<complex>(K), std::vector<float>(4 * K)};
    std::vector<complex> spectrum(K);
    transform_.forward_frame(seed.first(C.window), h.now);
    for (std::size_t f = 1; f < context; ++f) {
        transform_.forward_frame(seed.subspan(f * C.hop, C.window), spectrum);
        hear_frame(h, spectrum);
    }
    return h;
}

template <model::stft_network_config C>
std::vector<std::complex<float>> stft_wave<C>::draw(heard_seed h, std::size_t count, random_key key, double temperature,
                                                    std::span<const double> levels) {
    std::vector<complex> made(count * K), next(K);
    random_stream random(key);
    for (std::size_t f = 0; f < count; ++f) {
        for (std::size_t k = 0; k < K; ++k) {
            const model::stft_bin b = network::bin(h.y, k);
            const double level = network::level(static_cast<double>(std::abs(h.now[k])));
            double after = level + b.rise(level), stray = 0;
            if (temperature > 0) {
                const double hold = std::pow(b.hold, temperature), z = normal_q16(random) / 65536.0;
                const double u = static_cast<double>(uniform_unit(random)) - 0.5;
                after += temperature * b.spread * z;
                stray = 2 * std::atan((1 - hold) / (1 + hold) * std::tan(std::numbers::pi * u));
            }
            if (!levels.empty()) after = levels[f * K + k];
            const float phase = 2 * std::arg(h.now[k]) - std::arg(h.before[k]) + static_cast<float>(stray);
            next[k] = std::polar(static_cast<float>(size_of(after)), phase);
        }
        std::copy(next.begin(), next.end(), made.begin() + static_cast<std::ptrdiff_t>(f * K));
        hear_frame(h, next);
    }
    return made;
}

template <model::stft_network_config C>
std::vector<float> stft_wave<C>::sound_of(std::span<const float> seed, std::span<const complex> made, std::size_t samples) {
    // The seed's last window stands before what is made and stays as it is.
    constexpr std::size_t rounds = 16, known = C.window / C.hop;
    const std::span<const float> past = seed.last(C.window);
    std::vector<float> sound(C.window + samples);
    std::copy(past.begin(), past.end(), sound.begin());
    std::vector<complex> spectra = transform_.forward(sound);
    std::copy(made.begin(), made.end(), spectra.begin() + static_cast<std::ptrdiff_t>(known * K));
    for (std::size_t round = 0;; ++round) {
        transform_.inverse(spectra, sound);
        if (round == rounds) break;
        std::copy(past.begin(), past.end(), sound.begin());
        transform_.forward(sound, spectra);
        for (std::size_t i = 0; i < made.size(); ++i) {
            const float size = std::abs(made[i]), now = std::abs(spectra[known * K + i]);
            spectra[known * K + i] = now > 0 ? spectra[known * K + i] * (size / now) : made[i];
        }
    }
    const float step = past.back() - sound[C.window - 1];
    sound.erase(sound.begin(), sound.begin() + C.window);
    const double fade = 0.008 * rate_.value;
    for (std::size_t t = 0; t < samples && static_cast<double>(t) < 8 * fade; ++t)
        sound[t] += step * static_cast<float>(std::exp(-static_cast<double>(t + 1) / fade));
    return sound;
}

template <model::stft_network_config C>
std::vector<float> stft_wave<C>::generate(std::span<const float> seed, std::size_t samples, random_key key,
                                          double temperature) {
    return sound_of(seed, draw(hear(seed), frames_for(samples), key, temperature), samples);
}

template <model::stft_network_config C>
std::vector<float> stft_wave<C>::expect(std::span<const float> seed, std::size_t samples, random_key key, std::size_t draws) {
    const std::size_t count = frames_for(samples);
    const heard_seed h = hear(seed);
    std::vector<double> levels(count * K);
    for (std::size_t i = 0; i < draws; ++i) {
        const std::vector<complex> made = draw(h, count, key.child(i), 1);
        for (std::size_t c = 0; c < made.size(); ++c)
            levels[c] += network::level(static_cast<double>(std::abs(made[c]))) / static_cast<double>(draws);
    }
    return sound_of(seed, draw(h, count, key, 0, levels), samples);
}

inline horizon_score score_horizon(std::span<const std::vector<float>> predicted, std::span<const std::vector<float>> real) {
    double squares = 0, errors = 0, off = 0, cells = 0;
    for (std::size_t i = 0; i < real.size(); ++i) {
        for (std::size_t t = 0; t < real[i].size(); ++t) {
            const double x = static_cast<double>(real[i][t]), e = x - static_cast<double>(predicted[i][t]);
            squares += x * x, errors += e * e;
        }
        const auto a = audio::magnitude_spectrogram(predicted[i], hertz(1), {.window = 512, .hop = 128}),
                   b = audio::magnitude_spectrogram(real[i], hertz(1), {.window = 512, .hop = 128});
        for (std::size_t c = 0; c < b.values.size(); ++c) {
            const auto db = [](float m) { return 20 * std::log10(std::max(static_cast<double>(m), 1e-3)); };
            const double d = db(a.values[c]) - db(b.values[c]);
            off += d * d, cells += 1;
        }
    }
    return {decibels(10 * std::log10(squares / errors)), decibels(std::sqrt(off / cells))};
}

}  // namespace lofi::inline LOFI_ABI::recipe
