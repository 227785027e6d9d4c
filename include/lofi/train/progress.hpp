#pragma once
// What a person sees of a training run: a bar on a terminal, one line an epoch elsewhere.
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>

#if defined(_WIN32)
#include <io.h>
#else
#include <unistd.h>
#endif

#include <lofi/train/metrics.hpp>

namespace lofi::inline LOFI_ABI::train {

enum class progress_style : std::uint8_t {
    automatic,  ///< bar on a terminal, lines elsewhere
    bar,
    lines,
    silent,
};

/// Shows how far a run is, its loss, its speed and the time left.
class progress {
public:
    using clock = std::chrono::steady_clock;

    progress(progress_style style, std::FILE* stream, std::uint64_t first_step, std::uint64_t steps,
             std::uint64_t steps_per_epoch);
    ~progress() { wipe(); }
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    /// Tells of a step that is done. Draws at most ten times a second.
    void step(std::uint64_t done, const metric& loss);
    /// Tells of a validation: a line that stays.
    void entry(const history_entry&, bool best);
    /// Writes a sentence that stays.
    void say(const std::string& sentence);

private:
    void wipe();
    [[nodiscard]] double steps_per_second(std::uint64_t done) const;

    progress_style style_;
    std::FILE* stream_;
    std::uint64_t first_, steps_, per_epoch_;
    clock::time_point start_ = clock::now(), drawn_{};
    bool bar_shown_ = false;
    double smooth_loss_ = std::nan("");
};

namespace detail {
/// Writes a time as people read it: "42 s", "3:07", "1:02:45".
[[nodiscard]] std::string clock_text(double seconds);
/// Draws one line of a bar, at most 79 letters wide.
[[nodiscard]] std::string bar_line(std::uint64_t done, std::uint64_t steps, std::uint64_t per_epoch, double loss, double speed);
/// Writes a number in few letters: "0.03142", "12.5", "1.2e-05".
[[nodiscard]] std::string short_number(double);
}  // namespace detail

// ---------------------------------------------------------------- bodies

namespace detail {

inline bool is_terminal(std::FILE* stream) {
#if defined(_WIN32)
    return _isatty(_fileno(stream)) != 0;
#else
    return ::isatty(::fileno(stream)) != 0;
#endif
}

inline std::string short_number(double v) {
    char text[32];
    std::snprintf(text, sizeof text, "%.4g", v);
    return text;
}

inline std::string clock_text(double seconds) {
    if (!(seconds >= 0) || seconds > 3.15e9) return "?";
    const auto s = static_cast<unsigned long long>(std::lround(seconds));
    char text[40];
    if (s < 60)
        std::snprintf(text, sizeof text, "%llu s", s);
    else if (s < 3600)
        std::snprintf(text, sizeof text, "%llu:%02llu", s / 60, s % 60);
    else
        std::snprintf(text, sizeof text, "%llu:%02llu:%02llu", s / 3600, s / 60 % 60, s % 60);
    return text;
}

inline std::string bar_line(std::uint64_t done, std::uint64_t steps, std::uint64_t per_epoch, double loss, double speed) {
    constexpr std::size_t wide = 20, most = 79;
    const double part = steps == 0 ? 1 : static_cast<double>(done) / static_cast<double>(steps);
    const auto full = static_cast<std::size_t>(part * wide);
    const std::uint64_t epochs = (steps + per_epoch - 1) / per_epoch, epoch = std::min(epochs, done / per_epoch + 1);
    std::string line = "epoch " + std::to_string(epoch) + "/" + std::to_string(epochs) + " [" + std::string(full, '=') +
                       std::string(full < wide ? 1 : 0, '>') + std::string(full < wide ? wide - full - 1 : 0, ' ') + "] " +
                       std::to_string(static_cast<int>(part * 100)) + "%  loss " + short_number(loss) + "  " +
                       short_number(speed) + " steps/s  " + clock_text(static_cast<double>(steps - done) / speed) + " left";
    if (line.size() > most) line.resize(most);
    return line;
}

}  // namespace detail

inline progress::progress(progress_style style, std::FILE* stream, std::uint64_t first_step, std::uint64_t steps,
                          std::uint64_t steps_per_epoch)
    : style_(style), stream_(stream), first_(first_step), steps_(steps), per_epoch_(steps_per_epoch) {
    if (style_ == progress_style::automatic)
        style_ = detail::is_terminal(stream_) ? progress_style::bar : progress_style::lines;
}

inline double progress::steps_per_second(std::uint64_t done) const {
    const double seconds = std::chrono::duration<double>(clock::now() - start_).count();
    return seconds > 0 ? static_cast<double>(done - first_) / seconds : 0;
}

inline void progress::step(std::uint64_t done, const metric& loss) {
    smooth_loss_ = std::isnan(smooth_loss_) ? loss.value : 0.98 * smooth_loss_ + 0.02 * loss.value;
    if (style_ != progress_style::bar || clock::now() - drawn_ < std::chrono::milliseconds(100)) return;
    drawn_ = clock::now();
    bar_shown_ = true;
    std::fprintf(stream_, "\r%-79s", detail::bar_line(done, steps_, per_epoch_, smooth_loss_, steps_per_second(done)).c_str());
    std::fflush(stream_);
}

inline void progress::entry(const history_entry& h, bool best) {
    std::string line = "epoch " + detail::short_number(static_cast<double>(h.step) / static_cast<double>(per_epoch_)) +
                       ", step " + std::to_string(h.step);
    const auto list = [&](const char* title, const metrics& m) {
        if (!m.empty()) line += std::string("  ") + title;
        for (const auto& [name, value] : m) line += " " + name + " " + detail::short_number(value);
    };
    list("train", h.train);
    list("valid", h.valid);
    line += "  " + detail::short_number(steps_per_second(h.step)) + " steps/s" + (best ? "  best" : "");
    say(line);
}

inline void progress::say(const std::string& sentence) {
    if (style_ == progress_style::silent) return;
    wipe();
    std::fprintf(stream_, "%s\n", sentence.c_str());
    std::fflush(stream_);
}

inline void progress::wipe() {
    if (!bar_shown_) return;
    bar_shown_ = false;
    std::fprintf(stream_, "\r%79s\r", "");
    std::fflush(stream_);
}

}  // namespace lofi::inline LOFI_ABI::train
