#pragma once
// From real weights to those of the fixed backend: 8 bits a weight, one scale a row.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <lofi/backend/fixed.hpp>
#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// Fraction bits of what a product takes in.
enum class input_form : int { activation = backend::fixed::activation_bits, state = backend::fixed::state_bits };

/// Appends quantised weights to an arena, in the order in which `bind` takes them.
class quantiser {
public:
    /// A matrix (out, in), and its bias unless that is empty.
    /// errors: a weight or bias too large for the fixed backend
    void matrix(std::span<const float> w, std::size_t out, std::span<const float> bias, input_form form);
    /// A table (rows, width) whose rows are summed: one scale a column.
    void table(std::span<const float> w, std::size_t width);
    /// An affine map (out, in) with its bias: a head, say.
    template <class Affine>
    void affine(const Affine& p, input_form form) {
        constexpr std::size_t out = decltype(p.w)::row_count;
        matrix(p.w.flat(), out, {p.b, out}, form);
    }
    /// The weights of a `bag_lstm`: its table, the map of the constant vector, the recurrent matrix.
    template <class Params>
    void bag_lstm(const Params& p) {
        table(p.table.w.flat(), decltype(p.table.w)::column_count);
        affine(p.zh, input_form::activation);
        matrix(p.hh.w.flat(), decltype(p.hh.w)::row_count, {}, input_form::state);
    }

    [[nodiscard]] const backend::fixed_arena& arena() const { return arena_; }

private:
    void row(const float* w, std::size_t count, std::size_t stride, std::int8_t* out, std::size_t out_stride, input_form form);

    backend::fixed_arena arena_;
};

// ---------------------------------------------------------------- bodies

inline void quantiser::row(const float* w, std::size_t count, std::size_t stride, std::int8_t* out, std::size_t out_stride,
                           input_form form) {
    float largest = 0;
    for (std::size_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(w[i * stride]));
    const double step = largest > 0 ? static_cast<double>(largest) / 127.0 : 0.0;
    for (std::size_t i = 0; i < count; ++i)
        out[i * out_stride] =
            step > 0 ? static_cast<std::int8_t>(std::lround(static_cast<double>(w[i * stride]) / step)) : std::int8_t{0};
    const double scale = std::ldexp(step, backend::fixed::sum_bits - static_cast<int>(form) + backend::fixed::scale_bits);
    if (!(scale < 2147483647.0))
        raise(error("quantising", "a weight of " + std::to_string(largest) + " is too large for 8 bits with a scale of 32"));
    arena_.words.push_back(static_cast<std::int32_t>(std::lround(scale)));
}

inline void quantiser::matrix(std::span<const float> w, std::size_t out, std::span<const float> bias, input_form form) {
    const std::size_t in = w.size() / out, first = arena_.bytes.size();
    arena_.bytes.resize(first + w.size());
    for (std::size_t o = 0; o < out; ++o) row(w.data() + o * in, in, 1, arena_.bytes.data() + first + o * in, 1, form);
    for (const float b : bias) {
        if (!(std::abs(b) < 32000.0F))
            raise(error("quantising", "a bias of " + std::to_string(b) + " is too large for the fixed backend"));
        arena_.words.push_back(
            static_cast<std::int32_t>(std::lround(std::ldexp(static_cast<double>(b), backend::fixed::sum_bits))));
    }
}

inline void quantiser::table(std::span<const float> w, std::size_t width) {
    const std::size_t first = arena_.bytes.size();
    arena_.bytes.resize(first + w.size());
    for (std::size_t c = 0; c < width; ++c)
        row(w.data() + c, w.size() / width, width, arena_.bytes.data() + first + c, width, input_form::activation);
}

}  // namespace lofi::inline LOFI_ABI::nn
