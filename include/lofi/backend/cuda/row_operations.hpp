#pragma once
// The operations on rows as launches: gates of a WaveNet, layer normalisation, weight normalisation.
#include <cstddef>
#include <span>

#include <lofi/backend/cuda/detail/rows.hpp>
#include <lofi/backend/cuda/kernel_backend.hpp>

namespace lofi::inline LOFI_ABI::backend {

template <class Real, class M, std::size_t C>
void gate(kernel_backend<Real, M>& be, columns<Real, 2 * C> z, columns<Real, C> y) {
    LOFI_ASSERT(z.count() == y.count(), "a gate needs as many output rows as input rows");
    detail::launch_each(be, y.count(), C, kernels::gate_op<Real>{C, detail::loose(z), detail::loose(y)});
}
template <class Real, class M, std::size_t C>
void gate_backward(kernel_backend<Real, M>& be, columns<const Real, 2 * C> z, columns<const Real, C> dy,
                   columns<Real, 2 * C> dz) {
    LOFI_ASSERT(z.count() == dy.count() && dz.count() == dy.count(), "the slope of a gate needs equal numbers of rows");
    detail::launch_each(be, dy.count(), C,
                        kernels::gate_backward_op<Real>{C, detail::loose(z), detail::loose(dy), detail::loose(dz)});
}

template <class Real, class M, std::size_t C>
void normalise_rows(kernel_backend<Real, M>& be, columns<const Real, C> x, double epsilon, columns<Real, C> normal,
                    std::span<Real> scale) {
    be.machine.launch(kernels::normalise_rows<Real>{detail::loose(x), static_cast<Real>(epsilon), x.count(), C,
                                                    detail::loose(normal), scale.data()},
                      kernels::over_rows(x.count()));
}
template <class Real, class M, std::size_t C>
void normalise_rows_backward(kernel_backend<Real, M>& be, columns<const Real, C> dy, columns<const Real, C> normal,
                             std::span<const Real> scale, const Real* w, Real* dw, Real* db, columns<Real, C> dx) {
    be.machine.launch(kernels::normalise_rows_weights<Real>{detail::loose(dy), detail::loose(normal), dy.count(), C, dw, db},
                      kernels::over_columns(C, sizeof(Real)));
    if (dx.empty()) return;
    be.machine.launch(kernels::normalise_rows_backward<Real>{detail::loose(dy), detail::loose(normal), scale.data(), w,
                                                             dy.count(), C, detail::loose(dx)},
                      kernels::over_rows(dy.count()));
}

template <class Real, class M, std::size_t O, std::size_t I>
void row_lengths(kernel_backend<Real, M>& be, matrix<Real, O, I> v, frame<Real, O> y) {
    be.machine.launch(kernels::row_lengths<Real>{{v.data, I}, O, I, y.data()}, kernels::over_rows(O));
}
template <class Real, class M, std::size_t O, std::size_t I>
void scale_rows(kernel_backend<Real, M>& be, matrix<Real, O, I> v, const Real* g, frame<const Real, O> lengths,
                matrix<Real, O, I> w) {
    detail::launch_each(be, O, I, kernels::scale_rows_op<Real>{{v.data, I}, g, lengths.data(), {w.data, I}});
}
template <class Real, class M, std::size_t O, std::size_t I>
void scale_rows_backward(kernel_backend<Real, M>& be, matrix<Real, O, I> v, const Real* g, frame<const Real, O> lengths,
                         matrix<Real, O, I> dw, Real* dg, matrix<Real, O, I> dv) {
    be.machine.launch(kernels::scale_rows_backward<Real>{{v.data, I}, {dw.data, I}, g, lengths.data(), O, I, dg, {dv.data, I}},
                      kernels::over_rows(O));
}

}  // namespace lofi::inline LOFI_ABI::backend
