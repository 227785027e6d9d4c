#include <lofi/dsp/lanes.hpp>

#include <cmath>

#include "support/test.hpp"

#include <lofi/core/random.hpp>
#include <lofi/dsp/denormal.hpp>

using namespace lofi;
using namespace lofi::dsp;

namespace {
std::array<float, 4> four(float4 v) {
    std::array<float, 4> a;
    store(a.data(), v);
    return a;
}
}  // namespace

TEST_CASE("lanes with and without the compiler's vectors do the same") {
    random_stream r(random_key{1});
    for (int i = 0; i < 1000; ++i) {
        float4 a{}, b{};
        plain_lanes<float> p{}, q{};
        uint4 m{}, n{};
        plain_lanes<std::uint32_t> s{}, t{};
        for (std::size_t k = 0; k < 4; ++k) {
            p.v[k] = 3.0F * uniform_unit(r) - 1.0F, q.v[k] = 3.0F * uniform_unit(r) - 1.0F;
            s.v[k] = r.next(), t.v[k] = r.next();
        }
        a = float4{p.v[0], p.v[1], p.v[2], p.v[3]}, b = float4{q.v[0], q.v[1], q.v[2], q.v[3]};
        m = uint4{s.v[0], s.v[1], s.v[2], s.v[3]}, n = uint4{t.v[0], t.v[1], t.v[2], t.v[3]};
        const auto same = [](const auto& x, const auto& y) {
            return x[0] == y[0] && x[1] == y[1] && x[2] == y[2] && x[3] == y[3];
        };
        REQUIRE((same(a + b, p + q) && same(a - b, p - q) && same(a * b, p * q) && same(a / b, p / q) && same(a < b, p < q)));
        REQUIRE(
            (same(m + n, s + t) && same(m * n, s * t) && same(m ^ n, s ^ t) && same(m << 7, s << 7) && same(m >> 9, s >> 9)));
        REQUIRE((same(m & n, s & t) && same(m | n, s | t) && same(~m, ~s)));
    }
}

TEST_CASE("lanes are chosen, spread, turned and added") {
    float4 a{1, 2, 3, 4}, b{5, 6, 7, 8}, c{9, 10, 11, 12}, d{13, 14, 15, 16};
    CHECK((four(shuffle<0, 7, 3, 4>(a, b)) == std::array{1.0F, 8.0F, 4.0F, 5.0F}));
    CHECK((four(spread<2>(b)) == std::array{7.0F, 7.0F, 7.0F, 7.0F}));
    transpose(a, b, c, d);
    CHECK((four(a) == std::array{1.0F, 5.0F, 9.0F, 13.0F}));
    CHECK((four(d) == std::array{4.0F, 8.0F, 12.0F, 16.0F}));
    CHECK(sum(float4{1, 10, 100, 1000}) == 1111.0F);
    CHECK((four(flush(float4{1e-21F, -1e-21F, 1e-19F, -1.0F})) == std::array{0.0F, 0.0F, 1e-19F, -1.0F}));
    CHECK((four(to_float(to_int(float4{1.9F, -1.9F, 0.0F, 100.5F}))) == std::array{1.0F, -1.0F, 0.0F, 100.0F}));
}

TEST_CASE("functions on lanes have the bits of core/math.hpp") {
    random_stream r(random_key{2});
    for (int i = 0; i < 20000; ++i) {
        const std::uint32_t phase = r.next();
        const float x = 200.0F * uniform_unit(r) - 100.0F, y = math::exp2(x);
        REQUIRE(sin_turns(splat(phase))[2] == math::sin_turns(phase));
        REQUIRE(exp2_within(splat(x))[1] == y);
        REQUIRE(log2_within(splat(y))[3] == math::log2(y));
    }
    for (const float x : {-126.0F, -3.0F, 0.0F, 5.0F, 126.5F}) REQUIRE(exp2_within(splat(x))[0] == math::exp2(x));
}

TEST_CASE("the soft limit is a hyperbolic tangent within its error, odd and rising") {
    float last = -2.0F;
    for (double x = -12.0; x <= 12.0; x += 0.0009765625) {
        const float y = soft_limit(splat(static_cast<float>(x)))[0];
        REQUIRE(std::abs(double{y} - std::tanh(x)) <= 4e-5 * std::abs(std::tanh(x)) + 1e-9);
        REQUIRE(y == -soft_limit(splat(static_cast<float>(-x)))[0]);
        REQUIRE(y >= last - 1e-6F);
        last = y;
    }
}

TEST_CASE("a gain runs along a line, however the sound is cut") {
    std::vector<float> whole(100, 1.0F), cut(100, 1.0F);
    scale_along(whole, 0.5F, 0.01F, 7);
    for (std::size_t from = 0, n = 1; from < cut.size(); from += n, n = std::min(n + 1, cut.size() - from))
        scale_along(std::span(cut).subspan(from, n), 0.5F, 0.01F, 7 + from);
    CHECK((whole == cut));
    CHECK(whole[10] == Approx(0.67));
}
