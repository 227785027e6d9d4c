#pragma once
// The Gaussian latent of variational autoencoders: sampling by reparameterisation, divergence, free bits, beta schedules.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

using backend::spread_form;

struct gaussian_latent_config {
    std::size_t size;
    spread_form form = spread_form::log_variance;
};

/// What the divergence from the standard normal costs.
struct divergence_config {
    double scale = 1;      ///< factor of the gradients
    double free_nats = 0;  ///< each dimension costs at least this much, and learns nothing below it
};

/// Draws z from N(mean, spread) in training and takes the mean in inference.
/// shapes: mean, spread, z (B,size)
/// source: Kingma, Welling: Auto-Encoding Variational Bayes (2013)
template <gaussian_latent_config C, class Backend>
struct gaussian_latent {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t Z = C.size;

    struct tape {
        columns<const real, Z> spread;  ///< (B,Z), must stay as it was until backward
        columns<const real, Z> noise;   ///< (B,Z); empty in inference
    };

    static void forward(Backend&, context&, columns<const real, Z> mean, columns<const real, Z> spread, columns<real, Z> z,
                        tape&);
    /// writes: dmean =, dspread =
    static void backward(Backend&, context&, const tape&, columns<const real, Z> dz, columns<real, Z> dmean,
                         columns<real, Z> dspread);

    /// Returns the divergence from the standard normal in nats: of each dimension the mean over the rows, at least `free_nats`,
    /// summed over the dimensions. `by_dimension` gets the means themselves, unless it is empty.
    /// writes: dmean +=, dspread +=, unless empty, of scale * what is returned
    /// source: free bits: Kingma et al.: Improving Variational Inference with Inverse Autoregressive Flow (2016)
    static double divergence(Backend&, context&, columns<const real, Z> mean, columns<const real, Z> spread, divergence_config,
                             columns<real, Z> dmean, columns<real, Z> dspread, std::span<double> by_dimension = {});
};

/// Weight of the divergence at a training step: 0 at first, `greatest` in the end.
struct beta_schedule {
    enum class shape {
        constant,     ///< greatest
        linear,       ///< greatest * step / steps, then greatest
        exponential,  ///< greatest * (1 - rate^step) (MusicVAE: rate .99999)
        cyclic        ///< linear over the first half of every `steps`, then greatest (Fu et al. 2019)
    };
    beta_schedule::shape curve = shape::constant;
    double greatest = 1;
    std::uint64_t steps = 1;
    double rate = 0.99999;

    [[nodiscard]] double at(std::uint64_t step) const;
};

// ---------------------------------------------------------------- bodies

template <gaussian_latent_config C, class Backend>
void gaussian_latent<C, Backend>::forward(Backend& be, context& ctx, columns<const real, Z> mean, columns<const real, Z> spread,
                                          columns<real, Z> z, tape& tape) {
    tape.spread = spread;
    tape.noise = {};
    if (!ctx.training()) {
        copy(be, mean, z);
        return;
    }
    const auto noise = ctx.scratch.take_rows<real, Z>(mean.count());
    normal_noise(be, ctx.draw(), noise.flat());
    tape.noise = noise;
    gaussian_sample(be, C.form, mean, spread, tape.noise, z);
}

template <gaussian_latent_config C, class Backend>
void gaussian_latent<C, Backend>::backward(Backend& be, context&, const tape& tape, columns<const real, Z> dz,
                                           columns<real, Z> dmean, columns<real, Z> dspread) {
    copy(be, dz, dmean);
    if (tape.noise.empty()) {
        fill(be, real{0}, dspread);
    } else {
        gaussian_sample_backward(be, C.form, tape.spread, tape.noise, dz, dspread);
    }
}

template <gaussian_latent_config C, class Backend>
double gaussian_latent<C, Backend>::divergence(Backend& be, context& ctx, columns<const real, Z> mean,
                                               columns<const real, Z> spread, divergence_config config, columns<real, Z> dmean,
                                               columns<real, Z> dspread, std::span<double> by_dimension) {
    LOFI_ASSERT(by_dimension.empty() || by_dimension.size() == Z, "the divergence has one number for each latent dimension");
    if (mean.empty()) return 0;
    const scratch_scope scope(ctx.scratch);
    const std::span<double> means = by_dimension.empty() ? ctx.scratch.take<double>(Z) : by_dimension;
    gaussian_divergence(be, C.form, mean, spread, means);
    const std::span<real> factors = ctx.scratch.take<real>(Z);
    double sum = 0;
    for (std::size_t d = 0; d < Z; ++d) {
        sum += std::max(means[d], config.free_nats);
        factors[d] =
            means[d] > config.free_nats ? static_cast<real>(config.scale / static_cast<double>(mean.count())) : real{0};
    }
    if (!dmean.empty()) gaussian_divergence_backward(be, C.form, mean, spread, std::span<const real>(factors), dmean, dspread);
    return sum;
}

inline double beta_schedule::at(std::uint64_t step) const {
    const auto ramp = [](double share) { return std::min(1.0, share); };
    const double s = static_cast<double>(step), all = static_cast<double>(std::max<std::uint64_t>(steps, 1));
    switch (curve) {
        case shape::constant: return greatest;
        case shape::linear: return greatest * ramp(s / all);
        case shape::exponential: return greatest * (1 - std::pow(rate, s));
        case shape::cyclic: return greatest * ramp(2 * std::fmod(s, all) / all);
    }
    return greatest;
}

}  // namespace lofi::inline LOFI_ABI::nn
