#pragma once
// Sound files of every kind in stretches: WAV by our own reader, FLAC, OGG, MP3 and others through libsndfile where it is.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#if LOFI_HAVE_SNDFILE
#include <sndfile.h>
#endif

#include <lofi/audio/wav_stream.hpp>

namespace lofi::inline LOFI_ABI::audio {

#if LOFI_HAVE_SNDFILE
/// Reads stretches of any file that libsndfile knows, with the face of `wav_stream`.
class sndfile_stream {
public:
    /// errors: "night.flac: cannot be read as sound: ..."
    [[nodiscard]] static result<sndfile_stream> open(const std::filesystem::path& path);

    [[nodiscard]] hertz rate() const { return hertz(info_.samplerate); }
    [[nodiscard]] std::size_t channels() const { return static_cast<std::size_t>(info_.channels); }
    [[nodiscard]] frames length() const { return frames(info_.frames); }
    [[nodiscard]] const std::string& notice() const { return notice_; }
    [[nodiscard]] std::uint64_t wild() const { return wild_; }
    [[nodiscard]] result<std::size_t> read(frames first, std::span<const std::span<float>> out);

private:
    struct closer {
        void operator()(SNDFILE* file) const { sf_close(file); }
    };
    std::unique_ptr<SNDFILE, closer> file_;
    SF_INFO info_{};
    std::string place_, notice_;
    std::vector<float> interleaved_;
    sf_count_t next_ = 0;  // the frame that would be read without a seek
    std::uint64_t wild_ = 0;
};
#endif

/// A sound file of any kind that stays on disk.
class sound_stream {
public:
    /// errors: as `wav_stream::open` and `sndfile_stream::open`; without libsndfile, what is no WAV file is refused
    [[nodiscard]] static result<sound_stream> open(const std::filesystem::path& path);

    [[nodiscard]] hertz rate() const {
        return std::visit([](auto& f) { return f.rate(); }, file_);
    }
    [[nodiscard]] std::size_t channels() const {
        return std::visit([](auto& f) { return f.channels(); }, file_);
    }
    [[nodiscard]] frames length() const {
        return std::visit([](auto& f) { return f.length(); }, file_);
    }
    [[nodiscard]] const std::string& notice() const {
        return std::visit(
            [](auto& f) -> auto& { return f.notice(); }, file_);
    }
    [[nodiscard]] std::uint64_t wild() const {
        return std::visit([](auto& f) { return f.wild(); }, file_);
    }
    /// As `wav_stream::read`.
    [[nodiscard]] result<std::size_t> read(frames first, std::span<const std::span<float>> out) {
        return std::visit([&](auto& f) { return f.read(first, out); }, file_);
    }

private:
#if LOFI_HAVE_SNDFILE
    using kinds = std::variant<wav_stream, sndfile_stream>;
#else
    using kinds = std::variant<wav_stream>;
#endif
    explicit sound_stream(kinds file) : file_(std::move(file)) {}

    kinds file_;
};

/// Reads a whole sound file of any kind.
[[nodiscard]] result<buffer> read_sound(const std::filesystem::path& path);

// ---------------------------------------------------------------- bodies

#if LOFI_HAVE_SNDFILE
inline result<sndfile_stream> sndfile_stream::open(const std::filesystem::path& path) {
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) return error(path.string(), "is a folder, not a file");
    sndfile_stream file;
    file.place_ = path.string();
    file.file_.reset(sf_open(path.string().c_str(), SFM_READ, &file.info_));
    if (!file.file_) return error(file.place_, "cannot be read as sound: " + std::string(sf_strerror(nullptr)));
    if (file.info_.channels < 1 || file.info_.samplerate < 1 || file.info_.frames < 0)
        return error(file.place_, "says that it has " + std::to_string(file.info_.channels) + " channels at " +
                                      std::to_string(file.info_.samplerate) + " Hz");
    return file;
}

inline result<std::size_t> sndfile_stream::read(frames first, std::span<const std::span<float>> out) {
    LOFI_ASSERT(out.size() == channels(), "a stretch is read into one span a channel");
    LOFI_ASSERT(first.value >= 0, "a stretch begins at the beginning at the earliest");
    constexpr std::size_t part = 4096;
    if (first.value >= info_.frames) return std::size_t{0};
    if (next_ != first.value) {
        // The blocks of OGG and MP3 overlap with those before them, which a decoder that was put somewhere has not seen: a start earlier.
        next_ = std::max<sf_count_t>(0, first.value - part);
        if (sf_seek(file_.get(), next_, SF_SEEK_SET) != next_)
            return error(place_, "frame " + std::to_string(next_) + " cannot be reached: " + sf_strerror(file_.get()));
        interleaved_.resize(part * channels());
        next_ += sf_readf_float(file_.get(), interleaved_.data(), first.value - next_);
    }
    std::size_t done = 0;
    while (done < out[0].size()) {
        const std::size_t now = std::min(part, out[0].size() - done);
        interleaved_.resize(now * channels());
        const sf_count_t got = sf_readf_float(file_.get(), interleaved_.data(), static_cast<sf_count_t>(now));
        if (got <= 0) break;
        for (std::size_t t = 0; t < static_cast<std::size_t>(got); ++t)
            for (std::size_t c = 0; c < channels(); ++c) {
                const float x = interleaved_[t * channels() + c];
                out[c][done + t] = std::isfinite(x) ? x : 0.0F;
                wild_ += std::isfinite(x) ? 0 : 1;
            }
        done += static_cast<std::size_t>(got);
        next_ += got;
    }
    if (sf_error(file_.get()) != SF_ERR_NO_ERROR && notice_.empty())
        notice_ = place_ + ": frame " + std::to_string(next_) + ": " + sf_strerror(file_.get());
    return done;
}
#endif

inline result<sound_stream> sound_stream::open(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    std::string begins(4, '\0');
    in.read(begins.data(), 4);
    const bool wav = begins == "RIFF" || begins == "RF64" || begins == "BW64" || begins == "RIFX";
#if LOFI_HAVE_SNDFILE
    if (in && !wav) {
        auto file = sndfile_stream::open(path);
        if (!file) return file.error();
        return sound_stream(std::move(*file));
    }
#else
    if (in && !wav)
        return error(path.string(),
                     "is no WAV file, and this program was built without libsndfile, which reads FLAC, OGG and MP3 "
                     "(sox in.flac out.wav makes a WAV file of it)");
#endif
    auto file = wav_stream::open(path);  // which says what is wrong with a file that is not there or empty
    if (!file) return file.error();
    return sound_stream(std::move(*file));
}

inline result<buffer> read_sound(const std::filesystem::path& path) {
    auto file = sound_stream::open(path);
    if (!file) return file.error();
    buffer sound(file->channels(), file->length(), file->rate());
    std::vector<std::span<float>> all;
    for (std::size_t c = 0; c < sound.channels(); ++c) all.push_back(sound.channel(c));
    const auto got = file->read(frames(0), all);
    if (!got) return got.error();
    return sound;
}

}  // namespace lofi::inline LOFI_ABI::audio
