#pragma once
// Kernel bodies that treat number by number: copies, sums, maps, tables, random numbers by counter.
#include <lofi/backend/backend.hpp>
#include <lofi/backend/cuda/detail/language.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

template <class Real>
struct spread_op {
    const Real* b;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) = b[c]; }
};
template <class Real>
struct fill_op {
    Real value;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) = value; }
};
/// Fills the columns from one on.
template <class Real>
struct fill_beyond_op {
    std::size_t first;
    Real value;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const {
        if (c >= first) y.at(n, c) = value;
    }
};
/// average = keep average + add w
template <class Real>
struct average_op {
    Real keep, add;
    const Real* w;
    Real* average;
    LOFI_KERNEL void operator()(std::size_t, std::size_t i) const { average[i] = keep * average[i] + add * w[i]; }
};
template <class Real>
struct copy_op {
    strided<const Real> x;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) = x.at(n, c); }
};
template <class Real>
struct repeat_rows_op {
    std::size_t count;  ///< B
    strided<const Real> x;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) = x.at(n % count, c); }
};
/// For each of B rows, the sum of those that repeat it.
template <class Real>
struct sum_repeated_op {
    std::size_t count, row_count;
    strided<const Real> y;
    strided<Real> x;
    LOFI_KERNEL void operator()(std::size_t b, std::size_t c) const {
        Real sum = x.at(b, c);
        for (std::size_t n = b; n < row_count; n += count) sum += y.at(n, c);
        x.at(b, c) = sum;
    }
};
template <class Real>
struct add_op {
    strided<const Real> x;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) += x.at(n, c); }
};
template <class Real>
struct multiply_op {
    strided<const Real> x, m;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) = x.at(n, c) * m.at(n, c); }
};
/// y += x m
template <class Real>
struct multiply_add_op {
    strided<const Real> x, m;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) += x.at(n, c) * m.at(n, c); }
};

template <class Real>
LOFI_KERNEL Real sigmoid(Real x) {
    return Real(1) / (Real(1) + std::exp(-x));
}

template <class Real>
LOFI_KERNEL Real value_of(function f, Real x) {
    switch (f) {
        case function::identity: return x;
        case function::relu: return x > 0 ? x : Real(0);
        case function::leaky_relu: return x > 0 ? x : Real(0.01) * x;
        case function::elu: return x > 0 ? x : std::expm1(x);
        case function::tanh: return std::tanh(x);
        case function::sigmoid: return sigmoid(x);
        case function::softplus: return x > 30 ? x : std::log1p(std::exp(x));
    }
    return x;
}
template <class Real>
LOFI_KERNEL Real slope_of(function f, Real y) {
    switch (f) {
        case function::identity: return Real(1);
        case function::relu: return y > 0 ? Real(1) : Real(0);
        case function::leaky_relu: return y > 0 ? Real(1) : Real(0.01);
        case function::elu: return y > 0 ? Real(1) : y + 1;
        case function::tanh: return 1 - y * y;
        case function::sigmoid: return y * (1 - y);
        case function::softplus: return -std::expm1(-y);
    }
    return Real(1);
}

template <class Real>
struct map_op {
    function f;
    strided<const Real> x;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { y.at(n, c) = value_of(f, x.at(n, c)); }
};
template <class Real>
struct map_backward_op {
    function f;
    strided<const Real> y, dy;
    strided<Real> dx;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const { dx.at(n, c) = slope_of(f, y.at(n, c)) * dy.at(n, c); }
};

/// A row beyond the table becomes not-a-number, which every loss shows: a device has nobody to throw to.
template <class Real>
struct gather_op {
    const Real* w;
    const std::int32_t* ids;
    std::int32_t vocabulary;
    std::size_t width;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const {
        const std::int32_t id = ids[n];
        y.at(n, c) = id < 0 ? Real(0) : id >= vocabulary ? static_cast<Real>(NAN) : w[static_cast<std::size_t>(id) * width + c];
    }
};
/// Adds the `per_row` rows that ids name.
template <class Real>
struct gather_sum_op {
    const Real* w;
    const std::int32_t* ids;
    std::int32_t vocabulary;
    std::size_t width, per_row;
    strided<Real> y;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t c) const {
        Real sum = y.at(n, c);
        for (std::size_t k = 0; k < per_row; ++k) {
            const std::int32_t id = ids[n * per_row + k];
            if (id >= vocabulary) sum = static_cast<Real>(NAN);
            if (id >= 0 && id < vocabulary) sum += w[static_cast<std::size_t>(id) * width + c];
        }
        y.at(n, c) = sum;
    }
};

/// dw_v += the rows of dy whose id is v, in their order: a block for each row of the table looks through all ids, which costs
/// V*N reads from a cache and needs no atomic sum, whose order would change from run to run.
template <class Real>
struct scatter_add {
    static constexpr int window = 128, each = 32;  ///< threads, and ids that each looks at between two barriers
    strided<const Real> dy;
    const std::int32_t* ids;
    std::size_t id_count, per_row, width, vocabulary;
    Real* dw;

