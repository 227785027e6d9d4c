#include <lofi/backend/fixed.hpp>

#include <cmath>

#include <lofi/core/hash.hpp>
#include <lofi/core/random.hpp>

#include "support/test.hpp"

using namespace lofi;
using backend::fixed;

TEST_CASE("fixed: logistic function and tangent are within three parts in 2^16 everywhere, rise, and hold their ends") {
    std::int32_t sigmoid_before = -1, tanh_before = -40000;
    for (std::int32_t x = -20 * 65536; x <= 20 * 65536; x += 37) {
        const double v = x / 65536.0;
        REQUIRE(std::abs(fixed::sigmoid(x) / 32768.0 - 1 / (1 + std::exp(-v))) < 5e-5);
        REQUIRE(std::abs(fixed::tanh(x) / 32768.0 - std::tanh(v)) < 1e-4);
        REQUIRE(fixed::sigmoid(x) >= sigmoid_before);
        REQUIRE(fixed::tanh(x) >= tanh_before);
        sigmoid_before = fixed::sigmoid(x), tanh_before = fixed::tanh(x);
    }
    CHECK(fixed::sigmoid(INT32_MIN) == 0);
    CHECK(fixed::sigmoid(INT32_MAX) == 32768);
    CHECK(fixed::tanh(INT32_MIN) == -32768);
    CHECK(fixed::tanh(INT32_MAX) == 32768);
    CHECK(fixed::sigmoid(0) == 16384);
    CHECK(fixed::tanh(0) == 0);
}

TEST_CASE("fixed: sums become activations by rounding, and are held at the ends") {
    CHECK(fixed::to_activation(65536) == 4096);
    CHECK(fixed::to_activation(8) == 1);
    CHECK(fixed::to_activation(7) == 0);
    CHECK(fixed::to_activation(-9) == -1);
    CHECK(fixed::to_activation(INT32_MAX) == 32767);
    CHECK(fixed::to_activation(INT32_MIN) == -32767);
}

TEST_CASE("fixed: products of the largest numbers do not overflow") {
    constexpr std::size_t I = 516;
    backend::fixed_arena a;
    a.bytes.assign(I, -127);
    a.words = {INT32_MAX, INT32_MAX};
    backend::fixed_cursor at(a);
    const auto p = fixed::weights<1, I>::bind(at);
    REQUIRE(at.complete());
    std::array<std::int16_t, I> x;
    x.fill(-32768);
    std::array<std::int32_t, 1> y{};
    fixed be;
    linear_step(be, frame<const std::int16_t, I>(x), p, frame<std::int32_t, 1>(y));
    CHECK(y[0] == INT32_MAX);
}

TEST_CASE("fixed: an LSTM gives these bits, whatever the compiler, its flags and the machine") {
    constexpr std::size_t V = 20, H = 16;
    random_stream random(random_key{1});
    backend::fixed_arena a;
    for (std::size_t i = 0; i < V * 4 * H + 4 * H * H; ++i)
        a.bytes.push_back(static_cast<std::int8_t>(uniform_between(random, -127, 127)));
    for (std::size_t i = 0; i < 8 * H; ++i) a.words.push_back(uniform_between(random, 20000, 4000000));
    backend::fixed_cursor at(a);
    const auto table = fixed::table<V, 4 * H>::bind(at);
    const auto u = fixed::weights<4 * H, H, false>::bind(at);
    REQUIRE(at.complete());
    fixed be;
    std::array<std::int16_t, H> h{};
    std::array<std::int32_t, H> c{};
    hasher seen;
    for (int t = 0; t < 200; ++t) {
        std::array<std::int32_t, 4 * H> gates{};
        const std::array<std::int32_t, 2> ids = {static_cast<std::int32_t>(uniform_below(random, V)), -1};
        gather_sum_step(be, table, std::span<const std::int32_t>(ids), frame<std::int32_t, 4 * H>(gates));
        lstm_gates_step(be, u, frame<std::int32_t, 4 * H>(gates), frame<std::int16_t, H>(h), frame<std::int32_t, H>(c));
        for (const std::int16_t v : h) seen.add(v);
        for (const std::int32_t v : c) seen.add(v);
    }
    CHECK(seen.value() == 0x18979bdecd644523U);
}

TEST_CASE("fixed: an arena survives being packed, and refuses lengths that are not there") {
    backend::fixed_arena a;
    a.bytes = {1, -2, 127};
    a.words = {-5, 1 << 30};
    std::vector<std::byte> packed = a.write();
    const auto back = backend::fixed_arena::read(std::span<const std::byte>(packed)).value();
    CHECK(back.bytes == a.bytes);
    CHECK(back.words == a.words);

    packed.resize((packed.size() + 7) / 8 * 8);
    std::vector<std::uint64_t> words;
    for (byte_reader in(packed); in.left() != 0;) words.push_back(in.u64_le());
    CHECK(backend::fixed_arena::read(std::span<const std::uint64_t>(words)).value().words == a.words);

    for (std::size_t n = 0; n < a.write().size(); ++n)
        CHECK_FALSE(backend::fixed_arena::read(std::span<const std::byte>(packed).first(n)));
    packed[3] = std::byte{255};  // claims 4 GB
    const auto refused = backend::fixed_arena::read(std::span<const std::byte>(packed));
    REQUIRE_FALSE(refused);
    CHECK_THAT(refused.error().message(), test::contains("say that they hold"));
}
