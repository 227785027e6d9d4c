#pragma once
// The operations of a backend as launches of kernels, written once for the device and for the emulator of the tests.
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <lofi/backend/cuda/convolution.hpp>
#include <lofi/backend/cuda/detail/optimise.hpp>
#include <lofi/backend/cuda/detail/product.hpp>
#include <lofi/backend/cuda/kernel_backend.hpp>
#include <lofi/backend/cuda/recurrence.hpp>
#include <lofi/backend/cuda/row_operations.hpp>

namespace lofi::inline LOFI_ABI::backend {

template <class Real, class M, std::size_t O, std::size_t I>
void product(kernel_backend<Real, M>& be, columns<const Real, I> x, matrix<Real, O, I> w, columns<Real, O> y, into how) {
    LOFI_ASSERT(x.count() == y.count(), "a product needs as many output rows as input rows");
    using enum transposed_operand;
    be.machine.gemm(no, yes, x.count(), O, I, x.data(), x.stride(), w.data, I, how == into::add ? Real{1} : Real{0}, y.data(),
                    y.stride());
}

template <class Real, class M, std::size_t O, std::size_t I>
void product_dx(kernel_backend<Real, M>& be, columns<const Real, O> dy, matrix<Real, O, I> w, columns<Real, I> dx, into how) {
    LOFI_ASSERT(dx.count() == dy.count(), "a product needs as many output rows as input rows");
    using enum transposed_operand;
    be.machine.gemm(no, no, dy.count(), I, O, dy.data(), dy.stride(), w.data, I, how == into::add ? Real{1} : Real{0},
                    dx.data(), dx.stride());
}

template <class Real, class M, std::size_t O, std::size_t I>
void product_dw(kernel_backend<Real, M>& be, columns<const Real, O> dy, columns<const Real, I> x, matrix<Real, O, I> dw) {
    LOFI_ASSERT(x.count() == dy.count(), "a product needs as many gradient rows as input rows");
    if (x.empty()) return;
    using enum transposed_operand;
    be.machine.gemm(yes, no, O, I, x.count(), dy.data(), dy.stride(), x.data(), x.stride(), Real{1}, dw.data, I);
}

template <class Real, class M, std::size_t N>
void spread(kernel_backend<Real, M>& be, const Real* b, columns<Real, N> y) {
    detail::launch_each(be, y.count(), N, kernels::spread_op<Real>{b, detail::loose(y)});
}

template <class Real, class M, std::size_t N>
void sum_rows(kernel_backend<Real, M>& be, columns<const Real, N> y, Real* b) {
    be.machine.launch(kernels::column_sums<Real>{detail::loose(y), y.count(), N, b}, kernels::over_columns(N, sizeof(Real)));
}

template <class Real, class M, std::size_t N>
void copy(kernel_backend<Real, M>& be, columns<const Real, N> x, columns<Real, N> y) {
    LOFI_ASSERT(x.count() == y.count(), "a copy needs as many output rows as input rows");
    detail::launch_each(be, y.count(), N, kernels::copy_op<Real>{detail::loose(x), detail::loose(y)});
}

template <class Real, class M, std::size_t N>
void add(kernel_backend<Real, M>& be, columns<const Real, N> x, columns<Real, N> y) {
    LOFI_ASSERT(x.count() == y.count(), "a sum needs as many output rows as input rows");
    detail::launch_each(be, y.count(), N, kernels::add_op<Real>{detail::loose(x), detail::loose(y)});
}

template <class Real, class M, std::size_t N>
void repeat_rows(kernel_backend<Real, M>& be, columns<const Real, N> x, columns<Real, N> y) {
    detail::launch_each(be, y.count(), N, kernels::repeat_rows_op<Real>{x.count(), detail::loose(x), detail::loose(y)});
}

template <class Real, class M, std::size_t N>
void sum_repeated(kernel_backend<Real, M>& be, columns<const Real, N> y, columns<Real, N> x) {
    detail::launch_each(be, x.count(), N,
                        kernels::sum_repeated_op<Real>{x.count(), y.count(), detail::loose(y), detail::loose(x)});
}

template <class Real, class M, std::size_t N>
void multiply(kernel_backend<Real, M>& be, columns<const Real, N> x, columns<const Real, N> m, columns<Real, N> y) {
    LOFI_ASSERT(x.count() == y.count() && m.count() == y.count(), "a product number by number needs equal numbers of rows");
    detail::launch_each(be, y.count(), N, kernels::multiply_op<Real>{detail::loose(x), detail::loose(m), detail::loose(y)});
}

template <class Real, class M, std::size_t N>
void fill(kernel_backend<Real, M>& be, Real value, columns<Real, N> y) {
    detail::launch_each(be, y.count(), N, kernels::fill_op<Real>{value, detail::loose(y)});
}

/// Fills the columns from `first` on.
template <class Real, class M, std::size_t N>
void fill_beyond(kernel_backend<Real, M>& be, std::size_t first, std::type_identity_t<Real> value, columns<Real, N> y) {
    detail::launch_each(be, y.count(), N, kernels::fill_beyond_op<Real>{first, value, detail::loose(y)});
}

template <class Real, class M, std::size_t N>
void map(kernel_backend<Real, M>& be, function f, columns<const Real, N> x, columns<Real, N> y) {
    LOFI_ASSERT(x.count() == y.count(), "a map needs as many output rows as input rows");
    detail::launch_each(be, y.count(), N, kernels::map_op<Real>{f, detail::loose(x), detail::loose(y)});
}

template <class Real, class M, std::size_t N>
void map_backward(kernel_backend<Real, M>& be, function f, columns<const Real, N> y, columns<const Real, N> dy,
                  columns<Real, N> dx) {
    LOFI_ASSERT(y.count() == dy.count() && dx.count() == dy.count(), "the slope of a map needs equal numbers of rows");
    detail::launch_each(be, y.count(), N,
                        kernels::map_backward_op<Real>{f, detail::loose(y), detail::loose(dy), detail::loose(dx)});
}

template <class Real, class M, std::size_t V, std::size_t E>
void gather(kernel_backend<Real, M>& be, matrix<Real, V, E> w, std::span<const std::int32_t> ids, columns<Real, E> y) {
    LOFI_ASSERT(ids.size() == y.count(), "a gather needs one id for each output row");
    detail::launch_each(be, y.count(), E,
                        kernels::gather_op<Real>{w.data, ids.data(), static_cast<std::int32_t>(V), E, detail::loose(y)});
}

template <class Real, class M, std::size_t V, std::size_t W>
void gather_sum(kernel_backend<Real, M>& be, matrix<Real, V, W> w, std::span<const std::int32_t> ids, columns<Real, W> y) {
    if (y.empty()) return;
    LOFI_ASSERT(ids.size() % y.count() == 0, "a sum of rows needs the same number of ids for each output row");
    detail::launch_each(be, y.count(), W,
                        kernels::gather_sum_op<Real>{w.data, ids.data(), static_cast<std::int32_t>(V), W,
                                                     ids.size() / y.count(), detail::loose(y)});
}

/// Adds row n of dy to the rows that its ids name: one id a row, or as many for each.
template <class Real, class M, std::size_t V, std::size_t W>
void scatter_sum(kernel_backend<Real, M>& be, columns<const Real, W> dy, std::span<const std::int32_t> ids,
                 matrix<Real, V, W> dw) {
    if (dy.empty()) return;
    LOFI_ASSERT(ids.size() % dy.count() == 0, "a sum of rows needs the same number of ids for each gradient row");
    be.machine.launch(
        kernels::scatter_add<Real>{detail::loose(dy), ids.data(), ids.size(), ids.size() / dy.count(), W, V, dw.data},
        kernels::scatter_add<Real>::launch(V));
}

template <class Real, class M, std::size_t V, std::size_t E>
void scatter_add(kernel_backend<Real, M>& be, columns<const Real, E> dy, std::span<const std::int32_t> ids,
                 matrix<Real, V, E> dw) {
    LOFI_ASSERT(ids.size() == dy.count(), "a scatter needs one id for each gradient row");
    scatter_sum(be, dy, ids, dw);
}

template <class Real, class M, std::size_t V>
deferred<cross_entropy_result, M> softmax_cross_entropy(kernel_backend<Real, M>& be, columns<const Real, V> logits,
                                                        std::span<const std::int32_t> targets, std::span<const Real> weights,
                                                        Real scale, columns<Real, V> dlogits) {
    LOFI_ASSERT(targets.size() == logits.count(), "cross-entropy needs one target for each row of logits");
    LOFI_ASSERT(weights.empty() || weights.size() == logits.count(), "cross-entropy needs one weight for each row of logits");
    const kernels::dims d = kernels::cross_entropy<Real>::launch(logits.count());
    be.machine.launch(kernels::cross_entropy<Real>{detail::loose(logits), targets.data(), weights.data(), scale, logits.count(),
                                                   V, detail::loose(dlogits), be.machine.partials()},
                      d);
    return {be.machine, detail::finish(be, d.grid, 4)};
}

template <class Real, class M, std::size_t N>
deferred<double, M> sum_distances(kernel_backend<Real, M>& be, distance kind, columns<const Real, N> y,
                                  columns<const Real, N> target, std::span<const Real> weights, Real scale,
                                  columns<Real, N> dy) {
    LOFI_ASSERT(y.count() == target.count(), "a loss needs as many target rows as output rows");
    const kernels::dims d = kernels::over_partials(y.count() * N);
    be.machine.launch(kernels::distance_sums<Real>{kind, detail::loose(y), detail::loose(target), weights.data(), scale,
                                                   y.count(), N, detail::loose(dy), be.machine.partials()},
                      d);
    return {be.machine, detail::finish(be, d.grid, 1)};
}

template <class Real, class M>
void dropout_mask(kernel_backend<Real, M>& be, random_key key, double rate, std::span<Real> mask) {
    detail::launch_each(
        be, 1, mask.size(),
        kernels::dropout_op<Real>{key.value, detail::next_key(be), static_cast<std::uint32_t>(rate * 4294967296.0),
                                  static_cast<Real>(1 / (1 - rate)), mask.data()});
}

template <class Real, class M>
void normal_noise(kernel_backend<Real, M>& be, random_key key, std::span<Real> noise) {
    const auto& table = lofi::detail::normal_quantile_q16;
    kernels::normal_op<Real, lofi::detail::normal_octaves> op{key.value, detail::next_key(be), noise.data(), {}};
    static_assert(sizeof(op.quantiles) == sizeof(table), "the table of quantiles has another size than the kernel's");
    std::copy(table.begin(), table.end(), op.quantiles);
    detail::launch_each(be, 1, noise.size(), op);
}

template <class Real, class M, std::size_t Z>
void gaussian_sample(kernel_backend<Real, M>& be, spread_form form, columns<const Real, Z> mean, columns<const Real, Z> spread,
                     columns<const Real, Z> noise, columns<Real, Z> z) {
    detail::launch_each(
        be, z.count(), Z,
        kernels::gaussian_op<Real>{form, detail::loose(mean), detail::loose(spread), detail::loose(noise), detail::loose(z)});
}

template <class Real, class M, std::size_t Z>
void gaussian_sample_backward(kernel_backend<Real, M>& be, spread_form form, columns<const Real, Z> spread,
                              columns<const Real, Z> noise, columns<const Real, Z> dz, columns<Real, Z> dspread) {
    detail::launch_each(be, dz.count(), Z,
                        kernels::gaussian_backward_op<Real>{form, detail::loose(spread), detail::loose(noise),
                                                            detail::loose(dz), detail::loose(dspread)});
}

template <class Real, class M, std::size_t Z>
void gaussian_divergence(kernel_backend<Real, M>& be, spread_form form, columns<const Real, Z> mean,
                         columns<const Real, Z> spread, std::span<double> by_dimension) {
    be.machine.launch(
        kernels::divergence<Real>{form, detail::loose(mean), detail::loose(spread), mean.count(), Z, by_dimension.data()},
        kernels::over_columns(Z, sizeof(double)));
}

template <class Real, class M, std::size_t Z>
void gaussian_divergence_backward(kernel_backend<Real, M>& be, spread_form form, columns<const Real, Z> mean,
                                  columns<const Real, Z> spread, std::span<const Real> factors, columns<Real, Z> dmean,
                                  columns<Real, Z> dspread) {
    detail::launch_each(be, mean.count(), Z,
                        kernels::divergence_backward_op<Real>{form, detail::loose(mean), detail::loose(spread), factors.data(),
                                                              detail::loose(dmean), detail::loose(dspread)});
}

template <class Real, class M, std::size_t N>
void batch_statistics(kernel_backend<Real, M>& be, columns<const Real, N> x, double epsilon, rows<Real, N> statistics,
                      std::span<Real, N> running_mean, std::span<Real, N> running_var, double momentum, running_variance form) {
    be.machine.launch(
        kernels::column_statistics<Real>{detail::loose(x), x.count(), N, epsilon, momentum, form, statistics.data(),
                                         statistics.data() + N, running_mean.data(), running_var.data()},
        kernels::over_columns(N, sizeof(double)));
}

template <class Real, class M, std::size_t N>
void running_statistics(kernel_backend<Real, M>& be, double epsilon, frame<const Real, N> mean, frame<const Real, N> variance,
                        rows<Real, N> statistics) {
    detail::launch_each(
        be, 1, N, kernels::running_op<Real>{epsilon, mean.data(), variance.data(), statistics.data(), statistics.data() + N});
}

template <class Real, class M, std::size_t N>
void normalise(kernel_backend<Real, M>& be, columns<const Real, N> x, rows<Real, N> statistics, columns<Real, N> normal) {
    detail::launch_each(
        be, x.count(), N,
        kernels::normalise_op<Real>{detail::loose(x), statistics.data(), statistics.data() + N, detail::loose(normal)});
}

template <class Real, class M, std::size_t N>
void scale_shift(kernel_backend<Real, M>& be, columns<const Real, N> x, const Real* w, const Real* b, columns<Real, N> y) {
    detail::launch_each(be, x.count(), N, kernels::scale_shift_op<Real>{detail::loose(x), w, b, detail::loose(y)});
}

template <class Real, class M, std::size_t N>
void normalise_sums(kernel_backend<Real, M>& be, columns<const Real, N> dy, columns<const Real, N> normal, rows<Real, N> sums) {
    be.machine.launch(kernels::normalise_sums<Real>{detail::loose(dy), detail::loose(normal), dy.count(), N, sums.data()},
                      kernels::over_columns(N, sizeof(Real)));
}

template <class Real, class M, std::size_t N>
void normalise_backward(kernel_backend<Real, M>& be, columns<const Real, N> dy, columns<const Real, N> normal, const Real* w,
                        rows<const Real, N> scale, rows<Real, N> sums, columns<Real, N> dx) {
    const Real share = 1 / static_cast<Real>(std::max<std::size_t>(dy.count(), 1));
    detail::launch_each(be, dy.count(), N,
                        kernels::normalise_backward_op<Real>{detail::loose(dy), detail::loose(normal), w, scale.data(),
                                                             sums.data(), N, share, detail::loose(dx)});
}

/// Counts an update on the device's clock, and finds the norm of the gradients and what they are to be multiplied by so that it
/// does not exceed `most`; the update that follows multiplies.
template <class Real, class M>
void begin_update(kernel_backend<Real, M>& be, std::span<const Real> gradients, double most, kernels::update_clock* clock) {
    const kernels::dims d = kernels::over_partials(gradients.size());
    be.machine.launch(kernels::square_sums<Real>{gradients.data(), gradients.size(), be.machine.partials()}, d);
    be.machine.launch(kernels::tick{clock, detail::finish(be, d.grid, 1), most}, kernels::tick::launch());
}

}  // namespace lofi::inline LOFI_ABI::backend
