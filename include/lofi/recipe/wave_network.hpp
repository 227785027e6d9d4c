#pragma once
// What every model of sound owns while it is trained: weights, gradients, and where they are computed.
#include <span>
#include <vector>

#include <lofi/backend/cpu.hpp>
#include <lofi/core/random.hpp>
#include <lofi/core/units.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/nn/context.hpp>
#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The part of a `wave_model` that does not depend on what the network says. `Network` stands over `backend::cpu<float>`.
template <class Network>
class wave_network {
public:
    using real = float;
    using trained = Network;

    wave_network(hertz rate, random_key key, nn::scheme scheme) : rate_(rate), weights_(key, scheme) {}

    [[nodiscard]] hertz rate() const { return rate_; }
    [[nodiscard]] std::span<float> parameters() { return weights_.flat(); }
    [[nodiscard]] std::span<float> gradients() { return gradients_.flat(); }
    [[nodiscard]] std::span<float> buffers() { return weights_.buffers(); }
    [[nodiscard]] std::vector<nn::named_tensor<float>> tensors() { return nn::tensors_of<trained>(weights_.view()); }

protected:
    hertz rate_;
    nn::parameters<trained> weights_, gradients_;
    nn::context ctx_;
    backend::cpu<float> be_;
};

}  // namespace lofi::inline LOFI_ABI::recipe
