#pragma once
// The bytes of a saved radio: a section boundary, and the changes since.
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include <lofi/core/bytes.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/hash.hpp>
#include <lofi/radio/change.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// Writes whole numbers into memory that is there, smallest byte first.
class archive_writer {
public:
    explicit archive_writer(std::span<std::byte> out) : out_(out) {}
    template <std::integral T>
    void operator()(const T& v) noexcept {
        const auto bits = static_cast<std::make_unsigned_t<T>>(v);
        for (std::size_t i = 0; i < sizeof(T); ++i)
            if (at_ < out_.size()) out_[at_++] = static_cast<std::byte>(bits >> (8 * i) & 0xffU);
    }
    [[nodiscard]] std::size_t size() const { return at_; }

private:
    std::span<std::byte> out_;
    std::size_t at_ = 0;
};

/// Reads them back; beyond the end there are zeros, and `failed()`.
class archive_reader {
public:
    explicit archive_reader(std::span<const std::byte> in) : in_(in) {}
    template <std::integral T>
    void operator()(T& v) noexcept {
        std::make_unsigned_t<T> bits = 0;
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            if (at_ >= in_.size()) failed_ = true;
            const auto b = at_ < in_.size() ? std::to_integer<std::uint64_t>(in_[at_++]) : 0;
            bits = static_cast<std::make_unsigned_t<T>>(bits | b << (8 * i));
        }
        v = static_cast<T>(bits);
    }
    [[nodiscard]] bool failed() const { return failed_; }
    [[nodiscard]] std::span<const std::byte> rest() const { return in_.subspan(at_); }

private:
    std::span<const std::byte> in_;
    std::size_t at_ = 0;
    bool failed_ = false;
};

/// What stands at the front of a saved state.
struct saved_header {
    std::uint32_t music_version = LOFI_MUSIC_VERSION;
    std::uint32_t rate = 0;
    std::uint64_t weights = 0;       ///< hash of the network's
    std::int64_t position = 0;       ///< of the output, when it was saved
    std::uint32_t state_bytes = 0;   ///< of the machine, which follow
    std::uint32_t change_count = 0;  ///< of the changes, which follow then
};

/// A saved state taken apart.
struct saved_state {
    saved_header header{};
    std::vector<std::byte> machine;
    std::vector<change> changes;
};

[[nodiscard]] std::vector<std::byte> write_state(const saved_state&);
/// errors: bytes that are no saved state, or were changed since; another version of the music
[[nodiscard]] result<saved_state> read_state(std::span<const std::byte>);

// ---------------------------------------------------------------- bodies

namespace detail {
inline constexpr std::array<char, 8> state_magic = {'l', 'o', 'f', 'i', 'r', 'a', 'd', '\1'};

template <class Archive>
void visit(Archive& a, saved_header& h) {
    a(h.music_version), a(h.rate), a(h.weights), a(h.position), a(h.state_bytes), a(h.change_count);
}
template <class Archive>
void visit(Archive& a, change& c) {
    auto what = static_cast<std::uint8_t>(c.what), when = static_cast<std::uint8_t>(c.when);
    a(c.frame), a(c.value), a(c.ramp), a(what), a(when);
    c.what = static_cast<parameter>(what), c.when = static_cast<engine::at>(when);
}
inline std::uint64_t hash_of(std::span<const std::byte> bytes) {
    hasher h;
    h.add(bytes);
    return h.value();
}
}  // namespace detail

/// Whether a change holds what one can hold; logs come from outside.
[[nodiscard]] inline bool sound(const change& c) {
    if (static_cast<std::size_t>(c.what) >= parameter_count || static_cast<int>(c.when) > 3 || c.frame < 0) return false;
    return c.value >= to_held(c.what, info(c.what).low) && c.value <= to_held(c.what, info(c.what).high);
}

inline std::vector<std::byte> write_state(const saved_state& s) {
    std::vector<std::byte> out(64 + s.machine.size() + 16 * s.changes.size());
    archive_writer a(out);
    for (const char c : detail::state_magic) a(static_cast<std::uint8_t>(c));
    saved_header h = s.header;
    h.state_bytes = static_cast<std::uint32_t>(s.machine.size());
    h.change_count = static_cast<std::uint32_t>(s.changes.size());
    detail::visit(a, h);
    for (const std::byte b : s.machine) a(std::to_integer<std::uint8_t>(b));
    for (change c : s.changes) detail::visit(a, c);
    a(detail::hash_of(std::span<const std::byte>(out).first(a.size())));
    out.resize(a.size());
    return out;
}

inline result<saved_state> read_state(std::span<const std::byte> bytes) {
    archive_reader a(bytes);
    for (const char c : detail::state_magic) {
        std::uint8_t b = 0;
        a(b);
        if (a.failed() || b != static_cast<std::uint8_t>(c)) return error("saved state", "this is not one of a radio");
    }
    saved_state s;
    detail::visit(a, s.header);
    if (a.failed()) return error("saved state", "it ends inside its header");
    if (s.header.music_version != LOFI_MUSIC_VERSION) {
        std::string what("was written by version ");
        what.append(std::to_string(s.header.music_version)).append(" of the music; this is version ");
        what.append(std::to_string(LOFI_MUSIC_VERSION)).append(", whose notes are others");
        return error("saved state", what);
    }
    if (a.rest().size() != std::uint64_t{s.header.state_bytes} + std::uint64_t{16} * s.header.change_count + 8)
        return error("saved state", "has another length than it says");
    archive_reader last(bytes.last(8));
    std::uint64_t hash = 0;
    last(hash);
    if (hash != detail::hash_of(bytes.first(bytes.size() - 8))) return error("saved state", "was changed since it was written");
    s.machine.assign(a.rest().begin(), a.rest().begin() + s.header.state_bytes);
    archive_reader changes(a.rest().subspan(s.header.state_bytes));
    s.changes.resize(s.header.change_count);
    for (change& c : s.changes) {
        detail::visit(changes, c);
        if (!sound(c)) return error("saved state", "holds a change that nobody can have asked for");
    }
    return s;
}

}  // namespace lofi::inline LOFI_ABI::engine
