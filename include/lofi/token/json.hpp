#pragma once
// Vocabularies as JSON: what each id of a tokenizer, or each number of a corpus, stands for; and whether it is what somebody else holds.
#include <algorithm>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <lofi/core/error.hpp>
#include <lofi/core/file.hpp>
#include <lofi/token/tokenizer.hpp>

namespace lofi::inline LOFI_ABI::token {

/// The spellings of a kind of tokens by their numbers: {"kind": "remi", "tokens": ["PAD_None", "BOS_None", ...]}.
struct vocabulary {
    std::string kind;
    std::vector<std::string> tokens;

    friend bool operator==(const vocabulary&, const vocabulary&) = default;
};

/// All ids of a tokenizer; of notes and chords each corpus has its own.
template <tokenizer T>
    requires(!std::same_as<T, notechord_tokens>)
[[nodiscard]] vocabulary vocabulary_of();
/// The tokens of a corpus, as `notechord_vocabulary` numbers them.
[[nodiscard]] vocabulary vocabulary_of(const notechord_vocabulary& v);

void write_vocabulary(const std::filesystem::path& path, const vocabulary& v);
/// Reads a vocabulary of any kind.
/// errors: throws "v.json: byte 17: is not JSON: ...", "v.json: is no vocabulary: ...", "v.json: tokens 3 and 9 are both 'C4'"
[[nodiscard]] vocabulary read_vocabulary(const std::filesystem::path& path);
[[nodiscard]] vocabulary parse_vocabulary(std::string_view json, const std::string& place);

/// Checks that a vocabulary, found at a place, is the one that somebody holds.
/// errors: throws "v.json: is of tsd, not of remi", "v.json: has 283 tokens, and remi has 284",
///         "v.json: token 5 is 'Pitch_22', and of remi it is 'Pitch_21'" (counted from 0, as ids are)
void check_vocabulary(const vocabulary& found, const vocabulary& held, const std::string& place);
/// Checks that a network that writes so many different ids was trained on a vocabulary.
/// errors: throws "v.json: has 132 tokens, and note.safetensors has outputs for 133"
void check_vocabulary(const vocabulary& found, std::size_t outputs, const std::string& weights, const std::string& place);

// ---------------------------------------------------------------- bodies

template <tokenizer T>
    requires(!std::same_as<T, notechord_tokens>)
vocabulary vocabulary_of() {
    vocabulary out{std::string(T::name), {}};
    out.tokens.reserve(T::size);
    for (std::size_t id = 0; id < T::size; ++id) out.tokens.push_back(T::spell(static_cast<std::int32_t>(id)));
    return out;
}

inline vocabulary vocabulary_of(const notechord_vocabulary& v) {
    vocabulary out{std::string(notechord_tokens::name), {}};
    for (const notechord t : v.tokens()) out.tokens.push_back(spell(t));
    return out;
}

inline void write_vocabulary(const std::filesystem::path& path, const vocabulary& v) {
    nlohmann::ordered_json j{{"kind", v.kind}, {"tokens", v.tokens}};
    const std::string text = j.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
    write_file(path, text).value();
}

inline vocabulary parse_vocabulary(std::string_view text, const std::string& place) {
    nlohmann::json j;
    try {
        j = nlohmann::json::parse(text);
    } catch (const nlohmann::json::parse_error& e) {
        raise(error(place, "byte " + std::to_string(e.byte) + ": is not JSON"));
    } catch (const nlohmann::json::exception& e) {
        raise(error(place, e.what()));
    }
    const auto no = [&](const std::string& why) { raise(error(place, "is no vocabulary: " + why)); };
    if (!j.is_object() || !j.contains("kind") || !j["kind"].is_string()) no("it does not say its kind");
    if (!j.contains("tokens") || !j["tokens"].is_array() || j["tokens"].empty()) no("it has no list of tokens");
    vocabulary out{j["kind"].get<std::string>(), {}};
    std::vector<std::pair<std::string, std::size_t>> seen;
    for (const nlohmann::json& t : j["tokens"]) {
        if (!t.is_string()) no("token " + std::to_string(out.tokens.size()) + " is no text");
        out.tokens.push_back(t.get<std::string>());
        seen.emplace_back(out.tokens.back(), seen.size());
    }
    std::sort(seen.begin(), seen.end());
    for (std::size_t i = 1; i < seen.size(); ++i)
        if (seen[i].first == seen[i - 1].first)
            raise(error(place, "tokens " + std::to_string(seen[i - 1].second) + " and " + std::to_string(seen[i].second) +
                                   " are both '" + seen[i].first.substr(0, 40) + "'"));
    return out;
}

inline vocabulary read_vocabulary(const std::filesystem::path& path) {
    const auto bytes = read_file(path, std::uintmax_t{1} << 26).value();
    return parse_vocabulary({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path.string());
}

inline void check_vocabulary(const vocabulary& found, const vocabulary& held, const std::string& place) {
    if (found.kind != held.kind) raise(error(place, "is of " + found.kind.substr(0, 40) + ", not of " + held.kind));
    if (found.tokens.size() != held.tokens.size())
        raise(error(place, "has " + std::to_string(found.tokens.size()) + " tokens, and " + held.kind + " has " +
                               std::to_string(held.tokens.size())));
    for (std::size_t i = 0; i < held.tokens.size(); ++i)
        if (found.tokens[i] != held.tokens[i])
            raise(error(place, "token " + std::to_string(i) + " is '" + found.tokens[i].substr(0, 40) + "', and of " +
                                   held.kind + " it is '" + held.tokens[i] + "'"));
}

inline void check_vocabulary(const vocabulary& found, std::size_t outputs, const std::string& weights,
                             const std::string& place) {
    if (found.tokens.size() != outputs)
        raise(error(place, "has " + std::to_string(found.tokens.size()) + " tokens, and " + weights + " has outputs for " +
                               std::to_string(outputs)));
}

}  // namespace lofi::inline LOFI_ABI::token
