#pragma once
// The body of <lofi/radio.h>: the radio behind functions that C can call.
#include <lofi/radio.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <exception>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/radio/radio.hpp>
#include <lofi/score/chord_symbol.hpp>
#include <lofi/song/mood.hpp>

namespace lofi::inline LOFI_ABI::engine::detail {

static_assert(int{LOFI_RADIO_PARAMETERS} == int{parameter_count} &&
                  int{LOFI_RADIO_STINGER} == static_cast<int>(parameter::stinger) &&
                  int{LOFI_RADIO_GAIN} == static_cast<int>(parameter::gain) &&
                  int{LOFI_RADIO_TEMPO} == static_cast<int>(parameter::tempo) &&
                  int{LOFI_RADIO_KEYS_LEVEL} == static_cast<int>(parameter::keys_level) &&
                  int{LOFI_RADIO_KEYS_MUTE} == static_cast<int>(parameter::keys_mute) &&
                  int{LOFI_RADIO_KEYS_SOLO} == static_cast<int>(parameter::keys_solo) &&
                  int{LOFI_RADIO_MOOD} == static_cast<int>(parameter::mood),
              "lofi/radio.h numbers the parameters as lofi/radio/parameter.hpp does");
static_assert(int{LOFI_RADIO_NEXT_SECTION} == static_cast<int>(at::next_section) &&
                  int{LOFI_RADIO_TEXTURE} == static_cast<int>(score::part::texture) &&
                  int{LOFI_RADIO_EVENT_NOTE_ON} == static_cast<int>(event_kind::note_on) &&
                  int{LOFI_RADIO_EVENT_CHANGED} == static_cast<int>(event_kind::changed) &&
                  int{LOFI_RADIO_EVENT_LOST} == static_cast<int>(event_kind::lost),
              "lofi/radio.h numbers boundaries, parts and events as lofi/radio does");
static_assert(sizeof(lofi_radio_change) == sizeof(change));

/// Why the calling thread's last failure failed: in place, so that it takes no memory in the audio call.
inline std::array<char, 256>& c_error() noexcept {
    thread_local std::array<char, 256> text{};
    return text;
}
inline void c_fail(std::string_view why) noexcept {
    std::array<char, 256>& text = c_error();
    const std::size_t kept = std::min(why.size(), text.size() - 1);
    std::memcpy(text.data(), why.data(), kept);
    text[kept] = '\0';
}

/// Calls something, and answers `failed` where it throws.
template <class T, class Work>
T c_guard(T failed, Work&& work) noexcept {
#if LOFI_EXCEPTIONS
    try {
        return work();
    } catch (const std::exception& e) {
        c_fail(e.what());
    } catch (...) {
        c_fail("something that is no error was thrown");
    }
    return failed;
#else
    static_cast<void>(failed);
    return work();
#endif
}

/// Whether a parameter and a boundary that came as numbers are there.
inline bool c_known(int what, int when) noexcept {
    if (what < 0 || what >= LOFI_RADIO_PARAMETERS) return c_fail("parameter: there is none of this number"), false;
    if (when < LOFI_RADIO_NOW || when > LOFI_RADIO_NEXT_SECTION)
        return c_fail("when: is not now, or the next beat, bar or section"), false;
    return true;
}
inline int c_done(const result<void>& r) noexcept {
    if (!r) c_fail(r.error().what());
    return r ? 1 : 0;
}
inline int c_taken(bool taken) noexcept {
    if (!taken) c_fail("radio: its queue is full: try again after the next render");
    return taken ? 1 : 0;
}

inline change from_c(const lofi_radio_change& c) noexcept {
    return {c.frame, c.value, c.ramp, static_cast<parameter>(c.parameter), static_cast<at>(c.when)};
}
inline lofi_radio_change to_c(const change& c) noexcept {
    return {c.frame, c.value, c.ramp, static_cast<std::uint8_t>(c.what), static_cast<std::uint8_t>(c.when)};
}

inline lofi_radio_event to_c(const event& e) noexcept {
    lofi_radio_event out{};
    out.frame = e.at.value, out.bar = e.bar, out.tick = e.tick;
    out.kind = static_cast<std::uint8_t>(e.kind);
    const auto harmony = [&] {
        out.tonic = e.key.tonic.value, out.mode = static_cast<std::uint8_t>(e.key.scale);
        for (int step = 1; step <= 7; ++step) out.scale |= static_cast<std::uint16_t>(1U << degree(e.key, step).value);
    };
    switch (e.kind) {
        case event_kind::section: out.section = static_cast<std::uint8_t>(e.section), harmony(); break;
        case event_kind::chord: {
            const score::chord& c = e.chord;
            harmony();
            out.chord = {c.degree,
                         c.accidental,
                         static_cast<std::uint8_t>(c.type.quality),
                         static_cast<std::uint8_t>(c.type.seventh),
                         c.type.added.bits,
                         c.inversion};
            out.chord_root = root(c, e.key).value, out.chord_bass = bass(c, e.key).value;
            out.chord_tones = pitch_classes(c, e.key).mask;
            break;
        }
        case event_kind::note_on: out.velocity = e.velocity.value, out.length = e.length.value; [[fallthrough]];
        case event_kind::note_off: out.part = static_cast<std::uint8_t>(e.part), out.pitch = e.pitch.midi; break;
        case event_kind::changed: out.change = to_c(e.change); break;
        case event_kind::reached:
        case event_kind::clamped: out.parameter = static_cast<std::uint8_t>(e.what), out.value = e.value; break;
        case event_kind::why:
            out.why = static_cast<std::uint8_t>(e.why), out.parameter = static_cast<std::uint8_t>(e.what);
            break;
        case event_kind::lost: out.value = e.value; break;
        default: break;
    }
    return out;
}

/// Spells the chord of an event that came from outside; nothing where it has none.
inline std::string chord_name(const lofi_radio_event& e) {
    const lofi_radio_chord& c = e.chord;
    if (c.degree < 1 || c.degree > 7 || c.quality > static_cast<int>(score::quality::sus4) || c.inversion > 3 ||
        c.seventh > static_cast<int>(score::seventh::diminished) || e.mode < 1 || e.mode > 7)
        return {};
    score::chord chord{c.degree,
                       c.accidental,
                       {static_cast<score::quality>(c.quality), static_cast<score::seventh>(c.seventh), {}},
                       c.inversion};
    chord.type.added.bits = c.added;
    return to_string(chord, score::key{score::pitch_class(e.tonic), static_cast<score::mode>(e.mode)});
}

/// Events that one peek of C answers with at most: they lie on the stack in between.
inline constexpr std::size_t most_peeked = 512;

/// Writes as much of a structure as the caller's header knows; what the caller knows and we do not becomes 0.
template <class T>
void put(void* to, std::size_t size, const T& value) noexcept {
    std::memcpy(to, &value, std::min(size, sizeof value));
    if (size > sizeof value) std::memset(static_cast<char*>(to) + sizeof value, 0, size - sizeof value);
}

inline lofi_radio_config c_defaults() noexcept {
    const radio_config d;
    return {.size = sizeof(lofi_radio_config),
            .rate = static_cast<std::uint32_t>(d.rate.value),
            .seed = d.seed,
            .mood = "night",
            .start = nullptr,
            .start_count = 0,
            .weights = nullptr,
            .weights_size = 0,
            .loudness = d.loudness.value,
            .ceiling = d.ceiling.value};
}

inline result<radio_config> from_c(const lofi_radio_config* given) {
    lofi_radio_config c = c_defaults();
    if (given != nullptr) {
        if (given->size < 2 * sizeof(std::uint32_t) || given->size > 65536)
            return error("config", "its size is not set: call lofi_radio_defaults first");
        std::memcpy(&c, given, std::min<std::size_t>(given->size, sizeof c));
    }
    radio_config out{.seed = c.seed,
                     .rate = hertz(c.rate),
                     .mood = c.mood != nullptr ? c.mood : "night",
                     .weights = {static_cast<const std::byte*>(c.weights), c.weights != nullptr ? c.weights_size : 0},
                     .loudness = decibels(c.loudness),
                     .ceiling = decibels(c.ceiling)};
    if (c.start == nullptr) c.start_count = 0;
    if (c.start_count > parameter_count) return error("config", "has more settings to start with than there are parameters");
    for (const lofi_radio_setting& s : std::span(c.start, c.start_count)) {
        if (s.parameter < 0 || s.parameter >= LOFI_RADIO_PARAMETERS)
            return error("config", "a setting to start with: there is no parameter of this number");
        out.start.push_back({static_cast<parameter>(s.parameter), s.value});
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::engine::detail

#ifdef LOFI_RADIO_IMPLEMENTATION
// ---------------------------------------------------------------- the functions of radio.h, in one translation unit of a program

/// What a C program holds.
struct lofi_radio {
    lofi::engine::radio player;
};

namespace lofi_c = lofi::engine::detail;

static lofi_radio* lofi_radio_make(const lofi_radio_config* given) {
    const auto config = lofi_c::from_c(given);
    if (!config) return lofi_c::c_fail(config.error().what()), nullptr;
    if (const auto ok = lofi::engine::check(*config); !ok) return lofi_c::c_fail(ok.error().what()), nullptr;
    lofi_radio* made = new (std::nothrow) lofi_radio{lofi::engine::radio(*config)};
    if (made == nullptr) lofi_c::c_fail("radio: there is not enough memory");
    return made;
}

extern "C" {

uint32_t lofi_radio_version(void) { return LOFI_RADIO_VERSION; }
uint32_t lofi_radio_music_version(void) { return LOFI_MUSIC_VERSION; }
const char* lofi_radio_error(void) { return lofi_c::c_error().data(); }

void lofi_radio_defaults(lofi_radio_config* config, size_t size) {
    if (config == nullptr) return;
    lofi_c::put(config, size, lofi_c::c_defaults());
    const auto its = static_cast<uint32_t>(size);
    if (size >= sizeof its) std::memcpy(config, &its, sizeof its);
}

lofi_radio* lofi_radio_create(const lofi_radio_config* config) {
    return lofi_c::c_guard<lofi_radio*>(nullptr, [&] { return lofi_radio_make(config); });
}
void lofi_radio_destroy(lofi_radio* radio) { delete radio; }

void lofi_radio_render(lofi_radio* radio, float* interleaved, size_t frames) {
    if (interleaved == nullptr) frames = 0;
    if (radio != nullptr)
        radio->player.render(std::span<float>(interleaved, 2 * frames));
    else
        std::fill_n(interleaved, 2 * frames, 0.0F);
}
int64_t lofi_radio_position(const lofi_radio* radio) { return radio != nullptr ? radio->player.position().value : 0; }

int lofi_radio_set(lofi_radio* radio, int parameter, double value, int when, double ramp_seconds) {
    if (radio == nullptr || !lofi_c::c_known(parameter, when)) return 0;
    return lofi_c::c_taken(radio->player.set(static_cast<lofi::engine::parameter>(parameter), value,
                                             static_cast<lofi::engine::at>(when), lofi::seconds(ramp_seconds)));
}
int lofi_radio_mood(lofi_radio* radio, const char* name, int when, double ramp_seconds) {
    if (radio == nullptr || name == nullptr || !lofi_c::c_known(LOFI_RADIO_MOOD, when)) return 0;
    const auto known =
        std::find_if(lofi::song::moods.begin(), lofi::song::moods.end(), [&](const auto& m) { return m.name == name; });
    if (known == lofi::song::moods.end()) return lofi_c::c_fail("mood: there is none of this name"), 0;
    return lofi_c::c_taken(radio->player.mood(name, static_cast<lofi::engine::at>(when), lofi::seconds(ramp_seconds)));
}
int lofi_radio_send(lofi_radio* radio, const lofi_radio_change* change) {
    if (radio == nullptr || change == nullptr || !lofi_c::c_known(change->parameter, change->when)) return 0;
    const lofi::engine::change taken = lofi_c::from_c(*change);
    const auto& range = lofi::engine::info(taken.what);
    if (taken.value < lofi::engine::to_held(taken.what, range.low) ||
        taken.value > lofi::engine::to_held(taken.what, range.high))
        return lofi_c::c_fail("change: its value is out of the parameter's range"), 0;
    return lofi_c::c_taken(radio->player.set(taken));
}
double lofi_radio_value(const lofi_radio* radio, int parameter) {
    if (radio == nullptr || !lofi_c::c_known(parameter, LOFI_RADIO_NOW)) return 0;
    return radio->player.value(static_cast<lofi::engine::parameter>(parameter));
}
const char* lofi_radio_parameter_name(int parameter) {
    if (!lofi_c::c_known(parameter, LOFI_RADIO_NOW)) return nullptr;
    return lofi::engine::info(static_cast<lofi::engine::parameter>(parameter)).name.data();  // a literal, which ends with 0
}
int lofi_radio_find_parameter(const char* name) {
    if (name != nullptr)
        for (int p = 0; p < LOFI_RADIO_PARAMETERS; ++p)
            if (lofi::engine::info(static_cast<lofi::engine::parameter>(p)).name == name) return p;
    lofi_c::c_fail("parameter: there is none of this name");
    return -1;
}

int lofi_radio_poll(lofi_radio* radio, lofi_radio_event* event, size_t size) {
    lofi::engine::event e;
    if (radio == nullptr || event == nullptr || !radio->player.poll(e)) return 0;
    lofi_c::put(event, size, lofi_c::to_c(e));
    return 1;
}
size_t lofi_radio_peek(lofi_radio* radio, int32_t bars, lofi_radio_event* events, size_t size, size_t capacity) {
    if (radio == nullptr || events == nullptr) return 0;
    lofi::engine::event ahead[lofi_c::most_peeked];
    const size_t count = radio->player.peek(bars, std::span(ahead, std::min(capacity, lofi_c::most_peeked)));
    for (size_t i = 0; i < count; ++i) lofi_c::put(reinterpret_cast<char*>(events) + i * size, size, lofi_c::to_c(ahead[i]));
    return count;
}
size_t lofi_radio_chord_name(const lofi_radio_event* event, char* text, size_t capacity) {
    return lofi_c::c_guard<size_t>(0, [&]() -> size_t {
        const std::string name = event != nullptr ? lofi_c::chord_name(*event) : std::string();
        if (text != nullptr && capacity > 0) {
            const size_t kept = std::min(capacity - 1, name.size());
            std::memcpy(text, name.data(), kept);
            text[kept] = '\0';
        }
        return name.size();
    });
}

size_t lofi_radio_save(const lofi_radio* radio, void* state, size_t capacity) {
    return lofi_c::c_guard<size_t>(0, [&]() -> size_t {
        if (radio == nullptr) return lofi_c::c_fail("radio: is NULL"), 0;
        const auto bytes = radio->player.save();
        if (!bytes) return lofi_c::c_fail(bytes.error().what()), 0;
        if (state != nullptr && bytes->size() <= capacity) std::memcpy(state, bytes->data(), bytes->size());
        return bytes->size();
    });
}
int lofi_radio_restore(lofi_radio* radio, const void* state, size_t size) {
    return lofi_c::c_guard<int>(0, [&] {
        if (radio == nullptr) return lofi_c::c_fail("radio: is NULL"), 0;
        return lofi_c::c_done(radio->player.restore({static_cast<const std::byte*>(state), state != nullptr ? size : 0}));
    });
}
int lofi_radio_seek(lofi_radio* radio, int32_t bar, const lofi_radio_change* log, size_t count) {
    return lofi_c::c_guard<int>(0, [&] {
        if (radio == nullptr) return lofi_c::c_fail("radio: is NULL"), 0;
        std::vector<lofi::engine::change> changes;
        for (const lofi_radio_change& c : std::span(log, log != nullptr ? count : 0)) {
            if (!lofi_c::c_known(c.parameter, c.when)) return 0;
            changes.push_back(lofi_c::from_c(c));
        }
        return lofi_c::c_done(radio->player.seek(bar, changes));
    });
}

}  // extern "C"
#endif
