#pragma once
// One face for all tokenizers: pieces to ids and back, what may follow what, spellings, and how many ids there are.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/token/drums.hpp>
#include <lofi/token/grammar.hpp>
#include <lofi/token/groove.hpp>
#include <lofi/token/hands.hpp>
#include <lofi/token/melody.hpp>
#include <lofi/token/midi_like.hpp>
#include <lofi/token/notechord.hpp>
#include <lofi/token/remi.hpp>

namespace lofi::inline LOFI_ABI::token {

/// What a tokenizer cannot read in the notes: which key they are in, and how fast they are played again.
struct token_context {
    score::key key{};
    bpm tempo{120.0};
};

/// A way of turning pieces into ids below `size` and back, described at compile time.
template <class T>
concept tokenizer = requires(const score::piece& piece, std::span<const std::int32_t> ids, std::int32_t id,
                             std::string_view text, const token_context& context) {
    { T::name } -> std::convertible_to<std::string_view>;
    { T::size } -> std::convertible_to<std::size_t>;
    { T::encode(piece, context) } -> std::same_as<result<std::vector<std::int32_t>>>;
    { T::decode(ids, context) } -> std::same_as<result<score::piece>>;
    { T::spell(id) } -> std::same_as<std::string>;
    { T::parse(text) } -> std::same_as<result<std::int32_t>>;
    requires token::grammar<typename T::grammar>;  // a value that starts before the first id
};

/// Finds the id of a spelling among all that a tokenizer has.
/// errors: "token 'Pitch_200': is none of remi"
template <class T>
[[nodiscard]] result<std::int32_t> find_spelling(std::string_view text) {
    for (std::int32_t id = 0; id < static_cast<std::int32_t>(T::size); ++id)
        if (T::spell(id) == text) return id;
    return error("token '" + std::string(text.substr(0, 40)) + "'", "is none of " + std::string(T::name));
}

struct hands_tokens {
    static constexpr std::string_view name = "hands";
    static constexpr std::size_t size = hands_id::count;
    using grammar = hands_grammar;
    static result<std::vector<std::int32_t>> encode(const score::piece& p, const token_context& c) {
        return encode_hands(p, c.key);
    }
    static result<score::piece> decode(std::span<const std::int32_t> ids, const token_context& c) {
        return decode_hands(ids, c.key, c.tempo);
    }
    static std::string spell(std::int32_t id) { return spell_hands(id); }
    static result<std::int32_t> parse(std::string_view text) { return parse_hands(text); }
};

template <event_placing P>
struct event_tokens {
    using vocabulary = event_vocabulary<P>;
    static constexpr std::string_view name = P == event_placing::bars ? "remi" : "tsd";
    static constexpr std::size_t size = vocabulary::size;
    using grammar = event_grammar<P>;
    static result<std::vector<std::int32_t>> encode(const score::piece& p, const token_context&) {
        return vocabulary::encode(p);
    }
    static result<score::piece> decode(std::span<const std::int32_t> ids, const token_context& c) {
        return vocabulary::decode(ids, c.tempo);
    }
    static std::string spell(std::int32_t id) { return vocabulary::spell(id); }
    static result<std::int32_t> parse(std::string_view text) { return find_spelling<event_tokens>(text); }
};
using remi_tokens = event_tokens<event_placing::bars>;
using tsd_tokens = event_tokens<event_placing::shifts>;

struct midi_like_tokens {
    static constexpr std::string_view name = "midi-like";
    static constexpr std::size_t size = midi_like::size;
    using grammar = midi_like_grammar;
    static result<std::vector<std::int32_t>> encode(const score::piece& p, const token_context&) {
        return midi_like::encode(p);
    }
    static result<score::piece> decode(std::span<const std::int32_t> ids, const token_context& c) {
        return midi_like::decode(ids, c.tempo);
    }
    static std::string spell(std::int32_t id) { return midi_like::spell(id); }
    static result<std::int32_t> parse(std::string_view text) { return find_spelling<midi_like_tokens>(text); }
};

/// The first melody of a piece. Spelled "-", "off", or by the note, "C#4".
struct melody_tokens {
    static constexpr std::string_view name = "melody";
    static constexpr std::size_t size = melody_class::count;
    using grammar = free_grammar<size>;
    static result<std::vector<std::int32_t>> encode(const score::piece& p, const token_context&) {
        auto found = encode_melodies(p);
        if (!found) return found.error();
        if (found->empty()) return error("piece", "has no melody of a bar or more");
        return std::move(found->front());
    }
    static result<score::piece> decode(std::span<const std::int32_t> ids, const token_context& c) {
        return decode_melody(ids, c.tempo);
    }
    static std::string spell(std::int32_t id) {
        if (id < melody_class::first_note) return id == melody_class::hold ? "-" : "off";
        return to_string(score::pitch(id - melody_class::first_note + melody_class::lowest));
    }
    static result<std::int32_t> parse(std::string_view text) { return find_spelling<melody_tokens>(text); }
};

/// Drums a sixteenth, spelled as nine noughts and ones from the kick on.
struct drum_tokens {
    static constexpr std::string_view name = "drums";
    static constexpr std::size_t size = drum_ids;
    using grammar = free_grammar<size>;
    static result<std::vector<std::int32_t>> encode(const score::piece& p, const token_context&) { return encode_drums(p); }
    static result<score::piece> decode(std::span<const std::int32_t> ids, const token_context& c) {
        return decode_drums(ids, c.tempo);
    }
    static std::string spell(std::int32_t id) {
        std::string text;
        for (std::size_t c = 0; c < drum_classes; ++c) text += (id >> c & 1) != 0 ? '1' : '0';
        return text;
    }
    static result<std::int32_t> parse(std::string_view text) { return find_spelling<drum_tokens>(text); }
};

/// Drums with force and micro-timing, in grids of two bars.
struct groove_tokens {
    static constexpr std::string_view name = "groove";
    static constexpr std::size_t size = groove_id::count;
    using grammar = groove_grammar;
    static result<std::vector<std::int32_t>> encode(const score::piece& p, const token_context&) {
        auto grooves = find_grooves(p);
        if (!grooves) return grooves.error();
        return encode_grooves(*grooves);
    }
    static result<score::piece> decode(std::span<const std::int32_t> ids, const token_context& c) {
        auto grooves = decode_grooves(ids);
        if (!grooves) return grooves.error();
        return play_grooves(*grooves, c.tempo);
    }
    static std::string spell(std::int32_t id) { return spell_groove(id); }
    static result<std::int32_t> parse(std::string_view text) { return find_spelling<groove_tokens>(text); }
};

/// Notes and chords by their own ids; a corpus numbers those that it has, see `notechord_vocabulary`.
struct notechord_tokens {
    static constexpr std::string_view name = "notechord";
    static constexpr std::size_t size = notechord::count;
    using grammar = free_grammar<size, 128>;  // the empty chord is none
    static result<std::vector<std::int32_t>> encode(const score::piece& p, const token_context&) {
        auto tokens = encode_notechords(p);
        if (!tokens) return tokens.error();
        std::vector<std::int32_t> out;
        for (const notechord t : *tokens) out.push_back(t.id);
        return out;
    }
    static result<score::piece> decode(std::span<const std::int32_t> ids, const token_context& c) {
        std::vector<notechord> tokens;
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (ids[i] < 0 || ids[i] >= static_cast<std::int32_t>(size) || ids[i] == 128)
                return error("token " + std::to_string(i + 1), std::to_string(ids[i]) + " is neither a note nor a chord");
            tokens.push_back(of(ids[i]));
        }
        return decode_notechords(tokens, {.tempo = c.tempo});
    }
    static std::string spell(std::int32_t id) { return id == 128 ? std::string("none") : token::spell(of(id)); }
    static result<std::int32_t> parse(std::string_view text) {
        auto t = parse_notechord(text);
        if (!t) return t.error();
        return std::int32_t{t->id};
    }

private:
    static notechord of(std::int32_t id) {
        notechord t;
        t.id = static_cast<std::uint16_t>(id);
        return t;
    }
};

static_assert(tokenizer<hands_tokens> && tokenizer<remi_tokens> && tokenizer<tsd_tokens> && tokenizer<melody_tokens> &&
              tokenizer<drum_tokens> && tokenizer<groove_tokens> && tokenizer<midi_like_tokens> && tokenizer<notechord_tokens>);

}  // namespace lofi::inline LOFI_ABI::token
