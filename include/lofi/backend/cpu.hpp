#pragma once
// The backend that trains on the CPU: products through BLAS, everything else in loops that vectorise.
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <lofi/backend/backend.hpp>
#include <lofi/backend/cpu_gemm.hpp>
#include <lofi/backend/cpu_norm.hpp>
#include <lofi/backend/cpu_recurrent.hpp>
#include <lofi/backend/detail/row_loops.hpp>
#include <lofi/backend/detail/vector_math.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// Real numbers in the memory of the host. `cpu<double>` is the meaning, `cpu<float>` the speed.
template <std::floating_point Real>
struct cpu {
    using real = Real;
    template <std::size_t Out, std::size_t In, bool Bias = true>
    using weights = affine<Real, Out, In, Bias>;
    template <std::size_t V, std::size_t W>
    using table = affine<Real, V, W, false>;  ///< rows that are looked up and summed
    using activation = Real;                  ///< what goes into a product, and what comes out of it
    using sum = Real;

    int threads = 1;  ///< of large products; small ones and everything else use the caller's thread
};

/// Computes y_no = x_ni w_oi, or adds it to y.
template <class Real, std::size_t O, std::size_t I>
void product(cpu<Real>& be, columns<const Real, I> x, matrix<Real, O, I> w, columns<Real, O> y, into how) {
    LOFI_ASSERT(x.count() == y.count(), "a product needs as many output rows as input rows");
    detail::gemm(be.threads, detail::transposed::no, detail::transposed::yes, x.count(), O, I, x.data(), x.stride(), w.data, I,
                 how == into::add ? Real{1} : Real{0}, y.data(), y.stride());
}

/// Computes dx_ni = dy_no w_oi, or adds it to dx.
template <class Real, std::size_t O, std::size_t I>
void product_dx(cpu<Real>& be, columns<const Real, O> dy, matrix<Real, O, I> w, columns<Real, I> dx, into how) {
    LOFI_ASSERT(dx.count() == dy.count(), "a product needs as many output rows as input rows");
    detail::gemm(be.threads, detail::transposed::no, detail::transposed::no, dy.count(), I, O, dy.data(), dy.stride(), w.data,
                 I, how == into::add ? Real{1} : Real{0}, dx.data(), dx.stride());
}

/// Adds dy_no x_ni to dw_oi.
template <class Real, std::size_t O, std::size_t I>
void product_dw(cpu<Real>& be, columns<const Real, O> dy, columns<const Real, I> x, matrix<Real, O, I> dw) {
    LOFI_ASSERT(x.count() == dy.count(), "a product needs as many gradient rows as input rows");
    if (x.empty()) return;
    detail::gemm(be.threads, detail::transposed::yes, detail::transposed::no, O, I, x.count(), dy.data(), dy.stride(), x.data(),
                 x.stride(), Real{1}, dw.data, I);
}

/// Computes y_o = w_oi x_i + b_o for one row, without BLAS (which takes locks).
/// realtime: yes
template <class Real, std::size_t O, std::size_t I, bool Bias>
void linear_step(cpu<Real>&, frame<const Real, I> x, affine<Real, O, I, Bias> p, frame<Real, O> y) noexcept {
    detail::vectorised<&detail::gemv<O, I, Real>>(p.w.data, Bias ? p.b : nullptr, x.data(), y.data());
}

/// Writes b into every row of y.
template <class Real, std::size_t N>
void spread(cpu<Real>&, const Real* b, columns<Real, N> y) {
    for (std::size_t n = 0; n < y.count(); ++n) std::copy_n(b, N, y.row(n));
}

/// Adds every row of y to b.
template <class Real, std::size_t N>
void sum_rows(cpu<Real>&, columns<const Real, N> y, Real* b) {
    for (std::size_t n = 0; n < y.count(); ++n) detail::add_to(N, y.row(n), b);
}

template <class Real, std::size_t N>
void copy(cpu<Real>&, columns<const Real, N> x, columns<Real, N> y) {
    LOFI_ASSERT(x.count() == y.count(), "a copy needs as many output rows as input rows");
    for (std::size_t n = 0; n < x.count(); ++n) std::copy_n(x.row(n), N, y.row(n));
}

