// lofi tokenize: MIDI files as tokens, a line each. lofi detokenize: such lines as MIDI files.
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/midi/convert.hpp>
#include <lofi/midi/read.hpp>
#include <lofi/midi/write.hpp>
#include <lofi/token/json.hpp>
#include <lofi/token/tokenizer.hpp>

#include "command.hpp"

namespace program {
namespace {

namespace fs = std::filesystem;
namespace token = lofi::token;

struct token_options {
    std::string kind;
    std::vector<fs::path> files;
    std::optional<std::string> key;
    fs::path vocabulary, out;
    double bpm = 120;
    bool spell = false, json = false;
};

/// A tokenizer as values.
struct kind_of_tokens {
    std::string name;
    std::size_t size;
    lofi::result<std::vector<std::int32_t>> (*encode)(const lofi::score::piece&, const token::token_context&);
    lofi::result<lofi::score::piece> (*decode)(std::span<const std::int32_t>, const token::token_context&);
    std::string (*spell)(std::int32_t);
    lofi::result<std::int32_t> (*parse)(std::string_view);
    token::vocabulary (*vocabulary)();  // none: each corpus has its own
};
template <token::tokenizer T>
kind_of_tokens kind() {
    token::vocabulary (*vocabulary)() = nullptr;
    if constexpr (requires { token::vocabulary_of<T>(); }) vocabulary = token::vocabulary_of<T>;
    return {std::string(T::name), T::size, T::encode, T::decode, T::spell, T::parse, vocabulary};
}
const std::vector<kind_of_tokens>& kinds() {
    static const std::vector<kind_of_tokens> all = {kind<token::notechord_tokens>(), kind<token::melody_tokens>(),
                                                    kind<token::drum_tokens>(),      kind<token::groove_tokens>(),
                                                    kind<token::remi_tokens>(),      kind<token::tsd_tokens>(),
                                                    kind<token::midi_like_tokens>(), kind<token::hands_tokens>()};
    return all;
}
const kind_of_tokens& find_kind(const std::string& name) {
    std::string names;
    for (const kind_of_tokens& k : kinds()) {
        if (k.name == name) return k;
        names.append(names.empty() ? "" : ", ").append(k.name);
    }
    throw lofi::error("kind '" + name + "'", "is not known; there are " + names);
}

/// The numbers that a corpus gives to the tokens that it has, in order of their spelling; of other kinds the ids themselves.
class numbering {
public:
    numbering() = default;
    numbering(const kind_of_tokens& k, const std::set<std::int32_t>& used) {
        std::map<std::string, std::int32_t> named;
        for (const std::int32_t id : used) named[k.spell(id)] = id;
        for (const auto& [name, id] : named) add(id);
    }
    numbering(const kind_of_tokens& k, const token::vocabulary& v, const std::string& place) {
        if (v.kind != k.name) throw lofi::error(place, "is of " + v.kind.substr(0, 40) + ", not of " + k.name);
        for (const std::string& word : v.tokens) {
            const auto id = k.parse(word);
            if (!id) throw id.error().at(place);
            add(*id);
        }
    }
    [[nodiscard]] token::vocabulary vocabulary(const kind_of_tokens& k) const {
        token::vocabulary out{k.name, {}};
        for (const std::int32_t id : ids_) out.tokens.push_back(k.spell(id));
        return out;
    }
    [[nodiscard]] bool empty() const { return ids_.empty(); }
    [[nodiscard]] std::size_t size() const { return ids_.size(); }
    /// -1 where there is none.
    [[nodiscard]] std::int32_t number_of(std::int32_t id) const {
        const auto found = numbers_.find(id);
        return found == numbers_.end() ? -1 : found->second;
    }
    [[nodiscard]] std::int32_t id_of(std::int32_t number) const {
        return number >= 0 && number < static_cast<std::int32_t>(ids_.size()) ? ids_[static_cast<std::size_t>(number)] : -1;
    }

private:
    void add(std::int32_t id) {
        numbers_.emplace(id, static_cast<std::int32_t>(ids_.size()));
        ids_.push_back(id);
    }
    std::vector<std::int32_t> ids_;
    std::map<std::int32_t, std::int32_t> numbers_;
};

token::token_context context_of(const token_options& o, const lofi::score::piece* piece, const std::string& place) {
    token::token_context c;
    c.tempo = lofi::bpm(o.bpm);
    if (o.key)
        c.key = of_option("--key", lofi::score::parse_key(*o.key));
    else if (piece != nullptr && !piece->keys.empty())
        c.key = piece->keys.front().key;
    else if (o.kind == "hands")
        std::fprintf(stderr, "lofi: %s: says no key; it is read in C major, and --key tells another\n", place.c_str());
    return c;
}

/// Checks the file of a kind that has one vocabulary for every corpus; or writes it, where it is not there and may be written.
void settle_vocabulary(const kind_of_tokens& k, const fs::path& path, bool may_write) {
    if (path.empty()) return;
    if (may_write && !fs::exists(path))
        token::write_vocabulary(path, k.vocabulary());
    else
        token::check_vocabulary(token::read_vocabulary(path), k.vocabulary(), path.string());
}

void tokenize(const token_options& o) {
    const kind_of_tokens& k = find_kind(o.kind);
    const bool by_corpus = k.vocabulary == nullptr;
    if (o.files.empty() && (by_corpus || o.vocabulary.empty()))
        throw lofi::error("files", by_corpus ? "are what the vocabulary of " + k.name + " is made from: name some"
                                             : std::string("are needed, or --vocabulary"));
    if (!by_corpus) settle_vocabulary(k, o.vocabulary, true);
    std::vector<std::vector<std::int32_t>> all;
    std::set<std::int32_t> used;
    for (const fs::path& path : o.files) {
        auto file = lofi::midi::read_file(path);
        if (!file) throw file.error();
        auto piece = lofi::midi::to_piece(file->file);
        if (!piece) throw piece.error().at(path.string());
        auto ids = k.encode(*piece, context_of(o, &*piece, path.string()));
        if (!ids) throw ids.error().at(path.string());
        used.insert(ids->begin(), ids->end());
        all.push_back(*std::move(ids));
    }
    numbering numbers;
    if (by_corpus) {
        const bool there = !o.vocabulary.empty() && fs::exists(o.vocabulary);
        numbers = there ? numbering(k, token::read_vocabulary(o.vocabulary), o.vocabulary.string()) : numbering(k, used);
        if (!o.vocabulary.empty() && !there) token::write_vocabulary(o.vocabulary, numbers.vocabulary(k));
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        json ids = json::array(), names = json::array();
        std::string line;
        for (const std::int32_t id : all[i]) {
            const std::int32_t number = by_corpus ? numbers.number_of(id) : id;
            if (number < 0)
                throw lofi::error(o.files[i].string(), k.spell(id) + " is not in the vocabulary " + o.vocabulary.string());
            if (o.json)
                ids.push_back(number), names.push_back(k.spell(id));
            else
                line.append(line.empty() ? "" : " ").append(o.spell ? k.spell(id) : std::to_string(number));
        }
        if (o.json)
            print({{"file", o.files[i].string()}, {"kind", k.name}, {"ids", ids}, {"tokens", names}}, -1);
        else
            std::printf("%s\n", line.c_str());
    }
}

/// A line of ids, of spellings, or an object of `lofi tokenize --json`.
std::vector<std::int32_t> read_line(const std::string& line, const kind_of_tokens& k, const numbering& numbers,
                                    const std::string& place) {
    std::string text = line;
    if (!line.empty() && line.front() == '{') {
        const json j = parse_json(line, place);
        text.clear();
        if (!j.contains("tokens") || !j["tokens"].is_array()) throw lofi::error(place, "has no list of tokens");
        for (const json& t : j["tokens"]) text.append(t.is_string() ? t.get<std::string>() : t.dump()).append(" ");
    }
    std::vector<std::int32_t> out;
    std::size_t at = 0;
    while ((at = text.find_first_not_of(" \t\r", at)) != std::string::npos) {
        const std::size_t end = std::min(text.find_first_of(" \t\r", at), text.size());
        const std::string word = text.substr(at, end - at);
        at = end;
        const std::string here = place + ": token " + std::to_string(out.size() + 1);
        std::int32_t number = 0;
        const auto [stop, problem] = std::from_chars(word.data(), word.data() + word.size(), number);
        // Bare numbers are spellings too, of chords and of drums: they are ids where a vocabulary says so, or the kind has no such spelling.
        const bool whole = problem == std::errc() && stop == word.data() + word.size();
        if (whole && (!numbers.empty() || (k.name != "notechord" && !(k.name == "drums" && word.size() == 9)))) {
            const std::int32_t id = numbers.empty() ? number : numbers.id_of(number);
            if (id < 0 || id >= static_cast<std::int32_t>(k.size))
                throw lofi::error(here, word + " is not below " + std::to_string(numbers.empty() ? k.size : numbers.size()));
            out.push_back(id);
            continue;
        }
        const auto id = k.parse(word);
        if (!id) throw id.error().at(here);
        out.push_back(*id);
    }
    return out;
}

void detokenize(const token_options& o) {
    const kind_of_tokens& k = find_kind(o.kind);
    numbering numbers;
    if (k.vocabulary != nullptr)
        settle_vocabulary(k, o.vocabulary, false);
    else if (!o.vocabulary.empty())
        numbers = numbering(k, token::read_vocabulary(o.vocabulary), o.vocabulary.string());
    std::error_code ec;
    fs::create_directories(o.out, ec);
    if (ec) throw lofi::error(o.out.string(), "cannot be made: " + ec.message());
    std::size_t count = 0;
    const auto read = [&](std::istream& in, const std::string& name) {
        std::string line;
        for (std::size_t row = 1; std::getline(in, line); ++row) {
            if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
            const std::string place = name + ":" + std::to_string(row);
            const auto ids = read_line(line, k, numbers, place);
            auto piece = k.decode(ids, context_of(o, nullptr, place));
            if (!piece) throw piece.error().at(place);
            const auto file = lofi::midi::from_piece(*piece);
            if (!file) throw file.error().at(place);
            const auto bytes = lofi::midi::write(*file).value();
            const fs::path path = o.out / (k.name + "-" + std::to_string(++count) + ".mid");
            lofi::write_file(path, std::span<const std::byte>(bytes)).value();
            std::printf("%s\n", path.c_str());
        }
    };
    for (const fs::path& path : o.files) {
        if (path == "-") {
            read(std::cin, "standard input");
            continue;
        }
        std::ifstream in(path);
        if (!in) throw lofi::error(path.string(), "cannot be read");
        read(in, path.string());
    }
    if (count == 0) throw lofi::error(o.files.front().string(), "has no line of tokens");
}

}  // namespace

void add_tokenize(CLI::App& app) {
    auto o = std::make_shared<token_options>();
    CLI::App* c = add_command(app, "tokenize", "Writes MIDI files as tokens, a line each",
                              "lofi tokenize remi night.mid\n  lofi tokenize notechord --spell loops/*.mid");
    c->add_option("kind", o->kind, "notechord, melody, drums, groove, remi, tsd, midi-like or hands")->required();
    c->add_option("files", o->files, "MIDI files");
    c->add_flag("--spell", o->spell, "Spelled, not as ids");
    c->add_flag("--json", o->json, "Both, as a JSON object a line");
    c->add_option("--key", o->key, "hands: the key, where the file does not say or says it wrong");
    c->add_option("--vocabulary", o->vocabulary,
                  "A JSON file of what each number stands for; written, if it is not there. notechord is numbered as it says, "
                  "other kinds are "
                  "held against it");
    c->callback([o] { tokenize(*o); });
}

void add_detokenize(CLI::App& app) {
    auto o = std::make_shared<token_options>();
    o->out = ".";
    o->files = {"-"};
    CLI::App* c = add_command(app, "detokenize", "Writes lines of tokens as MIDI files",
                              "lofi tokenize remi night.mid | lofi detokenize remi --out again");
    c->add_option("kind", o->kind, "notechord, melody, drums, groove, remi, tsd, midi-like or hands")->required();
    c->add_option("files", o->files, "Files of lines, - for standard input")->capture_default_str();
    c->add_option("--out", o->out, "The folder for the files")->capture_default_str();
    c->add_option("--key", o->key, "hands: the key; C, if not given");
    c->add_option("--bpm", o->bpm, "Tempo")->check(number(1, 1000))->capture_default_str();
    c->add_option("--vocabulary", o->vocabulary, "A JSON file of what each number stands for; notechord is spelled without it");
    c->callback([o] { detokenize(*o); });
}

}  // namespace program
