#pragma once
// The published and the improved Lyrics2Lofi beside n-grams: what music costs given its text, whether it must be that text, and how far
// a text's mood reaches the music.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/analysis/permutation.hpp>
#include <lofi/recipe/lofi2lofi_table.hpp>
#include <lofi/recipe/lyrics2lofi_files.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What phrases cost, in nats, each with the text at its place: a network's answer.
using cost_of_texts = std::function<std::vector<model::phrase_cost>(std::span<const lyrics_example* const> phrases,
                                                                    std::span<const std::string* const> texts)>;

/// What is known of one model; what a column has no answer for is not a number.
struct lyrics_column {
    std::string name;
    double bits = NAN, english = NAN, others = NAN;      ///< a row, END counted, given the text
    double without = NAN;                                ///< a row, given no text
    double end = NAN;                                    ///< a row, of `bits`, for knowing where phrases end
    double gain = NAN, gain_low = NAN, gain_high = NAN;  ///< a row below the n-grams, with the middle 95 % by song
    double tune_difference = NAN, tune_p = NAN;  ///< right text less shuffled, bits a row without END; permutation of tunes
    double song_difference = NAN, song_p = NAN;  ///< the same, with songs shuffled whole
    double known = NAN, held_out = NAN, prompts = NAN;  ///< valence asked for against valence of the music, correlation
};

/// Fills in what the costs of test lyrics say. `ngrams` are the n-grams' bits for the same examples.
void add_costs(lyrics_column& column, std::span<const lyrics_example> test, const cost_of_texts& cost,
               std::span<const double> ngrams, random_key key);

/// Asks whether the right texts lower the cost, END aside, against texts shuffled within language and length (to 8 rows, to 16, more).
/// Of the texts of a tune the first stands for all. `songs` gets the same with songs as what is shuffled.
struct shuffled_texts {
    analysis::permutation_result tunes, songs;
    double tune_rows = 0, song_rows = 0;  ///< what the sums of costs are divided by to be a row's
};
[[nodiscard]] shuffled_texts shuffle_texts(std::span<const lyrics_example> test, const cost_of_texts& cost, random_key key);
void add_shuffled(lyrics_column& column, const shuffled_texts& found);

/// A text and the valence that was meant, on any scale.
struct mood_prompt {
    std::string text;
    double valence = 0;
};
/// Draws prompts of rated words that training knew, or of words that stand in no text of it.
[[nodiscard]] std::vector<mood_prompt> known_word_prompts(std::size_t count, const mood_scale& scale, random_key key);
[[nodiscard]] std::vector<mood_prompt> held_out_prompts(std::size_t count, const mood_scale& scale,
                                                        std::span<const lyrics_example> train, random_key key);
/// Correlation of what was meant with the valence of the music that each text leads to; texts that lead to none do not count.
[[nodiscard]] double valence_reached(std::span<const mood_prompt> prompts,
                                     const std::function<double(const std::string&, std::size_t)>& valence_of_music);

/// Writes the columns as a table in Markdown.
[[nodiscard]] std::string table(std::span<const lyrics_column> columns);

// ---------------------------------------------------------------- bodies

namespace detail {

inline std::vector<const std::string*> texts_of(std::span<const lyrics_example* const> examples) {
    std::vector<const std::string*> out;
    for (const lyrics_example* e : examples) out.push_back(&e->text);
    return out;
}

inline std::uint32_t length_class(std::size_t rows) { return rows <= 8 ? 0 : rows <= 16 ? 1 : 2; }

}  // namespace detail

