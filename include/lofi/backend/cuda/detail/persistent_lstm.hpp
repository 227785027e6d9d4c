#pragma once
// The LSTM of a whole sequence in one kernel each way: the recurrent weights stay in registers from the first step to the last, and
// blocks tell each other by counters in memory that a step is there.
#include <lofi/backend/cuda/detail/meeting.hpp>
#include <lofi/backend/cuda/detail/recurrent.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// How a layer lies on a device. A block has some units, all four gates of them, and some sequences; each of its eight warps has one
/// gate of half the units, and each lane every 32nd weight of these rows.
template <class Real, std::size_t H>
struct persistent_shape {
    static constexpr int per_lane = static_cast<int>((H + 31) / 32);    ///< K
    static constexpr int rows = per_lane * sizeof(Real) <= 64 ? 8 : 4;  ///< R, of weights in a warp: R*K numbers in each lane
    static constexpr int warps = 8, threads = 32 * warps, units = 2 * rows, side_by_side = 4;
    static constexpr std::size_t unit_groups = (H + units - 1) / units, padded = std::size_t{32} * per_lane;
    static constexpr bool fits = per_lane * sizeof(Real) <= 128;

    /// Sequences whose inputs lie in shared memory at a time, for `width` times H numbers each.
    static constexpr std::size_t chunk(std::size_t width) {
        std::size_t s = 16;
        while (s > side_by_side && s * width * padded * sizeof(Real) > (std::size_t{160} << 10)) s /= 2;
        return s;
    }
};

/// The sums of N values over 32 lanes: lane l gets the sum of value l*N/32. Half of the values go each time.
template <int N, int Mask = 16, class C, class Real>
LOFI_KERNEL Real scattered_sum(C& c, Real* v) {
    if constexpr (Mask == 0) {
        return v[0];
    } else if constexpr (N == 1) {
        v[0] += c.shfl_xor(v[0], Mask);
        return scattered_sum<1, Mask / 2>(c, v);
    } else {
        const bool upper = (c.tid() & Mask) != 0;
        LOFI_UNROLL
        for (int i = 0; i < N / 2; ++i) {
            const Real other = c.shfl_xor(upper ? v[i] : v[i + N / 2], Mask);
            v[i] = (upper ? v[i + N / 2] : v[i]) + other;
        }
        return scattered_sum<N / 2, Mask / 2>(c, v);
    }
}

/// out[s*units + r] = scale * the product of row r with input s, for the S inputs in shared memory; bits, unless null, say of each lane
/// which of its numbers count.
template <class Shape, bool Masked, class C, class Real>
LOFI_KERNEL void warp_products(C& c, const Real (&w)[Shape::rows][Shape::per_lane], const Real* x, std::size_t stride,
                               std::size_t inputs, const std::uint32_t* bits, std::size_t bit_stride, Real scale, Real* out) {
    constexpr int R = Shape::rows, K = Shape::per_lane, S = Shape::side_by_side, N = R * S;
    const int lane = c.tid() % 32;
    for (std::size_t s0 = 0; s0 < inputs; s0 += S) {
        Real sums[N] = {};
        std::uint32_t kept[S] = {};
        if constexpr (Masked) {
            LOFI_UNROLL
            for (int s = 0; s < S; ++s)
                kept[s] = bits[(s0 + static_cast<std::size_t>(s)) * bit_stride + static_cast<std::size_t>(lane)];
        }
        LOFI_UNROLL
        for (int i = 0; i < K; ++i) {
            LOFI_UNROLL
            for (int s = 0; s < S; ++s) {
                Real v = x[(s0 + static_cast<std::size_t>(s)) * stride + static_cast<std::size_t>(lane + 32 * i)];
                if constexpr (Masked) v = (kept[s] >> i & 1U) != 0 ? v : Real(0);
                LOFI_UNROLL
                for (int r = 0; r < R; ++r) sums[s * R + r] += w[r][i] * v;
            }
        }
        const Real sum = scattered_sum<N>(c, sums);
        const int nth = lane * N / 32;
        if (lane % (32 / N) == 0)
            out[(s0 + static_cast<std::size_t>(nth / R)) * Shape::units + static_cast<std::size_t>(nth % R)] = scale * sum;
    }
}

