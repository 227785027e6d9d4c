#pragma once
// From words to what is asked of a song: a mood where the words name a scene, valence and energy from how they feel.
#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

#include <lofi/song/compose.hpp>
#include <lofi/text/lexicon.hpp>

namespace lofi::inline LOFI_ABI::song {

/// What was understood of a text. What it does not tell is left out.
struct wish {
    text::feeling feeling;
    std::optional<std::string_view> mood{};  ///< the one that most words name; of equals, the one named first
    std::optional<double> energy{}, valence{};
};

/// Reads a text in any script; the words that it knows are English.
[[nodiscard]] inline wish understand(std::string_view text);

/// Fills what a config leaves open with a wish; the mood is replaced where the text names one.
inline void take(const wish& w, config& to);

// ---------------------------------------------------------------- bodies

namespace detail {

inline constexpr std::pair<std::string_view, std::string_view> scenes[] = {
    {"rain", "rain"},         {"rainy", "rain"},      {"raining", "rain"},    {"storm", "rain"},     {"drizzle", "rain"},
    {"umbrella", "rain"},     {"cloud", "rain"},      {"clouds", "rain"},     {"night", "night"},    {"midnight", "night"},
    {"moon", "night"},        {"moonlight", "night"}, {"stars", "night"},     {"neon", "night"},     {"dark", "night"},
    {"study", "study"},       {"studying", "study"},  {"library", "study"},   {"homework", "study"}, {"book", "study"},
    {"books", "study"},       {"desk", "study"},      {"morning", "morning"}, {"dawn", "morning"},   {"sunrise", "morning"},
    {"breakfast", "morning"}, {"spring", "morning"},  {"sunset", "sunset"},   {"dusk", "sunset"},    {"evening", "sunset"},
    {"golden", "sunset"},     {"beach", "sunset"},    {"autumn", "sunset"},   {"cafe", "cafe"},      {"café", "cafe"},
    {"coffee", "cafe"},       {"tea", "cafe"},        {"bar", "cafe"},        {"friends", "cafe"},   {"drift", "drift"},
    {"drifting", "drift"},    {"dream", "drift"},     {"dreams", "drift"},    {"sleep", "drift"},    {"sea", "drift"},
    {"ocean", "drift"},       {"snow", "drift"},      {"float", "drift"},     {"train", "train"},    {"bus", "train"},
    {"road", "train"},        {"station", "train"},   {"journey", "train"},   {"drive", "train"},    {"ride", "train"},
};

}  // namespace detail

inline wish understand(std::string_view text) {
    wish w{.feeling = text::read_feeling(text)};
    std::array<std::size_t, moods.size()> votes{}, first{};
    std::size_t at = 0;
    text::for_each_word(text, [&](std::string_view word) {
        ++at;
        for (const auto& [name, scene] : detail::scenes)
            for (std::size_t m = 0; m < moods.size() && name == word; ++m)
                if (moods[m].name == scene && votes[m]++ == 0) first[m] = at;
    });
    std::size_t best = 0;
    for (std::size_t m = 1; m < moods.size(); ++m)
        if (votes[m] > votes[best] || (votes[m] > 0 && votes[m] == votes[best] && first[m] < first[best])) best = m;
    if (votes[best] > 0) w.mood = moods[best].name;
    if (w.feeling.valence) w.valence = *w.feeling.valence / 65536.0;
    // Arousal of words lies about the middle; music's energy about that of the mood.
    if (w.feeling.arousal)
        w.energy =
            std::clamp((votes[best] > 0 ? moods[best].energy : .58) + .6 * (*w.feeling.arousal / 65536.0 - .48), 0.0, 1.0);
    return w;
}

inline void take(const wish& w, config& to) {
    if (w.mood) to.mood = *w.mood;
    if (!to.energy) to.energy = w.energy;
    if (!to.valence) to.valence = w.valence;
}

}  // namespace lofi::inline LOFI_ABI::song
