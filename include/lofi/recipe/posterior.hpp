#pragma once
// What examples cost under a variational autoencoder: latents drawn from their posteriors, the divergence, and the weights of the draws.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/backend/columns.hpp>
#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What the latent of an example costs, in nats.
struct posterior_cost {
    double divergence = 0;  ///< of the posterior from the prior
    double importance = 0;  ///< -log of the importance-weighted estimate of the example's probability
};

/// How the means of posteriors are spread over many examples.
class latent_spread {
public:
    explicit latent_spread(std::size_t latents) : sum_(latents), square_(latents) {}
    void add(std::size_t latent, double mean) { sum_[latent] += mean, square_[latent] += mean * mean; }
    /// The variance of each latent's mean over so many examples.
    [[nodiscard]] std::vector<double> variance(std::size_t examples) const;

private:
    std::vector<double> sum_, square_;
};

/// Draws the latents of B examples from their posteriors, `samples` times, and weighs what they cost. For each draw z is written and `cost()`
/// called, which gives the examples' costs given z, in nats.
/// shapes: mean, log_variance, z (B,Z)
/// source: Burda, Grosse, Salakhutdinov: Importance Weighted Autoencoders (2016)
template <class Real, std::size_t Z, class Cost>
[[nodiscard]] std::vector<posterior_cost> weigh_posteriors(backend::columns<const Real, Z> mean,
                                                           backend::columns<const Real, Z> log_variance,
                                                           backend::columns<Real, Z> z, std::size_t samples,
                                                           random_stream& random, latent_spread& spread, Cost&& cost);

// ---------------------------------------------------------------- bodies

inline std::vector<double> latent_spread::variance(std::size_t examples) const {
    const auto n = static_cast<double>(examples);
    std::vector<double> out;
    for (std::size_t d = 0; d < sum_.size(); ++d) out.push_back((square_[d] - sum_[d] * sum_[d] / n) / n);
    return out;
}

template <class Real, std::size_t Z, class Cost>
std::vector<posterior_cost> weigh_posteriors(backend::columns<const Real, Z> mean, backend::columns<const Real, Z> log_variance,
                                             backend::columns<Real, Z> z, std::size_t samples, random_stream& random,
                                             latent_spread& spread, Cost&& cost) {
    LOFI_ASSERT(samples > 0, "a bound needs a sample or more");
    const std::size_t B = mean.count();
    std::vector<posterior_cost> out(B);
    std::vector<std::vector<double>> weights(B);
    for (std::size_t s = 0; s < samples; ++s) {
        std::vector<double> log_ratio(B);  // log p(z) - log q(z|x)
        for (std::size_t b = 0; b < B; ++b)
            for (std::size_t d = 0; d < Z; ++d) {
                const double m = static_cast<double>(mean.row(b)[d]), l = static_cast<double>(log_variance.row(b)[d]);
                const double noise = normal_q16(random) / 65536.0, v = m + std::exp(l / 2) * noise;
                z.row(b)[d] = static_cast<Real>(v);
                log_ratio[b] += (noise * noise + l - v * v) / 2;
                if (s != 0) continue;
                out[b].divergence += (m * m + std::exp(l) - l - 1) / 2;
                spread.add(d, m);
            }
        const std::span<const double> costs = cost();
        for (std::size_t b = 0; b < B; ++b) weights[b].push_back(log_ratio[b] - costs[b]);
    }
    for (std::size_t b = 0; b < B; ++b) {
        const double most = *std::max_element(weights[b].begin(), weights[b].end());
        double total = 0;
        for (const double w : weights[b]) total += std::exp(w - most);
        out[b].importance = -(most + std::log(total / static_cast<double>(samples)));
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
