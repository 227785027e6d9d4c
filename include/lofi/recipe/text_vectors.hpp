#pragma once
// Vectors of many texts: out of a file that was made elsewhere, or drawn where there is none.
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/nn/safetensors.hpp>
#include <lofi/text/hashed.hpp>
#include <lofi/text/vectors.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Reads the vectors of texts from safetensors, by their names (`text::vectors_name`), or from an array of NumPy, in its order.
/// errors: "x.safetensors: has no vectors of the text \"Fare well\": make them with tools/text_vectors.py", "x.npy: holds 3 texts, not 5",
/// and those of the readers
[[nodiscard]] std::vector<text::token_vectors> read_text_vectors(const std::filesystem::path& path,
                                                                 std::span<const std::string> texts, std::size_t width);
/// Draws vectors from the hashes of words: always the same, never trained.
[[nodiscard]] std::vector<text::token_vectors> draw_text_vectors(std::span<const std::string> texts, std::size_t width);

// ---------------------------------------------------------------- bodies

inline std::vector<text::token_vectors> read_text_vectors(const std::filesystem::path& path, std::span<const std::string> texts,
                                                          std::size_t width) {
    if (path.extension() == ".npy") {
        auto read = text::read_npy(read_file(path).value(), width);
        if (!read) raise(read.error().at(path.string()));
        if (read->size() != texts.size())
            raise(
                error(path.string(), "holds " + std::to_string(read->size()) + " texts, not " + std::to_string(texts.size())));
        return *std::move(read);
    }
    const nn::safetensors file = nn::read_safetensors(path);
    std::vector<text::token_vectors> out;
    for (const std::string& t : texts) {
        const std::string name = text::vectors_name(t);
        if (t.empty() && !file.contains(name)) {  // no words, no vectors: a file need not say so
            out.push_back({width, {}});
            continue;
        }
        if (!file.contains(name))
            raise(error(file.place(), "has no vectors of the text \"" + t.substr(0, 40) + (t.size() > 40 ? "..." : "") +
                                          "\" (" + name + "): make them with tools/text_vectors.py"));
        const nn::tensor_shape& shape = file.tensors().at(name).shape;
        const std::size_t tokens = shape.empty() ? 0 : shape[0];
        auto& v = out.emplace_back(text::token_vectors{width, {}});
        file.check<float>(name, {tokens, width});
        v.values.resize(tokens * width);
        file.copy<float>(name, {tokens, width}, v.values);
    }
    return out;
}

inline std::vector<text::token_vectors> draw_text_vectors(std::span<const std::string> texts, std::size_t width) {
    std::vector<text::token_vectors> out;
    for (const std::string& t : texts) out.push_back({width, text::drawn_vectors(text::hash_words(t, 1U << 30), width)});
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
