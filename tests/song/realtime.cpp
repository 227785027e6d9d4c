// The drummer takes no memory once it stands, nor do the drums that play its groove into a track with room: this program counts.
#include <atomic>
#include <cstdlib>
#include <new>
#include <optional>
#include <string>

#include <lofi/arrange/drums.hpp>
#include <lofi/song/drummer.hpp>

#include "support/test.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}

void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace lofi;

TEST_CASE("a groove is written and played without memory") {
    const auto network = pretrained::groove::builtin();
    arrange::section section;
    section.strength = 200;
    section.rows.resize(16, {1, {}});
    score::track track;
    track.notes.reserve(1024);
    std::int32_t lateness = 0;
    const std::size_t before = allocations;
    for (std::uint64_t i = 0; i < 10; ++i) {
        std::optional<song::drummer> drummer;
        drummer.emplace(network, song::drum_request{static_cast<std::uint8_t>(25 * i), 70000}, random_key{i}, 0U);
        while (drummer->step()) {
        }
        section.groove = drummer->groove(), section.fill = drummer->fill();
        track.notes.clear();
        arrange::arrange_drums(section, {}, random_key{i}, ticks(0), lateness, track);
    }
    const std::size_t after = allocations;
    CHECK(after == before);
    CHECK(track.notes.size() > 50);
    // The counter does count: a text this long does not fit into the string itself.
    const std::string text(100, 'x');
    CHECK(allocations > after);
    CHECK(text.size() == 100);
}