/// Adds x to y.
template <class Real, std::size_t N>
void add(cpu<Real>&, columns<const Real, N> x, columns<Real, N> y) {
    LOFI_ASSERT(x.count() == y.count(), "a sum needs as many output rows as input rows");
    for (std::size_t n = 0; n < x.count(); ++n) detail::add_to(N, x.row(n), y.row(n));
}

/// Computes y = x m, number by number.
template <class Real, std::size_t N>
void multiply(cpu<Real>&, columns<const Real, N> x, columns<const Real, N> m, columns<Real, N> y) {
    LOFI_ASSERT(x.count() == y.count() && m.count() == y.count(), "a product number by number needs equal numbers of rows");
    for (std::size_t n = 0; n < x.count(); ++n) detail::multiply(N, x.row(n), m.row(n), y.row(n));
}

template <class Real, std::size_t N>
void fill(cpu<Real>&, Real value, columns<Real, N> y) {
    for (std::size_t n = 0; n < y.count(); ++n) std::fill_n(y.row(n), N, value);
}

/// Fills the columns from `first` on.
template <class Real, std::size_t N>
void fill_beyond(cpu<Real>&, std::size_t first, std::type_identity_t<Real> value, columns<Real, N> y) {
    for (std::size_t n = 0; n < y.count(); ++n) std::fill(y.row(n) + first, y.row(n) + N, value);
}

/// Computes y = f(x), number by number. x and y may be the same memory.
template <class Real, std::size_t N>
void map(cpu<Real>&, function f, columns<const Real, N> x, columns<Real, N> y) {
    LOFI_ASSERT(x.count() == y.count(), "a map needs as many output rows as input rows");
    for (std::size_t n = 0; n < x.count(); ++n) detail::map(f, N, x.row(n), y.row(n));
}

/// Computes dx = f'(x) dy from y = f(x), number by number. dy and dx may be the same memory.
template <class Real, std::size_t N>
void map_backward(cpu<Real>&, function f, columns<const Real, N> y, columns<const Real, N> dy, columns<Real, N> dx) {
    LOFI_ASSERT(y.count() == dy.count() && dx.count() == dy.count(), "the slope of a map needs equal numbers of rows");
    for (std::size_t n = 0; n < y.count(); ++n) detail::map_backward(f, N, y.row(n), dy.row(n), dx.row(n));
}

/// Computes y_nc = tanh(z_nc) sigmoid(z_n(C+c)).
/// shapes: z (N,2C), y (N,C)
/// writes: y =, z = the values of both functions, which backward needs
template <class Real, std::size_t C>
void gate(cpu<Real>&, columns<Real, 2 * C> z, columns<Real, C> y) {
    for (std::size_t n = 0; n < y.count(); ++n) detail::vectorised<&detail::gate<Real>>(C, z.row(n), y.row(n));
}
/// writes: dz =, which may be z's own memory
template <class Real, std::size_t C>
void gate_backward(cpu<Real>&, columns<const Real, 2 * C> z, columns<const Real, C> dy, columns<Real, 2 * C> dz) {
    for (std::size_t n = 0; n < dy.count(); ++n)
        detail::vectorised<&detail::gate_backward<Real>>(C, z.row(n), dy.row(n), dz.row(n));
}

/// Copies row ids[n] of w into row n of y; a negative id gives zeros.
template <class Real, std::size_t V, std::size_t E>
void gather(cpu<Real>&, matrix<Real, V, E> w, std::span<const std::int32_t> ids, columns<Real, E> y) {
    LOFI_ASSERT(ids.size() == y.count(), "a gather needs one id for each output row");
    for (std::size_t n = 0; n < ids.size(); ++n) {
        LOFI_ASSERT(ids[n] < static_cast<std::int32_t>(V), "an id lies beyond the vocabulary");
        if (ids[n] < 0) {
            std::fill_n(y.row(n), E, Real{0});
        } else {
            std::copy_n(w.data + static_cast<std::size_t>(ids[n]) * E, E, y.row(n));
        }
    }
}

