// Nothing of the room allocates once it stands: this program counts.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

#include <lofi/sampling/beam.hpp>
#include <lofi/sampling/copy_guard.hpp>
#include <lofi/sampling/gumbel.hpp>
#include <lofi/sampling/integer.hpp>
#include <lofi/sampling/no_repeat.hpp>
#include <lofi/sampling/trace.hpp>

#include "support/test.hpp"

namespace {
std::atomic<std::size_t> allocations{0};
}

[[gnu::noinline]] void* operator new(std::size_t size) {
    ++allocations;
    if (void* memory = std::malloc(size > 0 ? size : 1)) return memory;
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

using namespace lofi;
using namespace lofi::sampling;

TEST_CASE("samplers do not allocate") {
    sampler<300> floats({.temperature = 0.9F, .top_k = 40, .top_p = 0.95F, .min_p = 0.01F, .repetition_penalty = 1.1F});
    integer_sampler<300> integers(to_integer(floats.config()));
    random_stream stream(random_key{3});
    std::array<float, 300> logits{};
    std::array<std::int32_t, 300> integer_logits{};
    for (std::size_t i = 0; i < 300; ++i) {
        integer_logits[i] = normal_q16(stream) * 3;
        logits[i] = static_cast<float>(integer_logits[i]) / 65536.0F;
    }
    const auto allowed = id_mask<300>::all();
    id_mask<300> heard;
    const std::size_t before = allocations;
    std::size_t sum = 0;
    for (int i = 0; i < 50; ++i) {
        const std::size_t a = floats.sample({.logits = logits, .allowed = allowed, .heard = heard}, stream);
        const std::size_t b = integers.sample({.logits = integer_logits, .allowed = allowed, .heard = heard}, stream);
        heard.insert(a).insert(b);
        sum += a + b;
    }
    const std::size_t after = allocations;
    CHECK(after == before);
    CHECK(sum > 0);
    CHECK(heard.count() > 5);
    // The counter does count: a text this long does not fit into the string itself.
    const std::string counted(100 + sum % 2, 'x');
    CHECK(allocations > after);
}

TEST_CASE("filters, guards, beams and traces do not allocate") {
    std::vector<std::vector<std::uint32_t>> songs(1);
    for (std::uint32_t i = 0; i < 200; ++i) songs[0].push_back(i * i % 61);
    const auto banned = build_copy_filter(songs, {.length = 13}).value(),
               counted = build_copy_filter(songs, {.length = 8}).value();
    copy_guard<61> guard(copy_filter::open(banned).value(), copy_filter::open(counted).value());
    integer_sampler<61> sampler(
        to_integer({.typical = 0.9F, .epsilon = 0.001F, .eta = 0.001F, .top_h = 0.9F, .keep_least = 2}));
    static beam_search<4, 12, std::uint32_t> beam({.width = 4, .length = 12, .length_penalty = 65536});
    static trace<61> seen;
    history<32> heard;
    std::array<std::int32_t, 61> logits{};
    random_stream stream(random_key{3});
    const std::size_t before = allocations;
    for (int i = 0; i < 50; ++i) {
        for (auto& l : logits) l = normal_q16(stream);
        const std::array<id_mask<61>, 2> masks = {guard.allowed(), no_repeat<61>(heard.ids(), 3)};
        const auto laid = narrow(std::span<const id_mask<61>>(masks));
        seen.weigh(sampler.weights({.logits = logits, .allowed = laid.mask}, seen));
        const std::size_t id = sampler.sample({.logits = logits, .allowed = laid.mask}, stream);
        guard.push(id), heard.push(id), heard.push(gumbel_max(logits, 65536U, stream));
    }
    const auto found = beam.search(
        0U, [&](std::uint32_t, const auto&) { return sampler.weights({.logits = logits}); },
        [](std::uint32_t& s, std::size_t id) { s += static_cast<std::uint32_t>(id); });
    CHECK(allocations == before);
    CHECK(found.size() == 4);
    CHECK(guard.tokens() == 50);
}
