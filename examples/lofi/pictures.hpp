#pragma once
// A song in pictures: its notes, and its sound over time and frequency.
#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include <lofi/audio/block.hpp>
#include <lofi/audio/spectrum.hpp>
#include <lofi/core/units.hpp>
#include <lofi/score/piece.hpp>

namespace program {

/// Draws all parts of a piece in colours over its sections.
void draw_roll(const lofi::score::piece& piece, const std::filesystem::path& file);

/// Listens to a sound of known length, and keeps as much of its spectrum as a picture shows: the memory does not grow with time.
class spectrum_listener {
public:
    spectrum_listener(lofi::frames length, lofi::hertz rate);

    void listen(lofi::audio::stereo_view block);
    void draw(const std::string& title, const std::filesystem::path& file);

private:
    static constexpr std::size_t window = 2048, most_columns = 1200;
    void take_window();

    lofi::hertz rate_;
    lofi::audio::real_fft fft_;
    std::vector<float> hann_, heard_, re_, im_;
    std::size_t windows_a_column_, bins_, filled_ = 0, windows_ = 0;
    std::vector<float> power_;  // columns by bins
};

}  // namespace program