/// Adds row n of dy to row ids[n] of dw; negative ids are passed over.
template <class Real, std::size_t V, std::size_t E>
void scatter_add(cpu<Real>&, columns<const Real, E> dy, std::span<const std::int32_t> ids, matrix<Real, V, E> dw) {
    LOFI_ASSERT(ids.size() == dy.count(), "a scatter needs one id for each gradient row");
    for (std::size_t n = 0; n < ids.size(); ++n)
        if (ids[n] >= 0) detail::add_to(E, dy.row(n), dw.data + static_cast<std::size_t>(ids[n]) * E);
}

/// Computes softmax and cross-entropy together. Rows with a negative target do not count.
/// params: weights (N) of the rows, empty: all 1; scale of the gradient
/// writes: dlogits = scale * weight * (softmax - one-hot), unless empty
template <class Real, std::size_t V>
cross_entropy_result softmax_cross_entropy(cpu<Real>&, columns<const Real, V> logits, std::span<const std::int32_t> targets,
                                           std::span<const Real> weights, Real scale, columns<Real, V> dlogits) {
    LOFI_ASSERT(targets.size() == logits.count(), "cross-entropy needs one target for each row of logits");
    LOFI_ASSERT(weights.empty() || weights.size() == logits.count(), "cross-entropy needs one weight for each row of logits");
    LOFI_ASSERT(dlogits.empty() || dlogits.count() == logits.count(),
                "cross-entropy needs as many gradient rows as logit rows");
    cross_entropy_result r;
    for (std::size_t n = 0; n < targets.size(); ++n) {
        Real* const dx = dlogits.empty() ? nullptr : dlogits.row(n);
        if (targets[n] < 0) {
            if (dx != nullptr) std::fill_n(dx, V, Real{0});
            continue;
        }
        LOFI_ASSERT(targets[n] < static_cast<std::int32_t>(V), "a target lies beyond the vocabulary");
        const Real w = weights.empty() ? Real{1} : weights[n];
        const auto target = static_cast<std::size_t>(targets[n]);
        const Real* const x = logits.row(n);
        const std::size_t best = static_cast<std::size_t>(std::max_element(x, x + V) - x);
        double total = 0;
        for (std::size_t v = 0; v < V; ++v) total += static_cast<double>(detail::fast_exp(x[v] - x[best]));
        r.sum += static_cast<double>(w) * (std::log(total) - static_cast<double>(x[target] - x[best]));
        r.weight += static_cast<double>(w);
        r.count += 1;
        r.correct += best == target ? 1 : 0;
        if (dx == nullptr) continue;
        const Real factor = scale * w / static_cast<Real>(total), greatest = x[best];
        for (std::size_t v = 0; v < V; ++v) dx[v] = factor * detail::fast_exp(x[v] - greatest);
        dx[target] -= scale * w;
    }
    return r;
}

/// Sums weight * distance(y, target) over all numbers. Empty weights: all 1; one weight a row otherwise, 0 leaves a row out.
/// writes: dy = scale * weight * slope, unless empty
template <class Real, std::size_t N>
double sum_distances(cpu<Real>&, distance d, columns<const Real, N> y, columns<const Real, N> target,
                     std::span<const Real> weights, Real scale, columns<Real, N> dy) {
    LOFI_ASSERT(y.count() == target.count(), "a loss needs as many target rows as output rows");
    LOFI_ASSERT(weights.empty() || weights.size() == y.count(), "a loss needs one weight for each row");
    LOFI_ASSERT(dy.empty() || dy.count() == y.count(), "a loss needs as many gradient rows as output rows");
    double sum = 0;
    for (std::size_t n = 0; n < y.count(); ++n) {
        const Real w = weights.empty() ? Real{1} : weights[n];
        Real* const slopes = dy.empty() ? nullptr : dy.row(n);
        if (w == Real{0}) {
            if (slopes != nullptr) std::fill_n(slopes, N, Real{0});
            continue;
        }
        sum += static_cast<double>(w) * detail::sum_distances(d, N, y.row(n), target.row(n), scale * w, slopes);
    }
    return sum;
}

