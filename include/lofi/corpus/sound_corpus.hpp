#pragma once
// Sound to learn from: files of any kind and length as one channel at one rate, in splits that do not touch, read where they lie.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <lofi/audio/level.hpp>
#include <lofi/audio/mono.hpp>
#include <lofi/audio/sndfile.hpp>
#include <lofi/core/file.hpp>
#include <lofi/core/random.hpp>
#include <lofi/corpus/lead_sheet_corpus.hpp>

namespace lofi::inline LOFI_ABI::corpus {

struct sound_corpus_config {
    hertz rate{8000.0};
    std::array<double, 3> shares{0.7, 0.2, 0.1};  ///< train, valid and test of a file that no name and no list puts into one
    seconds gap{1.0};                  ///< left out between the splits of one file, so that no window sees into another
    std::optional<double> level = {};  ///< root mean square that every file is brought to; empty: as it is
};

/// A file of sound, and what is known of it.
struct sound_file {
    std::filesystem::path path;
    std::string piece,
        set;  ///< `night.drums.wav` is the drums of piece `night`; `mix_train_003.wav` is of set `mix`; others of set `all`
    std::uint64_t length = 0;  ///< samples at the corpus's rate
    float gain = 1.0F;
    audio::level_meter level;  ///< as it is, of all of it or (beyond an hour) of stretches from all over it
    std::string told;          ///< its line in the list of its folder, or nothing
};

/// A stretch of a file, from sample `first` on at the corpus's rate.
struct sound_part {
    std::uint32_t file = 0;
    corpus::split split = corpus::split::train;
    std::uint64_t first = 0, count = 0;

    friend bool operator==(const sound_part&, const sound_part&) = default;
};

/// Files of sound as one corpus. Nothing but levels is kept of them: windows are read from disk, mixed down and resampled on the way, so
/// memory does not grow with their length. One object is for one thread at a time.
class sound_corpus {
public:
    /// Opens files, and folders of them. Where a folder has lists `manifest_SPLIT.jsonl` (a JSON object a line, its "file" named), those
    /// decide; else a `_train_`, `.valid.` or the like in a name does; else each file is split by time.
    /// errors: throws what is wrong with which file, a file without sound among it; no file at all
    explicit sound_corpus(std::span<const std::filesystem::path> inputs, sound_corpus_config config = {});

    [[nodiscard]] hertz rate() const { return config_.rate; }
    [[nodiscard]] const std::vector<sound_file>& files() const { return files_; }
    [[nodiscard]] const std::vector<sound_part>& parts() const { return parts_; }
    [[nodiscard]] const std::vector<std::string>& sets() const { return sets_; }
    /// What is odd about the files but can be lived with: cut off, clipped, samples that are no numbers.
    [[nodiscard]] const std::vector<std::string>& notices() const { return notices_; }

    /// The parts of a split, of one set or (empty) of all.
    [[nodiscard]] std::vector<sound_part> parts(corpus::split which, std::string_view set = {}) const;
    [[nodiscard]] std::uint64_t count(corpus::split which, std::string_view set = {}) const;

    /// Reads samples of a file from any place on.
    /// errors: throws on a disk that fails, and on what lies beyond the end
    void read(std::uint32_t file, std::uint64_t first, std::span<float> out);
    [[nodiscard]] std::vector<float> read(const sound_part& part);

    /// Draws a window of a split, every place as likely as any other. The same key gives the same window.
    /// errors: throws where no part is as long as the window
    [[nodiscard]] sound_part draw(corpus::split which, std::uint64_t window, random_key key, std::string_view set = {}) const;
    /// Draws `out.size() / window` windows and reads them, window i by `key.child(i)`.
    /// shapes: out B x window
    void windows(corpus::split which, std::uint64_t window, random_key key, std::span<float> out, std::string_view set = {});
    /// The same stretch of the same piece in another set, where there is one.
    [[nodiscard]] std::optional<sound_part> beside(const sound_part& part, std::string_view set) const;

private:
    using stream = audio::mono_stream<audio::sound_stream>;

