#pragma once
// NAME.json: what a track was made with, so that it can be made again, and its lead sheets.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include <lofi/core/units.hpp>
#include <lofi/song/compose.hpp>

#include "command.hpp"

namespace program {

/// Describes a track as JSON with all that is needed to make it again.
std::string describe(const lofi::song::composition& c, lofi::hertz rate);

/// What a described track is made again from.
struct recipe {
    lofi::song::settings settings;
    lofi::hertz rate{48000.0};
    std::optional<std::uint64_t> notes{};  ///< hash that they had
};
/// Reads a description.
/// errors: no JSON, a number missing or out of range, another music version, other weights: each by its place
recipe read_description(const std::filesystem::path& path, std::uint64_t weights);

/// Throws where the notes came out otherwise than when the description was written.
void check_notes(const recipe& r, const lofi::song::composition& c, const std::filesystem::path& path);

}  // namespace program
