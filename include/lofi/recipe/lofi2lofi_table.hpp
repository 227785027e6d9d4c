#pragma once
// The published and the improved Lofi2Lofi beside the data: every line of what counts as a win, measured by the same functions.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/analysis/bootstrap.hpp>
#include <lofi/analysis/lead_measures.hpp>
#include <lofi/analysis/mood.hpp>
#include <lofi/analysis/ngram.hpp>
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/recipe/lofi2lofi_improved.hpp>
#include <lofi/recipe/lofi2lofi_samples.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What is known of one model, or of the data themselves. What a column has no answer for is not a number.
struct lead_column {
    std::string name;
    double elbo = NAN, importance = NAN;                 ///< bits a row, END and divergence included, nothing told
    double elbo_phrase = NAN;                            ///< bits a phrase
    double gain = NAN, gain_low = NAN, gain_high = NAN;  ///< bits a row below the n-grams, with the middle 95 % by song
    double dead = NAN;                                   ///< latent dimensions that do not move
    analysis::lead_measures measures{};
    double copied = NAN;                              ///< share of samples with 16 sounding slots of a training song
    double copied_excess = NAN;                       ///< standard errors by which that is above the test songs' share
    double energy = NAN, valence = NAN, tempo = NAN;  ///< correlation of what was asked for with what was got
};

/// The bits that n-grams of the training songs need for each test phrase: chords with END, and slots.
[[nodiscard]] std::vector<double> ngram_bits(std::span<const score::lead_sheet> train_chords,
                                             std::span<const score::lead_sheet> train_melodies,
                                             std::span<const score::lead_sheet> test);

/// Fills in what a bound says, against the n-grams, with songs drawn whole.
void add_bounds(lead_column& column, const lead_bounds& found, std::span<const double> ngrams,
                std::span<const std::uint32_t> songs, random_key key);

/// Fills in what samples say. `asked` are the sheets whose energy, valence and tempo each sample was asked for, or nothing.
void add_samples(lead_column& column, std::span<const score::lead_sheet> samples, std::span<const score::lead_sheet> asked,
                 std::span<const score::lead_sheet> train, std::span<const score::lead_sheet> test);

/// Writes the columns as a table in Markdown.
[[nodiscard]] std::string table(std::span<const lead_column> columns);

// ---------------------------------------------------------------- bodies

namespace detail {

/// Correlation of pairs; not a number where one side does not vary.
class correlation {
public:
    void add(double x, double y) { ++n_, x_ += x, y_ += y, xx_ += x * x, yy_ += y * y, xy_ += x * y; }
    [[nodiscard]] double value() const {
        const double vx = xx_ - x_ * x_ / n_, vy = yy_ - y_ * y_ / n_;
        return vx > 0 && vy > 0 ? (xy_ - x_ * y_ / n_) / std::sqrt(vx * vy) : NAN;
    }

private:
    double n_ = 0, x_ = 0, y_ = 0, xx_ = 0, yy_ = 0, xy_ = 0;
};

}  // namespace detail

inline std::vector<double> ngram_bits(std::span<const score::lead_sheet> train_chords,
                                      std::span<const score::lead_sheet> train_melodies,
                                      std::span<const score::lead_sheet> test) {
    // Of each kind the order that does best on these very sheets: the yardstick gets the benefit of the doubt.
    const auto best = [&](auto&& models) {
        std::vector<double> least;
        double least_sum = 0;
        for (const auto& m : models) {
            std::vector<double> bits;
            double sum = 0;
            for (const score::lead_sheet& s : test) bits.push_back(m.measure(s).bits), sum += bits.back();
            if (least.empty() || sum < least_sum) least = std::move(bits), least_sum = sum;
        }
        return least;
    };
    std::vector<analysis::chord_ngram> chords;
    for (const std::size_t order : {1U, 2U, 3U, 4U}) chords.emplace_back(train_chords, order);
    std::vector<analysis::slot_ngram> slots;
    for (const auto context :
         {analysis::slot_context::previous, analysis::slot_context::and_chord, analysis::slot_context::and_slot_index,
          analysis::slot_context::two_previous, analysis::slot_context::three_previous})
        slots.emplace_back(train_melodies, context);
    std::vector<double> bits = best(chords);
    const std::vector<double> of_slots = best(slots);
    for (std::size_t i = 0; i < bits.size(); ++i) bits[i] += of_slots[i];
    return bits;
}

inline void add_bounds(lead_column& column, const lead_bounds& found, std::span<const double> ngrams,
                       std::span<const std::uint32_t> songs, random_key key) {
    const double bit = std::log(2.0);
    std::map<std::uint32_t, analysis::paired_score> by_song;
    double sum = 0;
    for (std::size_t i = 0; i < found.phrases.size(); ++i) {
        const auto& p = found.phrases[i];
        auto& s = by_song.try_emplace(songs[i], analysis::paired_score{0, 0, 0}).first->second;
        const double ours = (p.chords + p.melody + p.divergence) / bit;
        s.a += ngrams[i], s.b += ours, s.weight += static_cast<double>(p.rows), sum += ours;
    }
    std::vector<analysis::paired_score> scores;
    for (const auto& [song, s] : by_song) scores.push_back(s);
    const auto difference = analysis::paired_bootstrap(scores, key);
    column.elbo = found.elbo_bits_per_row();
    column.importance = found.importance_bits_per_row();
    column.elbo_phrase = sum / static_cast<double>(found.phrases.size());
    column.gain = difference.mean, column.gain_low = difference.low, column.gain_high = difference.high;
    column.dead = static_cast<double>(found.mean_variance.size() - found.alive());
}