    void add(const std::filesystem::path& path, std::optional<corpus::split> split, std::string told);
    void measure(sound_file& file, stream& from);
    [[nodiscard]] stream& opened(std::uint32_t file);
    [[nodiscard]] static stream open(const std::filesystem::path& path, hertz rate);

    static constexpr std::size_t most_open = 48;  // files at once; the one that was not read for longest is closed for another

    sound_corpus_config config_;
    std::vector<sound_file> files_;
    std::vector<sound_part> parts_;
    std::vector<std::string> sets_, notices_;
    std::list<std::pair<std::uint32_t, stream>> open_;  // the last one read first
};

// ---------------------------------------------------------------- bodies

namespace detail {

// Splits that a file's name says: "mix_valid_002", "rain.test".
inline std::optional<std::pair<corpus::split, std::size_t>> split_in_stem(std::string_view name) {
    for (const corpus::split s : {corpus::split::train, corpus::split::valid, corpus::split::test})
        for (const char edge : {'_', '.'}) {
            const std::string word = edge + std::string(to_string(s));
            const std::size_t at = name.find(word);
            if (at != name.npos && at > 0 && (at + word.size() == name.size() || name[at + word.size()] == edge))
                return std::pair(s, at);
        }
    return std::nullopt;
}

// A whole number below n, n of up to 64 bits: draws are thrown away until one fits.
inline std::uint64_t draw_below(random_stream& random, std::uint64_t n) {
    std::uint64_t mask = n - 1;
    for (const unsigned shift : {1U, 2U, 4U, 8U, 16U, 32U}) mask |= mask >> shift;
    for (;;) {
        const std::uint64_t value = random.next64() & mask;
        if (value < n) return value;
    }
}

inline bool is_sound_name(const std::filesystem::path& path) {
    std::string end = path.extension().string();
    for (char& c : end) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const std::string_view known : {".wav", ".flac", ".ogg", ".oga", ".mp3", ".aif", ".aiff", ".rf64", ".w64", ".opus"})
        if (end == known) return true;
    return false;
}

}  // namespace detail

inline sound_corpus::sound_corpus(std::span<const std::filesystem::path> inputs, sound_corpus_config config) : config_(config) {
    namespace fs = std::filesystem;
    for (const fs::path& input : inputs) {
        std::error_code ec;
        if (!fs::is_directory(input, ec)) {
            add(input, std::nullopt, {});
            continue;
        }
        std::size_t listed = 0;
        for (const corpus::split s : {corpus::split::train, corpus::split::valid, corpus::split::test}) {
            const fs::path list = input / ("manifest_" + std::string(to_string(s)) + ".jsonl");
            if (!fs::exists(list, ec)) continue;
            const auto bytes = read_file(list, std::uintmax_t{1} << 28).value();
            std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
            for (std::size_t number = 1; !text.empty(); ++number) {
                const std::size_t end = std::min(text.find('\n'), text.size());
                const std::string line(text.substr(0, end));
                text.remove_prefix(std::min(end + 1, text.size()));
                if (line.find_first_not_of(" \t\r") == line.npos) continue;
                const auto told = nlohmann::json::parse(line, nullptr, false);
                if (!told.is_object() || !told.contains("file") || !told["file"].is_string())
                    raise(error(list.string() + ":" + std::to_string(number), "is no JSON object that names a \"file\""));
                add(input / told["file"].get<std::string>(), s, line);
                ++listed;
            }
        }
        if (listed > 0) continue;
        std::vector<fs::path> found;
        for (const auto& entry : fs::directory_iterator(input))
            if (entry.is_regular_file() && detail::is_sound_name(entry.path())) found.push_back(entry.path());
        std::sort(found.begin(), found.end());
        for (const fs::path& path : found) add(path, std::nullopt, {});
    }
    if (files_.empty()) raise(error("audio", "no sound file was given, and none lies in the folders given"));
}

