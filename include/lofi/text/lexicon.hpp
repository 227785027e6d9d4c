#pragma once
// How words feel: the valence and arousal of a text, from the words of a lexicon that travels with the library.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/text/detail/lexicon_words.hpp>
#include <lofi/text/words.hpp>

namespace lofi::inline LOFI_ABI::text {

/// How a word feels, in percent: 0 sad or calm, 100 glad or excited.
struct rating {
    int valence = 50;
    std::optional<int> arousal{};
};

/// Finds a word in small letters; a plural or a possessive as the word it comes from.
/// source: Glasgow Norms (Scott et al. 2019); where they lack the word, VADER's lexicon (Hutto and Gilbert 2014)
[[nodiscard]] constexpr std::optional<rating> find_rating(std::string_view word);

/// Calls f(std::string_view word, rating) for each word of the lexicon, in order.
template <class F>
void for_each_rating(F&& f);

/// How a text feels.
struct feeling {
    std::optional<std::int32_t> valence{}, arousal{};  ///< in 1/65536; none where no word tells
    std::size_t words = 0;                             ///< in the text
    std::vector<std::string> known{};                  ///< those the lexicon has, "not" before those that were turned round
};

/// Weighs the words of a text: those far from the middle count most, a negation up to three words before turns a word round,
/// "very" and "slightly" and their like make the next one stronger or weaker. Integers only, so the same everywhere.
[[nodiscard]] inline feeling read_feeling(std::string_view text);

// ---------------------------------------------------------------- bodies

namespace detail {

/// Entries are: 'A' + how many letters are shared with the word before, the other letters, two digits of valence, and two of
/// arousal where it is known.
constexpr std::optional<rating> find_exactly(std::string_view word) {
    if (word.empty() || word[0] < 'a' || word[0] > 'z') return std::nullopt;
    const std::string_view packed = lexicon_words[static_cast<std::size_t>(word[0] - 'a')];
    const auto digit = [&](std::size_t i) { return i < packed.size() && packed[i] >= '0' && packed[i] <= '9'; };
    const auto number = [&](std::size_t i) { return 10 * (packed[i] - '0') + packed[i + 1] - '0'; };
    std::size_t same = 0;  // letters that the entry before shares with the word
    for (std::size_t at = 0; at < packed.size();) {
        const auto shared = static_cast<std::size_t>(packed[at++] - 'A');
        std::size_t length = shared, matched = std::min(same, shared);
        for (; !digit(at); ++at, ++length)
            if (matched == length && length < word.size() && packed[at] == word[length]) ++matched;
        rating r{number(at), {}};
        at += 2;
        if (digit(at)) {
            r.arousal = number(at);
            at += 2;
        }
        if (matched == length && length == word.size()) return r;
        same = matched;
    }
    return std::nullopt;
}

constexpr bool negates(std::string_view w) {
    constexpr std::string_view all[] = {"not", "no",     "never",  "without", "neither",
                                        "nor", "cannot", "nobody", "nothing", "hardly"};
    return std::find(std::begin(all), std::end(all), w) != std::end(all) || w.ends_with("n't");
}

/// How much stronger a word makes the next, in percent; 100 for most words.
constexpr int strength(std::string_view w) {
    constexpr std::string_view more[] = {"very", "so", "really", "extremely", "deeply", "too", "utterly"};
    constexpr std::string_view less[] = {"slightly", "somewhat", "little", "bit", "almost", "rather", "quite"};
    if (std::find(std::begin(more), std::end(more), w) != std::end(more)) return 130;
    return std::find(std::begin(less), std::end(less), w) != std::end(less) ? 70 : 100;
}

}  // namespace detail

constexpr std::optional<rating> find_rating(std::string_view word) {
    if (const auto r = detail::find_exactly(word)) return r;
    if (word.size() > 3 && word.ends_with("'s")) return detail::find_exactly(word.substr(0, word.size() - 2));
    if (word.size() > 3 && word.ends_with('s')) return detail::find_exactly(word.substr(0, word.size() - 1));
    return std::nullopt;
}

template <class F>
void for_each_rating(F&& f) {
    std::string word;
    for (const std::string_view packed : detail::lexicon_words)
        for (std::size_t at = 0; at < packed.size();) {
            const auto digit = [&] { return at < packed.size() && packed[at] >= '0' && packed[at] <= '9'; };
            word.resize(static_cast<std::size_t>(packed[at++] - 'A'));
            while (!digit()) word += packed[at++];
            while (digit()) ++at;
            f(std::string_view(word), *detail::find_exactly(word));
        }
}

inline feeling read_feeling(std::string_view text) {
    feeling out;
    std::int64_t valences = 0, weights = 0, arousals = 0, arousal_weights = 0;
    int turned = 0, strength = 100;
    for_each_word(text, [&](std::string_view word) {
        ++out.words;
        if (detail::negates(word)) {
            turned = 3;
            return;
        }
        if (const int s = detail::strength(word); s != 100) {
            strength = s;
            return;
        }
        if (const auto r = find_rating(word)) {
            int away = (r->valence - 50) * strength / 100;
            if (turned > 0) away = -away * 3 / 4;
            const std::int64_t weight = 8 + (away < 0 ? -away : away);
            valences += weight * std::clamp(50 + away, 0, 100);
            weights += weight;
            if (r->arousal) {
                arousals += weight * std::clamp(50 + (*r->arousal - 50) * strength / 100, 0, 100);
                arousal_weights += weight;
            }
            out.known.push_back((turned > 0 ? "not " : "") + std::string(word));
            turned = 0;
        } else if (turned > 0) {
            --turned;
        }
        strength = 100;
    });
    if (weights > 0) out.valence = static_cast<std::int32_t>(valences * 65536 / (100 * weights));
    if (arousal_weights > 0) out.arousal = static_cast<std::int32_t>(arousals * 65536 / (100 * arousal_weights));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::text