    static dims launch(std::size_t vocabulary) {
        return {.grid = static_cast<unsigned>(vocabulary), .block = window, .shared_bytes = window * sizeof(std::uint32_t)};
    }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        auto* const seen = c.template shared<std::uint32_t>();  // a bit for each id that is v
        const auto v = static_cast<std::size_t>(c.bid());
        for (std::size_t first = 0; first < id_count; first += window * each) {
            const std::size_t mine = first + static_cast<std::size_t>(c.tid()) * each;
            std::uint32_t bits = 0;
            for (std::size_t i = 0; i < each; ++i)
                if (mine + i < id_count && ids[mine + i] == static_cast<std::int32_t>(v)) bits |= 1U << i;
            seen[c.tid()] = bits;
            c.sync();
            for (std::size_t j = 0; j < window; ++j) {
                if (seen[j] == 0) continue;
                for (std::size_t i = 0; i < each; ++i) {
                    if ((seen[j] >> i & 1U) == 0) continue;
                    const std::size_t n = (first + j * each + i) / per_row;
                    for (auto e = static_cast<std::size_t>(c.tid()); e < width; e += window) dw[v * width + e] += dy.at(n, e);
                }
            }
            c.sync();
        }
    }
};

// ---------------------------------------------------------------- random numbers

/// Returns the word at a position of the stream that `random_stream` of core draws in order.
/// source: Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3 (2011), Philox4x32-10
LOFI_KERNEL std::uint32_t random_word(std::uint64_t key, std::uint64_t position) {
    const std::uint64_t block = position >> 2;
    std::uint32_t c0 = static_cast<std::uint32_t>(block), c1 = static_cast<std::uint32_t>(block >> 32), c2 = 0, c3 = 0;
    std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
    for (int round = 0; round < 10; ++round) {
        const std::uint64_t a = std::uint64_t{0xD2511F53U} * c0, b = std::uint64_t{0xCD9E8D57U} * c2;
        c0 = static_cast<std::uint32_t>(b >> 32) ^ c1 ^ k0;
        c1 = static_cast<std::uint32_t>(b);
        c2 = static_cast<std::uint32_t>(a >> 32) ^ c3 ^ k1;
        c3 = static_cast<std::uint32_t>(a);
        k0 += 0x9E3779B9U;
        k1 += 0xBB67AE85U;
    }
    switch (position & 3U) {
        case 0: return c0;
        case 1: return c1;
        case 2: return c2;
        default: return c3;
    }
}

template <class Real>
struct dropout_op {
    std::uint64_t key;
    const std::uint64_t* kept_key;  ///< in memory, instead of `key`; null: none
    std::uint32_t threshold;
    Real kept;
    Real* mask;
    LOFI_KERNEL void operator()(std::size_t, std::size_t i) const {
        mask[i] = random_word(kept_key == nullptr ? key : *kept_key, i) < threshold ? Real(0) : kept;
    }
};

/// The quantiles travel with the launch: 1.5 kB, where a table in global memory would need an owner.
template <class Real, std::size_t Octaves>
struct normal_op {
    std::uint64_t key;
    const std::uint64_t* kept_key;  ///< in memory, instead of `key`; null: none
    Real* noise;
    std::int32_t quantiles[Octaves * 16 + 1];

    LOFI_KERNEL void operator()(std::size_t, std::size_t i) const {
        const std::uint32_t word = random_word(kept_key == nullptr ? key : *kept_key, i), bits = (word >> 1) | 1U;
        std::uint32_t octave = 0;
        while (((bits << octave) & 0x40000000U) == 0) ++octave;
        std::int32_t z = quantiles[Octaves * 16];
        if (octave < Octaves) {
            const std::uint32_t mantissa = (bits << (octave + 1)) & 0x7fffffffU;
            const std::size_t at = octave * 16 + (16 - (mantissa >> 27));
            const std::int64_t far = quantiles[at], near = quantiles[at - 1], within = mantissa & 0x7ffffffU;
            z = static_cast<std::int32_t>(far + ((near - far) * within >> 27));
        }
        noise[i] = static_cast<Real>((word & 1U) != 0 ? -z : z) * static_cast<Real>(0x1p-16);
    }
};

// ---------------------------------------------------------------- Gaussians

template <class Real>
struct deviation_pair {
    Real value, slope;
};
template <class Real>
LOFI_KERNEL deviation_pair<Real> deviation_of(spread_form form, Real spread) {
    if (form == spread_form::log_variance) {
        const Real s = std::exp(spread / 2);
        return {s, s / 2};
    }
    const Real s = spread > 30 ? spread : std::log1p(std::exp(spread < -80 ? Real(-80) : spread));
    return {s, 1 / (1 + std::exp(-spread))};
}
template <class Real>
struct gaussian_op {
    spread_form form;
    strided<const Real> mean, spread, noise;
    strided<Real> z;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t d) const {
        z.at(n, d) = mean.at(n, d) + deviation_of(form, spread.at(n, d)).value * noise.at(n, d);
    }
};
template <class Real>
struct gaussian_backward_op {
    spread_form form;
    strided<const Real> spread, noise, dz;
    strided<Real> dspread;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t d) const {
        dspread.at(n, d) = dz.at(n, d) * noise.at(n, d) * deviation_of(form, spread.at(n, d)).slope;
    }
};
template <class Real>
struct divergence_backward_op {
    spread_form form;
    strided<const Real> mean, spread;
    const Real* factors;
    strided<Real> dmean, dspread;
    LOFI_KERNEL void operator()(std::size_t n, std::size_t d) const {
        const auto s = deviation_of(form, spread.at(n, d));
        dmean.at(n, d) += factors[d] * mean.at(n, d);
        dspread.at(n, d) += factors[d] * (s.value - 1 / s.value) * s.slope;
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