inline sound_corpus::stream sound_corpus::open(const std::filesystem::path& path, hertz rate) {
    auto mixed = stream::open(audio::sound_stream::open(path).value(), rate);
    if (!mixed) raise(mixed.error().at(path.string()));
    return std::move(*mixed);
}

inline void sound_corpus::add(const std::filesystem::path& path, std::optional<corpus::split> split, std::string told) {
    sound_file file;
    file.path = path;
    file.told = std::move(told);
    // "night_train_3.drums": the set behind the last point, or before the split, unless that word is a split itself.
    const std::string stem = path.stem().string();
    const auto named = detail::split_in_stem(stem);
    const std::size_t point = stem.rfind('.');
    file.piece = stem, file.set = "all";
    if (point != stem.npos && point > 0 && point + 1 < stem.size() && !(named && named->second == point)) {
        file.piece = stem.substr(0, point), file.set = stem.substr(point + 1);
    } else if (named) {
        file.set = stem.substr(0, named->second);
    }
    if (!split && named) split = named->first;

    stream from = open(path, config_.rate);
    file.length = static_cast<std::uint64_t>(from.length().value);
    measure(file, from);

    const auto index = static_cast<std::uint32_t>(files_.size());
    if (split) {
        parts_.push_back({index, *split, 0, file.length});
    } else {
        const double all = config_.shares[0] + config_.shares[1] + config_.shares[2];
        const auto gap = static_cast<std::uint64_t>(config_.gap.value * config_.rate.value);
        double share = 0;
        for (std::size_t i = 0; i < 3; ++i) {
            const auto from_here = static_cast<std::uint64_t>(share / all * static_cast<double>(file.length));
            share += config_.shares[i];
            const std::uint64_t first = from_here + (from_here > 0 ? gap : 0);
            const std::uint64_t end =
                i == 2 ? file.length : static_cast<std::uint64_t>(share / all * static_cast<double>(file.length));
            if (first < end) parts_.push_back({index, static_cast<corpus::split>(i), first, end - first});
        }
    }
    if (std::find(sets_.begin(), sets_.end(), file.set) == sets_.end()) sets_.push_back(file.set);
    files_.push_back(std::move(file));
}

inline void sound_corpus::measure(sound_file& file, stream& from) {
    // All of up to an hour; of more, 360 stretches of ten seconds from all over it.
    const auto stretch = static_cast<std::uint64_t>(10 * config_.rate.value);
    const std::uint64_t whole = (file.length + stretch - 1) / stretch, read = std::min<std::uint64_t>(whole, 360);
    std::vector<float> samples(static_cast<std::size_t>(stretch));
    for (std::uint64_t i = 0; i < read; ++i) {
        const auto got = from.read(frames(static_cast<std::int64_t>(whole * i / read * stretch)), samples);
        file.level.process(std::span<const float>(samples).first(got.value()));
    }
    const std::string place = file.path.string();
    if (const auto& notice = from.file().notice(); !notice.empty()) notices_.push_back(notice);
    const std::uint64_t wild = from.file().wild();
    if (file.length == 0) raise(error(place, "holds no sound: it has no samples"));
    if (!(file.level.spread() > 1e-5))
        raise(error(place, "holds no sound: " + (wild > 0 ? std::to_string(wild) + " of its samples are no numbers"
                                                 : file.level.peak() > 0 ? std::string("all of its samples are alike")
                                                                         : std::string("all of it is silence"))));
    if (wild > 0) notices_.push_back(place + ": " + std::to_string(wild) + " samples are no numbers; they are read as silence");
    if (file.level.clipped() > 1e-3) {
        const auto share = std::to_string(file.level.clipped() * 100);
        notices_.push_back(place + ": " + share.substr(0, share.find('.') + 2) + " % of the samples are clipped");
    }
    if (config_.level) file.gain = audio::normalising_gain(file.level, {.rms = *config_.level});
}

