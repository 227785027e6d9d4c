#pragma once
// The published networks that make sound sample by sample, as models that `recipe::wave_trainee` takes: LofiGen, WaveNet, TCN.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <lofi/audio/mu_law.hpp>
#include <lofi/backend/cpu_conv.hpp>
#include <lofi/model/lofigen.hpp>
#include <lofi/model/mu_law_wavenet_training.hpp>
#include <lofi/model/wave_tcn_training.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/streaming.hpp>
#include <lofi/recipe/wave_network.hpp>
#include <lofi/train/metrics.hpp>

namespace lofi::inline LOFI_ABI::recipe {

namespace detail {
/// Rows in time-major order out of windows one behind the other: value(window, sample) of `steps` samples.
template <class T, class Value>
std::vector<T> time_major(std::size_t batch, std::size_t steps, Value&& value) {
    std::vector<T> rows(batch * steps);
    for (std::size_t t = 0; t < steps; ++t)
        for (std::size_t b = 0; b < batch; ++b) rows[t * batch + b] = value(b, t);
    return rows;
}
}  // namespace detail

/// LofiGen: mean squared error of the next sample. It says one number, so that going on from a clip knows no chance and no temperature.
template <std::size_t Layers>
class lofigen_model : public wave_network<model::lofigen<Layers, backend::cpu<float>>> {
public:
    using base = wave_network<model::lofigen<Layers, backend::cpu<float>>>;
    using streaming = model::lofigen<Layers, backend::stream<float>>;
    /// params: steps: samples that it hears of a window to learn from
    lofigen_model(hertz rate, random_key key, std::size_t steps = model::lofigen_window)
        : base(rate, key, nn::scheme::pytorch), steps_(steps) {}

    static constexpr std::size_t at_once = 16;  ///< windows whose activations are in memory together

    [[nodiscard]] static std::string kind() { return "lofigen"; }
    [[nodiscard]] nn::json config() const { return {{"rate", this->rate_.value}, {"layers", Layers}}; }
    [[nodiscard]] std::size_t window() const { return steps_ + 1; }
    [[nodiscard]] static std::size_t seed_length() { return model::lofigen_window; }

    [[nodiscard]] train::metrics train_step(std::span<const float> windows, random_key key) { return run(windows, key, true); }
    [[nodiscard]] train::metrics validate(std::span<const float> windows) { return run(windows, {}, false); }
    [[nodiscard]] std::vector<float> generate(std::span<const float> seed, std::size_t count, random_key key,
                                              double temperature);
    /// What it takes each sample for, from all before it.
    [[nodiscard]] std::vector<float> predict(std::span<const float> sound);
    [[nodiscard]] static train::metrics metrics_of(double errors, double count, double squares);

private:
    train::metrics run(std::span<const float> windows, random_key key, bool learn);

    std::size_t steps_;
};

/// WaveNet: cross-entropy of the next mu-law class.
template <std::size_t Layers>
class wavenet_model
    : public wave_network<model::mu_law_wavenet<model::mu_law_wavenet_config{.layers = Layers}, backend::cpu<float>>> {
public:
    static constexpr model::mu_law_wavenet_config sizes{.layers = Layers};
    using trained = model::mu_law_wavenet<sizes, backend::cpu<float>>;
    using streaming = model::mu_law_wavenet<sizes, backend::stream<float>>;
    using base = wave_network<trained>;
    wavenet_model(hertz rate, random_key key) : base(rate, key, nn::scheme::pytorch) {}

    static constexpr std::size_t unscored = 512, at_once = 4;

    [[nodiscard]] static std::string kind() { return "wavenet"; }
    [[nodiscard]] nn::json config() const { return {{"rate", this->rate_.value}, {"layers", Layers}}; }
    [[nodiscard]] static std::size_t window() { return 8193; }
    [[nodiscard]] static std::size_t seed_length() { return trained::receptive_field; }

    [[nodiscard]] train::metrics train_step(std::span<const float> windows, random_key key) { return run(windows, key, true); }
    [[nodiscard]] train::metrics validate(std::span<const float> windows) { return run(windows, {}, false); }
    [[nodiscard]] std::vector<float> generate(std::span<const float> seed, std::size_t count, random_key key,
                                              double temperature);
    /// Logits of every sample's class from all before it.
    /// shapes: (sound.size(), 256)
    [[nodiscard]] std::vector<float> predict(std::span<const float> sound);

private:
    train::metrics run(std::span<const float> windows, random_key key, bool learn);
};

/// The TCN of paper 004: Huber loss of the next four samples after 512. What it says is fed back, all four at a time.
class wave_tcn_model : public wave_network<model::wave_tcn<model::wave_tcn_config{}, backend::cpu<float>>> {
public:
    static constexpr model::wave_tcn_config sizes{};
    using streaming = model::wave_tcn<sizes, backend::stream<float>>;
    using base = wave_network<model::wave_tcn<sizes, backend::cpu<float>>>;
    wave_tcn_model(hertz rate, random_key key) : base(rate, key, nn::scheme::keras) {}

