#pragma once
// What the note networks' trainees hand to a device: their songs and windows as rows of numbers, and the order of their batches.
#include <memory>
#include <utility>

#include <lofi/model/note_lstm_published_training_resident.hpp>
#include <lofi/model/note_lstm_training_resident.hpp>
#include <lofi/recipe/note_lstm.hpp>
#include <lofi/recipe/note_lstm_published.hpp>
#include <lofi/train/resident.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The data of a training with the recipe's settings, for `model::note_lstm_resident`.
[[nodiscard]] inline model::note_lstm_resident_data resident_data(const note_lstm_recipe& r,
                                                                  std::span<const model::note_piece> train,
                                                                  std::span<const model::note_piece> valid) {
    model::note_lstm_resident_data d;
    const auto excerpts = detail::balanced(train, r);
    d.train = model::to_rows(train, excerpts);
    d.valid = model::to_rows(valid, model::note_excerpts(valid, 8, 320));  // as note_costs cuts them
    d.hiding = {r.mask.everything, r.mask.style, r.mask.scale, r.mask.tempo, r.mask.bars, r.feature_dropout};
    d.batch = r.batch;
    auto batches = std::make_shared<train::batches>(detail::note_batches(r, excerpts));
    d.order = [batches](std::uint64_t step) { return batches->at(step); };
    return d;
}

/// The same for `model::note_lstm_published_resident`, of a network that sees `window` tokens.
[[nodiscard]] inline model::note_lstm_published_data resident_data(const note_lstm_published_recipe& r, std::size_t window,
                                                                   std::size_t used, std::vector<std::int32_t> train,
                                                                   std::vector<std::int32_t> valid) {
    model::note_lstm_published_data d;
    auto batches = std::make_shared<train::batches>(detail::window_batches(r, train.size(), window));
    d.order = [batches](std::uint64_t step) { return batches->at(step); };
    d.train = std::move(train), d.valid = std::move(valid), d.used = used, d.batch = r.batch;
    return d;
}

}  // namespace lofi::inline LOFI_ABI::recipe