inline void add_samples(lead_column& column, std::span<const score::lead_sheet> samples,
                        std::span<const score::lead_sheet> asked, std::span<const score::lead_sheet> train,
                        std::span<const score::lead_sheet> test) {
    column.measures = analysis::measure(samples);
    column.copied = analysis::copied_share(samples, train);
    const double natural = analysis::copied_share(test, train), n = static_cast<double>(samples.size()),
                 m = static_cast<double>(test.size());
    column.copied_excess =
        (column.copied - natural) / std::sqrt(column.copied * (1 - column.copied) / n + natural * (1 - natural) / m);
    if (asked.empty()) return;
    detail::correlation energy, valence, tempo;
    for (std::size_t i = 0; i < samples.size(); ++i) {
        const analysis::mood want = analysis::mood_of(asked[i]), got = analysis::mood_of(samples[i]);
        energy.add(want.energy, got.energy), valence.add(want.valence, got.valence);
        tempo.add(asked[i].tempo.value, samples[i].tempo.value);
    }
    column.energy = energy.value(), column.valence = valence.value(), column.tempo = tempo.value();
}

inline std::string table(std::span<const lead_column> columns) {
    std::string text = "| measure |";
    for (const lead_column& c : columns) text += " " + c.name + " |";
    text += "\n| --- |";
    for (std::size_t i = 0; i < columns.size(); ++i) text += " --- |";
    const auto row = [&](const char* name, const char* format, double scale, auto&& value, bool of_samples = false) {
        text += "\n| " + std::string(name) + " |";
        for (const lead_column& c : columns) {
            const double v = value(c) * scale;
            const bool unknown = of_samples && c.measures.sheets == 0;
            char shown[40] = "";
            if (std::isfinite(v) && !unknown) std::snprintf(shown, sizeof shown, format, v);
            text += " " + std::string(shown[0] == 0 ? "-" : shown) + " |";
        }
    };
    const auto& m = [](const lead_column& c) -> const analysis::lead_measures& { return c.measures; };
    row("joint bound (ELBO), bits a row", "%.2f", 1, [](auto& c) { return c.elbo; });
    row("the same, bits a phrase", "%.1f", 1, [](auto& c) { return c.elbo_phrase; });
    row("joint bound, importance-weighted, bits a row", "%.2f", 1, [](auto& c) { return c.importance; });
    row("gain on the n-grams, bits a row", "%.2f", 1, [](auto& c) { return c.gain; });
    row("... 95 % by song, from", "%.2f", 1, [](auto& c) { return c.gain_low; });
    row("... to", "%.2f", 1, [](auto& c) { return c.gain_high; });
    row("dead latent dimensions", "%.0f", 1, [](auto& c) { return c.dead; });
    row(
        "chord mutual information, bit", "%.4f", 1, [&](auto& c) { return m(c).chord_information; }, true);
    row(
        "melodies of two pitches or fewer, %", "%.2f", 100, [&](auto& c) { return m(c).few_pitches; }, true);
    row(
        "chord tone on beat one, %", "%.1f", 100, [&](auto& c) { return m(c).chord_tone_on_one; }, true);
    row(
        "bars equal to one of the last eight, %", "%.1f", 100, [&](auto& c) { return m(c).repeated_rows; }, true);
    row(
        "slots held, %", "%.1f", 100, [&](auto& c) { return m(c).held; }, true);
    row(
        "slots at rest, %", "%.1f", 100, [&](auto& c) { return m(c).rests; }, true);
    row(
        "different pitches a melody", "%.2f", 1, [&](auto& c) { return m(c).pitches; }, true);
    row(
        "different degrees a phrase", "%.2f", 1, [&](auto& c) { return m(c).degrees; }, true);
    row(
        "rows, median", "%.0f", 1, [&](auto& c) { return m(c).median_rows; }, true);
    row("energy, asked against got, r", "%.3f", 1, [](auto& c) { return c.energy; });
    row("valence, asked against got, r", "%.3f", 1, [](auto& c) { return c.valence; });
    row("tempo, asked against got, r", "%.3f", 1, [](auto& c) { return c.tempo; });
    row("samples with 16 slots of a training song, %", "%.1f", 100, [](auto& c) { return c.copied; });
    row("... above the test songs' share, standard errors", "%.2f", 1, [](auto& c) { return c.copied_excess; });
    return text + "\n";
}

}  // namespace lofi::inline LOFI_ABI::recipe
