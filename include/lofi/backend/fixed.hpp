#pragma once
// Arithmetic in whole numbers: the same bits with every compiler, flag, instruction set and byte order. Inference only.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include <lofi/backend/detail/sigmoid_table.hpp>
#include <lofi/backend/detail/vectorised.hpp>
#include <lofi/core/bytes.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/views.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// The backend of the play door. Numbers have these forms:
///   weights      8 bits, one scale a row
///   activations  16 bits, fraction of 12 bits (+-8); states h of recurrent cells 16 bits, fraction of 15 (+-1)
///   sums         32 bits, fraction of 16 (gates before their nonlinearity, logits, cell states c)
/// Products are summed in whole numbers, so order and width of the sums cannot change a result.
struct fixed {
    using real = std::int32_t;
    using activation = std::int16_t;
    using sum = std::int32_t;

    static constexpr int activation_bits = 12;
    static constexpr int state_bits = 15;
    static constexpr int sum_bits = 16;
    static constexpr int scale_bits = 24;

    template <std::size_t Out, std::size_t In, bool Bias = true>
    struct weights;
    template <std::size_t V, std::size_t W>
    struct table;

    /// The logistic function of a sum, in 1/32768.
    [[nodiscard]] static constexpr std::int32_t sigmoid(std::int32_t x) noexcept;
    /// The hyperbolic tangent of a sum, in 1/32768.
    [[nodiscard]] static constexpr std::int32_t tanh(std::int32_t x) noexcept;
    /// A sum as an activation, rounded and held at the ends of its range.
    [[nodiscard]] static constexpr std::int16_t to_activation(std::int32_t x) noexcept;
};

/// Hands out quantised weights in the order in which they were written.
class fixed_cursor;

/// A matrix and a bias: y_o = scale_o (w_oi x_i) + bias_o.
template <std::size_t Out, std::size_t In, bool Bias>
struct fixed::weights {
    const std::int8_t* w = nullptr;       ///< [Out][In]
    const std::int32_t* scale = nullptr;  ///< [Out]: a sum's unit in 2^-24 for each unit of w x
    const std::int32_t* bias = nullptr;   ///< [Out], as a sum

    static weights bind(fixed_cursor& at);
};

/// A table of V rows of W numbers that are looked up and summed: y_j = scale_j (w_aj + w_bj + ...).
template <std::size_t V, std::size_t W>
struct fixed::table {
    const std::int8_t* w = nullptr;       ///< [V][W]
    const std::int32_t* scale = nullptr;  ///< [W]: a sum's unit in 2^-24 for each 2^-12 unit of w

    static table bind(fixed_cursor& at);
};

/// Owns the quantised weights of a network: bytes and words, taken in the order in which the network's layers stand.
struct fixed_arena {
    std::vector<std::int8_t> bytes;
    std::vector<std::int32_t> words;

    /// Reads an arena from its packed form: counts of bytes and words (32 bits each), the bytes, the words; little-endian.
    /// errors: a length that does not fit
    [[nodiscard]] static result<fixed_arena> read(std::span<const std::byte> packed);
    /// Reads an arena that stands in a header as 64-bit words.
    [[nodiscard]] static result<fixed_arena> read(std::span<const std::uint64_t> packed);
    [[nodiscard]] std::vector<std::byte> write() const;
};

class fixed_cursor {
public:
    explicit fixed_cursor(const fixed_arena& arena) : arena_(&arena) {}

    [[nodiscard]] const std::int8_t* bytes(std::size_t n) {
        const std::size_t at = at_byte_;
        at_byte_ += n;
        return at_byte_ <= arena_->bytes.size() ? arena_->bytes.data() + at : nullptr;
    }
    [[nodiscard]] const std::int32_t* words(std::size_t n) {
        const std::size_t at = at_word_;
        at_word_ += n;
        return at_word_ <= arena_->words.size() ? arena_->words.data() + at : nullptr;
    }
    /// Whether everything taken was there, and nothing is left.
    [[nodiscard]] bool complete() const { return at_byte_ == arena_->bytes.size() && at_word_ == arena_->words.size(); }

private:
    const fixed_arena* arena_;
    std::size_t at_byte_ = 0, at_word_ = 0;
};

/// Computes y_o = w_oi x_i + b_o for one row.
/// realtime: yes
template <std::size_t Out, std::size_t In, bool Bias>
void linear_step(fixed&, frame<const std::int16_t, In> x, fixed::weights<Out, In, Bias> p, frame<std::int32_t, Out> y) noexcept;

