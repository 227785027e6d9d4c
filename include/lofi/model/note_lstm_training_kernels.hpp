#pragma once
// Kernel bodies of the note network's training: batches drawn where the songs lie, and what tokens cost, with the gradients.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include <lofi/backend/cuda/detail/reduce.hpp>
#include <lofi/backend/cuda/detail/step.hpp>
#include <lofi/core/random.hpp>
#include <lofi/model/note_lstm.hpp>

namespace lofi::inline LOFI_ABI::model::kernels {

using backend::kernels::dims;
using backend::kernels::random_word;

// Measured by the compiler: see `backend::kernels::begin_step`.
inline constexpr std::string_view told_name = "told", features_name = "features";

/// A stretch of a song among all songs' tokens in one row, with what may be told about the song: places in the vector of conditions, -1
/// for none.
struct note_stretch {
    std::uint32_t first = 0, count = 0;
    std::int32_t style = -1, mode = -1, tempo = -1;
    std::uint32_t scale = 0;
};

/// Songs in one row.
struct note_songs {
    const std::int16_t* features;  ///< (tokens, note_feature::count)
    const std::int32_t* tokens;
    const note_context* contexts;  ///< without the scale
    const std::uint64_t* allowed;  ///< (tokens, words of a hands_set)
    const note_stretch* stretches;
};

/// How often what is kept from the network, as note_mask and note_dropout have it.
struct note_hiding {
    double everything = 0, style = 0, scale = 0, tempo = 0, bars = 0, features = 0;
};

/// What a batch knows of each of its stretches.
struct note_row {
    std::uint64_t drawn = 0;  ///< where its draws of left-out features begin
    std::uint32_t first = 0, count = 0, scale = 0, bars_told = 0;
};

LOFI_KERNEL double unit_of(std::uint32_t word) { return static_cast<double>(static_cast<float>(word >> 8U) * 0x1p-24F); }

/// Draws what each stretch of a batch is told, in the CPU's order of random numbers; one block.
struct draw_notes {
    note_songs songs;
    note_hiding hiding;
    const std::uint64_t* step;   ///< null: nothing is hidden
    const std::uint32_t* order;  ///< numbers of stretches, `most` a step; without steps the batch itself
    std::size_t most, batch, told_size;
    std::uint64_t train_key;
    note_row* rows;
    std::int32_t* lengths;
    float *told, *scale;  ///< scale: 1 / tokens of the batch

    static dims launch() { return {.grid = 1, .block = 256}; }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        constexpr std::size_t dropped = note_feature::count - 2;
        const std::uint32_t* const mine = step == nullptr ? order : order + *step % backend::kernels::step_block * most;
        const std::uint64_t key = step == nullptr ? 0 : random_key{train_key}.child(*step).child(told_name).value;
        for (auto b = static_cast<std::size_t>(c.tid()); b < batch; b += static_cast<std::size_t>(c.block_dim())) {
            std::uint64_t before = 0, all = 0;
            for (std::size_t i = 0; i < batch; ++i) {
                if (i == b) before = all;
                all += songs.stretches[mine[i]].count;
            }
            const note_stretch s = songs.stretches[mine[b]];
            const auto hidden = [&](std::uint64_t nth, double p) {
                return step != nullptr && unit_of(random_word(key, 5 * b + nth)) < p;
            };
            const bool nothing = hidden(0, hiding.everything);
            const bool style = !hidden(1, hiding.style) && !nothing, mode = !hidden(2, hiding.scale) && !nothing,
                       tempo = !hidden(3, hiding.tempo) && !nothing, bars = !hidden(4, hiding.bars) && !nothing;
            float* const z = told + b * told_size;
            for (std::size_t i = 0; i < told_size; ++i) z[i] = 0;
            if (style && s.style >= 0) z[s.style] = 1;
            if (mode && s.mode >= 0) z[s.mode] = 1;
            if (tempo && s.tempo >= 0) z[s.tempo] = 1;
            rows[b] = {before * dropped, s.first, s.count, mode ? s.scale : 0U, bars ? 1U : 0U};
            lengths[b] = static_cast<std::int32_t>(s.count);
            if (b == 0) *scale = static_cast<float>(1 / static_cast<double>(all));
        }
    }
};

/// Lays out what the network sees: ids (T*B, K), -1 beyond the end of a stretch; where each row's token lies, -1 for none.
struct note_ids_op {
    note_songs songs;
    double rate;          ///< of features that are left out
    std::int32_t untold;  ///< the id that says that nobody told how many bars are left
    const std::uint64_t* step;
    std::uint64_t train_key;
    std::size_t batch;
    const note_row* rows;
    std::int32_t *ids, *source;

    LOFI_KERNEL void operator()(std::size_t n, std::size_t k) const {
        constexpr std::size_t K = note_feature::count, place = note_feature::place, left = note_feature::left;
        const std::size_t t = n / batch;
        const note_row r = rows[n % batch];
        const bool inside = t < r.count;
        if (k == 0) source[n] = inside ? static_cast<std::int32_t>(r.first + t) : -1;
        std::int32_t id = inside ? songs.features[(r.first + t) * K + k] : -1;
        if (inside && k == left && r.bars_told == 0) id = untold;
        if (inside && rate > 0 && k != place && k != left) {
            const std::uint64_t key = random_key{train_key}.child(*step).child(features_name).value;
            const std::uint64_t at = r.drawn + t * (K - 2) + k - (k > place ? 1 : 0) - (k > left ? 1 : 0);
            if (unit_of(random_word(key, at)) < rate) id = -1;
        }
        ids[n * K + k] = id;
    }
};

