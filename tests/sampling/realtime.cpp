// Neither sampler allocates once it stands: this program counts.
#include <atomic>
#include <cstdlib>
#include <new>
#include <string>

#include <lofi/sampling/integer.hpp>

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
