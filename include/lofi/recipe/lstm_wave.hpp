#pragma once
// The LSTM baseline of paper 004 as a model of sound.
#include <cmath>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <lofi/model/lstm_wave_training.hpp>
#include <lofi/recipe/wave_network.hpp>
#include <lofi/recipe/wave_training.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The paper names neither optimiser nor length.
[[nodiscard]] inline wave_recipe lstm_wave_recipe() {
    return {.epochs = 1, .batch = 64, .rate = 1e-3, .optimiser = train::keras_adam(), .valid_windows = 4096};
}

template <model::lstm_wave_config C>
class lstm_wave : public wave_network<model::lstm_wave<C, backend::cpu<float>>> {
public:
    using network = model::lstm_wave<C, backend::cpu<float>>;

    lstm_wave(hertz rate, random_key key) : wave_network<network>(rate, key, nn::scheme::keras) {}

    [[nodiscard]] static std::string kind() { return "lstm-wave"; }
    [[nodiscard]] nn::json config() const { return {{"rate", rate_.value}, {"hidden", C.hidden}, {"steps", C.steps}}; }
    [[nodiscard]] std::size_t window() const { return C.steps + 1; }
    [[nodiscard]] std::size_t seed_length() const { return C.steps; }

    [[nodiscard]] train::metrics train_step(std::span<const float> windows, random_key key) {
        ctx_.mode = nn::mode::training;
        const auto dp = gradients_.view();
        return run(windows, key, &dp);
    }
    [[nodiscard]] train::metrics validate(std::span<const float> windows) {
        ctx_.mode = nn::mode::inference;
        return run(windows, {}, nullptr);
    }
    /// Hears the seed, and from then on what it made; its state runs on, where the paper begins anew at each sample. Nothing is drawn.
    [[nodiscard]] std::vector<float> generate(std::span<const float> seed, std::size_t samples, random_key, double) {
        typename network::state s;
        const auto p = weights_.view();
        float next = 0;
        for (const float x : seed) next = network::step(be_, p, s, x);
        std::vector<float> sound(samples);
        for (float& x : sound) x = next, next = network::step(be_, p, s, x);
        return sound;
    }

private:
    train::metrics run(std::span<const float> windows, random_key key, const typename network::params* dp) {
        const std::size_t B = windows.size() / window();
        ctx_.begin(key);
        x_.resize(C.steps * B), target_.resize(B), y_.resize(B);
        double squares = 0;
        for (std::size_t b = 0; b < B; ++b) {
            for (std::size_t t = 0; t < C.steps; ++t) x_[t * B + b] = windows[b * window() + t];
            target_[b] = windows[(b + 1) * window() - 1];
            squares += static_cast<double>(target_[b]) * static_cast<double>(target_[b]) / static_cast<double>(B);
        }
        const double loss =
            network::loss(be_, ctx_, weights_.view(), {x_.data(), x_.size()}, {target_.data(), B}, {y_.data(), B}, dp);
        if (dp != nullptr) return {{"loss", loss}};
        return {{"loss", loss}, {"gain, dB", 10 * std::log10(squares / loss)}};
    }

    using base = wave_network<network>;
    using base::rate_, base::weights_, base::gradients_, base::be_, base::ctx_;
    std::vector<float> x_, target_, y_;
};

}  // namespace lofi::inline LOFI_ABI::recipe
