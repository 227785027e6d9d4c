#pragma once
// Recurrences as launches: LSTM and GRU step by step, and the LSTM of a whole sequence in one kernel where it fits.
#include <algorithm>
#include <cstddef>
#include <string>

#include <lofi/backend/cuda/detail/persistent_lstm.hpp>
#include <lofi/backend/cuda/kernel_backend.hpp>
#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::backend {

namespace detail {

/// Adds h U^T to the gates of B rows; through a mask, gate by gate.
template <class Real, class Machine>
void recur(kernel_backend<Real, Machine>& be, std::size_t batch, std::size_t size, const Real* u, const Real* h,
           const Real* mask, Real* work, Real* gates) {
    using enum transposed_operand;
    if (mask == nullptr) {
        be.machine.gemm(no, yes, batch, 4 * size, size, h, size, u, size, Real{1}, gates, 4 * size);
        return;
    }
    for (std::size_t gate = 0; gate < 4; ++gate) {
        launch_each(be, batch, size, kernels::multiply_op<Real>{{h, size}, {mask + gate * batch * size, size}, {work, size}});
        be.machine.gemm(no, yes, batch, size, size, work, size, u + gate * size * size, size, Real{1}, gates + gate * size,
                        4 * size);
    }
}

template <class T>
kernels::strided<T> rows_of_step(kernels::strided<T> y, std::size_t batch, std::size_t t) {
    return {y.data == nullptr ? nullptr : y.data + t * batch * y.stride, y.stride};
}

/// How a persistent LSTM lies on a device: groups of sequences, each with the blocks of all units. None where it does not fit.
struct persistent_plan {
    std::size_t groups = 0, group_rows = 0, blocks = 0;
};
template <class Real, class M, std::size_t H>
persistent_plan plan_lstm(const kernel_backend<Real, M>& be, std::size_t batch) {
    using shape = kernels::persistent_shape<Real, H>;
    using enum kernel_tuning::recurrence;
    if (be.tuning.lstm == stepwise || batch == 0) return {};
    std::size_t blocks = be.machine.blocks_at_once();
    if (be.tuning.most_blocks != 0) blocks = std::min(blocks, be.tuning.most_blocks);
    if (!shape::fits || blocks < shape::unit_groups) {
        if (be.tuning.lstm == automatic) return {};
        raise(error("lstm of " + std::to_string(H) + " units",
                    shape::fits
                        ? "in one kernel needs " + std::to_string(shape::unit_groups) + " blocks at once, and there are " +
                              std::to_string(blocks) + ": choose kernel_tuning::recurrence::automatic"
                        : std::string("is too wide for one kernel: choose kernel_tuning::recurrence::automatic")));
    }
    persistent_plan p;
    p.groups = std::min({blocks / shape::unit_groups, batch, kernels::meeting::most_groups});
    p.group_rows = (batch + p.groups - 1) / p.groups;
    p.groups = (batch + p.group_rows - 1) / p.group_rows;
    p.blocks = p.groups * shape::unit_groups;
    return p;
}

template <class Real, class M, std::size_t H>
kernels::persistent_lstm<Real, H> persistent_base(kernel_backend<Real, M>& be, const persistent_plan& plan,
                                                  const sequence_walk& walk, matrix<Real, 4 * H, H> u, lstm_record<Real, H> r) {
    using kernels::meeting;
    std::uint32_t* const words = be.machine.meeting_words();
    launch_each(be, 1, plan.groups * meeting::line, kernels::clear_meeting_op{words});
    return {{words, words + meeting::most_groups * meeting::line, be.tuning.patience},
            u.data,
            walk.lengths.data(),
            walk.steps,
            walk.batch,
            plan.group_rows,
            walk.order == time_order::reverse,
            r.gates.data(),
            r.tanh_c.data(),
            r.h.data(),
            r.c.data(),
            r.mask.data()};
}

template <class Real, class M, std::size_t H>
bool persistent_lstm_forward(kernel_backend<Real, M>& be, sequence_walk walk, matrix<Real, 4 * H, H> u, lstm_record<Real, H> r,
                             columns<Real, H> y) {
    if constexpr (kernels::persistent_shape<Real, H>::fits) {
        using kernel = kernels::persistent_lstm_forward<Real, H>;
        const persistent_plan plan = plan_lstm<Real, M, H>(be, walk.batch);
        if (plan.blocks == 0 || walk.steps == 0) return walk.steps == 0;
        be.machine.launch(kernel{persistent_base(be, plan, walk, u, r), loose(y)},
                          {.grid = static_cast<unsigned>(plan.blocks),
                           .block = kernel::max_threads,
                           .shared_bytes = kernel::shared_bytes(plan.group_rows, !r.mask.empty()),
                           .cooperative = true});
        return true;
    } else {
        return plan_lstm<Real, M, H>(be, walk.batch).blocks != 0;
    }
}

template <class Real, class M, std::size_t H>
bool persistent_lstm_backward(kernel_backend<Real, M>& be, sequence_walk walk, matrix<Real, 4 * H, H> u, lstm_record<Real, H> r,
                              columns<const Real, H> dy, rows<Real, 4 * H> dgates, columns<Real, H> dh, columns<Real, H> dc) {
    if constexpr (kernels::persistent_shape<Real, H>::fits) {
        using kernel = kernels::persistent_lstm_backward<Real, H>;
        const persistent_plan plan = plan_lstm<Real, M, H>(be, walk.batch);
        if (plan.blocks == 0 || walk.steps == 0) return walk.steps == 0;
        be.machine.launch(kernel{persistent_base(be, plan, walk, u, r), loose(dy), dh.data(), dc.data(), dgates.data()},
                          {.grid = static_cast<unsigned>(plan.blocks),
                           .block = kernel::max_threads,
                           .shared_bytes = kernel::shared_bytes(),
                           .cooperative = true});
        return true;
    } else {
        return plan_lstm<Real, M, H>(be, walk.batch).blocks != 0;
    }
}

}  // namespace detail

