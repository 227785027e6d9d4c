#include "pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>

#include <lofi/plot/heat_map.hpp>
#include <lofi/plot/piano_roll.hpp>

namespace program {

void draw_roll(const lofi::score::piece& piece, const std::filesystem::path& file) {
    const double quarter = piece.resolution().ticks_per_quarter;
    const auto beats = [&](lofi::ticks t) { return lofi::beats(static_cast<double>(t.value) / quarter); };
    lofi::plot::piano_roll_config config{.title = piece.title, .size = {1100, 520}};
    std::vector<lofi::plot::note_bar> notes;
    for (std::size_t voice = 0; voice < piece.tracks.size(); ++voice) {
        const lofi::score::track& t = piece.tracks[voice];
        config.voices.push_back(t.name.empty() ? std::string(to_string(t.part)) : t.name);
        for (const lofi::score::note& n : t.notes)
            notes.push_back({beats(n.start), beats(n.length), n.which.midi, n.force.value / 127.0, voice});
    }
    for (const lofi::score::marker& m : piece.markers) config.sections.push_back({beats(m.at), m.text});
    write(file, lofi::plot::piano_roll(notes, config)).value();
}

spectrum_listener::spectrum_listener(lofi::frames length, lofi::hertz rate)
    : rate_(rate), fft_(window), hann_(lofi::audio::hann(window)), heard_(window), re_(fft_.bins()), im_(fft_.bins()) {
    const std::size_t windows = static_cast<std::size_t>(length.value) / window + 1;
    windows_a_column_ = (windows + most_columns - 1) / most_columns;
    // Up to 12 kHz: lo-fi has nothing above.
    bins_ = std::min(fft_.bins(), static_cast<std::size_t>(12000.0 * window / rate.value) + 1);
}

void spectrum_listener::listen(lofi::audio::stereo_view block) {
    for (std::size_t i = 0; i < block.size(); ++i) {
        heard_[filled_] = 0.5F * (block.left[i] + block.right[i]) * hann_[filled_];
        if (++filled_ == window) take_window();
    }
}

void spectrum_listener::take_window() {
    filled_ = 0;
    fft_.forward(heard_, re_, im_);
    const std::size_t column = windows_++ / windows_a_column_;
    if (power_.size() < (column + 1) * bins_) power_.resize((column + 1) * bins_);
    for (std::size_t k = 0; k < bins_; ++k) power_[column * bins_ + k] += re_[k] * re_[k] + im_[k] * im_[k];
}

void spectrum_listener::draw(const std::string& title, const std::filesystem::path& file) {
    for (float& p : power_) p = std::sqrt(p);
    const std::size_t columns = power_.size() / bins_;
    const auto figure =
        lofi::plot::spectrogram({.values = power_, .rows = columns, .columns = bins_},
                                {.title = title,
                                 .hop = lofi::seconds(static_cast<double>(window * windows_a_column_) / rate_.value),
                                 .bin = lofi::hertz(rate_.value / static_cast<double>(window)),
                                 .size = {1100, 420}});
    write(file, figure).value();
}

}  // namespace program