/// Fills a mask with 0, with probability `rate`, and 1/(1-rate).
template <class Real>
void dropout_mask(cpu<Real>&, random_key key, double rate, std::span<Real> mask) {
    detail::dropout_mask(key, rate, mask);
}

/// Fills with numbers of the standard normal distribution.
template <class Real>
void normal_noise(cpu<Real>&, random_key key, std::span<Real> noise) {
    random_stream random(key);
    for (Real& v : noise) v = static_cast<Real>(normal_q16(random)) * static_cast<Real>(0x1p-16);
}

/// Computes z = mean + deviation * noise.
template <class Real, std::size_t Z>
void gaussian_sample(cpu<Real>&, spread_form form, columns<const Real, Z> mean, columns<const Real, Z> spread,
                     columns<const Real, Z> noise, columns<Real, Z> z) {
    for (std::size_t n = 0; n < z.count(); ++n)
        for (std::size_t d = 0; d < Z; ++d)
            z.row(n)[d] = mean.row(n)[d] + detail::deviation(form, spread.row(n)[d]).value * noise.row(n)[d];
}

/// writes: dspread =
template <class Real, std::size_t Z>
void gaussian_sample_backward(cpu<Real>&, spread_form form, columns<const Real, Z> spread, columns<const Real, Z> noise,
                              columns<const Real, Z> dz, columns<Real, Z> dspread) {
    for (std::size_t n = 0; n < dz.count(); ++n)
        for (std::size_t d = 0; d < Z; ++d)
            dspread.row(n)[d] = dz.row(n)[d] * noise.row(n)[d] * detail::deviation(form, spread.row(n)[d]).slope;
}

/// Computes of each dimension the mean over rows of the divergence of N(mean, deviation) from N(0, 1), in nats.
template <class Real, std::size_t Z>
void gaussian_divergence(cpu<Real>&, spread_form form, columns<const Real, Z> mean, columns<const Real, Z> spread,
                         std::span<double> by_dimension) {
    std::fill(by_dimension.begin(), by_dimension.end(), 0.0);
    for (std::size_t n = 0; n < mean.count(); ++n) {
        for (std::size_t d = 0; d < Z; ++d) {
            const double m = static_cast<double>(mean.row(n)[d]);
            const double s = detail::deviation(form, static_cast<double>(spread.row(n)[d])).value;
            by_dimension[d] += 0.5 * (m * m + s * s - 1) - std::log(s);
        }
    }
    for (double& v : by_dimension) v /= static_cast<double>(mean.count());
}

/// writes: dmean +=, dspread += factors (Z) times the slopes of each row's divergence
template <class Real, std::size_t Z>
void gaussian_divergence_backward(cpu<Real>&, spread_form form, columns<const Real, Z> mean, columns<const Real, Z> spread,
                                  std::span<const Real> factors, columns<Real, Z> dmean, columns<Real, Z> dspread) {
    for (std::size_t n = 0; n < mean.count(); ++n) {
        for (std::size_t d = 0; d < Z; ++d) {
            const auto s = detail::deviation(form, spread.row(n)[d]);
            dmean.row(n)[d] += factors[d] * mean.row(n)[d];
            dspread.row(n)[d] += factors[d] * (s.value - 1 / s.value) * s.slope;
        }
    }
}

/// Runs an LSTM over a whole sequence. y gets h, and zeros beyond a sequence's true length; it may be empty.
/// shapes: record.gates (N,4H) x W^T + b on entry, u (4H,H), y (N,H)
template <class Real, std::size_t H>
void lstm_forward(cpu<Real>& be, sequence_walk walk, matrix<Real, 4 * H, H> u, lstm_record<Real, H> record, columns<Real, H> y,
                  columns<Real, H> work = {}) {
    detail::lstm_forward<Real>(be.threads, walk, H, u.data, detail::raw(record), y.data(), y.stride(), work.data());
}