inline std::vector<sound_part> sound_corpus::parts(corpus::split which, std::string_view set) const {
    std::vector<sound_part> out;
    for (const sound_part& p : parts_)
        if (p.split == which && (set.empty() || files_[p.file].set == set)) out.push_back(p);
    return out;
}

inline std::uint64_t sound_corpus::count(corpus::split which, std::string_view set) const {
    std::uint64_t sum = 0;
    for (const sound_part& p : parts(which, set)) sum += p.count;
    return sum;
}

inline sound_corpus::stream& sound_corpus::opened(std::uint32_t file) {
    const auto at = std::find_if(open_.begin(), open_.end(), [file](const auto& o) { return o.first == file; });
    if (at != open_.end()) {
        open_.splice(open_.begin(), open_, at);
    } else {
        if (open_.size() == most_open) open_.pop_back();
        open_.emplace_front(file, open(files_[file].path, config_.rate));
    }
    return open_.front().second;
}

inline void sound_corpus::read(std::uint32_t file, std::uint64_t first, std::span<float> out) {
    LOFI_ASSERT(file < files_.size(), "the corpus has not so many files");
    const std::size_t got = opened(file).read(frames(static_cast<std::int64_t>(first)), out).value();
    if (got != out.size())
        raise(error(files_[file].path.string(),
                    "sample " + std::to_string(first + got) + ": the file ends here; was it changed?"));
    for (float& x : out) x *= files_[file].gain;
}

inline std::vector<float> sound_corpus::read(const sound_part& part) {
    std::vector<float> out(static_cast<std::size_t>(part.count));
    read(part.file, part.first, out);
    return out;
}

inline sound_part sound_corpus::draw(corpus::split which, std::uint64_t window, random_key key, std::string_view set) const {
    LOFI_ASSERT(window > 0, "a window has at least one sample");
    std::uint64_t places = 0, longest = 0;
    for (const sound_part& p : parts_) {
        if (p.split != which || (!set.empty() && files_[p.file].set != set)) continue;
        longest = std::max(longest, p.count);
        places += p.count >= window ? p.count - window + 1 : 0;
    }
    if (places == 0) {
        const std::string of = std::string(to_string(which)) + (set.empty() ? "" : " (" + std::string(set) + ")");
        raise(error("audio", longest == 0 ? "there is no sound to " + of
                                          : "no clip of " + of + " is as long as the " + std::to_string(window) +
                                                " samples that are asked for; the longest has " + std::to_string(longest)));
    }
    random_stream random(key);
    std::uint64_t place = detail::draw_below(random, places);
    for (const sound_part& p : parts_) {
        if (p.split != which || (!set.empty() && files_[p.file].set != set) || p.count < window) continue;
        if (place <= p.count - window) return {p.file, which, p.first + place, window};
        place -= p.count - window + 1;
    }
    LOFI_ASSERT(false, "a place drawn lies in one of the parts");
    return {};
}

inline void sound_corpus::windows(corpus::split which, std::uint64_t window, random_key key, std::span<float> out,
                                  std::string_view set) {
    LOFI_ASSERT(out.size() % window == 0, "a batch holds whole windows");
    for (std::size_t i = 0; i < out.size() / window; ++i) {
        const sound_part p = draw(which, window, key.child(i), set);
        read(p.file, p.first, out.subspan(i * static_cast<std::size_t>(window), static_cast<std::size_t>(window)));
    }
}

inline std::optional<sound_part> sound_corpus::beside(const sound_part& part, std::string_view set) const {
    for (std::uint32_t f = 0; f < files_.size(); ++f)
        if (files_[f].set == set && files_[f].piece == files_[part.file].piece && part.first + part.count <= files_[f].length)
            return sound_part{f, part.split, part.first, part.count};
    return std::nullopt;
}

}  // namespace lofi::inline LOFI_ABI::corpus
