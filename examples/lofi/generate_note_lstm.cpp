// lofi generate note-lstm: pieces for two hands, as MIDI files, and as sound where it is wanted.
#include <cstdio>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lofi/backend/stream.hpp>
#include <lofi/core/file.hpp>
#include <lofi/model/note_lstm_generate.hpp>
#include <lofi/pretrained/note_lstm.hpp>
#if LOFI_HAVE_TRAIN
#include <lofi/recipe/note_lstm.hpp>
#include <lofi/recipe/note_lstm_guard.hpp>
#include <lofi/recipe/note_lstm_published.hpp>
#endif

#include "command.hpp"
#include "sampler_options.hpp"
#include "written.hpp"

namespace program {
namespace {

namespace fs = std::filesystem;
namespace model = lofi::model;
namespace token = lofi::token;

struct note_options {
    std::string weights = "builtin", key = "A minor";
    fs::path out = ".";
    std::size_t count = 1;
    std::uint64_t seed = 1;
    std::int32_t bars = 16;
    double bpm = 80;
    int style = 6;
    double in_scale = 1;
    piece_files files;
    lofi::sampling::sampler_config sampler;
    std::vector<fs::path> start, guard;
};

fs::path name_of(const note_options& o, std::size_t i) {
    return o.out / ("note-lstm-" + std::to_string(o.seed) + "-" + std::to_string(i + 1));
}

/// Whether a piece may be written; what it must not copy is read once.
std::function<bool(const lofi::score::piece&)> guard_of(const note_options& o) {
    if (o.guard.empty()) return [](const lofi::score::piece&) { return true; };
#if LOFI_HAVE_TRAIN
    auto guard = std::make_shared<lofi::recipe::note_guard>(lofi::corpus::read_hands_corpus(o.guard));
    return [guard](const lofi::score::piece& piece) { return guard->passes(piece); };
#else
    throw lofi::error("--guard", "needs the train build, which is the default: configure with -DLOFI_TRAIN=ON");
#endif
}

template <class Backend>
void write_pieces(const note_options& o, typename model::note_lstm<lofi::pretrained::note_lstm_sizes, Backend>::params p) {
    const auto key = of_option("--key", lofi::score::parse_key(o.key));
    lofi::sampling::check(o.sampler).value();
    model::note_conditions c;
    c.style = static_cast<std::uint8_t>(o.style);
    c.scale = key.scale;
    c.tempo = static_cast<std::int32_t>(o.bpm * 1000 + .5);
    c.bars = o.bars;
    model::note_sampling sampling{.tokens = lofi::sampling::to_integer(o.sampler)};
    if (o.in_scale >= 1) sampling.scale = lofi::score::mask(key.scale);
    const auto may = guard_of(o);
    constexpr std::uint64_t most_draws = 1000;
    for (std::size_t i = 0; i < o.count; ++i) {
        const lofi::random_key own = lofi::random_key{o.seed}.child("piece").child(i);
        lofi::score::piece piece;
        for (std::uint64_t draw = 0;; ++draw) {
            if (draw == most_draws)
                throw lofi::error("--guard", "lets none of " + std::to_string(most_draws) +
                                                 " drafts through: ask for another length, or for a higher --temperature");
            model::note_writer<lofi::pretrained::note_lstm_sizes, Backend> writer({}, p, c, sampling,
                                                                                  draw == 0 ? own : own.child(draw));
            std::vector<std::int32_t> ids;
            for (std::int32_t id = writer.step(); id >= 0; id = writer.step()) ids.push_back(id);
            piece = token::decode_hands(ids, key, lofi::bpm(o.bpm)).value();
            if (may(piece)) break;
        }
        piece.title = name_of(o, i).filename().string();
        write_piece(piece, name_of(o, i), o.files);
    }
}

#if LOFI_HAVE_TRAIN

template <model::note_lstm_published_config C>
void write_published_pieces(const note_options& o) {
    auto from = lofi::recipe::read_note_lstm_published<C>(o.weights);
    using network = typename lofi::recipe::note_lstm_published_weights<C>::network;
    if (!o.guard.empty()) throw lofi::error("--guard", "is for the improved network: a published one draws nothing anew");
    if (o.start.empty())
        throw lofi::error(o.weights, "holds a published network, which goes on from a window of a corpus: name one by --start");
    const auto corpus = lofi::corpus::read_note_corpus(o.start);
    std::vector<std::int32_t> tokens;
    for (const lofi::corpus::note_song& s : corpus.songs)
        for (const token::notechord t : s.tokens)
            if (const std::int32_t number = from.vocabulary.find(t); number >= 0) tokens.push_back(number);
    if (tokens.size() < C.window)
        throw lofi::error(o.start.front().string(), "has " + std::to_string(tokens.size()) +
                                                        " tokens that the network knows, and it starts from " +
                                                        std::to_string(C.window));
    const std::size_t length = C.head == model::note_lstm_head::plain ? 500 : 200;
    std::vector<std::span<const std::int32_t>> starts;
    lofi::random_stream random(lofi::random_key{o.seed}.child("start"));
    for (std::size_t i = 0; i < o.count; ++i)
        starts.push_back(std::span(tokens).subspan(
            uniform_below(random, static_cast<std::uint32_t>(tokens.size() - C.window + 1)), C.window));
    const auto pieces = lofi::recipe::write_published<network>(from.weights.view(), starts, from.vocabulary.size(), length);
    for (std::size_t i = 0; i < o.count; ++i) {
        std::vector<token::notechord> made;
        for (const std::int32_t number : pieces[i]) made.push_back(from.vocabulary[static_cast<std::size_t>(number)]);
        write_piece(token::decode_notechords(made, {.tempo = lofi::bpm(o.bpm)}), name_of(o, i), o.files);
    }
}

/// Weights of `lofi train note-lstm`, in any of its settings.
void write_trained(const note_options& o) {
    const std::string setting =
        lofi::nn::read_header(lofi::nn::read_safetensors(o.weights)).config.value("setting", std::string());
    if (setting == "published-001") return write_published_pieces<model::note_lstm_001>(o);
    if (setting == "published-003") return write_published_pieces<model::note_lstm_003>(o);
    auto weights = lofi::recipe::read_note_lstm<lofi::pretrained::note_lstm_sizes>(o.weights);
    write_pieces<lofi::backend::cpu<float>>(o, weights.view());
}

#else

void write_trained(const note_options& o) {
    throw lofi::error(o.weights, "needs the train build, which is the default: configure with -DLOFI_TRAIN=ON");
}

#endif

void generate(const note_options& o) {
    for (const fs::path& path : o.guard)
        if (!fs::exists(path)) throw lofi::error(path.string(), "is not there");
    std::error_code ec;
    fs::create_directories(o.out, ec);
    if (ec) throw lofi::error(o.out.string(), "cannot be made: " + ec.message());
    if (o.weights.ends_with(".safetensors")) return write_trained(o);
    using lofi::pretrained::note_lstm;
    if (o.weights == "builtin") return write_pieces<lofi::backend::fixed>(o, note_lstm::builtin().params());
    const auto bytes = lofi::read_file(o.weights).value();
    auto network = note_lstm::read(std::span<const std::byte>(bytes));
    if (!network) throw network.error().at(o.weights);
    write_pieces<lofi::backend::fixed>(o, network->params());
}

}  // namespace

void add_generate_note_lstm(CLI::App& generate_command) {
    auto o = std::make_shared<note_options>();
    std::string styles;
    for (std::size_t i = 0; i < lofi::pretrained::note_lstm_styles.size(); ++i)
        styles.append(i == 0 ? "" : ", ")
            .append(std::to_string(i + 1))
            .append(" ")
            .append(lofi::pretrained::note_lstm_styles[i]);
    CLI::App* c = add_command(generate_command, "note-lstm", "Pieces for two hands, as MIDI files",
                              "lofi generate note-lstm --count 4 --length 16 --key \"D dorian\" --out pieces");
    c->add_option("--weights", o->weights, "builtin, a file of `lofi quantise`, or .safetensors (train build)")
        ->capture_default_str();
    c->add_option("--count", o->count, "How many pieces")->check(number(1, 1e6))->capture_default_str();
    c->add_option("--length", o->bars, "Bars of a piece")->check(number(1, 9999))->capture_default_str();
    c->add_option("--seed", o->seed, "The same seed gives the same pieces")->check(whole_number())->capture_default_str();
    c->add_option("--key", o->key, "C, \"A minor\", \"D dorian\", ...")->capture_default_str();
    c->add_option("--bpm", o->bpm, "Tempo")->check(number(20, 300))->capture_default_str();
    c->add_option("--style", o->style, "What it sounds like: " + styles + "; 0 leaves it to the network")
        ->check(whole_number() & number(0, 8))
        ->capture_default_str();
    c->add_option("--in-scale", o->in_scale, "1: no note outside the key's scale; 0: the network alone decides")
        ->check(CLI::IsMember({0, 1}))
        ->capture_default_str();
    c->add_option("--out", o->out, "The folder for the files")->capture_default_str();
    add_piece_files(*c, o->files);
    c->add_option(
        "--guard", o->guard,
        "MIDI files, or folders of them, that no piece copies more than 12 tokens from, or with more than a tenth of its own");
    c->add_option("--start", o->start, "Published networks: files of tokens, one window of which they go on from");
    add_sampler_options(*c, o->sampler);
    c->callback([o] { generate(*o); });
}

}  // namespace program
