#pragma once
// Pieces and their ids that another implementation made (make_events.py).
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/core/file.hpp>
#include <lofi/score/piece.hpp>

namespace lofi::test {

struct event_case {
    score::piece piece;
    std::vector<std::int32_t> ids;
};

inline std::vector<std::int64_t> numbers_in(const std::string& text) {
    std::vector<std::int64_t> out;
    for (const char* at = text.c_str(); *at != '\0';) {
        char* end = nullptr;
        out.push_back(std::strtoll(at, &end, 10));
        at = *end == '\0' ? end : end + 1;
    }
    return out;
}

/// The cases of one kind: "remi", "tsd", "melody".
inline std::vector<event_case> event_cases(const std::string& kind) {
    const auto bytes = read_file(data("token/events.txt")).value();
    const std::string all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    std::vector<event_case> out;
    for (std::size_t at = 0; at < all.size();) {
        const std::size_t end = all.find('\n', at);
        const std::string line = all.substr(at, end - at);
        at = end + 1;
        const std::size_t first = line.find(" | "), second = line.find(" | ", first + 3);
        if (line.substr(0, first) != kind) continue;
        const auto numbers = numbers_in(line.substr(first + 3, second - first - 3));
        event_case c;
        c.piece.tempo = score::tempo_map(score::resolution(static_cast<std::int32_t>(numbers[0])));
        c.piece.tracks.resize(1);
        for (std::size_t i = 1; i + 3 < numbers.size(); i += 4)
            c.piece.tracks[0].notes.push_back({ticks(numbers[i]), ticks(numbers[i + 1]),
                                               score::pitch(static_cast<int>(numbers[i + 2])),
                                               score::velocity(static_cast<int>(numbers[i + 3]))});
        for (const std::int64_t id : numbers_in(line.substr(second + 3))) c.ids.push_back(static_cast<std::int32_t>(id));
        out.push_back(std::move(c));
    }
    return out;
}

}  // namespace lofi::test
