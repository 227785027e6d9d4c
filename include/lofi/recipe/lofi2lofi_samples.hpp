#pragma once
// Many phrases from the improved Lofi2Lofi, asked for what phrases of the data are: what its measures are measured on.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <lofi/model/lofi2lofi_batch.hpp>
#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/score/lead_sheet.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Makes a sheet of a phrase. The key is C in the conditions' mode; tempo, energy and valence are what was asked for.
[[nodiscard]] score::lead_sheet to_sheet(const model::lead_phrase& phrase, const model::lead_conditions& c, std::string title);

/// Writes `count` phrases, each told the conditions of an example drawn at random, from the prior.
template <model::lofi2lofi_config C, class Backend>
[[nodiscard]] std::vector<score::lead_sheet> samples(typename model::lofi2lofi_decoder<C, Backend>::params p,
                                                     std::span<const model::lead_example> examples, std::size_t count,
                                                     const model::lead_sampling& sampling, random_key key);

/// The examples that `samples` draws with the same key, in the same order.
[[nodiscard]] std::vector<std::size_t> drawn_examples(std::size_t examples, std::size_t count, random_key key);

// ---------------------------------------------------------------- bodies

inline score::lead_sheet to_sheet(const model::lead_phrase& phrase, const model::lead_conditions& c, std::string title) {
    score::lead_sheet sheet;
    sheet.title = std::move(title);
    sheet.key.scale = static_cast<score::mode>(std::max<std::uint8_t>(c.mode, 1));
    sheet.tempo = bpm(c.tempo.value_or(120000) / 1000.0);
    for (std::size_t i = 0; i < phrase.rows; ++i) {
        score::lead_row row;
        row.chord = phrase.chords[i];
        std::copy_n(phrase.melody.begin() + static_cast<std::ptrdiff_t>(8 * i), 8, row.melody.begin());
        sheet.rows.push_back(row);
    }
    return sheet;
}

inline std::vector<std::size_t> drawn_examples(std::size_t examples, std::size_t count, random_key key) {
    random_stream random(key.child("examples"));
    std::vector<std::size_t> drawn(count);
    for (std::size_t& d : drawn) d = uniform_below(random, static_cast<std::uint32_t>(examples));
    return drawn;
}

template <model::lofi2lofi_config C, class Backend>
std::vector<score::lead_sheet> samples(typename model::lofi2lofi_decoder<C, Backend>::params p,
                                       std::span<const model::lead_example> examples, std::size_t count,
                                       const model::lead_sampling& sampling, random_key key) {
    std::vector<score::lead_sheet> out;
    const std::vector<std::size_t> drawn = drawn_examples(examples.size(), count, key);
    for (std::size_t i = 0; i < count; ++i) {
        const model::lead_conditions& told = examples[drawn[i]].conditions;
        const random_key here = key.child(i);
        const auto z = model::draw_latent<C.latent>(here.child("latent"));
        model::phrase_writer<C, Backend> writer({}, p, told, z, sampling, here);
        out.push_back(to_sheet(writer.generate(), told, "sample-" + std::to_string(i + 1)));
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
