#pragma once
// A folder of MIDI files as lead sheets to learn from: found, told apart by family, and written split by split.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <lofi/analysis/meter_finding.hpp>
#include <lofi/corpus/family.hpp>
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/corpus/lead_sheet_maker.hpp>
#include <lofi/corpus/midi_files.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// In which keys the sheets to learn from are written. Degrees stay as they are, so only the key's number changes.
enum class key_balance : std::uint8_t {
    balanced,  ///< each song in the key that is rarest so far, of equals the nearest to its own
    as_found
};

struct midi_corpus_config {
    key_balance keys = key_balance::balanced;
    std::uint32_t valid_share = 10, test_share = 10;  ///< of 100 families
    lead_sheet_config sheets{};
    family_config families{};
};

/// Counts of things by name, with the first few of them.
struct counted {
    std::size_t count = 0;
    std::vector<std::string> first;

    void add(const std::string& what) {
        if (first.size() < 5) first.push_back(what);
        ++count;
    }
};

/// What became of the phrases of a split.
struct split_figures {
    std::size_t songs = 0, families = 0, phrases = 0, rows = 0;
    std::array<std::size_t, 12> tonics{};  ///< phrases by the tonic that is written
};

/// What was read, what was written, and what was not.
struct midi_corpus_report {
    std::string folder;
    std::size_t files = 0;                               ///< with the names of MIDI files
    std::size_t songs = 0;                               ///< that gave phrases
    std::map<std::string, counted> files_dropped;        ///< why
    std::map<std::string, std::size_t> phrases_dropped;  ///< why; "pauses of the melody, two rows or more" are stretches
    counted other_files;
    std::size_t families = 0, without_kin = 0;
    std::vector<std::vector<std::string>> largest_families;  ///< at most ten, names of their songs
    bool divided_files = false;  ///< one family fills the folder: its files were divided, versions of one another or not
    bool nothing_to_validate = false;
    std::array<split_figures, 3> splits{};  ///< train, valid, test
    std::array<std::size_t, 24> keys{};     ///< phrases as found: tonic, and 12 more where the third is minor
    std::array<std::size_t, 8> modes{};     ///< by number
    std::array<std::size_t, 42> chords{};   ///< rows by degree and quality
    std::map<std::size_t, std::size_t> rows_of_phrases;
    std::map<int, std::size_t> tempi, energies, valences, bars_of_songs;  ///< in tens of bpm, hundredths, and bars
    std::size_t half_bar_songs = 0, chords_only = 0, rests = 0, slots = 0;
    std::size_t beats_elsewhere = 0;
};

/// Told after each file how many of how many are done.
using corpus_progress = std::function<void(std::size_t done, std::size_t of)>;

/// Reads all MIDI files below a folder and writes NAME.train.jsonl, NAME.valid.jsonl and NAME.test.jsonl (those that have phrases), which
/// `read_lead_sheet_corpus` reads. Families are whole in a split. A phrase stands once, whatever its key: one of valid or test is left out of train.
/// Memory holds names, hashes and counts; phrases wait in a file beside the others. The same folder gives the same files.
/// errors: throws where the folder has no MIDI files or gives no phrase, with the commonest reason
midi_corpus_report make_midi_corpus(const std::filesystem::path& folder, const std::filesystem::path& name,
                                    const midi_corpus_config& config = {}, const corpus_progress& told = {});

// ---------------------------------------------------------------- bodies

namespace detail {

struct corpus_song {
    std::string name;
    score::key key{};  // its main one
    std::uint32_t rows = 0;
    corpus::split split = corpus::split::train;
    std::int8_t moved = 0;  // semitones
};
struct corpus_phrase {
    std::uint64_t hash = 0;
    std::uint32_t song = 0;
    std::uint16_t rows = 0;
};

inline bool is_minor(const score::key& k) { return semitones_of_step(k.scale, 2) == 3; }

// A phrase in any key.
inline std::uint64_t phrase_hash(const score::lead_sheet& s) {
    hasher h;
    h.add(static_cast<int>(s.key.scale)).add(s.rows.size());
    for (const score::lead_row& r : s.rows) {
        h.add(r.chord);
        for (const std::uint8_t v : r.melody) h.add(v);
    }
    return h.value();
}

// Phrases on their way from the first reading to their split.
class waiting_room {
public:
    explicit waiting_room(std::filesystem::path path) : path_(std::move(path)), out_(path_, std::ios::binary) {}
    waiting_room(const waiting_room&) = delete;
    waiting_room& operator=(const waiting_room&) = delete;
    ~waiting_room() {
        out_.close();
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    void write(const std::string& line) {
        out_ << line << '\n';
        if (!out_) raise(error(path_.string(), "cannot be written: " + lofi::detail::last_system_error()));
    }
    /// Gives back the lines in order.
    template <class Visit>
    void read(Visit&& visit) {
        out_.close();
        std::ifstream in(path_, std::ios::binary);
        std::string line;
        while (std::getline(in, line)) visit(line);
    }

private:
    std::filesystem::path path_;
    std::ofstream out_;
};

class corpus_maker {
public:
    corpus_maker(const std::filesystem::path& folder, const std::filesystem::path& name, const midi_corpus_config& config)
        : folder_(folder), name_(name), config_(config), waiting_(std::filesystem::path(name).concat(".waiting")) {
        report.folder = folder.string();
    }
    void take_file(const std::filesystem::path& path);
    void divide();
    void write();
    [[nodiscard]] bool any() const { return !phrases_.empty(); }

