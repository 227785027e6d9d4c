#pragma once
// One track out of a file's bytes: fast where they are sound, careful where they are not.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <lofi/midi/detail/decode.hpp>
#include <lofi/midi/file.hpp>

namespace lofi::inline LOFI_ABI::midi {

/// What to do about a file that departs from the standard.
enum class read_mode : std::uint8_t {
    strict,    ///< refuse it
    tolerant,  ///< read on where it is plain what was meant, and say what was odd
    salvage    ///< keep whatever can be kept: look for the header, for tracks, and for events that make sense again
};

namespace detail {

/// Finds the next "MTrk" whose first event makes sense; the end of the bytes where there is none.
inline std::size_t find_track(byte_view b, std::size_t from) {
    const std::string_view text(reinterpret_cast<const char*>(b.data()), b.size());
    for (std::size_t at = text.find("MTrk", from); at != std::string_view::npos; at = text.find("MTrk", at + 1))
        if (b.size() - at >= 8 && makes_sense(b, at + 8, b.size(), {}, 1)) return at;
    return b.size();
}

/// Whether a chunk stands here: a name in letters and digits, and a length that the bytes have.
inline bool is_chunk(byte_view b, std::size_t at) {
    if (at > b.size() || b.size() - at < 8) return false;
    const auto letter = [](std::uint8_t c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ' ';
    };
    if (!letter(b[at]) || b[at] == ' ' || !letter(b[at + 1]) || !letter(b[at + 2]) || !letter(b[at + 3])) return false;
    const std::size_t size = static_cast<std::size_t>(b[at + 4]) << 24 | static_cast<std::size_t>(b[at + 5]) << 16 |
                             static_cast<std::size_t>(b[at + 6]) << 8 | b[at + 7];
    const std::string_view id(reinterpret_cast<const char*>(b.data()) + at, 4);
    return id == "MTrk" || size <= b.size() - at - 8;
}

/// Reads one track. `Odd` is called with an oddity and its byte, and says whether to go on.
template <class Odd>
class track_reader {
public:
    /// `room` is how many events all tracks together may make room for before they are read.
    track_reader(byte_view b, read_mode mode, track& out, std::size_t& room, Odd odd)
        : b_(b), mode_(mode), out_(out), room_(room), odd_(odd) {}

    /// Reads the track whose chunk begins at `chunk` and says that it ends before `said`; false where `odd` said stop.
    bool read(std::size_t chunk, std::size_t said);
    /// Where the next chunk begins.
    [[nodiscard]] std::size_t next() const { return at_; }

private:
    void read_sound_events();
    bool read_event();
    bool read_end_of_track(const decoded& d);
    bool reach_limit();
    bool lose_track(oddity why, std::size_t at);
    void keep(const decoded& d);
    [[nodiscard]] bool payload_is_trusted(const decoded& d) const;

