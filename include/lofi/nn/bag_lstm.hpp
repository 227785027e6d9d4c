#pragma once
// LSTM whose input is a set of ids and a vector that stays the same over the sequence.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct bag_lstm_config {
    std::size_t vocabulary;  ///< V, rows of the table
    std::size_t ids;         ///< K, ids at each step; -1 stands for none
    std::size_t constant;    ///< Z, width of the vector that stays the same; at least 1
    std::size_t hidden;      ///< H
    backend::time_order order = backend::time_order::onward;
};

/// Runs an LSTM over one-hot blocks: gates = b + W_z z + sum over k of table[id_k] + U h. Equal to an LSTM over the
/// concatenation of the blocks and z, but no product is made with zeros, and W_z z is computed once a sequence.
/// Gates in PyTorch's order i, f, g, o; true lengths in the context act as PyTorch's packed sequences.
/// shapes: ids (N*K), z (B,Z), y (N,H), N = T*B; table (V,4H), weight_zh (4H,Z), bias (4H), weight_hh (4H,H)
template <bag_lstm_config C, class Backend>
struct bag_lstm {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, V = C.vocabulary, K = C.ids, Z = C.constant, out_size = H;

    struct params {
        typename Backend::template table<V, 4 * H> table;
        typename Backend::template weights<4 * H, Z> zh;
        typename Backend::template weights<4 * H, H, false> hh;
        static constexpr params bind(auto& at) {
            return {decltype(table)::bind(at), decltype(zh)::bind(at), decltype(hh)::bind(at)};
        }
    };
    static constexpr std::size_t parameter_count = V * 4 * H + 4 * H * (Z + 1) + 4 * H * H, buffer_count = 0;

    struct tape {
        std::span<const std::int32_t> ids;  ///< (N*K), must stay as they were until backward
        columns<const real, Z> z;           ///< (B,Z), likewise
        backend::lstm_record<real, H> record;
        backend::sequence_walk walk;
    };

    /// y may be empty where only the last state is wanted; last (B,H) gets the state h after the last step unless empty.
    static void forward(Backend&, context&, params, std::span<const std::int32_t> ids, columns<const real, Z> z,
                        columns<real, H> y, tape&, columns<real, H> last = {});
    /// dy may be empty where only the last state was used; dlast (B,H) is its gradient.
    /// writes: dp +=, dz = unless empty
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, H> dy, columns<real, Z> dz,
                         columns<const real, H> dlast = {});

    template <class F>
    static void visit(params p, F&& f) {
        f("table", std::array<std::size_t, 2>{V, 4 * H}, p.table.w.flat());
        f("weight_zh", std::array<std::size_t, 2>{4 * H, Z}, p.zh.w.flat());
        f("bias", std::array<std::size_t, 1>{4 * H}, std::span<real>(p.zh.b, 4 * H));
        f("weight_hh", std::array<std::size_t, 2>{4 * H, H}, p.hh.w.flat());
    }
    /// Uniform within 1/sqrt(H), biases 0 and that of the forget gate 1, whatever the scheme.
    static void initialise(params p, random_stream& random, scheme);
};

// ---------------------------------------------------------------- bodies

template <bag_lstm_config C, class Backend>
void bag_lstm<C, Backend>::forward(Backend& be, context& ctx, params p, std::span<const std::int32_t> ids,
                                   columns<const real, Z> z, columns<real, H> y, tape& tape, columns<real, H> last) {
    const std::size_t N = ids.size() / K, B = ctx.batch;
    LOFI_ASSERT(ids.size() == N * K && z.count() == B, "this LSTM needs K ids a row and one constant vector a sequence");
    tape.ids = ids;
    tape.z = z;
    tape.walk = ctx.walk(N, C.order);
    auto& r = tape.record;
    r.gates = ctx.scratch.take_rows<real, 4 * H>(N);
    r.h = ctx.scratch.take_rows<real, H>(N + B);
    r.c = ctx.scratch.take_rows<real, H>(N + B);
    r.tanh_c = ctx.scratch.take_rows<real, H>(N);
    r.mask = {};

    const scratch_scope scope(ctx.scratch);
    const columns<real, 4 * H> still = ctx.scratch.take_rows<real, 4 * H>(B);  // b + W_z z (B,4H)
    linear(be, z, p.zh, still);
    const std::size_t T = tape.walk.steps;
    repeat_rows(be, constant(still), columns<real, 4 * H>(r.gates));
    gather_sum(be, p.table.w, ids, columns<real, 4 * H>(r.gates));

    const std::size_t start = (C.order == backend::time_order::onward ? 0 : T) * B,
                      end = (C.order == backend::time_order::onward ? T : 0) * B;
    fill(be, real{0}, columns<real, H>(r.h.sub(start, B)));
    fill(be, real{0}, columns<real, H>(r.c.sub(start, B)));
    lstm_forward(be, tape.walk, p.hh.w, r, y, columns<real, H>{});
    if (!last.empty()) copy(be, constant(r.h.sub(end, B)), last);
}

template <bag_lstm_config C, class Backend>
void bag_lstm<C, Backend>::backward(Backend& be, context& ctx, params p, params dp, const tape& tape, columns<const real, H> dy,
                                    columns<real, Z> dz, columns<const real, H> dlast) {
    const scratch_scope scope(ctx.scratch);
    const std::size_t B = tape.walk.batch, T = tape.walk.steps, N = T * B;
    const auto dgates = ctx.scratch.take_rows<real, 4 * H>(N);
    const columns<real, H> dh = ctx.scratch.take_rows<real, H>(B), dc = ctx.scratch.take_rows<real, H>(B);
    if (dlast.empty())
        fill(be, real{0}, dh);
    else
        copy(be, dlast, dh);
    fill(be, real{0}, dc);
    lstm_backward(be, tape.walk, p.hh.w, tape.record, dy, dgates, dh, dc, columns<real, H>{});

    scatter_sum(be, constant(dgates), tape.ids, dp.table.w);
    product_dw(be, constant(dgates), constant(tape.record.h.sub(C.order == backend::time_order::onward ? 0 : B, N)), dp.hh.w);
    const columns<real, 4 * H> dstill = ctx.scratch.take_rows<real, 4 * H>(B);
    fill(be, real{0}, dstill);
    sum_repeated(be, constant(dgates), dstill);
    linear_backward(be, p.zh, dp.zh, tape.z, constant(dstill), dz);
}

template <bag_lstm_config C, class Backend>
void bag_lstm<C, Backend>::initialise(params p, random_stream& random, scheme) {
    const double bound = 1 / std::sqrt(static_cast<double>(H));
    for (const std::span<real> values : {p.table.w.flat(), p.zh.w.flat(), p.hh.w.flat()}) fill_uniform(values, bound, random);
    std::fill_n(p.zh.b, 4 * H, real{0});
    std::fill_n(p.zh.b + H, H, real{1});  // the forget gate starts open
}

}  // namespace lofi::inline LOFI_ABI::nn