/// What tokens cost under the head's outputs, one warp a row, and the outputs' gradients; as `token_cost`.
/// partial (blocks,4): nats, tokens, tokens, right guesses.
template <class Real>
struct note_costs {
    static constexpr std::size_t warps = 4, symbols = note_symbols, outputs = note_output::count,
                                 words = (note_symbols + 63) / 64;
    note_songs songs;
    const note_row* rows;
    const std::int32_t* source;
    std::size_t batch, row_count;
    const Real* y;
    const float* scale;
    Real* dy;  ///< null: none
    double* partial;

    static dims launch(std::size_t row_count) {
        const std::size_t blocks = (row_count + warps - 1) / warps, most = backend::kernels::partial_count;
        return {.grid = static_cast<unsigned>(blocks < 1      ? 1
                                              : blocks > most ? most
                                                              : blocks),
                .block = static_cast<unsigned>(32 * warps),
                .shared_bytes = warps * ((symbols + 4) * sizeof(double) + outputs * sizeof(Real))};
    }
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        auto* const found = c.template shared<double>();  // (warps,4)
        const auto warp = static_cast<std::size_t>(c.tid() / 32), lane = static_cast<std::size_t>(c.tid() % 32);
        double* const x = found + 4 * warps + warp * symbols;
        Real* const g = reinterpret_cast<Real*>(found + (4 + symbols) * warps) + warp * outputs;
        double sums[3] = {0, 0, 0};
        for (std::size_t n = static_cast<std::size_t>(c.bid()) * warps + warp; n < row_count;
             n += static_cast<std::size_t>(c.grid_dim()) * warps)
            row(c, n, lane, x, g, sums);
        if (lane == 0)
            found[warp * 4] = sums[0], found[warp * 4 + 1] = found[warp * 4 + 2] = sums[1], found[warp * 4 + 3] = sums[2];
        c.sync();
        if (c.tid() >= 4) return;
        double sum = 0;
        for (std::size_t w = 0; w < warps; ++w) sum += found[w * 4 + lane];
        partial[static_cast<std::size_t>(c.bid()) * 4 + lane] = sum;
    }

private:
    /// Outputs that several symbols share, by kind; each kind is summed by one lane, in the order of the symbols.
    LOFI_KERNEL static std::size_t kind_of(std::size_t output) {
        using namespace note_output;
        return output < right ? 32 : output < above ? 0 : output < left ? 1 : output < copy ? 2 : output - copy + 3;
    }
    template <class C>
    LOFI_KERNEL void row(C& c, std::size_t n, std::size_t lane, double* x, Real* g, double* sums) const {
        const std::int32_t at = source[n];
        if (at < 0) {
            if (dy != nullptr)
                for (std::size_t o = lane; o < outputs; o += 32) dy[n * outputs + o] = Real(0);
            return;
        }
        note_context context = songs.contexts[at];
        context.scale = static_cast<std::uint16_t>(rows[n % batch].scale);
        const std::uint64_t* const may = songs.allowed + static_cast<std::size_t>(at) * words;
        const std::int32_t token = songs.tokens[at];
        double most = -1e300;
        std::uint32_t best = 0xffffffffU;
        for (std::size_t v = lane; v < symbols; v += 32) {
            double logit = -1e300;
            if ((may[v / 64] >> v % 64 & 1U) != 0) {
                logit = 0;
                note_terms(context, static_cast<std::int32_t>(v),
                           [&](std::size_t output) { logit += static_cast<double>(y[n * outputs + output]); });
                if (logit > most) most = logit, best = static_cast<std::uint32_t>(v);
            }
            x[v] = logit;
        }
        for (int m = 16; m > 0; m /= 2) {
            const double other = c.shfl_xor(most, m);
            const std::uint32_t from = c.shfl_xor(best, m);
            if (other > most || (other == most && from < best)) most = other, best = from;
        }
        c.warp_sync();
        const double own = x[token];
        c.warp_sync();
        double total = 0;
        for (std::size_t v = lane; v < symbols; v += 32) {
            const double e = x[v] > -1e299 ? std::exp(x[v] - most) : 0.0;
            x[v] = e, total += e;
        }
        total = backend::kernels::warp_sum(c, total);
        sums[0] += std::log(total) + most - own, sums[1] += 1;
        sums[2] += best == static_cast<std::uint32_t>(token) ? 1 : 0;
        if (dy == nullptr) {
            c.warp_sync();
            return;
        }
        const Real factor = static_cast<Real>(*scale);
        for (std::size_t v = lane; v < symbols; v += 32)
            g[v] = (may[v / 64] >> v % 64 & 1U) == 0
                       ? Real(0)
                       : factor * static_cast<Real>(x[v] / total - (static_cast<std::int32_t>(v) == token ? 1.0 : 0.0));
        for (std::size_t o = symbols + lane; o < outputs; o += 32) g[o] = Real(0);
        c.warp_sync();
        if (lane < 7)
            for (std::size_t v = 0; v < symbols; ++v) {
                if (g[v] == Real(0)) continue;
                note_terms(context, static_cast<std::int32_t>(v), [&](std::size_t output) {
                    if (kind_of(output) == lane) g[output] += g[v];
                });
            }
        c.warp_sync();
        for (std::size_t o = lane; o < outputs; o += 32) dy[n * outputs + o] = g[o];
        c.warp_sync();
    }
};

}  // namespace lofi::inline LOFI_ABI::model::kernels
