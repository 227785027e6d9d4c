#pragma once
// What `lofi play` shows: a piano roll that moves past the present, chords, the beat, meters.
#include <array>
#include <deque>
#include <string>

#include "play_source.hpp"

namespace program {

/// What is known of the music around the present.
class play_screen {
public:
    play_screen(std::string title, lofi::hertz rate) : title_(std::move(title)), rate_(rate) {}

    /// Takes the events that have come, and looks ahead where there is something new to see.
    void listen(lofi::radio& radio);
    /// Takes the meters, which fall slowly.
    void measure(play_source& source);
    /// Draws the moment at which `heard` is the frame in the listener's ear.
    [[nodiscard]] std::string draw(const lofi::radio& radio, lofi::frames heard, int columns, int lines);

    /// What the radio last said of itself: "energy: drums in".
    [[nodiscard]] const std::string& news() const { return news_; }
    void tell(std::string news) { news_ = std::move(news); }

private:
    struct canvas;
    void forget(lofi::frames before);
    void put_notes(canvas&, lofi::frames heard, double column) const;

    std::string title_, news_;
    lofi::hertz rate_;
    std::deque<lofi::event> past_;    // beats, bars, sections, chords, notes, as they were polled
    std::deque<lofi::event> coming_;  // sections, chords, notes
    double beat_ = 0;                 // frames of a beat
    std::array<float, play_source::meters> level_{};
};

}  // namespace program
