#pragma once
// The walk of a convolution through time, and the way that was chosen for it.
#include <cstddef>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// A convolution over N = T*B rows, row n = t*B + b: y_t = sum_j w_j x_{t + j*dilation - left}; beyond the ends is silence.
struct conv_walk {
    std::size_t steps = 0, batch = 1;
    std::size_t kernel = 1, dilation = 1;
    std::size_t left = 0;  ///< (kernel - 1) * dilation: causal, tap kernel - 1 is the present

    [[nodiscard]] constexpr std::size_t rows() const { return steps * batch; }
};

enum class conv_method { direct, fft };

/// How a convolution is computed.
struct conv_plan {
    conv_walk walk{};
    std::size_t in = 0, out = 0;
    conv_method how = conv_method::direct;
    bool shifted = true;             ///< direct: a product for each tap; else one of windows that are gathered
    std::size_t length = 0;          ///< of transforms
    std::size_t chunk = 1;           ///< blocks whose spectra are in memory at once
    std::size_t spectrum_count = 0;  ///< numbers of the kernel's spectrum
    std::size_t work_count = 0;      ///< numbers of workspace
    double cost = 0;                 ///< estimated ns of a training step

    /// A dilated sequence is as many sequences as the dilation, a step apart; each is cut into blocks of `advance` outputs.
    [[nodiscard]] constexpr std::size_t lines() const { return walk.batch * walk.dilation; }
    [[nodiscard]] constexpr std::size_t line_steps() const { return (walk.steps + walk.dilation - 1) / walk.dilation; }
    [[nodiscard]] constexpr std::size_t advance() const { return length - walk.kernel + 1; }
    [[nodiscard]] constexpr std::size_t blocks_of_line() const { return (line_steps() + advance() - 1) / advance(); }
    [[nodiscard]] constexpr std::size_t blocks() const { return lines() * blocks_of_line(); }
};

}  // namespace lofi::inline LOFI_ABI::backend
