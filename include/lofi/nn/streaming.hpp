#pragma once
// Turns trained weights into the form in which `backend::stream` keeps them.
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/backend/stream.hpp>
#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// Returns the weights of `From` as those of `To`, the same layers over `backend::stream`: matrices in its panels.
template <has_weights To, has_weights From>
    requires(To::buffer_count == From::buffer_count)
[[nodiscard]] parameters<To> to_streaming(const parameters<From>& from) {
    using real = typename From::real;
    // Views are for reading and writing alike; what is read here stays as it was.
    parameters<From> source = from;
    std::vector<std::span<const real>> tensors;
    From::visit(source.view(), [&](auto, auto, std::span<real> values) { tensors.push_back(values); });
    parameters<To> to;
    std::size_t nth = 0;
    To::visit(to.view(), [&](auto, std::span<const std::size_t> shape, std::span<typename To::real> values) {
        LOFI_ASSERT(nth < tensors.size(), "weights turn into those of the same layers only");
        const std::span<const real> t = tensors[nth++];
        if (shape.size() < 2) {
            LOFI_ASSERT(t.size() == values.size(), "weights turn into those of the same layers only");
            std::transform(t.begin(), t.end(), values.begin(), [](real v) { return static_cast<typename To::real>(v); });
            return;
        }
        using layout = backend::detail::panels<To::backend_type::bits>;
        const std::size_t row_count = shape[0], column_count = t.size() / row_count;
        LOFI_ASSERT(values.size() == layout::size(row_count, column_count), "weights turn into those of the same layers only");
        for (std::size_t r = 0; r < row_count; ++r)
            for (std::size_t c = 0; c < column_count; ++c)
                layout::set(values.data(), layout::find(row_count, column_count, r, c),
                            static_cast<typename To::real>(t[r * column_count + c]));
    });
    return to;
}

}  // namespace lofi::inline LOFI_ABI::nn
