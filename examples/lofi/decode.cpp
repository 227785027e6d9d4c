// lofi decode: latents to lead sheets, as the published system does. lofi encode: lead sheets to latents.
#include "command.hpp"

#if LOFI_HAVE_TRAIN
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/corpus/lead_sheet_json.hpp>
#include <lofi/recipe/lofi2lofi_published_files.hpp>

#include "lead_network.hpp"

namespace program {
namespace {

struct decode_options {
    std::filesystem::path weights, latent, samples;
};

/// Reads a JSON array of arrays of 100 numbers, as rows one after another.
std::vector<float> read_latents(const std::filesystem::path& path) {
    const std::vector<std::byte> bytes = lofi::read_file(path, std::uintmax_t{1} << 30).value();
    const json j = parse_json({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
    const std::string wanted = "is not an array of " + std::to_string(latent_size) + " numbers";
    if (!j.is_array())
        throw lofi::error(path.string(), "is not an array of arrays of " + std::to_string(latent_size) + " numbers");
    std::vector<float> out;
    for (std::size_t i = 0; i < j.size(); ++i) {
        const std::string place = path.string() + ": latent " + std::to_string(i + 1);
        if (!j[i].is_array()) throw lofi::error(place, wanted);
        if (j[i].size() != latent_size) throw lofi::error(place, "has " + std::to_string(j[i].size()) + " numbers, not 100");
        for (std::size_t d = 0; d < latent_size; ++d) {
            const float v = j[i][d].is_number() ? j[i][d].get<float>() : NAN;
            if (!std::isfinite(v)) throw lofi::error(place, "number " + std::to_string(d + 1) + ": is not a finite number");
            out.push_back(v);
        }
    }
    return out;
}

void decode(const decode_options& o) {
    const std::vector<float> latents = read_latents(o.latent);
    const auto sheets = lofi::recipe::decode_latents<>(
        o.weights, lofi::rows<const float, latent_size>(latents.data(), latents.size() / latent_size));
    for (const lofi::model::published_sheet& s : sheets) {
        json sample = json::parse(lofi::corpus::write_lead_sheet(s.sheet));
        sample["heads"] = {{"tempo", s.tempo}, {"valence", s.valence}, {"energy", s.energy}};
        print(sample, -1);
    }
}

void encode(const decode_options& o) {
    const lead_network network = open_network(o.weights);
    if (!network.encode)
        throw lofi::error(o.weights.string(), "has a decoder alone: encoding needs the weights of a whole network");
    std::string text = "[";
    std::size_t line = 0;
    for (const lofi::score::lead_sheet& sheet : lofi::corpus::read_lead_sheets(o.samples)) {
        place at;
        try {
            at = network.encode(sheet);
        } catch (const lofi::error& e) {
            throw e.at(o.samples.string() + ": sample " + std::to_string(line + 1) + " \"" + sheet.title + "\"");
        }
        text += line++ == 0 ? "\n[" : ",\n[";
        for (std::size_t d = 0; d < latent_size; ++d) {
            char number[32];
            std::snprintf(number, sizeof number, d == 0 ? "%.9g" : ",%.9g", static_cast<double>(at.mean[d]));
            text += number;
        }
        text += "]";
    }
    std::puts((text + "\n]").c_str());
}

}  // namespace

void add_decode(CLI::App& app) {
    auto o = std::make_shared<decode_options>();
    CLI::App* c = add_command(app, "decode", "Turns latents into lead sheets, greedily, as the published Lofi2Lofi does",
                              "lofi decode --weights published.safetensors --latent latents.json");
    c->add_option("--weights", o->weights, "Published weights as safetensors: a whole model, or its decoder alone")->required();
    c->add_option("--latent", o->latent, "A JSON array of arrays of 100 numbers")->required();
    c->callback([o] { decode(*o); });
}

void add_encode(CLI::App& app) {
    auto o = std::make_shared<decode_options>();
    CLI::App* c = add_command(app, "encode", "Turns lead sheets into latents, for `lofi decode`",
                              "lofi encode --weights published.safetensors songs.jsonl > latents.json");
    c->add_option("--weights", o->weights, "Weights of a whole network as safetensors, of either setting")->required();
    c->add_option("SAMPLES", o->samples, "Samples, one a line")->required();
    c->callback([o] { encode(*o); });
}

}  // namespace program

#else

namespace program {
void add_decode(CLI::App& app) {
    add_missing(app, "decode", "Turns latents into lead sheets, as the published Lofi2Lofi does");
}
void add_encode(CLI::App& app) { add_missing(app, "encode", "Turns lead sheets into latents"); }
}  // namespace program

#endif
