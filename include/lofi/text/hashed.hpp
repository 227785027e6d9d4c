#pragma once
// Words as sets of hashes: a word's own and those of its n-grams, so that any word of any script has vectors, alike in spelling alike.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/hash.hpp>
#include <lofi/core/random.hpp>
#include <lofi/text/words.hpp>

namespace lofi::inline LOFI_ABI::text {

/// How many ids a word has at most: its own, and those of its n-grams of three and of four letters.
inline constexpr std::size_t hashed_ids = 16;
/// Words of a text beyond these are not read, as a published text encoder reads 512 tokens.
inline constexpr std::size_t most_tokens = 512;

/// A text as ids, `hashed_ids` a word; -1 for none.
struct hashed_text {
    std::vector<std::int32_t> ids;
    [[nodiscard]] std::size_t tokens() const { return ids.size() / hashed_ids; }
};

/// Hashes the words of a text into ids below `buckets`. A text without words has no ids. Of a word, n-grams of the first 32 letters
/// are taken; where there are more than have room, as many at even distances.
/// source: Bojanowski et al.: Enriching Word Vectors with Subword Information (2017)
[[nodiscard]] inline hashed_text hash_words(std::string_view text, std::uint32_t buckets);

/// Draws a vector for each word: signs by chance for each of its ids, the same for the same id, their mean times the square root of
/// their number. Nothing is trained and nothing is stored.
/// shapes: (tokens,width), a word a row
[[nodiscard]] inline std::vector<float> drawn_vectors(const hashed_text& text, std::size_t width);

// ---------------------------------------------------------------- bodies

namespace detail {

inline std::int32_t hashed_id(char kind, std::string_view letters, std::uint32_t buckets) {
    const std::uint64_t h = hasher().add(std::string_view(&kind, 1)).add(letters).value();
    return static_cast<std::int32_t>((h ^ h >> 32) % buckets);
}

inline void add_word(std::vector<std::int32_t>& ids, std::string_view word, std::uint32_t buckets) {
    constexpr std::size_t most_letters = 32;
    const std::string framed = "<" + std::string(word) + ">";
    std::vector<std::size_t> starts;  // of letters, and one past the last
    for (std::size_t at = 0; at < framed.size() && starts.size() < most_letters + 2;
         starts.push_back(at), next_letter(framed, at)) {
    }
    std::size_t end = starts.back();
    next_letter(framed, end);
    starts.push_back(end);
    const std::size_t letters = starts.size() - 1;
    std::vector<std::string_view> grams;
    for (const std::size_t n : {3U, 4U})
        for (std::size_t i = 0; i + n <= letters; ++i)
            grams.push_back(std::string_view(framed).substr(starts[i], starts[i + n] - starts[i]));
    ids.push_back(hashed_id('w', word, buckets));
    const std::size_t room = hashed_ids - 1, taken = std::min(grams.size(), room);
    for (std::size_t k = 0; k < taken; ++k) ids.push_back(hashed_id('g', grams[k * grams.size() / taken], buckets));
    ids.resize(ids.size() + room - taken, -1);
}

}  // namespace detail

inline hashed_text hash_words(std::string_view text, std::uint32_t buckets) {
    LOFI_ASSERT(buckets > 0 && buckets < 0x80000000U, "ids are whole numbers of 31 bits, below the number of buckets");
    hashed_text out;
    for_each_word(text, [&](std::string_view word) {
        if (out.tokens() < most_tokens) detail::add_word(out.ids, word, buckets);
    });
    return out;
}

inline std::vector<float> drawn_vectors(const hashed_text& text, std::size_t width) {
    std::vector<float> out(text.tokens() * width);
    for (std::size_t t = 0; t < text.tokens(); ++t) {
        const std::span<float> row(out.data() + t * width, width);
        std::size_t count = 0;
        for (const std::int32_t id : std::span(text.ids).subspan(t * hashed_ids, hashed_ids)) {
            if (id < 0) continue;
            ++count;
            random_stream random(random_key{1}.child("token vectors").child(static_cast<std::uint64_t>(id)));
            std::uint32_t bits = 0;
            for (std::size_t d = 0; d < width; ++d, bits >>= 1) {
                if (d % 32 == 0) bits = random.next();
                row[d] += (bits & 1U) != 0 ? 1.0F : -1.0F;
            }
        }
        // The square root of a whole number up to 16: exact steps, so the same on every machine.
        float root = 1;
        for (int i = 0; i < 8; ++i) root = (root + static_cast<float>(count) / root) / 2;
        for (float& v : row) v /= root;
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::text