inline void add_costs(lyrics_column& column, std::span<const lyrics_example> test, const cost_of_texts& cost,
                      std::span<const double> ngrams, random_key key) {
    const double bit = std::log(2.0);
    const auto examples = pointers_to(test);
    const auto costs = cost(examples, detail::texts_of(examples));
    const std::string nothing;
    const auto silent = cost(examples, std::vector<const std::string*>(examples.size(), &nothing));
    double bits[2] = {0, 0}, rows[2] = {0, 0}, end = 0, without = 0;
    std::map<std::uint32_t, analysis::paired_score> by_song;
    for (std::size_t i = 0; i < test.size(); ++i) {
        const std::size_t other = test[i].language == "en" ? 0 : 1;
        const double ours = (costs[i].chords + costs[i].melody) / bit, n = static_cast<double>(test[i].music.rows());
        bits[other] += ours, rows[other] += n, end += costs[i].end / bit;
        without += (silent[i].chords + silent[i].melody) / bit;
        auto& s = by_song.try_emplace(test[i].song, analysis::paired_score{0, 0, 0}).first->second;
        s.a += ngrams[i], s.b += ours, s.weight += n;
    }
    std::vector<analysis::paired_score> scores;
    for (const auto& [song, s] : by_song) scores.push_back(s);
    const auto difference = analysis::paired_bootstrap(scores, key);
    const double all = rows[0] + rows[1];
    column.bits = (bits[0] + bits[1]) / all, column.english = bits[0] / rows[0], column.others = bits[1] / rows[1];
    column.without = without / all, column.end = end / all;
    column.gain = difference.mean, column.gain_low = difference.low, column.gain_high = difference.high;
}

inline shuffled_texts shuffle_texts(std::span<const lyrics_example> test, const cost_of_texts& cost, random_key key) {
    std::vector<const lyrics_example*> tunes;
    std::set<std::uint32_t> seen;
    for (const lyrics_example& e : test)
        if (seen.insert(e.phrase).second) tunes.push_back(&e);
    // All tunes of a language with all texts of it: both tests take their costs from here.
    std::vector<const lyrics_example*> phrases;
    std::vector<const std::string*> texts;
    std::vector<std::pair<std::size_t, std::size_t>> places;
    for (std::size_t i = 0; i < tunes.size(); ++i)
        for (std::size_t j = 0; j < tunes.size(); ++j)
            if (tunes[i]->language == tunes[j]->language)
                phrases.push_back(tunes[i]), texts.push_back(&tunes[j]->text), places.emplace_back(i, j);
    const auto found = cost(phrases, texts);
    std::vector<double> bits(tunes.size() * tunes.size());
    for (std::size_t k = 0; k < places.size(); ++k)
        bits[places[k].first * tunes.size() + places[k].second] =
            (found[k].chords + found[k].melody - found[k].end) / std::log(2.0);

    std::map<std::string, std::uint32_t> languages;
    const auto class_of = [&](const lyrics_example& e, double rows) {
        const auto id = languages.try_emplace(e.language, static_cast<std::uint32_t>(languages.size())).first->second;
        return 3 * id + detail::length_class(static_cast<std::size_t>(std::lround(rows)));
    };
    shuffled_texts out;
    std::vector<std::uint32_t> classes;
    for (const lyrics_example* e : tunes) {
        classes.push_back(class_of(*e, static_cast<double>(e->music.rows())));
        out.tune_rows += static_cast<double>(e->music.rows());
    }
    out.tunes = analysis::permutation_test(
        classes, [&](std::size_t i, std::size_t j) { return bits[i * tunes.size() + j]; }, key.child("tunes"));

    std::map<std::pair<std::uint32_t, std::string>, std::vector<std::size_t>> members;  // a song in two languages is two
    for (std::size_t i = 0; i < tunes.size(); ++i) members[{tunes[i]->song, tunes[i]->language}].push_back(i);
    std::vector<std::vector<std::size_t>> songs;
    classes.clear();
    for (const auto& [song, own] : members) {
        double rows = 0;
        for (const std::size_t i : own) rows += static_cast<double>(tunes[i]->music.rows());
        classes.push_back(class_of(*tunes[own.front()], rows / static_cast<double>(own.size())));
        out.song_rows += rows;
        songs.push_back(own);
    }
    out.songs = analysis::permutation_test(
        classes,
        [&](std::size_t a, std::size_t b) {
            double sum = 0;
            for (const std::size_t i : songs[a])
                // Any text of the song, of its own song too: what is exchanged is the song, not the place in it.
                for (const std::size_t j : songs[b]) sum += bits[i * tunes.size() + j] / static_cast<double>(songs[b].size());
            return sum;
        },
        key.child("songs"));
    return out;
}