template <class Real, class M, std::size_t H>
void lstm_forward(kernel_backend<Real, M>& be, sequence_walk walk, matrix<Real, 4 * H, H> u, lstm_record<Real, H> r,
                  columns<Real, H> y, columns<Real, H> work = {}) {
    if (detail::persistent_lstm_forward(be, walk, u, r, y)) return;
    const std::size_t batch = walk.batch, slot = batch * H;
    for (std::size_t nth = 0; nth < walk.steps; ++nth) {
        const std::size_t t = walk.at(nth), before = walk.before(t) * slot, after = walk.after(t) * slot;
        detail::recur(be, batch, H, u.data, r.h.data() + before, r.mask.data(), work.data(), r.gates.data() + t * 4 * slot);
        detail::launch_each(be, batch, H,
                            kernels::lstm_gates_op<Real>{{walk.lengths.data(), t},
                                                         H,
                                                         r.gates.data() + t * 4 * slot,
                                                         r.tanh_c.data() + t * slot,
                                                         r.h.data() + before,
                                                         r.c.data() + before,
                                                         r.h.data() + after,
                                                         r.c.data() + after,
                                                         detail::rows_of_step(detail::loose(y), batch, t)});
    }
}

template <class Real, class M, std::size_t H>
void lstm_backward(kernel_backend<Real, M>& be, sequence_walk walk, matrix<Real, 4 * H, H> u, lstm_record<Real, H> r,
                   columns<const Real, H> dy, rows<Real, 4 * H> dgates, columns<Real, H> dh, columns<Real, H> dc,
                   columns<Real, H> work) {
    LOFI_ASSERT(dh.stride() == H && dc.stride() == H, "gradients of states are contiguous");
    if (detail::persistent_lstm_backward(be, walk, u, r, dy, dgates, dh, dc)) return;
    using enum transposed_operand;
    const std::size_t batch = walk.batch, slot = batch * H;
    for (std::size_t nth = walk.steps; nth-- > 0;) {
        const std::size_t t = walk.at(nth);
        Real* const dg = dgates.data() + t * 4 * slot;
        detail::launch_each(be, batch, H,
                            kernels::lstm_gates_backward_op<Real>{{walk.lengths.data(), t},
                                                                  H,
                                                                  r.gates.data() + t * 4 * slot,
                                                                  r.tanh_c.data() + t * slot,
                                                                  r.c.data() + walk.before(t) * slot,
                                                                  detail::rows_of_step(detail::loose(dy), batch, t),
                                                                  dh.data(),
                                                                  dc.data(),
                                                                  dg});
        if (r.mask.empty()) {
            be.machine.gemm(no, no, batch, H, 4 * H, dg, 4 * H, u.data, H, Real{1}, dh.data(), H);
            continue;
        }
        for (std::size_t gate = 0; gate < 4; ++gate) {
            be.machine.gemm(no, no, batch, H, H, dg + gate * H, 4 * H, u.data + gate * H * H, H, Real{0}, work.data(), H);
            detail::launch_each(
                be, batch, H,
                kernels::multiply_add_op<Real>{{work.data(), H}, {r.mask.data() + gate * slot, H}, {dh.data(), H}});
        }
    }
}

