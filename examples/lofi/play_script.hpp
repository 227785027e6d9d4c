#pragma once
// A script for `lofi play`: changes at their times, as JSON.
#include <filesystem>
#include <vector>

#include <lofi/core/units.hpp>

#include "play_source.hpp"

namespace program {

/// Reads a script: an array of changes, each `{"at": 12.5, "set": "energy", "value": 0.9, "when": "next bar", "ramp": 4}`, or with
/// `"mood": "rain"` or `"stinger": "bell"` in place of `set` and `value`. `at` and `ramp` are seconds; `when` is now, next beat, next
/// bar or next section, and now where it is left out, as `ramp` is 0.
/// errors: no JSON, names that are not known, values out of range: "script.json: change 3: energy: ..."
std::vector<scripted> read_script(const std::filesystem::path& path, lofi::hertz rate);

}  // namespace program