inline void add_shuffled(lyrics_column& column, const shuffled_texts& f) {
    column.tune_difference = (f.tunes.right - f.tunes.shuffled) / f.tune_rows, column.tune_p = f.tunes.p;
    column.song_difference = (f.songs.right - f.songs.shuffled) / f.song_rows, column.song_p = f.songs.p;
}

namespace detail {
inline std::vector<mood_prompt> prompts_of(const lexicon_texts& words, std::size_t count, random_key key) {
    random_stream random(key);
    std::vector<mood_prompt> out;
    while (out.size() < count) {
        const lexicon_text t = words.draw(random);
        out.push_back({t.text, t.words_valence});
    }
    return out;
}
}  // namespace detail

inline std::vector<mood_prompt> known_word_prompts(std::size_t count, const mood_scale& scale, random_key key) {
    return detail::prompts_of(lexicon_texts(scale), count, key.child("known"));
}

inline std::vector<mood_prompt> held_out_prompts(std::size_t count, const mood_scale& scale,
                                                 std::span<const lyrics_example> train, random_key key) {
    std::set<std::string> met;
    for (const lyrics_example& e : train) text::for_each_word(e.text, [&](std::string_view w) { met.emplace(w); });
    return detail::prompts_of(lexicon_texts(scale, lexicon_words::held_out, met), count, key.child("held out"));
}

inline double valence_reached(std::span<const mood_prompt> prompts,
                              const std::function<double(const std::string&, std::size_t)>& valence_of_music) {
    detail::correlation r;
    for (std::size_t i = 0; i < prompts.size(); ++i)
        if (const double v = valence_of_music(prompts[i].text, i); std::isfinite(v)) r.add(prompts[i].valence, v);
    return r.value();
}

inline std::string table(std::span<const lyrics_column> columns) {
    std::string text = "| measure |";
    for (const lyrics_column& c : columns) text += " " + c.name + " |";
    text += "\n| --- |";
    for (std::size_t i = 0; i < columns.size(); ++i) text += " --- |";
    const auto row = [&](const char* name, const char* format, double lyrics_column::*value) {
        text += "\n| " + std::string(name) + " |";
        for (const lyrics_column& c : columns) {
            char shown[40] = "-";
            if (std::isfinite(c.*value)) std::snprintf(shown, sizeof shown, format, c.*value);
            text += " " + std::string(shown) + " |";
        }
    };
    using c = lyrics_column;
    row("bits a row, given the text", "%.2f", &c::bits);
    row("... English", "%.2f", &c::english);
    row("... German and French", "%.2f", &c::others);
    row("... given no text", "%.2f", &c::without);
    row("... of them for where phrases end", "%.2f", &c::end);
    row("gain on the n-grams, bits a row", "%.2f", &c::gain);
    row("... 95 % by song, from", "%.2f", &c::gain_low);
    row("... to", "%.2f", &c::gain_high);
    row("right text less shuffled, tunes, bits a row", "%+.4f", &c::tune_difference);
    row("... permutation p", "%.4f", &c::tune_p);
    row("right text less shuffled, songs, bits a row", "%+.4f", &c::song_difference);
    row("... permutation p", "%.4f", &c::song_p);
    row("valence, 200 prompts of known words, r", "%.2f", &c::known);
    row("valence, 200 prompts of held-out words, r", "%.2f", &c::held_out);
    row("valence, prompts of the set, r", "%.2f", &c::prompts);
    return text + "\n";
}

}  // namespace lofi::inline LOFI_ABI::recipe
