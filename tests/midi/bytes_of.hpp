#pragma once
// MIDI files byte for byte, for tests.
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace lofi::test {

using bytes = std::vector<std::byte>;

inline bytes operator+(bytes a, const bytes& b) {
    a.insert(a.end(), b.begin(), b.end());
    return a;
}
inline bytes raw(std::initializer_list<int> values) {
    bytes out;
    for (const int v : values) out.push_back(static_cast<std::byte>(v));
    return out;
}
inline bytes text(std::string_view s) {
    bytes out;
    for (const char c : s) out.push_back(static_cast<std::byte>(c));
    return out;
}
inline bytes big32(std::size_t v) {
    return raw({static_cast<int>(v >> 24 & 255), static_cast<int>(v >> 16 & 255), static_cast<int>(v >> 8 & 255),
                static_cast<int>(v & 255)});
}
inline bytes chunk_of(std::string_view id, const bytes& body) { return text(id) + big32(body.size()) + body; }
inline bytes header(int format, int tracks, int division) {
    return chunk_of("MThd", raw({format >> 8, format & 255, tracks >> 8, tracks & 255, division >> 8, division & 255}));
}
inline const bytes end_of_track = raw({0x00, 0xFF, 0x2F, 0x00});

/// A file of format 0 at 96 ticks whose track holds this and End of Track.
inline bytes one_track(const bytes& body) { return header(0, 1, 96) + chunk_of("MTrk", body + end_of_track); }

}  // namespace lofi::test