    byte_view b_;
    read_mode mode_;
    track& out_;
    std::size_t& room_;
    Odd odd_;
    std::size_t at_ = 0, limit_ = 0;
    std::int64_t tick_ = 0;
    running_status running_;
    bool by_content_ = false;  // the chunk's length is known to be wrong
    bool ended_ = false;       // an End of Track was read
    bool done_ = false;
};

template <class Odd>
bool track_reader<Odd>::read(std::size_t chunk, std::size_t said) {
    at_ = chunk + 8;
    limit_ = std::min(said, b_.size());
    if (said > b_.size() && !odd_(oddity::chunk_cut, chunk + 4)) return false;
    // Room is made for the events that the bytes can hold. Tracks that claim the same bytes share it.
    const std::size_t room = std::min((limit_ - at_) / 3 + 1, room_);
    room_ -= room;
    out_.events.reserve(room);
    if (mode_ == read_mode::salvage || said > b_.size()) {
        if (const std::size_t found = find_track(b_.first(limit_), at_); found < limit_) {
            if (!odd_(oddity::track_shorter_than_said, found)) return false;
            limit_ = found, by_content_ = true;
        }
    }
    while (!done_) {
        if (limit_ - at_ >= 16) read_sound_events();
        if (!(at_ < limit_ ? read_event() : reach_limit())) return false;
    }
    if (!ended_) out_.end = ticks(tick_);
    return true;
}

/// Reads channel messages without a flaw until something else comes. The slow way says what that is.
template <class Odd>
void track_reader<Odd>::read_sound_events() {
    const std::uint8_t* p = b_.data() + at_;
    const std::uint8_t* const last = b_.data() + limit_ - 8;  // the longest channel message has 7 bytes
    std::uint32_t status = running_.in_force;
    std::int64_t tick = tick_;
    while (p <= last) {
        const std::uint32_t b0 = p[0], b1 = p[1], b2 = p[2];
        if ((b0 & b1 & 0x80U) != 0) break;  // deltas of three bytes and more are rare: the slow way
        // A delta has one byte or two, and a status stands there or not. All four cases are worked out before one is taken:
        // where the next event begins is what the processor waits for.
        const bool is_long = b0 >= 0x80;
        const std::uint32_t two_bytes = (b0 & 0x7FU) << 7 | b1;
        const std::uint32_t delta = is_long ? two_bytes : b0;
        const std::uint32_t first = is_long ? b2 : b1;
        const std::size_t data_if_short = 1 + (b1 >> 7), data_if_long = 2 + (b2 >> 7);
        const std::uint8_t* data = p + (is_long ? data_if_long : data_if_short);
        const std::uint32_t s = first >= 0x80 ? first : status;
        const std::uint32_t data1 = data[0];
        std::uint32_t data2 = data[1];
        data += 2;
        if ((s & 0xE0U) == 0xC0U) data2 = 0, --data;
        if (s - 0x80U >= 0x70U || ((data1 | data2) & 0x80U) != 0) break;
        status = s;
        tick += delta;
        p = data;
        out_.events.emplace_back() = {ticks(tick), 0, static_cast<std::uint8_t>(s), static_cast<std::uint8_t>(data1),
                                      static_cast<std::uint8_t>(data2)};
    }
    at_ = static_cast<std::size_t>(p - b_.data());
    tick_ = tick;
    if (status != 0) running_.in_force = running_.last = static_cast<std::uint8_t>(status);
    if (ended_) out_.end = ticks(tick_);
}

template <class Odd>
bool track_reader<Odd>::read_event() {
    const bool salvage = mode_ == read_mode::salvage;
    const decoded d = decode_event(b_, at_, limit_, running_);
    switch (d.is) {
        case verdict::clean:
            if (d.ends_track()) return read_end_of_track(d);
            if (salvage && d.status >= 0xF0 && !payload_is_trusted(d)) return lose_track(oddity::event_cut, at_);
            keep(d);
            return true;
        case verdict::odd:
        case verdict::skipped: {
            running_status after = running_;
            after.follow(d.status);
            // In salvage a repair counts only if what follows makes sense; else this is the middle of something.
            if (salvage && !makes_sense(b_, d.next, limit_, after, 3)) return lose_track(d.why, at_);
            if (!odd_(d.why, at_)) return false;
            if (d.is == verdict::odd)
                keep(d);
            else
                tick_ += d.delta, at_ = d.next;
            return true;
        }
        case verdict::cut:
            // The chunk's length is wrong where the file goes on after it with anything but a chunk.
            if (limit_ < b_.size() && !by_content_ && !is_chunk(b_, limit_)) return reach_limit();
            return lose_track(d.why, at_);
        case verdict::lost: return lose_track(d.why, at_);
    }
    return true;
}

template <class Odd>
void track_reader<Odd>::keep(const decoded& d) {
    tick_ += d.delta;
    at_ = d.next;
    running_.follow(d.status);
    event e{ticks(tick_), 0, d.status, d.data1, d.data2};
    if (!e.is_channel()) e.payload = out_.payloads.add(std::as_bytes(b_.subspan(d.payload_at, d.payload_size)));
    out_.events.push_back(e);
    if (ended_) out_.end = e.at;
}

template <class Odd>
bool track_reader<Odd>::read_end_of_track(const decoded& d) {
    const std::size_t began = at_;
    tick_ += d.delta;
    at_ = d.next;
    out_.end = ticks(tick_);
    const bool again = std::exchange(ended_, true);
    running_ = {};
    if (at_ == limit_) return done_ = true;
    if (by_content_ && limit_ == b_.size()) return done_ = true;
    // A length that is too long is known by the next track's name standing right here.
    if (b_.size() - at_ >= 8 && is_chunk(b_, at_) && b_[at_] == 'M' && b_[at_ + 1] == 'T')
        return done_ = true, odd_(oddity::track_shorter_than_said, began);
    if (again) return true;
    if (mode_ != read_mode::salvage) {
        // Bytes after the end are music only if all of them are.
        running_status r;
        std::size_t p = at_;
        while (p < limit_) {
            const decoded e = decode_event(b_, p, limit_, r);
            if (e.is != verdict::clean) break;
            r.follow(e.status);
            p = e.next;
        }
        if (p < limit_) {
            const bool go_on = odd_(oddity::bytes_after_end_of_track, at_);
            return at_ = limit_, done_ = true, go_on;
        }
    }
    return odd_(oddity::bytes_after_end_of_track_kept, at_);
}

/// At the end that the chunk's length gives.
template <class Odd>
bool track_reader<Odd>::reach_limit() {
    if (!ended_ && !by_content_ && limit_ < b_.size() && !is_chunk(b_, limit_)) {
        by_content_ = true;
        if (!odd_(oddity::track_longer_than_said, limit_)) return false;
        limit_ = find_track(b_, limit_);
        return true;
    }
    done_ = true;
    at_ = limit_;
    return ended_ || odd_(oddity::no_end_of_track, limit_);
}

/// Where events make no sense any more: salvage looks for the place where they do again.
template <class Odd>
bool track_reader<Odd>::lose_track(oddity why, std::size_t at) {
    if (!odd_(why, at)) return false;
    const bool salvage = mode_ == read_mode::salvage;
    const std::size_t found = salvage ? resynchronise(b_, at + 1, limit_, running_) : limit_;
    at_ = found;
    if (found < limit_) return odd_(oddity::resynchronised, found);
    if (why == oddity::event_cut && !salvage) return true;
    return odd_(oddity::rest_of_track_lost, at);
}

/// Whether a length inside a track can be believed: what follows makes sense, or nothing inside does.
template <class Odd>
bool track_reader<Odd>::payload_is_trusted(const decoded& d) const {
    running_status after = running_;
    after.follow(d.status);
    if (makes_sense(b_, d.next, limit_, after, 2)) return true;
    return resynchronise(b_, d.payload_at, std::min(d.next, limit_), running_) >= d.next;
}

}  // namespace detail

}  // namespace lofi::inline LOFI_ABI::midi
