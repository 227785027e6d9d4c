#pragma once
// Makes a tune of what a radio tells.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include <lofi/radio.hpp>

#include "tune.hpp"

namespace measure {

/// A section that a radio played.
struct heard_section {
    std::int32_t bar = 0;
    lofi::arrange::section_kind kind{};
};

/// Takes a radio's events.
class listener {
public:
    explicit listener(lofi::hertz rate) : rate_(rate.value) {}

    /// Polls all that there is.
    void listen(lofi::radio& radio);

    /// The notes that have begun, in whole bars.
    [[nodiscard]] tune heard() const;
    [[nodiscard]] const std::vector<heard_section>& sections() const { return sections_; }
    /// The chord at the beginning of each bar.
    struct bar_chord {
        std::int32_t bar = 0;
        lofi::score::chord chord{};
        lofi::score::key key{};
    };
    [[nodiscard]] const std::vector<bar_chord>& chords() const { return chords_; }
    /// The longest time, in seconds, in which no note sounded.
    [[nodiscard]] double longest_rest() const { return static_cast<double>(longest_rest_) / rate_; }
    [[nodiscard]] double lost() const { return lost_; }  ///< events

private:
    double rate_;
    tune tune_;
    std::vector<heard_section> sections_;
    std::vector<bar_chord> chords_;
    std::int64_t sounding_until_ = 0, longest_rest_ = 0;
    double lost_ = 0.0;
};

// ---------------------------------------------------------------- bodies

inline void listener::listen(lofi::radio& radio) {
    using lofi::event_kind;
    // The second sixteenth of an eighth comes late by up to a third of its length; as much is taken back.
    const double late = radio.value(lofi::parameter::swing) / 3.0;
    const double sixteenths_a_frame = radio.value(lofi::parameter::tempo) * 4.0 / (60.0 * rate_);
    for (lofi::event e; radio.poll(e);) {
        const auto step_of = [&] {
            const double eighths = e.tick / 480.0, whole = std::floor(eighths), within = 2.0 * (eighths - whole);
            const int sixteenth = within < (1.0 + late) / 2.0 ? 0 : within < (3.0 + late) / 2.0 ? 1 : 2;
            return 16 * e.bar + 2 * static_cast<std::int32_t>(whole) + sixteenth;
        };
        if (e.kind == event_kind::section) {
            sections_.push_back({e.bar, e.section});
            tune_.keys.push_back({16 * e.bar, e.key});
        } else if (e.kind == event_kind::chord) {
            if (e.tick < 240) chords_.push_back({e.bar, e.chord, e.key});
            if (tune_.keys.empty() || !(tune_.keys.back().key == e.key)) tune_.keys.push_back({step_of(), e.key});
        } else if (e.kind == event_kind::note_on) {
            const auto sixteenths = static_cast<float>(static_cast<double>(e.length.value) * sixteenths_a_frame);
            tune_.notes.push_back({step_of(), sixteenths, e.part, e.pitch.midi});
            longest_rest_ = std::max(longest_rest_, e.at.value - sounding_until_);
            sounding_until_ = std::max(sounding_until_, e.at.value + e.length.value);
        } else if (e.kind == event_kind::bar) {
            tune_.bars = e.bar;  // the bars before it are whole
        } else if (e.kind == event_kind::lost) {
            lost_ += e.value;
        }
    }
}

inline tune listener::heard() const {
    tune t = tune_;
    std::erase_if(t.notes, [&](const step_note& n) { return n.step >= 16 * t.bars; });
    return t;
}

}  // namespace measure
