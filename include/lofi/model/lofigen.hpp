#pragma once
// LofiGen, the network of paper 002: from the samples so far to the next one, by long convolutions.
#include <cstddef>

#include <lofi/nn/activation.hpp>
#include <lofi/nn/conv1d.hpp>
#include <lofi/nn/sequence.hpp>

namespace lofi::inline LOFI_ABI::model {

/// The published code's networks; the paper's text has other kernels (see docs/models/wave.md).
template <std::size_t Layers, class Backend>
struct lofigen_layers;

template <std::size_t In, std::size_t Out, std::size_t Kernel, class Backend>
using lofigen_conv = nn::conv1d<nn::conv1d_config{.in = In, .out = Out, .kernel = Kernel}, Backend>;

template <class Backend>
struct lofigen_layers<6, Backend> {
    using type = nn::sequence<lofigen_conv<1, 16, 128, Backend>, nn::relu<16, Backend>, lofigen_conv<16, 64, 256, Backend>,
                              nn::relu<64, Backend>, lofigen_conv<64, 128, 256, Backend>, nn::relu<128, Backend>,
                              lofigen_conv<128, 64, 256, Backend>, nn::relu<64, Backend>, lofigen_conv<64, 16, 256, Backend>,
                              nn::relu<16, Backend>, lofigen_conv<16, 1, 128, Backend>>;
};
template <class Backend>
struct lofigen_layers<4, Backend> {
    using type = nn::sequence<lofigen_conv<1, 16, 128, Backend>, nn::relu<16, Backend>, lofigen_conv<16, 64, 256, Backend>,
                              nn::relu<64, Backend>, lofigen_conv<64, 16, 256, Backend>, nn::relu<16, Backend>,
                              lofigen_conv<16, 1, 128, Backend>>;
};

/// The network over any backend: a sample in, what it takes the next one for out. A layer.
/// source: paper 002
template <std::size_t Layers, class Backend>
using lofigen = typename lofigen_layers<Layers, Backend>::type;
template <std::size_t Layers>
inline constexpr std::size_t lofigen_receptive_field = 1 + 2 * 127 + (Layers - 2) * 255;

/// Samples of a window and of a seed clip.
inline constexpr std::size_t lofigen_window = 8192;

}  // namespace lofi::inline LOFI_ABI::model