/// Adds the rows of a table that ids name to y; negative ids add nothing.
/// realtime: yes
template <std::size_t V, std::size_t W>
void gather_sum_step(fixed&, fixed::table<V, W> p, std::span<const std::int32_t> ids, frame<std::int32_t, W> y) noexcept;

/// Runs one LSTM step whose input has been brought to its gates already: h U^T is added to `gates` (4H).
/// realtime: yes
template <std::size_t H>
void lstm_gates_step(fixed&, fixed::weights<4 * H, H, false> u, frame<std::int32_t, 4 * H> gates, frame<std::int16_t, H> h,
                     frame<std::int32_t, H> c) noexcept;

// ---------------------------------------------------------------- bodies

namespace detail {

constexpr std::int32_t hold(std::int64_t v) noexcept {
    constexpr std::int64_t most = std::numeric_limits<std::int32_t>::max();
    return static_cast<std::int32_t>(v > most ? most : v < -most ? -most : v);
}

constexpr std::int64_t scaled(std::int32_t v, std::int32_t scale) noexcept {
    return (std::int64_t{v} * scale + (std::int64_t{1} << (fixed::scale_bits - 1))) >> fixed::scale_bits;
}

// Whole numbers, so that registers of any width give the same.
template <std::size_t Out, std::size_t In>
LOFI_INLINE void fixed_linear(const std::int8_t* w, const std::int16_t* x, const std::int32_t* scale, const std::int32_t* bias,
                              std::int32_t* y) noexcept {
    for (std::size_t o = 0; o < Out; ++o) {
        std::int32_t s = 0;
        for (std::size_t i = 0; i < In; ++i) s += std::int32_t{w[o * In + i]} * std::int32_t{x[i]};
        y[o] = s;
    }
    for (std::size_t o = 0; o < Out; ++o) y[o] = hold((bias != nullptr ? bias[o] : 0) + scaled(y[o], scale[o]));
}

template <std::size_t H>
LOFI_INLINE void fixed_gates(const std::int32_t* gates, const std::int32_t* recurrent, std::int16_t* h,
                             std::int32_t* c) noexcept;

}  // namespace detail

template <std::size_t Out, std::size_t In, bool Bias>
auto fixed::weights<Out, In, Bias>::bind(fixed_cursor& at) -> weights {
    weights p;
    p.w = at.bytes(Out * In);
    p.scale = at.words(Out);
    if constexpr (Bias) p.bias = at.words(Out);
    return p;
}

template <std::size_t V, std::size_t W>
auto fixed::table<V, W>::bind(fixed_cursor& at) -> table {
    table p;
    p.w = at.bytes(V * W);
    p.scale = at.words(W);
    return p;
}

template <std::size_t Out, std::size_t In, bool Bias>
void linear_step(fixed&, frame<const std::int16_t, In> x, fixed::weights<Out, In, Bias> p,
                 frame<std::int32_t, Out> y) noexcept {
    // The largest sum of products of 8 and 16 bits must fit in 32.
    static_assert(In <= 516, "a fixed-point product takes at most 516 inputs: split the layer");
    detail::vectorised<&detail::fixed_linear<Out, In>>(p.w, x.data(), p.scale, Bias ? p.bias : nullptr, y.data());
}

template <std::size_t V, std::size_t W>
void gather_sum_step(fixed&, fixed::table<V, W> p, std::span<const std::int32_t> ids, frame<std::int32_t, W> y) noexcept {
    // All rows share the scale of their column, so they are summed first and scaled once.
    std::int32_t sums[W] = {};
    for (const std::int32_t id : ids) {
        if (id < 0) continue;
        LOFI_ASSERT(static_cast<std::size_t>(id) < V, "an id lies beyond the vocabulary");
        const std::int8_t* const row = p.w + static_cast<std::size_t>(id) * W;
        for (std::size_t i = 0; i < W; ++i) sums[i] += row[i];
    }
    for (std::size_t i = 0; i < W; ++i)
        y[i] = detail::hold(y[i] + detail::scaled(sums[i] * (1 << fixed::activation_bits), p.scale[i]));
}

template <std::size_t H>
void lstm_gates_step(fixed& be, fixed::weights<4 * H, H, false> u, frame<std::int32_t, 4 * H> gates, frame<std::int16_t, H> h,
                     frame<std::int32_t, H> c) noexcept {
    std::array<std::int32_t, 4 * H> recurrent;
    linear_step(be, frame<const std::int16_t, H>(h), u, frame<std::int32_t, 4 * H>(recurrent));
    detail::vectorised<&detail::fixed_gates<H>>(gates.data(), recurrent.data(), h.data(), c.data());
}

