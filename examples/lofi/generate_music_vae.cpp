// lofi generate music-vae: melodies, two bars after two bars, as MIDI files. lofi interpolate: from one melody to another.
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <lofi/backend/stream.hpp>
#include <lofi/core/file.hpp>
#include <lofi/model/segment_attributes.hpp>
#include <lofi/pretrained/music_vae.hpp>
#if LOFI_HAVE_TRAIN
#include <lofi/corpus/melody_corpus.hpp>
#include <lofi/corpus/note_corpus.hpp>
#include <lofi/recipe/music_vae.hpp>
#include <lofi/recipe/music_vae_published.hpp>
#include <lofi/recipe/music_vae_table.hpp>
#endif

#include "command.hpp"
#include "sampler_options.hpp"
#include "written.hpp"

namespace program {
namespace {

namespace fs = std::filesystem;
namespace model = lofi::model;
namespace token = lofi::token;
constexpr auto sizes = lofi::pretrained::music_vae_sizes;

struct melody_options {
    std::string weights = "builtin", key = "A minor";
    fs::path out = ".";
    std::size_t count = 1, bars = 16, steps = 8;
    std::uint64_t seed = 1;
    double bpm = 80, keep = .6, denser = 0, higher = 0, syncopated = 0;
    int style = 1, in_scale = 1, joint = 7;
    piece_files files;
    lofi::sampling::sampler_config sampler;
    std::vector<fs::path> guard;
    fs::path after, from, to;
};

/// Writes classes, moved by semitones.
void write(std::vector<std::int32_t> classes, int transposed, const fs::path& name, const melody_options& o) {
    for (std::int32_t& c : classes) c = token::transposed_class(c, transposed);
    lofi::score::piece piece = token::decode_melody(classes, lofi::bpm(o.bpm)).value();
    piece.title = name.filename().string();
    write_piece(piece, name, o.files);
}

fs::path name_of(const melody_options& o, const char* kind, std::size_t i) {
    return o.out / (std::string(kind) + "-" + std::to_string(o.seed) + "-" + std::to_string(i + 1));
}

/// Notes end with their segment, also where the next one begins with silence.
std::vector<std::int32_t> joined(const std::vector<model::segment>& piece) {
    std::vector<std::int32_t> out;
    bool sounds = false;
    for (const model::segment& s : piece)
        for (std::size_t t = 0; t < s.size(); ++t) {
            std::int32_t c = s[t];
            if (t == 0 && sounds && c == token::melody_class::hold) c = token::melody_class::off;
            if (c != token::melody_class::hold) sounds = c >= token::melody_class::first_note;
            out.push_back(c);
        }
    return out;
}

#if LOFI_HAVE_TRAIN

using lofi::corpus::melody_segment;

/// The segments of the first melody of a MIDI file, from the tonic C on, two bars after two bars.
std::vector<melody_segment> melody_of(const fs::path& path) {
    const std::vector<fs::path> files = {path};
    const auto all = lofi::corpus::read_melody_corpus(files);
    std::vector<melody_segment> out;
    for (std::size_t i = 0; i < all.segments.size(); i += 2) {
        if (i > 0 && all.segments[i].before != i - 2) break;
        out.push_back(all.segments[i]);
    }
    return out;
}

std::optional<lofi::recipe::melody_guard> guard_of(const melody_options& o) {
    if (o.guard.empty()) return {};
    std::vector<fs::path> files;
    for (const fs::path& p : o.guard) {
        if (!fs::exists(p)) throw lofi::error(p.string(), "is not there");
        if (!fs::is_directory(p)) files.push_back(p);
        if (fs::is_directory(p))
            for (const fs::directory_entry& e : fs::recursive_directory_iterator(p))
                if (lofi::corpus::is_midi_name(e.path()) || e.path().extension() == ".tsv") files.push_back(e.path());
    }
    const auto music = lofi::corpus::read_melody_corpus(files);
    std::vector<lofi::recipe::melody_piece> pieces;
    for (const auto which :
         {lofi::corpus::split::train, lofi::corpus::split::valid, lofi::corpus::split::test, lofi::corpus::split::hold_out})
        for (auto& p : lofi::recipe::melody_pieces(music, which)) pieces.push_back(std::move(p));
    return lofi::recipe::melody_guard(pieces, 12);
}

#endif

template <class Backend>
void write_melodies(const melody_options& o, typename model::music_vae<sizes, Backend>::params p, const lofi::score::key& key) {
    constexpr std::size_t Z = sizes.latent;
    model::segment_conditions c;
    c.style = static_cast<std::uint8_t>(o.style);
    c.scale = key.scale;
    model::segment_sampling sampling{.steps = lofi::sampling::to_integer(o.sampler), .scale = {}, .joint = o.joint};
    if (o.in_scale != 0) sampling.scale = lofi::score::mask(key.scale);
    model::segment_latent<Z> pull{};
    if (o.denser != 0)
        pull = model::pulled(pull,
                             model::attribute_direction<sizes, Backend>({}, p, model::segment_attribute::density, c,
                                                                        lofi::random_key{7}.child("directions")),
                             static_cast<std::int32_t>(o.denser * 65536));
    sampling.higher = static_cast<std::int32_t>(o.higher * 65536 / 12);
    sampling.off_beat = static_cast<std::int32_t>(o.syncopated * 65536 / 2);
    std::vector<model::segment> heard;
#if LOFI_HAVE_TRAIN
    const auto guard = guard_of(o);
    if (!o.after.empty())
        for (const melody_segment& s : melody_of(o.after)) heard.push_back(lofi::corpus::from_tonic(s));
#else
    if (!o.guard.empty() || !o.after.empty())
        throw lofi::error("--guard and --after", "need the train build, which is the default: configure with -DLOFI_TRAIN=ON");
#endif
    [[maybe_unused]] constexpr std::uint64_t most_draws = 1000;  // a guard throws drafts away
    for (std::size_t i = 0; i < o.count; ++i) {
        std::vector<model::segment> piece;
        for (std::uint64_t draw = 0;; ++draw) {
            const lofi::random_key own = lofi::random_key{o.seed}.child("melody").child(i).child(draw);
            model::segment_writer<sizes, Backend> writer({}, p, c, sampling, own.child("steps"));
            for (const model::segment& s : heard) writer.hear(s);
            piece.clear();
            auto z = model::draw_segment_latent<Z>(own.child("latents"));
            for (std::size_t s = 0; s < o.bars / 2; ++s) {
                if (s != 0)
                    z = model::draw_segment_latent<Z>(z, static_cast<std::uint32_t>(o.keep * 65536),
                                                      own.child("latents").child(s));
                piece.push_back(writer.write(model::pulled(z, pull, 65536)));
            }
#if LOFI_HAVE_TRAIN
            if (guard && !guard->passes(piece)) {
                if (draw + 1 == most_draws)
                    throw lofi::error("--guard", "lets none of " + std::to_string(most_draws) +
                                                     " drafts through: ask for fewer bars, or for a higher --temperature");
                continue;
            }
#endif
            break;
        }
        write(joined(piece), token::tonic_above_c(key), name_of(o, "music-vae", i), o);
    }
}

/// The latents of both ends and those between, improved network: in the key of the first melody.
template <class Backend>
void interpolate_with(const melody_options& o, typename model::music_vae<sizes, Backend>::params p) {
#if LOFI_HAVE_TRAIN
    constexpr std::size_t Z = sizes.latent;
    const auto ends = [&](const fs::path& path) { return melody_of(path).front(); };
    const melody_segment a = ends(o.from), b = ends(o.to);
    const auto latent = [&](const melody_segment& s) {
        const auto z = model::encode_segment<sizes, Backend>({}, p, lofi::corpus::from_tonic(s));
        lofi::recipe::latent_vector out;
        for (const std::int32_t v : z) out.push_back(static_cast<float>(v) / 65536);
        return out;
    };
    const auto path = lofi::recipe::spherical_path(latent(a), latent(b), o.steps);
    model::segment_conditions c;
    c.scale = a.key.scale;
    for (std::size_t i = 0; i < path.size(); ++i) {
        model::segment_latent<Z> z{};
        for (std::size_t d = 0; d < Z; ++d) z[d] = static_cast<std::int32_t>(std::lround(path[i][d] * 65536));
        // One stream of random numbers for all: what differs is the latent's doing.
        model::segment_writer<sizes, Backend> writer({}, p, c, {.steps = lofi::sampling::to_integer(o.sampler), .scale = {}},
                                                     lofi::random_key{o.seed});
        write(joined({writer.write(z)}), token::tonic_above_c(a.key), name_of(o, "interpolation", i), o);
    }
#else
    (void)o, (void)p;
#endif
}

#if LOFI_HAVE_TRAIN

template <model::music_vae_published_config C>
void write_published(const melody_options& o, bool between) {
    using network = typename lofi::recipe::music_vae_published_trainee<C>::network;
    auto weights = lofi::recipe::read_music_vae_published<C>(o.weights);
    if (between) {
        lofi::recipe::step_examples ends;
        for (const fs::path& path : {o.from, o.to}) {
            const auto s = melody_of(path).front();
            ends.emplace_back(s.steps.begin(), s.steps.end());
        }
        const auto means = lofi::recipe::music_vae_means<network>(weights.view(), ends);
        const auto path = lofi::recipe::spherical_path(means[0], means[1], o.steps);
        const auto made = lofi::recipe::music_vae_write<network>(weights.view(), path, o.sampler, lofi::random_key{o.seed});
        for (std::size_t i = 0; i < made.size(); ++i) write(made[i], 0, name_of(o, "interpolation", i), o);
        return;
    }
    // As published: segments know nothing of each other.
    constexpr std::size_t bars = C.steps * C.segments / token::melody_bar;
    const std::size_t parts = std::max<std::size_t>(1, o.bars / bars);
    const auto latents = lofi::recipe::prior_latents(o.count * parts, C.latent, lofi::random_key{o.seed}.child("latents"));
    const auto made =
        lofi::recipe::music_vae_write<network>(weights.view(), latents, o.sampler, lofi::random_key{o.seed}.child("steps"));
    for (std::size_t i = 0; i < o.count; ++i) {
        std::vector<std::int32_t> piece;
        for (std::size_t k = 0; k < parts; ++k) {
            const auto& part = made[i * parts + k];
            piece.insert(piece.end(), part.begin(), part.end());
        }
        if constexpr (C.form == model::music_vae_steps::drums) {
            write_piece(token::decode_drums(piece, lofi::bpm(o.bpm)).value(), name_of(o, "music-vae", i), o.files);
        } else {
            write(piece, 0, name_of(o, "music-vae", i), o);
        }
    }
}

/// Weights of `lofi train music-vae`, in any of its settings.
void with_trained(const melody_options& o, const lofi::score::key& key, bool between) {
    const auto config = lofi::nn::read_header(lofi::nn::read_safetensors(o.weights)).config;
    if (config.value("setting", std::string()) == "published") {
        if (o.denser != 0 || o.higher != 0 || o.syncopated != 0 || !o.after.empty() || !o.guard.empty())
            throw lofi::error(o.weights,
                              "holds a published network, which knows no --denser, --higher, --syncopated, --after or --guard");
        const auto number = [&](const char* name) { return config.value(name, std::size_t{0}); };
        if (between && (number("segments") > 1 || config.value("form", std::string()) == "drums"))
            throw lofi::error(o.weights,
                              "is a network of drums or of sixteen bars: interpolation is between melodies of two bars");
        if (config.value("form", std::string()) == "drums") return write_published<model::cat_drums_2bar_small>(o, false);
        if (number("segments") > 1) return write_published<model::hierdec_mel_16bar>(o, false);
        if (number("layers") == 3) return write_published<model::cat_mel_2bar_big>(o, between);
        return write_published<model::cat_mel_2bar_small>(o, between);
    }
    auto weights = lofi::recipe::read_music_vae<sizes>(o.weights);
    if (between) return interpolate_with<lofi::backend::cpu<float>>(o, weights.view());
    write_melodies<lofi::backend::cpu<float>>(o, weights.view(), key);
}

#else

void with_trained(const melody_options& o, const lofi::score::key&, bool) {
    throw lofi::error(o.weights, "needs the train build, which is the default: configure with -DLOFI_TRAIN=ON");
}

#endif

void run_with_weights(const melody_options& o, bool between) {
    const auto key = of_option("--key", lofi::score::parse_key(o.key));
    lofi::sampling::check(o.sampler).value();
    std::error_code ec;
    fs::create_directories(o.out, ec);
    if (ec) throw lofi::error(o.out.string(), "cannot be made: " + ec.message());
    if (o.weights.ends_with(".safetensors")) return with_trained(o, key, between);
    using lofi::pretrained::music_vae;
    const auto with = [&](const music_vae& network) {
        if (between) return interpolate_with<lofi::backend::fixed>(o, network.params());
        write_melodies<lofi::backend::fixed>(o, network.params(), key);
    };
    if (o.weights == "builtin") return with(music_vae::builtin());
    const auto bytes = lofi::read_file(o.weights).value();
    auto network = music_vae::read(std::span<const std::byte>(bytes));
    if (!network) throw network.error().at(o.weights);
    with(*network);
}

void add_shared(CLI::App& c, melody_options& o) {
    c.add_option("--weights", o.weights, "builtin, a file of `lofi quantise`, or .safetensors (train build)")
        ->capture_default_str();
    c.add_option("--seed", o.seed, "The same seed gives the same melodies")->check(whole_number())->capture_default_str();
    c.add_option("--bpm", o.bpm, "Tempo")->check(number(20, 300))->capture_default_str();
    c.add_option("--out", o.out, "The folder for the files")->capture_default_str();
    add_piece_files(c, o.files);
    add_sampler_options(c, o.sampler);
}

}  // namespace

void add_generate_music_vae(CLI::App& generate_command) {
    auto o = std::make_shared<melody_options>();
    CLI::App* c = add_command(generate_command, "music-vae", "Melodies, two bars after two bars, as MIDI files",
                              "lofi generate music-vae --count 4 --length 16 --key \"D dorian\" --denser 1 --out melodies");
    add_shared(*c, *o);
    c->add_option("--count", o->count, "How many melodies")->check(number(1, 1e6))->capture_default_str();
    c->add_option("--length", o->bars, "Bars of a melody, an even number; the last one of an odd number is left out")
        ->check(whole_number() & number(2, 9998))
        ->capture_default_str();
    c->add_option("--key", o->key, "C, \"A minor\", \"D dorian\", ...")->capture_default_str();
    std::string styles;
    for (std::size_t i = 0; i < lofi::pretrained::music_vae_styles.size(); ++i)
        styles.append(std::to_string(i + 1)).append(" ").append(lofi::pretrained::music_vae_styles[i]).append(", ");
    c->add_option("--style", o->style, "What it sounds like: " + styles + "0 leaves it to the network")
        ->check(whole_number() & number(0, 4))
        ->capture_default_str();
    c->add_option("--keep", o->keep, "How alike the latents of neighbouring segments are: 0 not at all, 1 the same")
        ->check(number(0, 1))
        ->capture_default_str();
    c->add_option("--denser", o->denser, "More notes; below 0 fewer")->check(number(-4, 4))->capture_default_str();
    c->add_option("--higher", o->higher, "Higher; below 0 lower")->check(number(-4, 4))->capture_default_str();
    c->add_option("--syncopated", o->syncopated, "More off the beat; below 0 less")
        ->check(number(-4, 4))
        ->capture_default_str();
    c->add_option("--in-scale", o->in_scale, "1: no note outside the key's scale; 0: the network alone decides")
        ->check(CLI::IsMember({0, 1}))
        ->capture_default_str();
    c->add_option("--joint", o->joint, "Semitones that a segment's first note may leap from the one before it; 0: any")
        ->check(whole_number() & number(0, 48))
        ->capture_default_str();
    c->add_option("--after", o->after, "A MIDI file whose melody goes before, and is gone on from");
    c->add_option("--guard", o->guard,
                  "MIDI files or tables, or folders of them, that no melody copies more than 12 notes from, or with more than "
                  "a tenth of its own");
    c->callback([o] { run_with_weights(*o, false); });
}

void add_interpolate(CLI::App& app) {
#if LOFI_HAVE_TRAIN
    auto o = std::make_shared<melody_options>();
    o->sampler.temperature = .5F;
    CLI::App* c = add_command(app, "interpolate", "Goes from the first two bars of one melody to those of another",
                              "lofi interpolate a.mid b.mid --steps 8 --out between");
    c->add_option("from", o->from, "A MIDI file in 4/4")->required()->check(CLI::ExistingFile);
    c->add_option("to", o->to, "Another")->required()->check(CLI::ExistingFile);
    c->add_option("--steps", o->steps, "How many files, both ends among them")
        ->check(whole_number() & number(2, 1000))
        ->capture_default_str();
    add_shared(*c, *o);
    c->callback([o] { run_with_weights(*o, true); });
#else
    add_missing(app, "interpolate", "Goes from the first two bars of one melody to those of another");
#endif
}

}  // namespace program
