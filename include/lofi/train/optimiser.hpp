#pragma once
// Optimisers over flat arenas: SGD with momentum, RMSprop, Adam, AdamW, as PyTorch and as Keras define them.
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include <lofi/core/assert.hpp>
#include <lofi/nn/checkpoint.hpp>

namespace lofi::inline LOFI_ABI::train {

/// Where the small number that keeps a division from zero stands.
enum class epsilon_place : std::uint8_t {
    after_root,   ///< sqrt(v) + epsilon, v corrected for its start in Adam: PyTorch, and RMSprop in Keras up to 2.10
    inside_root,  ///< sqrt(v + epsilon): RMSprop in Keras from 2.11
    uncorrected,  ///< Adam in Keras: sqrt(v) + epsilon with v as it is, the correction moved into the rate
};

/// Where the rate enters a momentum: it matters when the rate changes from step to step.
enum class rate_place : std::uint8_t {
    outside_momentum,  ///< u = momentum*u + g;        w -= rate*u   (PyTorch)
    inside_momentum,   ///< u = momentum*u + rate*g;   w -= u        (Keras)
};

enum class nesterov : std::uint8_t { off, on };
enum class centring : std::uint8_t { off, on };

/// source: torch.optim.SGD; tf.keras.optimizers.SGD
struct sgd_config {
    double momentum = 0, dampening = 0, weight_decay = 0;
    nesterov look_ahead = nesterov::off;
    rate_place rate = rate_place::outside_momentum;
};

/// source: torch.optim.RMSprop; tf.keras.optimizers.RMSprop
struct rmsprop_config {
    double decay = 0.99, epsilon = 1e-8, momentum = 0, weight_decay = 0;
    epsilon_place place = epsilon_place::after_root;
    rate_place rate = rate_place::outside_momentum;
    centring centred = centring::off;
};

/// Decays weights through the gradient, as torch.optim.Adam does.
/// source: Kingma, Ba: Adam: A Method for Stochastic Optimization (2015); torch.optim.Adam; tf.keras.optimizers.Adam
struct adam_config {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;
    epsilon_place place = epsilon_place::after_root;
};

/// Decays weights directly: w *= 1 - rate*weight_decay.
/// source: Loshchilov, Hutter: Decoupled Weight Decay Regularization (2019); torch.optim.AdamW
struct adamw_config {
    double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0.01;
    epsilon_place place = epsilon_place::after_root;
};

using optimiser_config = std::variant<sgd_config, rmsprop_config, adam_config, adamw_config>;

/// The settings of Keras where they differ from PyTorch's.
[[nodiscard]] constexpr rmsprop_config keras_rmsprop() {
    return {.decay = 0.9, .epsilon = 1e-7, .place = epsilon_place::inside_root, .rate = rate_place::inside_momentum};
}
[[nodiscard]] constexpr adam_config keras_adam() { return {.epsilon = 1e-7, .place = epsilon_place::uncorrected}; }

/// A part of the parameters that is treated in its own way: biases without decay, a slower encoder.
struct parameter_group {
    std::size_t first = 0, count = 0;
    double decay_scale = 1, rate_scale = 1;
};

/// Lists groups in which only tensors of two or more dimensions (matrices, kernels) decay.
template <class Real>
[[nodiscard]] std::vector<parameter_group> decay_matrices_only(std::span<const nn::named_tensor<Real>> tensors,
                                                               std::span<const Real> parameters);

/// An optimiser and what it remembers.
template <std::floating_point Real>
class optimiser {
public:
    optimiser(optimiser_config config, std::size_t parameter_count);

    /// Moves parameters by their gradients. Parameters outside every group stay; no groups means one group of all.
    /// writes: w, and what is remembered
    void update(std::span<Real> w, std::span<const Real> dw, double rate, std::span<const parameter_group> groups = {});

