#pragma once
// Pieces and their ids that another implementation made (make_events.py, make_grids.py), and random ids that keep to a grammar.
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/core/file.hpp>
#include <lofi/core/random.hpp>
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

/// The cases of one kind: "remi", "tsd", "melody" of events.txt; "midi-like", "groove" of grids.txt.
inline std::vector<event_case> event_cases(const std::string& kind, const char* file = "token/events.txt") {
    const auto bytes = read_file(data(file)).value();
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
        c.piece.tracks.resize(2);
        c.piece.tracks[1].channel = 9;
        for (std::size_t i = 1; i + 3 < numbers.size(); i += 4) {
            const int key = static_cast<int>(numbers[i + 2]);
            c.piece.tracks[key < 128 ? 0 : 1].notes.push_back({ticks(numbers[i]), ticks(numbers[i + 1]),
                                                               score::pitch(key % 128),
                                                               score::velocity(static_cast<int>(numbers[i + 3]))});
        }
        for (const std::int64_t id : numbers_in(line.substr(second + 3))) c.ids.push_back(static_cast<std::int32_t>(id));
        out.push_back(std::move(c));
    }
    return out;
}

/// Random ids that keep to a grammar, at least `least` of them where there is a way on; kinds of ids (they end where `kinds` says) are as
/// likely as one another, or the many would leave the few no chance.
template <class G, std::size_t N>
std::vector<std::int32_t> babble(std::uint64_t seed, std::size_t least, const std::array<std::int32_t, N>& kinds) {
    random_stream random(random_key{seed});
    G g;
    std::vector<std::int32_t> out;
    while (!g.done() && out.size() < 4 * least) {
        std::vector<std::vector<std::int32_t>> may;
        std::int32_t id = 0;
        for (const std::int32_t last : kinds) {
            std::vector<std::int32_t> of_kind;
            for (; id < last; ++id)
                if (g.allows(id)) of_kind.push_back(id);
            if (!of_kind.empty()) may.push_back(of_kind);
        }
        REQUIRE_FALSE(may.empty());
        const auto& kind = may[uniform_below(random, static_cast<std::uint32_t>(may.size()))];
        const std::int32_t next = kind[uniform_below(random, static_cast<std::uint32_t>(kind.size()))];
        G after = g;
        after.push(next);
        if (after.done() && out.size() < least && may.size() > 1) continue;
        out.push_back(next), g = after;
    }
    return out;
}

}  // namespace lofi::test
