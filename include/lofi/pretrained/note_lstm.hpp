#pragma once
// The note network that travels with the library: its sizes, its styles, and its quantised weights ready to write.
#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include <lofi/model/note_lstm.hpp>
#include <lofi/pretrained/detail/note_lstm_weights.hpp>
#include <lofi/pretrained/packed.hpp>

namespace lofi::inline LOFI_ABI::pretrained {

/// Sizes of the network whose weights are built in.
inline constexpr model::note_lstm_config note_lstm_sizes{};

/// What the styles of the built-in weights are called, from 1 on.
inline constexpr std::array<std::string_view, 6> note_lstm_styles = {"lead sheets' chords", "lead sheets", "piano",
                                                                     "art songs",           "chord loops", "loops"};

struct note_lstm_kind {
    using network = model::note_lstm<note_lstm_sizes, backend::fixed>;
    static constexpr const char* name = "note network";
    static constexpr std::span<const std::uint64_t> words() { return detail::note_lstm_words; }
};

/// The note network in fixed point, with its weights.
using note_lstm = packed<note_lstm_kind>;

}  // namespace lofi::inline LOFI_ABI::pretrained
