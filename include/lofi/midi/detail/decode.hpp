#pragma once
// One event out of a track's bytes, with all that can be wrong with it. Bounds-checked; keeps and allocates nothing.
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/midi/diagnostic.hpp>
#include <lofi/midi/event.hpp>

namespace lofi::inline LOFI_ABI::midi::detail {

using byte_view = std::span<const std::uint8_t>;

/// The channel status in force, and the last one there was: a system exclusive or a meta event ends the first only.
struct running_status {
    std::uint8_t in_force = 0, last = 0;

    constexpr void follow(std::uint8_t status) {
        if (status < 0xF0)
            in_force = last = status;
        else if (status < 0xF8 || status == meta_status)
            in_force = 0;
    }
};

enum class verdict : std::uint8_t {
    clean,
    odd,      ///< an event, after a repair
    skipped,  ///< no event: go on at `next`
    cut,      ///< the bytes end inside the event
    lost      ///< no event can begin here
};

struct decoded {
    std::size_t next = 0;  ///< where the next event begins
    std::size_t payload_at = 0;
    std::uint32_t payload_size = 0;
    std::uint32_t delta = 0;
    std::uint8_t status = 0, data1 = 0, data2 = 0;
    verdict is = verdict::clean;
    oddity why{};
    bool explicit_status = false;

    [[nodiscard]] bool ends_track() const { return status == meta_status && data1 == 0x2F; }
};

/// Reads a variable-length number at `at` and moves behind it.
/// source: RP-001: at most 4 bytes, of which all but the last have bit 7 set
constexpr verdict decode_number(byte_view b, std::size_t& at, std::size_t limit, std::uint32_t& value) {
    value = 0;
    for (int i = 0; i < 4; ++i) {
        if (at >= limit) return verdict::cut;
        const std::uint8_t byte = b[at++];
        value = value << 7 | (byte & 0x7FU);
        if (byte < 0x80) return verdict::clean;
    }
    return verdict::lost;
}

/// The bytes that a meta event of this type needs; -1 where any number will do.
constexpr int least_meta_size(std::uint8_t type) {
    switch (static_cast<meta>(type)) {
        case meta::channel_prefix:
        case meta::port: return 1;
        case meta::tempo: return 3;
        case meta::smpte_offset: return 5;
        case meta::time_signature: return 4;
        case meta::key_signature: return 2;
        case meta::end_of_track: return 0;
        default: return -1;
    }
}

/// Checks what the bytes of a meta event mean.
constexpr bool meta_is_sound(byte_view payload, decoded& d) {
    const auto odd = [&](oddity o) { return d.is = verdict::odd, d.why = o, false; };
    const int least = least_meta_size(d.data1);
    if (d.data1 >= 0x80) return d.is = verdict::skipped, d.why = oddity::meta_type_too_high, false;
    if (least >= 0 && payload.size() < static_cast<std::size_t>(least)) return odd(oddity::meta_too_short);
    switch (static_cast<meta>(d.data1)) {
        case meta::tempo:
            if ((payload[0] | payload[1] | payload[2]) == 0) return odd(oddity::tempo_of_zero);
            break;
        case meta::time_signature:
            if (payload[0] == 0 || payload[1] > 15) return odd(oddity::bad_time_signature);
            break;
        case meta::key_signature:
            if ((payload[0] > 7 && payload[0] < 0xF9) || payload[1] > 1) return odd(oddity::bad_key_signature);
            break;
        default: break;
    }
    return true;
}

/// Reads the event at `at`, which ends before `limit`.
constexpr decoded decode_event(byte_view b, std::size_t at, std::size_t limit, running_status running) {
    decoded d;
    const auto verdict_of = [&](verdict v, oddity o, std::size_t next) { return d.is = v, d.why = o, d.next = next, d; };
    std::size_t p = at;
    if (const verdict v = decode_number(b, p, limit, d.delta); v != verdict::clean)
        return verdict_of(v, v == verdict::cut ? oddity::event_cut : oddity::number_too_long, p);
    if (p >= limit) return verdict_of(verdict::cut, oddity::event_cut, limit);

    d.explicit_status = b[p] >= 0x80;
    if (d.explicit_status)
        d.status = b[p++];
    else if (running.in_force != 0)
        d.status = running.in_force;
    else if (running.last != 0)
        d.status = running.last, d.is = verdict::odd, d.why = oddity::running_status_across;
    else
        return verdict_of(verdict::lost, oddity::no_running_status, p);

    if (d.status < 0xF0) {
        const bool two = (d.status & 0xE0) != 0xC0;
        if (limit - p < (two ? 2U : 1U)) return verdict_of(verdict::cut, oddity::event_cut, limit);
        d.data1 = b[p++];
        if (two) d.data2 = b[p++];
        if (((d.data1 | d.data2) & 0x80U) != 0) {
            // One flipped bit leaves the other seven right, and the next event where it is.
            d.data1 &= 0x7F, d.data2 &= 0x7F;
            return verdict_of(verdict::odd, oddity::status_in_data, p);
        }
        return d.next = p, d;
    }
    if (d.status != sysex_status && d.status != escape_status && d.status != meta_status) {
        const std::size_t data = d.status == 0xF2 ? 2 : d.status == 0xF1 || d.status == 0xF3 ? 1 : 0;
        if (limit - p < data) return verdict_of(verdict::cut, oddity::event_cut, limit);
        return verdict_of(verdict::skipped, oddity::bare_system_message, p + data);
    }
    if (d.status == meta_status) {
        if (p >= limit) return verdict_of(verdict::cut, oddity::event_cut, limit);
        d.data1 = b[p++];
    }
    if (const verdict v = decode_number(b, p, limit, d.payload_size); v != verdict::clean)
        return verdict_of(v, v == verdict::cut ? oddity::event_cut : oddity::number_too_long, p);
    d.payload_at = p;
    if (limit - p < d.payload_size) return verdict_of(verdict::cut, oddity::event_cut, limit);
    d.next = p + d.payload_size;
    if (d.status == meta_status) meta_is_sound(b.subspan(p, d.payload_size), d);
    return d;
}

/// Whether the next events make sense, as far as a few of them can tell.
constexpr bool makes_sense(byte_view b, std::size_t at, std::size_t limit, running_status running, int events) {
    // A pause of a million ticks is a number read at the wrong place.
    constexpr std::uint32_t longest_delta = 1U << 20;
    for (int i = 0; i < events; ++i) {
        if (at == limit) return true;
        const decoded d = decode_event(b, at, limit, running);
        if (d.is == verdict::cut) return i >= 2;
        if (d.is != verdict::clean || d.delta >= longest_delta) return false;
        if (d.ends_track()) return true;
        running.follow(d.status);
        at = d.next;
    }
    return true;
}

/// Looks for the next place from which events make sense; `limit` where there is none.
constexpr std::size_t resynchronise(byte_view b, std::size_t from, std::size_t limit, running_status running) {
    for (std::size_t q = from; q < limit; ++q) {
        const decoded d = decode_event(b, q, limit, running);
        if (d.is != verdict::clean) continue;
        // Where neither a status nor a long delta marks the start of an event, any byte could be one.
        if (!d.explicit_status && b[q] < 0x80) continue;
        if (makes_sense(b, q, limit, running, 5)) return q;
    }
    return limit;
}

}  // namespace lofi::inline LOFI_ABI::midi::detail