/// What both ways share: the layer's place on the device, the walk, and the record.
template <class Real, std::size_t H>
struct persistent_lstm {
    using shape = persistent_shape<Real, H>;
    static constexpr unsigned max_threads = shape::threads;
    meeting meet;
    const Real* u;
    const std::int32_t* lengths;
    std::size_t steps, batch, group_rows;  ///< sequences of a block
    bool reverse;
    Real *gates, *tanh_c, *h, *c;
    const Real* mask;  ///< factors that are 0 or all one value; null: none

    /// Where a thread of a block stands.
    struct place {
        std::size_t group, first_unit, first_row, row_count;
        int gate, half, lane, warp;
    };
    template <class C>
    LOFI_KERNEL place place_of(C& ctx) const {
        const auto block = static_cast<std::size_t>(ctx.bid()), group = block / shape::unit_groups;
        const int warp = ctx.tid() / 32;
        const std::size_t first = group * group_rows, left = batch - first;
        return {group,          block % shape::unit_groups * shape::units,
                first,          left < group_rows ? left : group_rows,
                warp / 2,       warp % 2,
                ctx.tid() % 32, warp};
    }
    /// Brings rows of numbers into shared memory, H of each and zeros up to the padded width; rows beyond the last are zeros.
    template <class C>
    LOFI_KERNEL static void load_tile(C& ctx, const Real* from, std::size_t from_stride, std::size_t parts, std::size_t have,
                                      std::size_t want, Real* tile) {
        const std::size_t width = parts * shape::padded;
        if constexpr (H % 32 == 0) {
            LOFI_UNROLL_BY_8
            for (std::size_t i = static_cast<std::size_t>(ctx.tid()) * quad<Real>::count; i < want * width;
                 i += static_cast<std::size_t>(shape::threads) * quad<Real>::count) {
                const std::size_t s = i / width, k = i % width;
                *reinterpret_cast<quad<Real>*>(tile + i) =
                    s < have ? ctx.load_fresh_quad(from + s * from_stride + k) : quad<Real>{};
            }
        } else {
            for (std::size_t i = static_cast<std::size_t>(ctx.tid()); i < want * width; i += shape::threads) {
                const std::size_t s = i / width, part = i % width / shape::padded, k = i % shape::padded;
                tile[i] = s < have && k < H ? ctx.load_fresh(from + s * from_stride + part * H + k) : Real(0);
            }
        }
    }
    [[nodiscard]] LOFI_KERNEL static std::size_t whole(std::size_t s) {
        return (s + shape::side_by_side - 1) / shape::side_by_side * shape::side_by_side;
    }
};

template <class Real, std::size_t H>
struct persistent_lstm_forward : persistent_lstm<Real, H> {
    using shape = persistent_shape<Real, H>;
    strided<Real> y;
    static constexpr std::size_t chunk = shape::chunk(1);