namespace detail {
template <std::size_t H>
LOFI_INLINE void fixed_gates(const std::int32_t* LOFI_RESTRICT gates, const std::int32_t* LOFI_RESTRICT recurrent,
                             std::int16_t* LOFI_RESTRICT h, std::int32_t* LOFI_RESTRICT c) noexcept {
    const auto gate = [&](std::size_t k) { return hold(std::int64_t{gates[k]} + recurrent[k]); };
    std::int32_t part[4 * H];
    for (std::size_t k = 0; k < H; ++k) {
        part[k] = fixed::sigmoid(gate(k)), part[H + k] = fixed::sigmoid(gate(H + k));
        part[2 * H + k] = fixed::tanh(gate(2 * H + k)), part[3 * H + k] = fixed::sigmoid(gate(3 * H + k));
    }
    // f c has a fraction of 15 + 16 bits, i g one of 30: both are brought to 31, rounded once to 16.
    for (std::size_t k = 0; k < H; ++k)
        c[k] = hold((std::int64_t{part[H + k]} * c[k] + std::int64_t{part[k]} * part[2 * H + k] * 2 + (1 << 14)) >> 15);
    for (std::size_t k = 0; k < H; ++k) {
        const std::int32_t rounded = (part[3 * H + k] * fixed::tanh(c[k]) + (1 << 14)) >> 15;
        h[k] = static_cast<std::int16_t>(rounded > 32767 ? 32767 : rounded < -32767 ? -32767 : rounded);
    }
}
}  // namespace detail

constexpr std::int32_t fixed::sigmoid(std::int32_t x) noexcept {
    // The table has a value every 2^11 units of the sum (1/32); between them a straight line is within half a unit. Its ends are 0 and
    // 32768 twice, which is what lies beyond.
    constexpr std::int32_t reach = 16 << sum_bits;
    const std::int32_t held = x < -reach ? -reach : x >= reach ? reach - 1 : x;
    const auto offset = static_cast<std::uint32_t>(held + reach);
    const std::uint32_t at = offset >> 11;
    const auto within = static_cast<std::int32_t>(offset & 2047U);
    const std::int32_t a = lofi::detail::sigmoid_q15[at], b = lofi::detail::sigmoid_q15[at + 1];
    return a + (((b - a) * within + 1024) >> 11);
}

constexpr std::int32_t fixed::tanh(std::int32_t x) noexcept {
    constexpr std::int32_t reach = 16 << sum_bits;
    const std::int32_t held = x < -reach ? -reach : x > reach ? reach : x;
    return 2 * sigmoid(2 * held) - 32768;
}

constexpr std::int16_t fixed::to_activation(std::int32_t x) noexcept {
    const std::int32_t rounded = (x >> (sum_bits - activation_bits)) + ((x >> (sum_bits - activation_bits - 1)) & 1);
    return static_cast<std::int16_t>(rounded > 32767 ? 32767 : rounded < -32767 ? -32767 : rounded);
}

inline result<fixed_arena> fixed_arena::read(std::span<const std::byte> packed) {
    byte_reader in(packed);
    const std::size_t byte_count = in.u32_le(), word_count = in.u32_le();
    if (in.failed() || in.left() / 4 < word_count || in.left() - 4 * word_count < byte_count)
        return error("quantised weights", "say that they hold " + std::to_string(byte_count) + " bytes and " +
                                              std::to_string(word_count) + " words, but " + std::to_string(in.left()) +
                                              " bytes follow");
    fixed_arena a;
    a.bytes.reserve(byte_count);
    for (const std::byte b : in.take(byte_count)) a.bytes.push_back(static_cast<std::int8_t>(b));
    a.words.reserve(word_count);
    for (std::size_t i = 0; i < word_count; ++i) a.words.push_back(static_cast<std::int32_t>(in.u32_le()));
    return a;
}

inline result<fixed_arena> fixed_arena::read(std::span<const std::uint64_t> packed) {
    byte_writer bytes;
    for (const std::uint64_t word : packed) bytes.u64_le(word);
    return read(bytes.bytes());
}

inline std::vector<std::byte> fixed_arena::write() const {
    byte_writer out;
    out.u32_le(static_cast<std::uint32_t>(bytes.size()));
    out.u32_le(static_cast<std::uint32_t>(words.size()));
    for (const std::int8_t b : bytes) out.u8(static_cast<std::uint8_t>(b));
    for (const std::int32_t w : words) out.u32_le(static_cast<std::uint32_t>(w));
    return std::move(out).take();
}

}  // namespace lofi::inline LOFI_ABI::backend
