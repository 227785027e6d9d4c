#pragma once
// The loss of a density: what the numbers that came cost, in nats, each as the mass of the code that it rounds to.
#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include <lofi/nn/density.hpp>
#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct density_loss_result {
    double nats = 0;        ///< summed over rows
    double squares = 0;     ///< of the distances between targets and means
    std::size_t count = 0;  ///< rows

    [[nodiscard]] double bits() const { return nats / static_cast<double>(count) * 1.4426950408889634; }
};

/// Sums -log of the mass that each row's density gives to [target - half, target + half).
/// shapes: out (N,Density::size), target (N), dout (N,Density::size) or empty
/// params: half: half of a code, in the units of the outputs; scale: of the gradient
/// writes: dout = scale * slope
template <class Density, class Real>
density_loss_result density_loss(columns<const Real, Density::size> out, std::span<const Real> target, Real half,
                                 columns<Real, Density::size> dout, Real scale) {
    LOFI_ASSERT(out.count() == target.size(), "a loss needs one target for each row");
    density_loss_result r{.count = target.size()};
    std::array<Real, Density::size> slope;
    for (std::size_t n = 0; n < target.size(); ++n) {
        const Real x = target[n];
        r.nats -= static_cast<double>(Density::log_mass(out.row(n), x - half, x + half, dout.empty() ? nullptr : slope.data()));
        const double e = static_cast<double>(x - Density::mean(out.row(n)));
        r.squares += e * e;
        if (!dout.empty())
            for (std::size_t i = 0; i < Density::size; ++i) dout.row(n)[i] = -scale * slope[i];
    }
    return r;
}

}  // namespace lofi::inline LOFI_ABI::nn