    [[nodiscard]] static std::string kind() { return "tcn"; }
    [[nodiscard]] nn::json config() const { return {{"rate", rate_.value}, {"kernel", sizes.kernel}, {"ahead", sizes.ahead}}; }
    [[nodiscard]] static std::size_t window() { return sizes.window + sizes.ahead; }
    [[nodiscard]] static std::size_t seed_length() { return sizes.window; }

    [[nodiscard]] train::metrics train_step(std::span<const float> windows, random_key key) { return run(windows, key, true); }
    [[nodiscard]] train::metrics validate(std::span<const float> windows) { return run(windows, {}, false); }
    [[nodiscard]] std::vector<float> generate(std::span<const float> seed, std::size_t count, random_key key,
                                              double temperature);
    /// What it takes each sample for, from all before it.
    [[nodiscard]] std::vector<float> predict(std::span<const float> sound);

private:
    train::metrics run(std::span<const float> windows, random_key key, bool learn);
};

// ---------------------------------------------------------------- bodies

namespace detail {
inline double gain_of(double squares, double errors) {
    return 10 * std::log10(std::max(squares, 1e-30) / std::max(errors, 1e-30));
}
}  // namespace detail

template <std::size_t Layers>
train::metrics lofigen_model<Layers>::metrics_of(double errors, double count, double squares) {
    return {{"loss", errors / count}, {"gain", detail::gain_of(squares, errors)}};
}

template <std::size_t Layers>
train::metrics lofigen_model<Layers>::run(std::span<const float> windows, random_key key, bool learn) {
    using net = typename base::trained;
    const std::size_t W = window(), T = W - 1, all = windows.size() / W;
    double errors = 0, squares = 0;
    const double count = static_cast<double>(all * T);
    for (std::size_t first = 0; first < all; first += at_once) {
        const std::size_t B = std::min(at_once, all - first);
        const auto sound = windows.subspan(first * W, B * W);
        const auto x = detail::time_major<float>(B, T, [&](std::size_t b, std::size_t t) { return sound[b * W + t]; });
        const auto target = detail::time_major<float>(B, T, [&](std::size_t b, std::size_t t) { return sound[b * W + t + 1]; });
        for (const float v : target) squares += static_cast<double>(v) * static_cast<double>(v);
        auto& ctx = this->ctx_;
        ctx.begin(key.child(first));
        ctx.mode = learn ? nn::mode::training : nn::mode::inference;
        ctx.batch = B;
        typename net::tape tape;
        const nn::columns<const float, 1> in(x.data(), x.size()), out(target.data(), target.size());
        const nn::columns<float, 1> y = ctx.scratch.template take_rows<float, 1>(x.size());
        if (!learn) {
            net::forward(this->be_, ctx, this->weights_.view(), in, y, nn::no_tape{});
            errors += nn::distance_loss(this->be_, nn::distance::square, y, out);
            continue;
        }
        net::forward(this->be_, ctx, this->weights_.view(), in, y, tape);
        const nn::columns<float, 1> dy = ctx.scratch.template take_rows<float, 1>(x.size());
        errors += nn::distance_loss(this->be_, nn::distance::square, y, out, dy, {.scale = static_cast<float>(1 / count)});
        net::backward(this->be_, ctx, this->weights_.view(), this->gradients_.view(), tape, nn::constant(dy), {});
    }
    return metrics_of(errors, count, squares);
}

template <std::size_t Layers>
std::vector<float> lofigen_model<Layers>::predict(std::span<const float> sound) {
    // Sample t is told by what came before it: the first by nothing, and so by silence.
    std::vector<float> x(sound.size()), y(sound.size());
    if (sound.empty()) return {};
    std::copy(sound.begin(), sound.end() - 1, x.begin() + 1);
    auto& ctx = this->ctx_;
    ctx.begin({});
    ctx.mode = nn::mode::inference, ctx.batch = 1;
    base::trained::forward(this->be_, ctx, this->weights_.view(), {x.data(), x.size()}, {y.data(), y.size()}, nn::no_tape{});
    return y;
}

template <std::size_t Layers>
std::vector<float> lofigen_model<Layers>::generate(std::span<const float> seed, std::size_t count, random_key, double) {
    using net = streaming;
    auto weights = nn::to_streaming<net>(this->weights_);
    const auto p = weights.view();
    auto state = std::make_unique<typename net::state>();
    backend::stream<float> be;
    std::vector<float> heard(seed.size()), made;
    net::process(be, p, *state, nn::columns<const float, 1>(seed.data(), seed.size()),
                 nn::columns<float, 1>(heard.data(), heard.size()));
    float next = heard.empty() ? 0.0F : heard.back();
    made.reserve(count);
    for (std::size_t t = 0; t < count; ++t) {
        made.push_back(std::clamp(next, -1.0F, 1.0F));
        net::step(be, p, *state, frame<const float, 1>(&made.back(), 1), frame<float, 1>(&next, 1));
    }
    return made;
}

template <std::size_t Layers>
train::metrics wavenet_model<Layers>::run(std::span<const float> windows, random_key key, bool learn) {
    const std::size_t W = window(), T = W - 1, all = windows.size() / W;
    nn::cross_entropy_result sum;
    for (std::size_t first = 0; first < all; first += at_once) {
        const std::size_t B = std::min(at_once, all - first);
        const auto sound = windows.subspan(first * W, B * W);
        const auto ids = detail::time_major<std::int32_t>(
            B, T, [&](std::size_t b, std::size_t t) { return std::int32_t{audio::encode_mu_law_256(sound[b * W + t])}; });
        const auto targets = detail::time_major<std::int32_t>(B, T, [&](std::size_t b, std::size_t t) {
            return t < unscored ? -1 : std::int32_t{audio::encode_mu_law_256(sound[b * W + t + 1])};
        });
        this->ctx_.begin(key.child(first));
        this->ctx_.mode = learn ? nn::mode::training : nn::mode::inference;
        const auto dp = this->gradients_.view();
        sum +=
            model::mu_law_wavenet_loss<trained>(this->be_, this->ctx_, this->weights_.view(), ids, targets, B,
                                                learn ? &dp : nullptr, {}, static_cast<double>(B) / static_cast<double>(all));
    }
    const double bits = sum.sum / sum.weight * 1.4426950408889634;
    return {{"loss", bits}, {"correct", static_cast<double>(sum.correct) / static_cast<double>(sum.count)}};
}

template <std::size_t Layers>
std::vector<float> wavenet_model<Layers>::predict(std::span<const float> sound) {
    std::vector<std::int32_t> ids(sound.size(), 128), none(sound.size(), -1);
    for (std::size_t t = 1; t < sound.size(); ++t) ids[t] = audio::encode_mu_law_256(sound[t - 1]);
    std::vector<float> logits(sound.size() * 256);
    this->ctx_.begin({});
    this->ctx_.mode = nn::mode::inference;
    model::mu_law_wavenet_loss<trained>(this->be_, this->ctx_, this->weights_.view(), ids, none, 1, nullptr,
                                        nn::columns<float, 256>(logits.data(), sound.size()));
    return logits;
}

template <std::size_t Layers>
std::vector<float> wavenet_model<Layers>::generate(std::span<const float> seed, std::size_t count, random_key key,
                                                   double temperature) {
    using net = streaming;
    auto weights = nn::to_streaming<net>(this->weights_);
    const auto p = weights.view();
    auto state = std::make_unique<typename net::state>();
    backend::stream<float> be;
    std::vector<float> logits(256), made;
    for (const float x : seed) net::step(be, p, *state, audio::encode_mu_law_256(x), frame<float, 256>(logits.data(), 256));
    random_stream random(key);
    made.reserve(count);
    for (std::size_t t = 0; t < count; ++t) {
        const auto c = static_cast<std::uint8_t>(nn::draw_class(logits.data(), 256, random, temperature));
        made.push_back(audio::decode_mu_law_256(c));
        net::step(be, p, *state, c, frame<float, 256>(logits.data(), 256));
    }
    return made;
}

inline train::metrics wave_tcn_model::run(std::span<const float> windows, random_key key, bool learn) {
    constexpr std::size_t T = sizes.window, A = sizes.ahead, W = T + A;
    constexpr std::size_t at_once = 32;
    const std::size_t all = windows.size() / W;
    double loss = 0, squares = 0, errors = 0;
    for (std::size_t first = 0; first < all; first += at_once) {
        const std::size_t B = std::min(at_once, all - first);
        const auto sound = windows.subspan(first * W, B * W);
        const auto x = detail::time_major<float>(B, T, [&](std::size_t b, std::size_t t) { return sound[b * W + t]; });
        std::vector<float> target(B * A), next(B * A);
        for (std::size_t b = 0; b < B; ++b) std::copy_n(sound.data() + b * W + T, A, target.data() + b * A);
        ctx_.begin(key.child(first));
        ctx_.mode = learn ? nn::mode::training : nn::mode::inference;
        const auto dp = gradients_.view();
        loss += model::wave_tcn_loss<trained>(be_, ctx_, weights_.view(), {x.data(), x.size()}, {target.data(), B},
                                              learn ? &dp : nullptr, {next.data(), B},
                                              static_cast<double>(B) / static_cast<double>(all)) *
                static_cast<double>(B);
        for (std::size_t b = 0; b < B; ++b) {  // of the first of the four, which is what the others are measured by
            const double v = static_cast<double>(target[b * A]), e = v - static_cast<double>(next[b * A]);
            squares += v * v, errors += e * e;
        }
    }
    return {{"loss", loss / static_cast<double>(all)}, {"gain", detail::gain_of(squares, errors)}};
}

inline std::vector<float> wave_tcn_model::predict(std::span<const float> sound) {
    auto weights = nn::to_streaming<streaming>(weights_);
    const auto p = weights.view();
    auto state = std::make_unique<streaming::state>();
    backend::stream<float> be;
    std::vector<float> out(sound.size());
    std::array<float, sizes.ahead> next{};
    for (std::size_t t = 0; t < sound.size(); ++t) {
        out[t] = next[0];
        streaming::step(be, p, *state, sound[t], next);
    }
    return out;
}

inline std::vector<float> wave_tcn_model::generate(std::span<const float> seed, std::size_t count, random_key, double) {
    auto weights = nn::to_streaming<streaming>(weights_);
    const auto p = weights.view();
    auto state = std::make_unique<streaming::state>();
    backend::stream<float> be;
    std::array<float, sizes.ahead> next{};
    for (const float x : seed) streaming::step(be, p, *state, x, next);
    std::vector<float> made;
    while (made.size() < count) {
        const auto said = next;
        for (std::size_t i = 0; i < said.size() && made.size() < count; ++i) {
            made.push_back(std::clamp(said[i], -1.0F, 1.0F));
            streaming::step(be, p, *state, made.back(), next);
        }
    }
    return made;
}

}  // namespace lofi::inline LOFI_ABI::recipe