template <class Real, class M, std::size_t H>
void gru_forward(kernel_backend<Real, M>& be, sequence_walk walk, affine<Real, 3 * H, H> u, gru_record<Real, H> r,
                 columns<Real, H> y, rows<Real, 3 * H> work) {
    using enum transposed_operand;
    const std::size_t batch = walk.batch, slot = batch * H;
    for (std::size_t nth = 0; nth < walk.steps; ++nth) {
        const std::size_t t = walk.at(nth), before = walk.before(t) * slot, after = walk.after(t) * slot;
        spread(be, u.b, columns<Real, 3 * H>(work));
        be.machine.gemm(no, yes, batch, 3 * H, H, r.h.data() + before, H, u.w.data, H, Real{1}, work.data(), 3 * H);
        detail::launch_each(be, batch, H,
                            kernels::gru_gates_op<Real>{{walk.lengths.data(), t},
                                                        H,
                                                        r.gates.data() + t * 3 * slot,
                                                        work.data(),
                                                        r.hn.data() + t * slot,
                                                        r.h.data() + before,
                                                        r.h.data() + after,
                                                        detail::rows_of_step(detail::loose(y), batch, t)});
    }
}

template <class Real, class M, std::size_t H>
void gru_backward(kernel_backend<Real, M>& be, sequence_walk walk, affine<Real, 3 * H, H> u, gru_record<Real, H> r,
                  columns<const Real, H> dy, rows<Real, 3 * H> dx_gates, rows<Real, 3 * H> dh_gates, columns<Real, H> dh) {
    LOFI_ASSERT(dh.stride() == H, "gradients of states are contiguous");
    using enum transposed_operand;
    const std::size_t batch = walk.batch, slot = batch * H;
    for (std::size_t nth = walk.steps; nth-- > 0;) {
        const std::size_t t = walk.at(nth);
        Real* const dhg = dh_gates.data() + t * 3 * slot;
        detail::launch_each(be, batch, H,
                            kernels::gru_gates_backward_op<Real>{{walk.lengths.data(), t},
                                                                 H,
                                                                 r.gates.data() + t * 3 * slot,
                                                                 r.hn.data() + t * slot,
                                                                 r.h.data() + walk.before(t) * slot,
                                                                 detail::rows_of_step(detail::loose(dy), batch, t),
                                                                 dh.data(),
                                                                 dx_gates.data() + t * 3 * slot,
                                                                 dhg});
        be.machine.gemm(no, no, batch, H, 3 * H, dhg, 3 * H, u.w.data, H, Real{1}, dh.data(), H);
    }
}

}  // namespace lofi::inline LOFI_ABI::backend
