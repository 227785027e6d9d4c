// lofi generate lofi2lofi: lead sheets, alone, near others, or on the way from one to another.
#include <cmath>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <lofi/corpus/lead_sheet_json.hpp>
#include <lofi/model/lead_plan.hpp>
#include <lofi/sampling/integer.hpp>
#if LOFI_HAVE_TRAIN
#include <lofi/recipe/lofi2lofi_files.hpp>
#endif

#include "command.hpp"
#include "lead_network.hpp"
#include "sampler_options.hpp"

namespace program {
namespace {

namespace model = lofi::model;
using lofi::score::lead_sheet;

struct generate_options {
    std::string weights = "builtin", vary, between;
    std::optional<std::string> key, mode;
    std::size_t count = 1;
    std::uint64_t seed = 1;
    std::optional<double> energy, valence, bpm;
    std::int32_t rows = 16;
    double spread = 1;
    lofi::sampling::sampler_config sampler;

    [[nodiscard]] bool wishes() const { return energy || valence || bpm || mode || key; }
};

std::int32_t to_q16(double v) { return static_cast<std::int32_t>(std::lround(v * 65536)); }

/// What is asked of one sample: what was given, and for the rest something usual that can be met.
model::lead_request request_of(const generate_options& o, lofi::random_key key) {
    lofi::random_stream random(key);
    const auto between = [&](double low, double high) {
        return low + (high - low) * static_cast<double>(lofi::uniform_unit(random));
    };
    const double bpm = between(120, 180), energy = between(.2, .8), valence = between(.2, .8);
    model::lead_request r;
    r.rows = o.rows;
    r.tempo = static_cast<std::int32_t>(std::lround(1000 * o.bpm.value_or(std::round(bpm))));
    if (o.mode) r.scale = of_option("--mode", lofi::score::parse_mode(*o.mode));
    const auto inside = [](const model::reach& at, double share) {
        return at.low + static_cast<std::int32_t>(share * (at.high - at.low));
    };
    r.energy = o.energy ? to_q16(*o.energy) : inside(model::reachable_energy(r.tempo), energy);
    r.valence = o.valence ? to_q16(*o.valence) : inside(model::reachable_valence(r.tempo, r.energy, r.scale), valence);
    return r;
}

model::lead_sampling sampling_of(const generate_options& o) {
    lofi::sampling::check(o.sampler).value();
    model::lead_sampling s;
    s.chords = s.melody = s.bars = lofi::sampling::to_integer(o.sampler);
    return s;
}

void print(const lead_sheet& sheet) { std::printf("%s\n", lofi::corpus::write_lead_sheet(sheet).c_str()); }

void generate_alone(const generate_options& o, const lead_network& network) {
    const model::lead_sampling sampling = sampling_of(o);
    lofi::score::pitch_class tonic;
    if (o.key) tonic = of_option("--key", lofi::score::parse_pitch_class(*o.key));
    for (std::size_t i = 0; i < o.count; ++i) {
        const lofi::random_key key = lofi::random_key{o.seed}.child("sample").child(i);
        const model::lead_request asked = request_of(o, key.child("request"));
        const model::lead_conditions told = model::plan(asked);
        lead_sheet sheet = network.write(told, model::draw_latent<latent_size>(key.child("latent")), sampling, key);
        if (network.takes_wishes) {
            sheet.title = "sample-" + std::to_string(o.seed) + "-" + std::to_string(i + 1);
            sheet.key = {tonic, static_cast<lofi::score::mode>(told.mode)};
            sheet.tempo = lofi::bpm(asked.tempo / 1000.0);
            sheet.energy = o.energy.value_or(asked.energy / 65536.0);
            sheet.valence = o.valence.value_or(asked.valence / 65536.0);
        }
        print(sheet);
    }
}

#if LOFI_HAVE_TRAIN

using posterior = lofi::recipe::lead_posterior<latent_size>;

/// Sheets with their places and with what they are, as the network would be told.
struct known_sheet {
    lead_sheet sheet;
    posterior at;
    model::lead_conditions told;
};

std::vector<known_sheet> encode_file(const std::string& file, const generate_options& o, const lead_network& network) {
    if (!network.encode)
        throw lofi::error(o.weights,
                          "has a decoder alone: variations need an encoder, so weights of a whole network as safetensors");
    std::vector<known_sheet> out;
    for (lead_sheet& sheet : lofi::corpus::read_lead_sheets(file)) {
        const place p = network.encode(sheet);
        out.push_back({sheet, {p.mean, p.log_variance}, model::to_example(sheet, 0).conditions});
    }
    return out;
}

void generate_near(const generate_options& o, const lead_network& network) {
    const model::lead_sampling sampling = sampling_of(o);
    for (const known_sheet& s : encode_file(o.vary, o, network)) {
        for (std::size_t i = 0; i < o.count; ++i) {
            const lofi::random_key key = lofi::random_key{o.seed}.child(s.sheet.title).child(i);
            lead_sheet sheet =
                network.write(s.told, lofi::recipe::latent_near(s.at, o.spread, key.child("latent")), sampling, key);
            if (network.takes_wishes) {
                sheet.key = s.sheet.key, sheet.tempo = s.sheet.tempo;
                sheet.energy = s.sheet.energy, sheet.valence = s.sheet.valence;
            }
            sheet.title = s.sheet.title + " varied " + std::to_string(i + 1);
            print(sheet);
        }
    }
}

void generate_between(const generate_options& o, const lead_network& network) {
    const model::lead_sampling sampling = sampling_of(o);
    const std::vector<known_sheet> ends = encode_file(o.between, o, network);
    if (ends.size() != 2)
        throw lofi::error(o.between, "has " + std::to_string(ends.size()) + " samples: a way has two ends, one a line");
    const known_sheet &a = ends[0], &b = ends[1];
    for (std::size_t i = 0; i < o.count; ++i) {
        const double share = o.count == 1 ? .5 : static_cast<double>(i) / static_cast<double>(o.count - 1);
        const auto glide = [&](double from, double to) { return from + share * (to - from); };
        // One key of chance for all, so that nothing but the place differs.
        lead_sheet sheet = network.write(lofi::recipe::conditions_between(a.told, b.told, share),
                                         lofi::recipe::latent_between(a.at, b.at, share), sampling, lofi::random_key{o.seed});
        if (network.takes_wishes) {
            sheet.key = share < .5 ? a.sheet.key : b.sheet.key;
            sheet.tempo = lofi::bpm(std::round(glide(a.sheet.tempo.value, b.sheet.tempo.value)));
            sheet.energy = glide(a.sheet.energy, b.sheet.energy);
            sheet.valence = glide(a.sheet.valence, b.sheet.valence);
        }
        sheet.title = a.sheet.title + " to " + b.sheet.title + " " + std::to_string(i + 1);
        print(sheet);
    }
}

#else

void generate_near(const generate_options&, const lead_network&) {
    throw lofi::error("--vary", "needs the train build, which is the default: configure with -DLOFI_TRAIN=ON");
}
void generate_between(const generate_options&, const lead_network&) {
    throw lofi::error("--between", "needs the train build, which is the default: configure with -DLOFI_TRAIN=ON");
}

#endif

void generate(const generate_options& o) {
    const lead_network network = open_network(o.weights);
    if (!network.takes_wishes && o.wishes())
        throw lofi::error(o.weights,
                          "holds the published network, which takes no wishes: leave --energy, --valence, --bpm, --mode "
                          "and --key away");
    if (!o.vary.empty()) return generate_near(o, network);
    if (!o.between.empty()) return generate_between(o, network);
    generate_alone(o, network);
}

}  // namespace

void add_generate_lofi2lofi(CLI::App& generate_command) {
    auto o = std::make_shared<generate_options>();
    CLI::App* l = add_command(generate_command, "lofi2lofi", "Chords with a melody, a sample a line",
                              "lofi generate lofi2lofi --count 3 --seed 5 --energy 0.5 --valence 0.7\n"
                              "  lofi generate lofi2lofi --weights mine.safetensors --between two.jsonl --count 9");
    l->add_option("--weights", o->weights, "builtin, a file of `lofi quantise`, or .safetensors (train build)")
        ->capture_default_str();
    l->add_option("--count", o->count, "How many samples; with --vary, of each")->check(number(1, 1e7))->capture_default_str();
    l->add_option("--seed", o->seed, "The same seed gives the same samples")->check(whole_number())->capture_default_str();
    const CLI::Validator share = number(0, 1);
    l->add_option("--energy", o->energy, "0 calm to 1 lively; drawn from what can be met, if not given")->check(share);
    l->add_option("--valence", o->valence, "0 dark to 1 bright; drawn from what can be met, if not given")->check(share);
    l->add_option("--bpm", o->bpm,
                  "Tempo of the rows, 40 to 240 (twice the felt one in slow music); drawn from 120 to 180, if not given")
        ->check(number(40, 240));
    l->add_option("--mode", o->mode, "ionian (major) to locrian; what suits the valence, if not given");
    l->add_option("--key", o->key, "The tonic: C, Eb, ...; C, if not given");
    l->add_option("--rows", o->rows, "Chords, with eight melody slots each")
        ->check(number(1, model::longest_phrase))
        ->capture_default_str();
    add_sampler_options(*l, o->sampler);
    CLI::Option* vary = l->add_option("--vary", o->vary, "Samples to write variations of (weights with an encoder)");
    l->add_option("--spread", o->spread, "How far variations go, in standard deviations")->needs(vary)->check(number(0, 100));
    l->add_option("--between", o->between, "Two samples: writes --count samples on the way from one to the other")
        ->excludes(vary);
    l->callback([o] { generate(*o); });
}

}  // namespace program