    static std::size_t shared_bytes(std::size_t group_rows, bool masked) {
        const std::size_t rows = (group_rows + chunk - 1) / chunk * chunk;
        return (chunk * shape::padded + 4 * chunk * shape::units + shape::warps) * sizeof(Real) +
               (1 + (masked ? rows * 4 * 32 : 0)) * sizeof(std::uint32_t);
    }
    template <class C>
    LOFI_KERNEL void operator()(C& ctx) const {
        constexpr int R = shape::rows, K = shape::per_lane;
        auto* const tile = ctx.template shared<Real>();
        Real *const sums = tile + chunk * shape::padded, *const greatest = sums + 4 * chunk * shape::units;
        auto* const flag = reinterpret_cast<std::uint32_t*>(greatest + shape::warps);
        std::uint32_t* const bits = flag + 1;
        const auto at = this->place_of(ctx);
        const auto gate = static_cast<std::size_t>(at.gate), lane = static_cast<std::size_t>(at.lane);
        Real w[R][K];
        LOFI_UNROLL
        for (int r = 0; r < R; ++r) {
            const std::size_t unit = at.first_unit + static_cast<std::size_t>(at.half * R + r);
            LOFI_UNROLL
            for (int i = 0; i < K; ++i) {
                const std::size_t k = lane + static_cast<std::size_t>(32 * i);
                w[r][i] = unit < H && k < H ? this->u[(gate * H + unit) * H + k] : Real(0);
            }
        }
        const Real kept = this->mask == nullptr ? Real(1) : pack(ctx, at, bits, greatest);

        // One number of the step is one thread's, from the first step to the last.
        const auto s = static_cast<std::size_t>(ctx.tid()) / shape::units,
                   j = static_cast<std::size_t>(ctx.tid()) % shape::units;
        const std::size_t unit = at.first_unit + j;
        for (std::size_t nth = 0; nth < this->steps; ++nth) {
            const std::size_t t = this->reverse ? this->steps - 1 - nth : nth;
            const std::size_t before = (this->reverse ? t + 1 : t) * this->batch,
                              after = (this->reverse ? t : t + 1) * this->batch;
            for (std::size_t s0 = 0; s0 < at.row_count; s0 += chunk) {
                const std::size_t left = at.row_count - s0, have = left < chunk ? left : chunk, b = at.first_row + s0 + s;
                const bool mine = s < have && unit < H;
                Real x[4] = {}, c0 = 0;
                Real* const g = this->gates + (t * this->batch + b) * 4 * H + unit;
                if (mine) {  // before the wait: these come from earlier kernels and from this thread
                    LOFI_UNROLL
                    for (int q = 0; q < 4; ++q) x[q] = g[static_cast<std::size_t>(q) * H];
                    c0 = this->c[(before + b) * H + unit];
                }
                if (s0 == 0 && nth > 0 && !this->meet.wait(ctx, at.group, nth * shape::unit_groups, flag)) return;
                this->load_tile(ctx, this->h + (before + at.first_row + s0) * H, H, 1, have, this->whole(have), tile);
                ctx.sync();
                Real* const out = sums + gate * chunk * shape::units + at.half * R;
                if (this->mask == nullptr)
                    warp_products<shape, false>(ctx, w, tile, shape::padded, have, nullptr, 0, kept, out);
                else
                    warp_products<shape, true>(ctx, w, tile, shape::padded, have, bits + (s0 * 4 + gate) * 32, 4 * 32, kept,
                                               out);
                ctx.sync();
                if (!mine) continue;
                const bool inside = step_of_walk{this->lengths, t}.inside(b);
                const std::size_t to = (after + b) * H + unit;
                Real h1 = 0;
                if (inside) {
                    LOFI_UNROLL
                    for (int q = 0; q < 4; ++q) x[q] += sums[(static_cast<std::size_t>(q) * chunk + s) * shape::units + j];
                    const Real i = sigmoid(x[0]), f = sigmoid(x[1]), n = std::tanh(x[2]), o = sigmoid(x[3]);
                    const Real next = f * c0 + i * n, bent = std::tanh(next);
                    g[0] = i, g[H] = f, g[2 * H] = n, g[3 * H] = o;
                    this->c[to] = next, this->tanh_c[(t * this->batch + b) * H + unit] = bent;
                    h1 = o * bent;
                } else {
                    h1 = this->h[(before + b) * H + unit], this->c[to] = c0;
                }
                this->h[to] = h1;
                if (y.data != nullptr) y.at(t * this->batch + b, unit) = inside ? h1 : Real(0);
            }
            if (nth + 1 < this->steps) this->meet.arrive(ctx, at.group);
        }
    }

private:
    /// Turns the factors of the block's sequences into bits, and returns the value of those that are not 0.
    template <class C>
    LOFI_KERNEL Real pack(C& ctx, const typename persistent_lstm<Real, H>::place& at, std::uint32_t* bits,
                          Real* greatest) const {
        Real most = 0;
        const std::size_t all = (at.row_count + chunk - 1) / chunk * chunk * 4;
        for (auto row = static_cast<std::size_t>(at.warp); row < all; row += shape::warps) {
            const std::size_t b = row / 4, gate = row % 4;
            std::uint32_t word = 0;
            for (int i = 0; i < shape::per_lane; ++i) {
                const auto k = static_cast<std::size_t>(at.lane + 32 * i);
                const Real m =
                    b < at.row_count && k < H ? this->mask[(gate * this->batch + at.first_row + b) * H + k] : Real(0);
                if (m != Real(0)) word |= 1U << i;
                most = m > most ? m : most;
            }
            bits[row * 32 + static_cast<std::size_t>(at.lane)] = word;
        }
        for (int m = 16; m > 0; m /= 2) {
            const Real other = ctx.shfl_xor(most, m);
            most = other > most ? other : most;
        }
        if (at.lane == 0) greatest[at.warp] = most;
        ctx.sync();
        for (int v = 0; v < shape::warps; ++v) most = greatest[v] > most ? greatest[v] : most;
        return most;
    }
};

