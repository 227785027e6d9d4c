#pragma once
// Texts of rated words, whose mood is known: what a network learns the feel of words from, and what it is asked afterwards.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/hash.hpp>
#include <lofi/core/random.hpp>
#include <lofi/text/lexicon.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// How the moods of music are spread: means and deviations of valence and energy over training phrases that have a text.
struct mood_scale {
    double valence = .6, valence_spread = .15, energy = .5, energy_spread = .15;
};
template <class Examples>
[[nodiscard]] mood_scale scale_of(const Examples& examples);

/// A text with its mood on the scale of music, 0 to 1, and its words' own mean valence.
struct lexicon_text {
    std::string text;
    double valence = 0, energy = 0, words_valence = 0;
};

/// Which words of the lexicon there are to draw from. One in five, by its hash, is held out of training.
enum class lexicon_words : std::uint8_t { train, held_out };

/// Draws texts of one to five rated words of like valence.
class lexicon_texts {
public:
    /// Words of `but_not` are left out: those of held-out texts should stand nowhere in training.
    explicit lexicon_texts(const mood_scale& scale, lexicon_words which = lexicon_words::train,
                           const std::set<std::string>& but_not = {});
    /// The mean valence and arousal of the words, moved from the lexicon's scale to that of music: so many deviations from the mean.
    [[nodiscard]] lexicon_text draw(random_stream& random) const;
    [[nodiscard]] std::size_t words() const { return words_.size(); }

private:
    struct word {
        std::string text;
        double valence, arousal;
    };
    std::vector<word> words_;
    mood_scale scale_;
    mood_scale own_{0, 0, 0, 0};  // of all words of the lexicon
};

// ---------------------------------------------------------------- bodies

namespace detail {

/// Mean and deviation of what was added.
class moments {
public:
    void add(double v) { ++n_, sum_ += v, square_ += v * v; }
    [[nodiscard]] double mean() const { return n_ == 0 ? 0 : sum_ / n_; }
    [[nodiscard]] double spread() const { return n_ == 0 ? 0 : std::sqrt(std::max(0.0, square_ / n_ - mean() * mean())); }

private:
    double n_ = 0, sum_ = 0, square_ = 0;
};

}  // namespace detail

template <class Examples>
mood_scale scale_of(const Examples& examples) {
    detail::moments valence, energy;
    for (const auto& e : examples)
        if (!e.text.empty()) valence.add(e.sheet.valence), energy.add(e.sheet.energy);
    return {valence.mean(), valence.spread(), energy.mean(), energy.spread()};
}

inline lexicon_texts::lexicon_texts(const mood_scale& scale, lexicon_words which, const std::set<std::string>& but_not)
    : scale_(scale) {
    detail::moments valence, arousal;
    text::for_each_rating([&](std::string_view w, const text::rating& r) {
        if (!r.arousal) return;
        valence.add(r.valence / 100.0), arousal.add(*r.arousal / 100.0);
        const bool held_out = hasher().add(w).value() % 5 == 0;
        if (held_out != (which == lexicon_words::held_out) || but_not.count(std::string(w)) != 0) return;
        words_.push_back({std::string(w), r.valence / 100.0, *r.arousal / 100.0});
    });
    own_ = {valence.mean(), valence.spread(), arousal.mean(), arousal.spread()};
}

inline lexicon_text lexicon_texts::draw(random_stream& random) const {
    const auto any = [&]() -> const word& { return words_[uniform_below(random, static_cast<std::uint32_t>(words_.size()))]; };
    const word& first = any();
    const std::uint32_t count = 1 + uniform_below(random, 5);
    lexicon_text out{first.text, 0, 0, first.valence};
    double arousal = first.arousal;
    for (std::uint32_t k = 1; k < count; ++k) {
        const word* nearest = &any();
        for (int tries = 0; tries < 7; ++tries)
            if (const word& w = any(); std::abs(w.valence - first.valence) < std::abs(nearest->valence - first.valence))
                nearest = &w;
        constexpr std::string_view between[] = {" ", " and ", " with ", ", ", " in the "};
        out.text += between[uniform_below(random, 5)];
        out.text += nearest->text;
        out.words_valence += nearest->valence, arousal += nearest->arousal;
    }
    out.words_valence /= count, arousal /= count;
    out.valence =
        std::clamp(scale_.valence + scale_.valence_spread * (out.words_valence - own_.valence) / own_.valence_spread, 0.0, 1.0);
    out.energy = std::clamp(scale_.energy + scale_.energy_spread * (arousal - own_.energy) / own_.energy_spread, 0.0, 1.0);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
