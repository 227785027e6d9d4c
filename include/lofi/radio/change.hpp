#pragma once
// A change of a parameter, as it was asked for and accepted: what a log of a performance is made of.
#include <cstddef>
#include <cstdint>

#include <lofi/core/units.hpp>
#include <lofi/radio/parameter.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// When a change begins. A boundary that is nearer than `radio::lead()` is too near, and the one after it is taken.
enum class at : std::uint8_t { now, next_beat, next_bar, next_section };

/// A change and the frame at which it was accepted. Sixteen bytes, all of them whole numbers: the same seed and the same changes
/// make the same music on every machine.
struct change {
    std::int64_t frame = 0;  ///< of the radio's output, counted from its beginning
    std::int32_t value = 0;  ///< as held: see `parameter_info::scale`
    std::uint16_t ramp = 0;  ///< over how many hundredths of a second the value gets there
    parameter what{};
    engine::at when{};

    friend constexpr bool operator==(const change&, const change&) = default;
};
static_assert(sizeof(change) == 16);

/// The change that a setting asks for. The ramp is held to 0 to 655 seconds.
[[nodiscard]] constexpr change to_change(parameter what, double value, at when = at::now, seconds ramp = {}) {
    const double hundredths = ramp.value * 100.0;
    const double held = hundredths >= 0.0 ? (hundredths <= 65535.0 ? hundredths : 65535.0) : 0.0;
    return {0, to_held(what, value), static_cast<std::uint16_t>(held + 0.5), what, when};
}

}  // namespace lofi::inline LOFI_ABI::engine