    /// How many updates were made; Adam's correction depends on it.
    [[nodiscard]] std::uint64_t updates() const { return updates_; }
    void set_updates(std::uint64_t n) { updates_ = n; }
    /// What is remembered, by name, for checkpoints.
    [[nodiscard]] std::vector<nn::named_tensor<Real>> state();
    /// Its kind and settings as JSON.
    [[nodiscard]] nn::json description() const;

private:
    optimiser_config config_;
    std::uint64_t updates_ = 0;
    std::vector<std::string> slot_names_;
    std::vector<std::vector<Real>> slots_;
};

// ---------------------------------------------------------------- bodies

namespace detail {

inline std::vector<std::string> slot_names(const sgd_config& c) {
    return c.momentum != 0 ? std::vector<std::string>{"momentum"} : std::vector<std::string>{};
}
inline std::vector<std::string> slot_names(const rmsprop_config& c) {
    std::vector<std::string> names{"square"};
    if (c.momentum != 0) names.emplace_back("momentum");
    if (c.centred == centring::on) names.emplace_back("mean");
    return names;
}
inline std::vector<std::string> slot_names(const adam_config&) { return {"mean", "square"}; }
inline std::vector<std::string> slot_names(const adamw_config&) { return {"mean", "square"}; }

// One group's parameters, gradients and slots (in the order of slot_names), and the numbers of this update.
template <class Real>
struct update_range {
    std::size_t count;
    Real* w;
    const Real* dw;
    std::vector<Real*> slot;
    double rate, decay;
    std::uint64_t t;  // counts from 1
};

template <class Real>
void update_group(const sgd_config& c, const update_range<Real>& r) {
    const Real rate = Real(r.rate), decay = Real(r.decay), momentum = Real(c.momentum);
    const bool inside = c.rate == rate_place::inside_momentum, ahead = c.look_ahead == nesterov::on;
    // PyTorch's first momentum is the gradient itself, undampened.
    const Real fresh = r.t == 1 && !inside ? Real(1) : Real(1 - c.dampening);
    for (std::size_t i = 0; i < r.count; ++i) {
        Real g = r.dw[i] + decay * r.w[i];
        if (c.momentum != 0) {
            Real& u = r.slot[0][i];
            const Real scaled = inside ? rate * g : g;
            u = momentum * u + fresh * scaled;
            g = ahead ? scaled + momentum * u : u;
        } else if (inside) {
            g *= rate;
        }
        r.w[i] -= inside ? g : rate * g;
    }
}

template <class Real>
void update_group(const rmsprop_config& c, const update_range<Real>& r) {
    const Real rate = Real(r.rate), decay = Real(r.decay), keep = Real(c.decay), add = Real(1 - c.decay),
               epsilon = Real(c.epsilon);
    const bool with_momentum = c.momentum != 0, centred = c.centred == centring::on,
               inside = c.rate == rate_place::inside_momentum;
    Real* const u = with_momentum ? r.slot[1] : nullptr;
    Real* const mean = centred ? r.slot.back() : nullptr;
    for (std::size_t i = 0; i < r.count; ++i) {
        const Real g = r.dw[i] + decay * r.w[i];
        Real& square = r.slot[0][i];
        square = keep * square + add * g * g;
        Real v = square;
        if (centred) {
            mean[i] = keep * mean[i] + add * g;
            v -= mean[i] * mean[i];
        }
        const Real direction = g / (c.place == epsilon_place::inside_root ? std::sqrt(v + epsilon) : std::sqrt(v) + epsilon);
        if (!with_momentum) {
            r.w[i] -= rate * direction;
        } else if (inside) {
            u[i] = Real(c.momentum) * u[i] + rate * direction;
            r.w[i] -= u[i];
        } else {
            u[i] = Real(c.momentum) * u[i] + direction;
            r.w[i] -= rate * u[i];
        }
    }
}

// Adam's step for a gradient that decay has been added to already, or never is.
template <class Real, class Config, class Gradient>
void adam_group(const Config& c, const update_range<Real>& r, Real shrink, Gradient gradient) {
    const double t = static_cast<double>(r.t);
    const double correction1 = 1 - std::pow(c.beta1, t), root2 = std::sqrt(1 - std::pow(c.beta2, t));
    const bool corrected = c.place != epsilon_place::uncorrected;
    const Real rate = Real(corrected ? r.rate / correction1 : r.rate * root2 / correction1);
    const Real divisor = corrected ? Real(root2) : Real(1), epsilon = Real(c.epsilon);
    const Real keep1 = Real(c.beta1), add1 = Real(1 - c.beta1), keep2 = Real(c.beta2), add2 = Real(1 - c.beta2);
    const Real inside = c.place == epsilon_place::inside_root ? epsilon : Real(0),
               after = c.place == epsilon_place::inside_root ? Real(0) : epsilon;
    Real *const mean = r.slot[0], *const square = r.slot[1];
    for (std::size_t i = 0; i < r.count; ++i) {
        const Real g = gradient(i);
        mean[i] = keep1 * mean[i] + add1 * g;
        square[i] = keep2 * square[i] + add2 * g * g;
        r.w[i] = shrink * r.w[i] - rate * mean[i] / (std::sqrt(square[i] + inside) / divisor + after);
    }
}

template <class Real>
void update_group(const adam_config& c, const update_range<Real>& r) {
    const Real decay = Real(r.decay);
    adam_group(c, r, Real(1), [&](std::size_t i) { return r.dw[i] + decay * r.w[i]; });
}

template <class Real>
void update_group(const adamw_config& c, const update_range<Real>& r) {
    adam_group(c, r, Real(1 - r.rate * r.decay), [&](std::size_t i) { return r.dw[i]; });
}

inline nn::json describe(const sgd_config& c) {
    return {{"kind", "sgd"},
            {"momentum", c.momentum},
            {"dampening", c.dampening},
            {"weight_decay", c.weight_decay},
            {"nesterov", c.look_ahead == nesterov::on},
            {"rate_place", static_cast<int>(c.rate)}};
}
inline nn::json describe(const rmsprop_config& c) {
    return {{"kind", "rmsprop"},
            {"decay", c.decay},
            {"epsilon", c.epsilon},
            {"momentum", c.momentum},
            {"weight_decay", c.weight_decay},
            {"epsilon_place", static_cast<int>(c.place)},
            {"rate_place", static_cast<int>(c.rate)},
            {"centred", c.centred == centring::on}};
}
template <class Config>
nn::json describe_adam(const char* kind, const Config& c) {
    return {{"kind", kind},
            {"beta1", c.beta1},
            {"beta2", c.beta2},
            {"epsilon", c.epsilon},
            {"weight_decay", c.weight_decay},
            {"epsilon_place", static_cast<int>(c.place)}};
}
inline nn::json describe(const adam_config& c) { return describe_adam("adam", c); }
inline nn::json describe(const adamw_config& c) { return describe_adam("adamw", c); }

}  // namespace detail

template <class Real>
std::vector<parameter_group> decay_matrices_only(std::span<const nn::named_tensor<Real>> tensors,
                                                 std::span<const Real> parameters) {
    std::vector<parameter_group> groups;
    for (const auto& t : tensors) {
        const Real* first = t.values.data();
        if (t.values.empty() || first < parameters.data() || first >= parameters.data() + parameters.size())
            continue;  // a buffer
        groups.push_back(
            {static_cast<std::size_t>(first - parameters.data()), t.values.size(), t.shape.size() >= 2 ? 1.0 : 0.0});
    }
    return groups;
}

template <std::floating_point Real>
optimiser<Real>::optimiser(optimiser_config config, std::size_t parameter_count) : config_(config) {
    slot_names_ = std::visit([](const auto& c) { return detail::slot_names(c); }, config_);
    slots_.assign(slot_names_.size(), std::vector<Real>(parameter_count));
}

template <std::floating_point Real>
void optimiser<Real>::update(std::span<Real> w, std::span<const Real> dw, double rate,
                             std::span<const parameter_group> groups) {
    LOFI_ASSERT(w.size() == dw.size(), "an optimiser needs as many gradients as parameters");
    LOFI_ASSERT(slots_.empty() || slots_[0].size() == w.size(),
                "an optimiser updates the number of parameters it was made for");
    ++updates_;
    const parameter_group all{.first = 0, .count = w.size()};
    if (groups.empty()) groups = {&all, 1};
    for (const parameter_group& group : groups) {
        LOFI_ASSERT(group.first + group.count <= w.size(), "a group of parameters lies inside the parameters");
        std::visit(
            [&](const auto& c) {
                detail::update_range<Real> r{group.count, w.data() + group.first,  dw.data() + group.first,
                                             {},          rate * group.rate_scale, c.weight_decay * group.decay_scale,
                                             updates_};
                for (auto& slot : slots_) r.slot.push_back(slot.data() + group.first);
                detail::update_group(c, r);
            },
            config_);
    }
}

template <std::floating_point Real>
std::vector<nn::named_tensor<Real>> optimiser<Real>::state() {
    std::vector<nn::named_tensor<Real>> list;
    for (std::size_t i = 0; i < slots_.size(); ++i) list.push_back({slot_names_[i], {slots_[i].size()}, slots_[i]});
    return list;
}

template <std::floating_point Real>
nn::json optimiser<Real>::description() const {
    return std::visit([](const auto& c) { return detail::describe(c); }, config_);
}

}  // namespace lofi::inline LOFI_ABI::train
