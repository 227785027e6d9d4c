// lofi generate lyrics2lofi: music to a text.
#include "command.hpp"

#if LOFI_HAVE_TRAIN
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include <lofi/arrange/lead_sheet.hpp>
#include <lofi/core/file.hpp>
#include <lofi/corpus/lead_sheet_json.hpp>
#include <lofi/recipe/lyrics2lofi_files.hpp>
#include <lofi/sampling/integer.hpp>

#include "sampler_options.hpp"
#include "written.hpp"

namespace program {
namespace {

namespace fs = std::filesystem;
namespace recipe = lofi::recipe;
using lofi::score::lead_sheet;

struct lyrics_options {
    std::string weights, key;
    std::optional<std::string> text;
    fs::path lyrics, vectors, out;
    std::size_t count = 1;
    std::uint64_t seed = 1;
    std::int32_t rows = 16;
    piece_files files;
    lofi::sampling::sampler_config sampler;
};

std::string text_of(const lyrics_options& o) {
    if (o.text) return *o.text;
    const std::vector<std::byte> bytes = lofi::read_file(o.lyrics, std::uintmax_t{1} << 26).value();
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Prints a sheet, or writes it and its piece into the folder.
void put(const lead_sheet& sheet, std::size_t i, const lyrics_options& o) {
    const std::string line = lofi::corpus::write_lead_sheet(sheet);
    if (o.out.empty()) {
        std::printf("%s\n", line.c_str());
        return;
    }
    const fs::path name = o.out / ("lyrics2lofi-" + std::to_string(o.seed) + "-" + std::to_string(i + 1));
    lofi::write_file(fs::path(name).concat(".json"), line + "\n").value();
    std::printf("%s.json\n", name.c_str());
    write_piece(lofi::arrange::arrange(sheet, lofi::random_key{o.seed}.child("arrangement").child(i)), name, o.files);
}

void write_improved(const lyrics_options& o, const std::string& text) {
    if (!o.vectors.empty()) throw lofi::error("--vectors", "is for weights of the published setting");
    recipe::lyrics_writer<> writer(o.weights);
    const auto r = writer.read(text);
    std::fprintf(stderr, "text: %zu words read; valence %.2f, energy %.2f, %g bpm\n", r.words, r.valence, r.energy,
                 r.tempo.value);
    lofi::sampling::check(o.sampler).value();
    lofi::model::lead_sampling sampling;
    sampling.chords = sampling.melody = sampling.bars = lofi::sampling::to_integer(o.sampler);
    lofi::score::pitch_class tonic;
    if (!o.key.empty()) tonic = of_option("--key", lofi::score::parse_pitch_class(o.key));
    for (std::size_t i = 0; i < o.count; ++i) {
        lead_sheet sheet = writer.write(r, o.rows, sampling, lofi::random_key{o.seed}.child("lyrics").child(i));
        sheet.key.tonic = tonic;
        sheet.title = "lyrics-" + std::to_string(o.seed) + "-" + std::to_string(i + 1);
        put(sheet, i, o);
    }
}

void write_published(const lyrics_options& o, const std::string& text) {
    if (!o.key.empty()) throw lofi::error(o.weights, "holds the published network, which chooses the key: leave --key away");
    recipe::published_lyrics_writer writer(o.weights);
    const std::vector<std::string> texts = {text};
    const auto vectors = o.vectors.empty() ? recipe::draw_text_vectors(texts, recipe::published_text_width)
                                           : recipe::read_text_vectors(o.vectors, texts, recipe::published_text_width);
    std::fprintf(stderr, "text: %zu tokens read\n", std::min(vectors[0].tokens(), lofi::text::most_tokens));
    using from = recipe::published_lyrics_writer::from;
    for (std::size_t i = 0; i < o.count; ++i)
        put(writer.write(vectors[0], i == 0 ? from::mean : from::draw, lofi::random_key{o.seed}.child("lyrics").child(i)).sheet,
            i, o);
}

void generate_to_text(const lyrics_options& o) {
    if (o.text.has_value() == !o.lyrics.empty()) throw lofi::error("--text", "or --lyrics is needed, and one of them alone");
    const std::string text = text_of(o);
    std::error_code ec;
    if (!o.out.empty()) fs::create_directories(o.out, ec);
    if (ec) throw lofi::error(o.out.string(), "cannot be made: " + ec.message());
    const lofi::nn::safetensors file = lofi::nn::read_safetensors(o.weights);
    const auto format = file.metadata().find("format");
    const bool ours = format != file.metadata().end() && format->second == "lofi";
    if (ours && lofi::nn::read_header(file).config.value("setting", "") == "improved") return write_improved(o, text);
    write_published(o, text);
}

}  // namespace

void add_generate_lyrics2lofi(CLI::App& generate_command) {
    auto o = std::make_shared<lyrics_options>();
    CLI::App* c = add_command(
        generate_command, "lyrics2lofi", "Chords with a melody to a text",
        "lofi generate lyrics2lofi --weights mine.safetensors --text \"rain on the last train home\" --out rain --wav");
    c->add_option("--weights", o->weights, "Weights of `lofi train lyrics2lofi`, .safetensors")->required();
    c->add_option("--text", o->text, "What the music is to");
    c->add_option("--lyrics", o->lyrics, "The same, out of a file of UTF-8");
    c->add_option(
        "--vectors", o->vectors,
        "Published setting: the text's vectors, of tools/text_vectors.py; drawn, if not given, as in training without");
    c->add_option("--count", o->count, "How many samples")->check(whole_number() & number(1, 1e6))->capture_default_str();
    c->add_option("--seed", o->seed, "The same seed gives the same samples")->check(whole_number())->capture_default_str();
    c->add_option("--rows", o->rows, "Chords, with eight melody slots each; the published network ends where it will")
        ->check(whole_number() & number(1, lofi::model::longest_phrase))
        ->capture_default_str();
    c->add_option("--key", o->key, "The tonic: C, Eb, ...; C, if not given");
    c->add_option("--out", o->out,
                  "A folder for the sheets as JSON and, arranged, as MIDI; without it, samples are printed, one a line");
    add_piece_files(*c, o->files);
    add_sampler_options(*c, o->sampler);
    c->callback([o] { generate_to_text(*o); });
}

}  // namespace program

#else

namespace program {
void add_generate_lyrics2lofi(CLI::App& generate_command) {
    add_missing(generate_command, "lyrics2lofi", "Chords with a melody to a text");
}
}  // namespace program

#endif
