#pragma once
// Optimisers over flat arenas on the device, with the count of updates, the rate and the clipped norm in its own memory, so that
// a captured step needs nothing from the host.
#include <lofi/backend/cuda/detail/language.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// What crosses updates besides the moments; lies on the device.
struct update_clock {
    double updates = 0, rate = 0;
    double norm = 0, clip = 1;  ///< of the gradients before clipping, and what they are multiplied by
};

/// Counts an update; finds the norm from the sum of squares and the factor that brings it down to `most`.
struct tick {
    update_clock* clock;
    const double* squares;  ///< null: no clipping
    double most;

    static dims launch() { return {.grid = 1, .block = 32}; }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        if (c.tid() != 0) return;
        clock->updates += 1;
        clock->norm = squares == nullptr ? 0 : std::sqrt(*squares);
        clock->clip = clock->norm > most ? most / clock->norm : 1;
    }
};

/// Adam, and AdamW where `decoupled`; the numbers mean what train::adam_config says.
template <class Real>
struct adam_update {
    std::size_t count;
    Real* w;
    const Real* dw;
    Real *mean, *square;
    const update_clock* clock;
    double beta1, beta2, epsilon, decay;
    int place;  ///< train::epsilon_place
    bool decoupled;

    static dims launch(std::size_t count) {
        dims d = over(count);
        d.shared_bytes = 4 * sizeof(Real);
        return d;
    }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        auto* const shared = c.template shared<Real>();
        if (c.tid() == 0) {
            // Powers in double cost as much as hundreds of updates: once a block.
            const double one = 1 - std::pow(beta1, clock->updates), two = std::sqrt(1 - std::pow(beta2, clock->updates));
            shared[0] = static_cast<Real>(place == 2 ? clock->rate * two / one : clock->rate / one);
            shared[1] = static_cast<Real>(place == 2 ? 1 : two);
            shared[2] = static_cast<Real>(decoupled ? 1 - clock->rate * decay : 1);
            shared[3] = static_cast<Real>(clock->clip);
        }
        c.sync();
        const Real rate = shared[0], divisor = shared[1], shrink = shared[2], clip = shared[3];
        const Real inside = place == 1 ? static_cast<Real>(epsilon) : Real(0),
                   after = place == 1 ? Real(0) : static_cast<Real>(epsilon);
        const Real keep1 = static_cast<Real>(beta1), fresh1 = static_cast<Real>(1 - beta1);
        const Real keep2 = static_cast<Real>(beta2), fresh2 = static_cast<Real>(1 - beta2);
        const Real coupled = decoupled ? Real(0) : static_cast<Real>(decay);
        for (std::size_t i = first_of(c); i < count; i += step_of(c)) {
            const Real g = clip * dw[i] + coupled * w[i];
            mean[i] = keep1 * mean[i] + fresh1 * g;
            square[i] = keep2 * square[i] + fresh2 * g * g;
            w[i] = shrink * w[i] - rate * mean[i] / (std::sqrt(square[i] + inside) / divisor + after);
        }
    }
};

/// RMSprop; a null `momentum_of` or `mean` leaves that part out.
template <class Real>
struct rmsprop_update {
    std::size_t count;
    Real* w;
    const Real* dw;
    Real *square, *momentum_of, *mean;
    const update_clock* clock;
    double keep, epsilon, momentum, decay;
    bool epsilon_inside, rate_inside;

    static dims launch(std::size_t count) { return over(count); }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        const Real rate = static_cast<Real>(clock->rate), clip = static_cast<Real>(clock->clip);
        const Real old = static_cast<Real>(keep), fresh = static_cast<Real>(1 - keep), small = static_cast<Real>(epsilon);
        for (std::size_t i = first_of(c); i < count; i += step_of(c)) {
            const Real g = clip * dw[i] + static_cast<Real>(decay) * w[i];
            square[i] = old * square[i] + fresh * g * g;
            Real v = square[i];
            if (mean != nullptr) {
                mean[i] = old * mean[i] + fresh * g;
                v -= mean[i] * mean[i];
            }
            const Real direction = g / (epsilon_inside ? std::sqrt(v + small) : std::sqrt(v) + small);
            if (momentum_of == nullptr) {
                w[i] -= rate * direction;
                continue;
            }
            momentum_of[i] = static_cast<Real>(momentum) * momentum_of[i] + (rate_inside ? rate * direction : direction);
            w[i] -= rate_inside ? momentum_of[i] : rate * momentum_of[i];
        }
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
