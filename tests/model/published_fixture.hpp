#pragma once
// What PyTorch computed of the published networks of lead sheets, and the comparison of ours with it.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/model/lofi2lofi_published_losses_training.hpp>
#include <lofi/nn/checkpoint.hpp>

namespace lofi::test {

/// What PyTorch computed (make_published_fixture.py, make_lyrics2lofi_fixture.py).
struct published_fixture {
    nn::safetensors file;
    explicit published_fixture(const char* name) : file(nn::read_safetensors(test::data(name))) {}

    [[nodiscard]] std::vector<double> numbers(const std::string& name) const {
        const auto& shape = file.tensors().at(name).shape;
        std::size_t count = 1;
        for (const std::size_t n : shape) count *= n;
        std::vector<double> out(count);
        file.copy<double>(name, shape, out);
        return out;
    }
    [[nodiscard]] double number(const std::string& name) const { return numbers(name).at(0); }
    [[nodiscard]] std::vector<std::int32_t> ids(const std::string& name) const {
        const auto values = numbers(name);
        return {values.begin(), values.end()};
    }
    /// The batch as phrases, from which our own batch must come out the same.
    [[nodiscard]] std::vector<token::lead_tokens> phrases() const {
        const auto lengths = ids("batch.lengths"), chords = ids("batch.chords"), melody = ids("batch.melody"),
                   key = ids("batch.key"), mode = ids("batch.mode");
        const auto bpms = numbers("batch.bpm"), valence = numbers("batch.valence"), energy = numbers("batch.energy");
        const std::size_t B = lengths.size();
        std::vector<token::lead_tokens> out(B);
        for (std::size_t i = 0; i < B; ++i) {
            const auto n = static_cast<std::size_t>(lengths[i]);
            for (std::size_t t = 0; t < n; ++t) out[i].chords.push_back(static_cast<std::uint8_t>(chords[t * B + i]));
            out[i].chords.push_back(token::end_chord);
            for (std::size_t t = 0; t < 8 * n; ++t) out[i].melody.push_back(static_cast<std::uint8_t>(melody[t * B + i]));
            out[i].key = static_cast<std::uint8_t>(key[i] + 1), out[i].mode = static_cast<std::uint8_t>(mode[i] + 1);
            out[i].tempo = bpm(bpms[i]), out[i].valence = valence[i], out[i].energy = energy[i];
        }
        return out;
    }
    template <class Network>
    void load(nn::parameters<Network>& weights, const std::string& prefix) const {
        nn::load_weights<typename Network::real>(file, nn::tensors_of<Network>(weights.view()), nn::extra_tensors::ignore,
                                                 [&](const std::string& name) { return prefix + name; });
    }

    /// Checks the parts of a loss, in double and in single precision.
    void check_losses(const std::string& run, const model::published_losses& l, const model::published_losses& l32) const {
        const auto check = [&](const char* part, double ours, double ours32) {
            INFO(run << " " << part);
            CHECK(ours == Approx(number(run + ".loss." + part)).epsilon(1e-12));
            CHECK(ours32 == Approx(number(run + ".loss." + part)).epsilon(1e-5));
        };
        check("chords", l.chords, l32.chords);
        check("melody", l.melody, l32.melody);
        check("divergence", l.divergence, l32.divergence);
        check("tempo", l.tempo, l32.tempo);
        check("valence", l.valence, l32.valence);
        check("energy", l.energy, l32.energy);
        check("key", l.key, l32.key);
        check("mode", l.mode, l32.mode);
        check("total", l.total(), l32.total());
        check("chords_accuracy", l.chord_accuracy, l32.chord_accuracy);
        check("melody_accuracy", l.melody_accuracy, l32.melody_accuracy);
    }
    /// Checks all gradients, in double and in single precision.
    template <class Exact, class Fast>
    void check_gradients(const std::string& run, nn::parameters<Exact>& exact, nn::parameters<Fast>& fast) const {
        const auto tensors = nn::tensors_of<Exact>(exact.view());
        const auto tensors32 = nn::tensors_of<Fast>(fast.view());
        CHECK(static_cast<std::ptrdiff_t>(tensors.size()) ==
              std::count_if(file.tensors().begin(), file.tensors().end(),
                            [&](const auto& t) { return t.first.starts_with(run + ".gradient."); }));
        for (std::size_t k = 0; k < tensors.size(); ++k) {
            INFO(run << " " << tensors[k].name);
            const auto theirs = numbers(run + ".gradient." + tensors[k].name);
            REQUIRE(theirs.size() == tensors[k].values.size());
            double worst = 0, worst32 = 0, size = 1e-4;
            for (std::size_t i = 0; i < theirs.size(); ++i) {
                worst = std::max(worst, std::abs(tensors[k].values[i] - theirs[i]));
                worst32 = std::max(worst32, std::abs(static_cast<double>(tensors32[k].values[i]) - theirs[i]));
                size = std::max(size, std::abs(theirs[i]));
            }
            CHECK(worst / size <= 1e-11);
            CHECK(worst32 / size <= 1e-4);
        }
    }
};

}  // namespace lofi::test