    midi_corpus_report report;

private:
    void take_piece(const score::piece& piece, const std::string& title);
    void name_families(const std::vector<std::size_t>& family);
    void split_families(const std::vector<std::size_t>& family);
    [[nodiscard]] std::vector<bool> once() const;
    [[nodiscard]] std::string title_of(const std::filesystem::path& path, const std::string& pattern);
    void drop(const std::string& why, const std::string& title) { report.files_dropped[why].add(title); }
    void balance();
    void count(const score::lead_sheet& sheet);

    std::filesystem::path folder_, name_;
    midi_corpus_config config_;
    waiting_room waiting_;
    std::vector<corpus_song> songs_;
    std::vector<corpus_phrase> phrases_;
    std::vector<piece_sketch> sketches_;
    std::set<std::uint64_t> titles_;
};

// The name of a file below the folder, without its ending, which no other song has.
inline std::string corpus_maker::title_of(const std::filesystem::path& path, const std::string& pattern) {
    std::string title = path.lexically_relative(folder_).replace_extension().generic_string() + pattern;
    const auto is_new = [&](const std::string& t) { return titles_.insert(hasher().add(std::string_view(t)).value()).second; };
    if (is_new(title)) return title;
    for (int n = 2;; ++n)
        if (const std::string other = title + "~" + std::to_string(n); is_new(other)) return other;
}

inline void corpus_maker::take_file(const std::filesystem::path& path) {
    ++report.files;
    const std::string shown = path.lexically_relative(folder_).generic_string();
    const auto read = midi::read_file(path);
    if (!read) {
        // Reasons are counted, so they go without path and byte.
        std::string why = read.error().what();
        if (const auto at = why.find("no MIDI file ("); at != why.npos)
            why = "no MIDI file" + why.substr(at + 12);
        else if (why.find(path.string()) == 0)
            why = why.substr(std::min(why.size(), path.string().size() + 2));
        return drop(why, shown);
    }
    const bool patterns = read->file.format == midi::format::patterns;
    const std::size_t pieces = patterns ? read->file.tracks.size() : 1;
    bool any_notes = false;
    for (std::size_t i = 0; i < pieces; ++i) {
        const auto piece = midi::to_piece(read->file, i);
        if (!piece) return drop(piece.error().what(), shown);
        // A pattern without notes is a conductor, and no song that is missed.
        const bool notes = piece->last_end().value > 0;
        if (patterns && !notes) continue;
        any_notes = any_notes || notes;
        take_piece(analysis::with_meter(*piece), title_of(path, patterns ? "#" + std::to_string(i + 1) : ""));
    }
    if (!any_notes && (patterns || pieces == 0)) drop("has no notes", shown);
}

inline void corpus_maker::count(const score::lead_sheet& s) {
    ++report.keys[s.key.tonic.value + (is_minor(s.key) ? 12U : 0U)];
    ++report.modes[static_cast<std::size_t>(s.key.scale)];
    ++report.rows_of_phrases[s.rows.size()];
    ++report.tempi[static_cast<int>(s.tempo.value / 10) * 10];
    ++report.energies[static_cast<int>(std::lround(100 * s.energy))],
        ++report.valences[static_cast<int>(std::lround(100 * s.valence))];
    if (!s.has_melody) return void(++report.chords_only);
    for (const score::lead_row& r : s.rows)
        for (const std::uint8_t v : r.melody) report.rests += v == 0 ? 1 : 0, ++report.slots;
}

inline void corpus_maker::take_piece(const score::piece& piece, const std::string& title) {
    const auto heard = hear(piece);
    if (!heard) return drop(heard.error().message(), title);
    const auto made = make_lead_sheets(piece, *heard, config_.sheets);
    if (!made) return drop(made.error().message(), title);
    for (const auto& [why, n] : made->dropped) report.phrases_dropped[why] += n;
    report.beats_elsewhere += made->beats_elsewhere;
    if (made->sheets.empty()) return drop("gives no phrase", title);
    for (std::size_t i = 0; i < made->chords.size(); ++i) report.chords[i] += made->chords[i];
    report.half_bar_songs += made->half_bars ? 1 : 0;
    ++report.bars_of_songs[static_cast<int>(made->rows / (made->half_bars ? 2 : 1))];

    corpus_song song{title, analysis::main_key(heard->keys)};
    std::set<std::uint64_t> own;
    std::size_t number = 0;
    for (score::lead_sheet sheet : made->sheets) {
        const std::uint64_t hash = phrase_hash(sheet);
        if (!own.insert(hash).second) {
            ++report.phrases_dropped["again in its song"];
            continue;
        }
        char place[24];
        std::snprintf(place, sizeof place, "-%02zu", ++number);
        sheet.title = title + place;
        count(sheet);
        phrases_.push_back({hash, static_cast<std::uint32_t>(songs_.size()), static_cast<std::uint16_t>(sheet.rows.size())});
        song.rows += static_cast<std::uint32_t>(sheet.rows.size());
        waiting_.write(write_lead_sheet(sheet));
    }
    songs_.push_back(std::move(song));
    sketches_.push_back(sketch_of(*heard, config_.families));
}

inline void corpus_maker::name_families(const std::vector<std::size_t>& family) {
    std::map<std::size_t, std::vector<std::size_t>> members;
    for (std::size_t i = 0; i < family.size(); ++i) members[family[i]].push_back(i);
    std::vector<const std::vector<std::size_t>*> by_size;
    for (const auto& [head, songs] : members) {
        by_size.push_back(&songs);
        report.without_kin += songs.size() == 1 ? 1 : 0;
    }
    report.families = members.size();
    std::stable_sort(by_size.begin(), by_size.end(), [](const auto* a, const auto* b) { return a->size() > b->size(); });
    for (std::size_t i = 0; i < std::min<std::size_t>(by_size.size(), 10) && by_size[i]->size() > 1; ++i) {
        auto& names = report.largest_families.emplace_back();
        for (const std::size_t song : *by_size[i]) names.push_back(songs_[song].name);
    }
}

inline void corpus_maker::split_families(const std::vector<std::size_t>& family) {
    if (report.families == 1) {
        // Versions of one another, all of them: files are divided one by one, so that there is something to learn from.
        for (std::size_t i = 0; i < songs_.size(); ++i) songs_[i].split = i % 8 == 1 ? split::valid : split::train;
        report.divided_files = songs_.size() > 1, report.nothing_to_validate = songs_.size() < 2;
        return;
    }
    std::map<std::size_t, std::size_t> rows;  // of each family
    for (std::size_t i = 0; i < family.size(); ++i) rows[family[i]] += songs_[i].rows;
    std::map<std::size_t, split> of;
    std::array<std::size_t, 3> families{};
    for (const auto& [head, n] : rows) {
        const std::uint32_t place = sha1_modulo("lofi-v1:" + songs_[head].name, 100);
        of[head] = place < config_.test_share                         ? split::test
                   : place < config_.test_share + config_.valid_share ? split::valid
                                                                      : split::train;
        ++families[static_cast<std::size_t>(of[head])];
    }
    // A few families may leave a split empty that is needed: the largest learns, the smallest validates.
    const auto give = [&](split to, bool largest) {
        std::size_t best = rows.begin()->first;
        bool found = false;
        for (const auto& [head, n] : rows) {
            if (of[head] == to || (to == split::valid && of[head] == split::train && families[0] < 2)) continue;
            if (!found || (largest ? n > rows[best] : n < rows[best])) best = head, found = true;
        }
        --families[static_cast<std::size_t>(of[best])], ++families[static_cast<std::size_t>(to)];
        of[best] = to;
    };
    if (families[0] == 0) give(split::train, true);
    if (families[1] == 0) give(split::valid, false);
    for (std::size_t i = 0; i < songs_.size(); ++i) songs_[i].split = of[family[i]];
    for (std::size_t k = 0; k < 3; ++k) report.splits[k].families = families[k];
}

inline void corpus_maker::balance() {
    std::array<std::array<std::size_t, 12>, 2> rows{};
    for (corpus_song& s : songs_) {
        if (s.split != split::train || config_.keys == key_balance::as_found) continue;
        auto& so_far = rows[is_minor(s.key) ? 1 : 0];
        int best = 0;
        const auto at = [&](int moved) -> std::size_t& { return so_far[score::pitch_class(s.key.tonic.value + moved).value]; };
        for (const int moved : {-1, 1, -2, 2, -3, 3, -4, 4, -5, 5, 6})
            if (at(moved) < at(best)) best = moved;
        s.moved = static_cast<std::int8_t>(best);
        at(best) += s.rows;
    }
}

inline void corpus_maker::divide() {
    const std::vector<std::size_t> family = find_families(sketches_, config_.families);
    report.songs = songs_.size();
    name_families(family);
    split_families(family);
    balance();
}

// Whether each phrase is the one that stands for all that are equal to it: test before valid, valid before train, then the first.
inline std::vector<bool> corpus_maker::once() const {
    std::unordered_map<std::uint64_t, std::size_t> stands;
    for (std::size_t i = 0; i < phrases_.size(); ++i) {
        const auto [at, is_new] = stands.try_emplace(phrases_[i].hash, i);
        if (!is_new && songs_[phrases_[i].song].split > songs_[phrases_[at->second].song].split) at->second = i;
    }
    std::vector<bool> out(phrases_.size());
    for (const auto& [hash, i] : stands) out[i] = true;
    return out;
}

inline void corpus_maker::write() {
    const std::vector<bool> kept = once();
    std::array<std::unique_ptr<pending_file>, 3> files;
    for (std::size_t k = 0; k < 3; ++k)
        files[k] = std::make_unique<pending_file>(
            std::filesystem::path(name_).concat("." + std::string(to_string(static_cast<split>(k))) + ".jsonl"));
    std::size_t i = 0;
    std::array<std::uint32_t, 3> last = {~0U, ~0U, ~0U};
    waiting_.read([&](std::string& line) {
        const corpus_phrase& p = phrases_[i];
        const corpus_song& song = songs_[p.song];
        const auto k = static_cast<std::size_t>(song.split);
        if (!kept[i++]) return void(++report.phrases_dropped["again in another song"]);
        // Inside a text the sign before "key" would be escaped, so this is the field.
        constexpr std::string_view field = "\",\"key\":";
        const std::size_t at = line.find(field) + field.size(), end = line.find(',', at);
        const score::pitch_class tonic(std::stoi(line.substr(at, end - at)) - 1 + song.moved);
        line.replace(at, end - at, std::to_string(tonic.value + 1));
        files[k]->write(line + "\n");
        split_figures& f = report.splits[k];
        f.songs += last[k] != p.song ? 1 : 0, last[k] = p.song;
        ++f.phrases, f.rows += p.rows, ++f.tonics[tonic.value];
    });
    for (auto& f : files) f->commit().value();
}

}  // namespace detail

inline midi_corpus_report make_midi_corpus(const std::filesystem::path& folder, const std::filesystem::path& name,
                                           const midi_corpus_config& config, const corpus_progress& told) {
    std::size_t of = 0, done = 0;
    walk_midi_files(folder, {[&](const auto&) { ++of; }, {}, {}});
    if (of == 0) raise(error(folder.string(), "holds no MIDI files (.mid, .midi, .smf)"));
    detail::corpus_maker maker(folder, name, config);
    walk_midi_files(folder,
                    {[&](const std::filesystem::path& path) {
                         maker.take_file(path);
                         if (told) told(++done, of);
                     },
                     [&](const std::filesystem::path& path) {
                         maker.report.other_files.add(path.lexically_relative(folder).generic_string());
                     },
                     [&](const std::filesystem::path& path, const std::string& why) {
                         maker.report.files_dropped["folder: " + why].add(path.lexically_relative(folder).generic_string());
                     }});
    if (!maker.any()) {
        std::string why;
        std::size_t most = 0;
        for (const auto& [reason, files] : maker.report.files_dropped)
            if (files.count > most)
                most = files.count,
                why = reason + " (" + std::to_string(files.count) + ", " + files.first.front() + " the first)";
        raise(error(folder.string(), "gives nothing to learn from: of " + std::to_string(of) +
                                         " MIDI files none has a phrase in 4/4; the commonest reason: " + why));
    }
    maker.divide();
    maker.write();
    return std::move(maker.report);
}

}  // namespace lofi::inline LOFI_ABI::corpus