/// Runs the gradient of an LSTM back through the sequence.
/// shapes: dy (N,H) or empty, dgates (N,4H), dh and dc (B,H), work (B,H) where the record has a mask
/// writes: dgates =; dh, dc: on entry the gradient of the last state, afterwards that of the first
template <class Real, std::size_t H>
void lstm_backward(cpu<Real>& be, sequence_walk walk, matrix<Real, 4 * H, H> u, lstm_record<Real, H> record,
                   columns<const Real, H> dy, rows<Real, 4 * H> dgates, columns<Real, H> dh, columns<Real, H> dc,
                   columns<Real, H> work) {
    LOFI_ASSERT(dh.stride() == H && dc.stride() == H, "gradients of states are contiguous");
    detail::lstm_backward<Real>(be.threads, walk, H, u.data, detail::raw(record), dy.data(), dy.stride(), dgates.data(),
                                dh.data(), dc.data(), work.data());
}

/// Runs one step of an LSTM for one sequence, without BLAS (which takes locks).
/// writes: h, c: on entry the states before the step, afterwards those after it
/// realtime: yes
template <class Real, std::size_t H, std::size_t I, bool Bias>
void lstm_step(cpu<Real>&, frame<const Real, I> x, affine<Real, 4 * H, I> ih, affine<Real, 4 * H, H, Bias> hh, frame<Real, H> h,
               frame<Real, H> c) noexcept {
    alignas(64) Real gates[4 * H], recurrent[4 * H], tanh_c[H], next[H];
    detail::vectorised<&detail::gemv<4 * H, I, Real>>(ih.w.data, ih.b, x.data(), gates);
    detail::vectorised<&detail::gemv<4 * H, H, Real>>(hh.w.data, hh.b, h.data(), recurrent);
    detail::add_to(4 * H, recurrent, gates);
    detail::lstm_row<Real>(H, gates, c.data(), next, tanh_c, h.data());
    std::copy_n(next, H, c.data());
}

/// Runs a GRU over a whole sequence, as lstm_forward does.
/// shapes: record.gates (N,3H) x W^T + b on entry, u (3H,H) and its bias b (3H), y (N,H) or empty, work (B,3H)
template <class Real, std::size_t H>
void gru_forward(cpu<Real>& be, sequence_walk walk, affine<Real, 3 * H, H> u, gru_record<Real, H> record, columns<Real, H> y,
                 rows<Real, 3 * H> work) {
    detail::gru_forward<Real>(be.threads, walk, H, u.w.data, u.b, detail::raw(record), y.data(), y.stride(), work.data());
}

/// Runs one step of a GRU for one sequence, as lstm_step does.
/// writes: h: on entry the state before the step, afterwards that after it
/// realtime: yes
template <class Real, std::size_t H, std::size_t I>
void gru_step(cpu<Real>&, frame<const Real, I> x, affine<Real, 3 * H, I> ih, affine<Real, 3 * H, H> hh,
              frame<Real, H> h) noexcept {
    alignas(64) Real gates[3 * H], recurrent[3 * H], hn[H], next[H];
    detail::vectorised<&detail::gemv<3 * H, I, Real>>(ih.w.data, ih.b, x.data(), gates);
    detail::vectorised<&detail::gemv<3 * H, H, Real>>(hh.w.data, hh.b, h.data(), recurrent);
    detail::gru_row<Real>(H, gates, recurrent, h.data(), hn, next);
    std::copy_n(next, H, h.data());
}

/// Runs the gradient of a GRU back through the sequence.
/// shapes: dy (N,H) or empty, dx_gates and dh_gates (N,3H), dh (B,H)
/// writes: dx_gates = gradient of x W^T + b, dh_gates = of h U^T + b; dh: of the last state on entry, of the first afterwards
template <class Real, std::size_t H>
void gru_backward(cpu<Real>& be, sequence_walk walk, affine<Real, 3 * H, H> u, gru_record<Real, H> record,
                  columns<const Real, H> dy, rows<Real, 3 * H> dx_gates, rows<Real, 3 * H> dh_gates, columns<Real, H> dh) {
    LOFI_ASSERT(dh.stride() == H, "gradients of states are contiguous");
    detail::gru_backward<Real>(be.threads, walk, H, u.w.data, detail::raw(record), dy.data(), dy.stride(), dx_gates.data(),
                               dh_gates.data(), dh.data());
}

}  // namespace lofi::inline LOFI_ABI::backend