/// As `lstm_gates_backward_op` and the product with U after it, step by step back.
template <class Real, std::size_t H>
struct persistent_lstm_backward : persistent_lstm<Real, H> {
    using shape = persistent_shape<Real, H>;
    strided<const Real> dy;
    Real *dh, *dc, *dgates;
    static constexpr std::size_t chunk = shape::chunk(4);

    static std::size_t shared_bytes() {
        return (chunk * 4 * shape::padded + 4 * chunk * shape::units) * sizeof(Real) + sizeof(std::uint32_t);
    }
    template <class C>
    LOFI_KERNEL void operator()(C& ctx) const {
        constexpr int R = shape::rows, K = shape::per_lane;
        auto* const tile = ctx.template shared<Real>();
        Real* const sums = tile + chunk * 4 * shape::padded;
        auto* const flag = reinterpret_cast<std::uint32_t*>(sums + 4 * chunk * shape::units);
        const auto at = this->place_of(ctx);
        const auto gate = static_cast<std::size_t>(at.gate), lane = static_cast<std::size_t>(at.lane);
        Real w[R][K];  // columns of U: what flows back into a unit
        LOFI_UNROLL
        for (int r = 0; r < R; ++r) {
            const std::size_t unit = at.first_unit + static_cast<std::size_t>(at.half * R + r);
            LOFI_UNROLL
            for (int i = 0; i < K; ++i) {
                const std::size_t k = lane + static_cast<std::size_t>(32 * i);
                w[r][i] = unit < H && k < H ? this->u[(gate * H + k) * H + unit] : Real(0);
            }
        }
        const auto s = static_cast<std::size_t>(ctx.tid()) / shape::units,
                   j = static_cast<std::size_t>(ctx.tid()) % shape::units;
        const std::size_t unit = at.first_unit + j;
        for (std::size_t nth = this->steps; nth-- > 0;) {
            const std::size_t t = this->reverse ? this->steps - 1 - nth : nth,
                              before = (this->reverse ? t + 1 : t) * this->batch;
            const step_of_walk walk{this->lengths, t};
            for (std::size_t s0 = 0; s0 < at.row_count; s0 += chunk) {
                const std::size_t left = at.row_count - s0, have = left < chunk ? left : chunk, b = at.first_row + s0 + s;
                if (s >= have || unit >= H) continue;
                lstm_gates_backward_op<Real>{walk,
                                             H,
                                             this->gates + t * this->batch * 4 * H,
                                             this->tanh_c + t * this->batch * H,
                                             this->c + before * H,
                                             {dy.data == nullptr ? nullptr : dy.data + t * this->batch * dy.stride, dy.stride},
                                             dh,
                                             dc,
                                             dgates + t * this->batch * 4 * H}(b, unit);
            }
            this->meet.arrive(ctx, at.group);
            if (!this->meet.wait(ctx, at.group, (this->steps - nth) * shape::unit_groups, flag)) return;
            for (std::size_t s0 = 0; s0 < at.row_count; s0 += chunk) {
                const std::size_t left = at.row_count - s0, have = left < chunk ? left : chunk, b = at.first_row + s0 + s;
                this->load_tile(ctx, dgates + (t * this->batch + at.first_row + s0) * 4 * H, 4 * H, 4, have, this->whole(have),
                                tile);
                ctx.sync();
                warp_products<shape, false>(ctx, w, tile + gate * shape::padded, 4 * shape::padded, have, nullptr, 0, Real(1),
                                            sums + gate * chunk * shape::units + at.half * R);
                ctx.sync();
                if (s >= have || unit >= H) continue;
                Real down = dh[b * H + unit];
                LOFI_UNROLL
                for (int q = 0; q < 4; ++q) {
                    const auto g = static_cast<std::size_t>(q);
                    const Real v = sums[(g * chunk + s) * shape::units + j];
                    down += this->mask == nullptr ? v : v * this->mask[(g * this->batch + b) * H + unit];
                }
                dh[b * H + unit] = down;
            }
        }
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
