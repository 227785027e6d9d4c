// The melody networks, published and improved, at equal time: trains what is not yet there, then prints the tables of
// docs/models/music_vae.md, beside n-grams and the data. A run that was stopped goes on.
//
//     music_vae_table --data c_melodies --minutes 5 --out runs/
#include <cstdio>
#include <exception>

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/core/file.hpp>
#include <lofi/model/music_vae_generate.hpp>
#include <lofi/pretrained/music_vae.hpp>
#include <lofi/recipe/equal_time.hpp>
#include <lofi/recipe/music_vae.hpp>
#include <lofi/recipe/music_vae_published.hpp>
#include <lofi/recipe/music_vae_table.hpp>

namespace {

namespace fs = std::filesystem;
using namespace lofi;
using corpus::split;
constexpr auto sizes = pretrained::music_vae_sizes;
constexpr auto published_sizes = model::cat_mel_2bar_small;
using network = recipe::music_vae_trainee<sizes>::network;
using published = recipe::music_vae_published_trainee<published_sizes>::network;

struct options {
    fs::path data;
    recipe::equal_time time{.out = "music_vae_runs", .minutes = 5};
    std::vector<std::string> only;
    std::size_t pieces = 100, segments = 8;
    std::uint64_t seed = 11;
};

/// Segments of a split with what came before, from the tonic C on or as they were played.
recipe::segments_with_past with_past(const corpus::melody_corpus& all, split which, bool from_c) {
    recipe::segments_with_past out;
    const auto steps = [&](const corpus::melody_segment& s) {
        const auto v = from_c ? corpus::from_tonic(s) : s.steps;
        return std::vector<std::int32_t>(v.begin(), v.end());
    };
    for (const corpus::melody_segment& s : all.segments)
        if (s.split == which)
            out.emplace_back(steps(s), s.before == corpus::melody_segment::none ? std::vector<std::int32_t>{}
                                                                                : steps(all.segments[s.before]));
    return out;
}

/// A row: an n-gram and a network on the same steps; gains with whole songs drawn.
std::string price_line(const std::string& name, const recipe::segment_ngram& ngram, const std::vector<double>& bits,
                       const std::vector<double>& importance, std::span<const std::uint32_t> songs) {
    std::map<std::uint32_t, analysis::paired_score> by_song;
    double a = 0, b = 0, c = 0;
    for (std::size_t i = 0; i < bits.size(); ++i) {
        auto& s = by_song.try_emplace(songs[i], analysis::paired_score{0, 0, 0}).first->second;
        s.a += ngram.bits[i], s.b += bits[i], s.weight += static_cast<double>(model::segment_steps);
        a += ngram.bits[i], b += bits[i];
        if (!importance.empty()) c += importance[i];
    }
    std::vector<analysis::paired_score> pairs;
    for (const auto& [song, s] : by_song) pairs.push_back(s);
    const auto gain = analysis::paired_bootstrap(pairs, random_key{5});
    const double steps = static_cast<double>(bits.size() * model::segment_steps);
    char text[240], weighted[16] = "";
    if (!importance.empty()) std::snprintf(weighted, sizeof weighted, "%.3f", c / steps);
    std::snprintf(text, sizeof text, "| %s | %zu segments of %zu songs | %zu | %.3f | %.3f | %s | %.3f (%.3f to %.3f) |\n",
                  name.c_str(), bits.size(), pairs.size(), ngram.order, a / steps, b / steps, weighted, gain.mean, gain.low,
                  gain.high);
    return text;
}

std::vector<double> in_bits(const std::vector<double>& nats) {
    std::vector<double> out;
    for (const double n : nats) out.push_back(n / std::log(2.0));
    return out;
}

struct written {
    std::vector<recipe::melody_piece> pieces;
    std::vector<score::mode> scales;
};

enum class sampler { raw, shipped };
written write(network::params p, const options& o, sampler how, const recipe::melody_guard& guard) {
    constexpr std::size_t Z = sizes.latent;
    written out;
    for (std::size_t i = 0; i < o.pieces; ++i) {
        const score::mode mode = i % 2 == 0 ? score::mode::ionian : score::mode::aeolian;
        const model::segment_conditions c{.style = static_cast<std::uint8_t>(1 + i / 2 % 2), .scale = mode};
        model::segment_sampling sampling;
        if (how == sampler::shipped) sampling.scale = score::mask(mode), sampling.joint = 7;
        for (std::uint64_t draw = 0;; ++draw) {
            const random_key own = random_key{o.seed}.child(i).child(draw);
            model::segment_writer<sizes, backend::cpu<float>> writer({}, p, c, sampling, own.child("steps"));
            recipe::melody_piece piece;
            auto z = model::draw_segment_latent<Z>(own);
            for (std::size_t s = 0; s < o.segments; ++s) {
                if (s != 0)
                    z = how == sampler::raw ? model::draw_segment_latent<Z>(own.child(s))
                                            : model::draw_segment_latent<Z>(z, 39322, own.child(s));
                piece.push_back(writer.write(z));
            }
            if (how == sampler::shipped && draw < 1000 && !guard.passes(piece)) continue;
            out.pieces.push_back(std::move(piece));
            out.scales.push_back(mode);
            break;
        }
    }
    return out;
}

std::vector<recipe::melody_piece> write_published(published::params p, const options& o, float temperature) {
    const auto latents = recipe::prior_latents(o.pieces * o.segments, published::Z, random_key{o.seed}.child("latents"));
    const auto made =
        recipe::music_vae_write<published>(p, latents, {.temperature = temperature}, random_key{o.seed}.child("steps"));
    std::vector<recipe::melody_piece> out;
    for (std::size_t i = 0; i < o.pieces; ++i) {
        recipe::melody_piece piece;
        for (std::size_t s = 0; s < o.segments; ++s) {
            model::segment steps{};
            std::copy(made[i * o.segments + s].begin(), made[i * o.segments + s].end(), steps.begin());
            piece.push_back(steps);
        }
        // Copies are looked for in the best key, moved to C.
        const score::key key = recipe::best_key(piece);
        for (model::segment& s : piece) s = corpus::moved(s, -token::tonic_above_c(key));
        out.push_back(std::move(piece));
    }
    return out;
}

/// Trains both, each unless it is there, and says what it took; with `only` the named ones alone.
std::vector<recipe::time_taken> train(const options& o, const corpus::melody_corpus& all) {
    std::vector<recipe::time_taken> times;
    const auto wanted = [&](const char* name) {
        return o.only.empty() || std::find(o.only.begin(), o.only.end(), name) != o.only.end();
    };
    if (wanted("published")) {
        recipe::music_vae_published_trainee<published_sizes> net({}, corpus::long_melodies(all, split::train, 1),
                                                                 corpus::long_melodies(all, split::valid, 1));
        times.push_back(recipe::train_for(o.time, "published", net));
    }
    if (wanted("improved")) {
        recipe::music_vae_trainee<sizes> net({}, recipe::segment_examples(all, split::train),
                                             recipe::segment_examples(all, split::valid));
        times.push_back(recipe::train_for(o.time, "improved", net));
    }
    return times;
}

void run(const options& o) {
    std::vector<fs::path> files;
    for (const std::size_t set : {0, 1})
        for (const char* s : {"train", "valid", "test"})
            files.push_back(o.data / (std::string(recipe::music_vae_styles[set]) + "." + s + ".tsv"));
    const auto all = corpus::read_melody_corpus(files);
    const auto times = train(o, all);
    if (!o.only.empty()) return;
    auto weights = recipe::read_music_vae<sizes>(weights_of(o.time, "improved"));
    auto paper = recipe::read_music_vae_published<published_sizes>(weights_of(o.time, "published"));
    const auto test = recipe::segment_examples(all, split::test);
    std::vector<std::uint32_t> songs;
    for (const auto& e : test) songs.push_back(e.song);

    std::string text =
        recipe::times_line(times) +
        ".\n\n| steps, nothing told | test | order | n-gram | bound | importance-weighted, 64 | gain of the bound (95 %) |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n";
    {
        std::fputs("the published network's bound\n", stderr);
        const auto as_played = with_past(all, split::test, false);
        const auto ngram = recipe::segment_ngram_costs(with_past(all, split::train, false), with_past(all, split::valid, false),
                                                       as_played, false);
        recipe::step_examples examples;
        for (const auto& s : as_played) examples.push_back(s.first);
        std::vector<double> bits;
        for (const auto& c : recipe::music_vae_costs<published>(paper.view(), examples, random_key{3}))
            bits.push_back((c.nats + c.divergence) / std::log(2.0));
        text += price_line("published, as played", ngram, bits, {}, songs);
    }
    std::size_t alive = 0;
    double divergence = 0;
    for (const bool past : {false, true}) {
        std::fputs("the improved network's bounds\n", stderr);
        const auto ngram = recipe::segment_ngram_costs(with_past(all, split::train, true), with_past(all, split::valid, true),
                                                       with_past(all, split::test, true), past);
        const auto b = recipe::bounds<network>(weights.view(), test, 64, random_key{1}, {.conditions = false, .before = past});
        std::vector<double> nats, importance;
        for (const auto& s : b.segments) nats.push_back(s.nats + s.divergence), importance.push_back(s.importance);
        text += price_line(past ? "improved, from the tonic on, two bars before known" : "improved, from the tonic on", ngram,
                           in_bits(nats), in_bits(importance), songs);
        alive = b.alive(), divergence = b.divergence_bits();
    }
    char line[160];
    std::snprintf(line, sizeof line, "\nLatent: %zu of %zu dimensions alive, %.2f bits a segment.\n\n", alive, sizes.latent,
                  divergence);
    text += line;
    if (o.pieces != 0) {
        std::fputs("pieces\n", stderr);
        const recipe::melody_guard guard(recipe::melody_pieces(all, split::train), 12);
        std::vector<recipe::melody_column> columns;
        for (const float t : {1.0F, .5F})
            columns.push_back(recipe::measure_melodies(t == 1 ? "published, raw" : "published, temperature .5",
                                                       write_published(paper.view(), o, t), {}, guard));
        const written raw = write(weights.view(), o, sampler::raw, guard),
                      shipped = write(weights.view(), o, sampler::shipped, guard);
        columns.push_back(recipe::measure_melodies("improved, raw", raw.pieces, raw.scales, guard));
        columns.push_back(recipe::measure_melodies("improved, shipped", shipped.pieces, shipped.scales, guard));
        columns.push_back(recipe::measure_melodies("test songs", recipe::melody_pieces(all, split::test), {}, guard));
        text += recipe::melody_table(columns);
    }
    std::fputs(text.c_str(), stdout);
    write_file(o.time.out / "tables.md", text).value();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Trains the melody networks for as long each, and measures them beside n-grams and the data."};
    options o;
    app.add_option("--data", o.data, "The folder with ewld.*.tsv and lieder.*.tsv")->required();
    app.add_option("--minutes", o.time.minutes, "Of training, in processor time, for each network")
        ->capture_default_str()
        ->check(CLI::Range(.01, 1e5));
    app.add_option("--out", o.time.out, "The folder of runs, weights and tables")->capture_default_str();
    app.add_option("--only", o.only, "Trains these alone, and measures nothing: so that they may be trained side by side")
        ->check(CLI::IsMember({"published", "improved"}));
    app.add_option("--pieces", o.pieces, "Pieces a column")->capture_default_str();
    app.add_option("--segments", o.segments, "Segments of two bars a piece")->capture_default_str();
    app.add_option("--seed", o.seed, "Of what is drawn")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    try {
        run(o);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "music_vae_table: %s\n", e.what());
        return 1;
    }
    return 0;
}

#else

int main() {
    std::fputs("music_vae_table: needs the train build, which is the default: configure with -DLOFI_TRAIN=ON\n", stderr);
    return 1;
}

#endif
