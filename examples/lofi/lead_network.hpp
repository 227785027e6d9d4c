#pragma once
// A Lofi2Lofi out of whatever holds its weights, behind one face: what `lofi generate` and `lofi encode` work with.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/pretrained/lofi2lofi.hpp>
#include <lofi/score/lead_sheet.hpp>

#include "command.hpp"

namespace program {

inline constexpr std::size_t latent_size = lofi::pretrained::lofi2lofi_sizes.latent;
using latent = std::array<std::int32_t, latent_size>;  ///< in 1/65536

/// Where a sheet lies in the latent space.
struct place {
    std::array<float, latent_size> mean{}, log_variance{};
};

struct lead_network {
    bool takes_wishes = true;  ///< false for the published network, which knows nothing but its latent
    /// Writes a sheet from a latent; its key, energy and valence are left to whoever asked.
    std::function<lofi::score::lead_sheet(const lofi::model::lead_conditions&, const latent&, const lofi::model::lead_sampling&,
                                          lofi::random_key)>
        write;
    /// Finds the place of a sheet; empty where there is a decoder alone.
    std::function<place(const lofi::score::lead_sheet&)> encode;
};

/// Opens "builtin", a file of `lofi quantise`, or safetensors of either setting.
/// errors: those of the readers; safetensors in a build without the train door
lead_network open_network(const std::filesystem::path& weights);

}  // namespace program
