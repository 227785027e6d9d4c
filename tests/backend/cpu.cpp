#include <lofi/backend/cpu.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using backend::columns;
using backend::into;

static_assert(backend::trainable_backend<backend::cpu<float>> && backend::trainable_backend<backend::cpu<double>>);

namespace {

std::vector<double> noise(std::size_t n, std::uint64_t seed) {
    std::vector<double> v(n);
    random_stream random(random_key{seed});
    for (double& x : v) x = normal_q16(random) / 65536.0;
    return v;
}

}  // namespace

TEST_CASE("cpu: the three products follow their shape equations, between strided columns") {
    constexpr std::size_t N = 7, I = 5, O = 3;
    backend::cpu<double> be;
    const std::vector<double> x = noise(N * 9, 1), w = noise(O * I, 2), dy = noise(N * 6, 3);
    std::vector<double> weights = w;
    const backend::matrix<double, O, I> W{weights.data()};
    const columns<const double, I> X(x.data() + 2, N, 9);
    const columns<const double, O> DY(dy.data() + 1, N, 6);
    for (const into how : {into::set, into::add}) {
        const double before = how == into::add ? 0.5 : 0.0;
        std::vector<double> y(N * 4, 0.5), dx(N * 8, 0.5);
        product(be, X, W, columns<double, O>(y.data(), N, 4), how);
        product_dx(be, DY, W, columns<double, I>(dx.data() + 1, N, 8), how);
        for (std::size_t n = 0; n < N; ++n) {
            for (std::size_t o = 0; o < O; ++o) {
                double sum = before;
                for (std::size_t i = 0; i < I; ++i) sum += X[n][i] * w[o * I + i];
                CHECK(y[n * 4 + o] == Approx(sum).epsilon(1e-13).margin(1e-13));
            }
            CHECK(y[n * 4 + 3] == 0.5);
            for (std::size_t i = 0; i < I; ++i) {
                double sum = before;
                for (std::size_t o = 0; o < O; ++o) sum += DY[n][o] * w[o * I + i];
                CHECK(dx[n * 8 + 1 + i] == Approx(sum).epsilon(1e-13).margin(1e-13));
            }
            CHECK((dx[n * 8] == 0.5 && dx[n * 8 + 6] == 0.5 && dx[n * 8 + 7] == 0.5));
        }
    }
    std::vector<double> dw(O * I, 0.25);
    product_dw(be, DY, X, backend::matrix<double, O, I>{dw.data()});
    for (std::size_t o = 0; o < O; ++o) {
        for (std::size_t i = 0; i < I; ++i) {
            double sum = 0.25;
            for (std::size_t n = 0; n < N; ++n) sum += DY[n][o] * X[n][i];
            CHECK(dw[o * I + i] == Approx(sum).epsilon(1e-13).margin(1e-13));
        }
    }
}

TEST_CASE("cpu: two threads compute what one computes") {
    constexpr std::size_t N = 700, I = 300, O = 200;
    const std::vector<double> x = noise(N * I, 1), w = noise(O * I, 2);
    std::vector<double> weights = w, one(N * O), two(N * O);
    backend::cpu<double> alone{.threads = 1}, both{.threads = 2};
    const backend::matrix<double, O, I> W{weights.data()};
    product(alone, columns<const double, I>(x.data(), N), W, columns<double, O>(one.data(), N), into::set);
    product(both, columns<const double, I>(x.data(), N), W, columns<double, O>(two.data(), N), into::set);
    for (std::size_t i = 0; i < one.size(); i += 97) CHECK(one[i] == Approx(two[i]).epsilon(1e-11).margin(1e-11));
}

TEST_CASE("cpu: fast exp, tanh and sigmoid against the standard library's in double") {
    const auto relative = [](float got, double want) { return std::abs(static_cast<double>(got) - want) / std::abs(want); };
    double worst_exp = 0, worst_tanh = 0, worst_sigmoid = 0;
    for (double x = -86.9; x < 87.9; x += 0.00137) {
        const auto v = static_cast<float>(x);
        const double exact = static_cast<double>(v);
        worst_exp = std::max(worst_exp, relative(backend::detail::fast_exp(v), std::exp(exact)));
        worst_sigmoid = std::max(worst_sigmoid, relative(backend::detail::fast_sigmoid(v), 1 / (1 + std::exp(-exact))));
    }
    for (double x = 1e-30; x < 20; x *= 1.0007) {
        const auto v = static_cast<float>(x);
        worst_tanh = std::max(worst_tanh, relative(backend::detail::fast_tanh(v), std::tanh(static_cast<double>(v))));
        CHECK(backend::detail::fast_tanh(-v) == Approx(-backend::detail::fast_tanh(v)).epsilon(3e-7));
    }
    CHECK(worst_exp <= 1.5e-7);
    CHECK(worst_tanh <= 3e-7);
    CHECK(worst_sigmoid <= 3e-7);
    const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    CHECK(backend::detail::fast_tanh(inf) == 1);
    CHECK(backend::detail::fast_tanh(-inf) == -1);
    CHECK(backend::detail::fast_tanh(0.0F) == 0);
    CHECK(backend::detail::fast_sigmoid(inf) == 1);
    CHECK(backend::detail::fast_sigmoid(-inf) < 1e-37F);
    CHECK(std::isnan(backend::detail::fast_exp(nan)));
    CHECK(std::isnan(backend::detail::fast_tanh(nan)));
}

TEST_CASE("cpu: gather, scatter, sums and copies") {
    backend::cpu<float> be;
    std::vector<float> table{1, 2, 3, 4, 5, 6}, y(8, 9), b{1, 1};
    const std::vector<std::int32_t> ids{2, -100, 0, 2};
    gather(be, backend::matrix<float, 3, 2>{table.data()}, ids, columns<float, 2>(y.data(), 4));
    CHECK(y == std::vector<float>{5, 6, 0, 0, 1, 2, 5, 6});
    scatter_add(be, columns<const float, 2>(y.data(), 4), ids, backend::matrix<float, 3, 2>{table.data()});
    CHECK(table == std::vector<float>{2, 4, 3, 4, 15, 18});
    sum_rows(be, columns<const float, 2>(y.data(), 4), b.data());
    CHECK(b == std::vector<float>{12, 15});
    std::vector<float> wide(12, 7);
    copy(be, columns<const float, 2>(y.data(), 4), columns<float, 2>(wide.data() + 1, 4, 3));
    CHECK(wide == std::vector<float>{7, 5, 6, 7, 0, 0, 7, 1, 2, 7, 5, 6});
}

TEST_CASE("cpu: masks and noise depend on the key alone") {
    backend::cpu<float> be;
    std::vector<float> a(1000), b(1000), c(1000);
    dropout_mask(be, random_key{1}, 0.3, std::span<float>(a));
    dropout_mask(be, random_key{1}, 0.3, std::span<float>(b).first(10));
    dropout_mask(be, random_key{2}, 0.3, std::span<float>(c));
    CHECK(std::equal(b.begin(), b.begin() + 10, a.begin()));
    CHECK(a != c);
}

TEST_CASE("columns: parts of wider rows") {
    std::vector<int> v{0, 1, 2, 3, 4, 5, 6, 7};
    const rows<int, 4> r(v.data(), 2);
    const auto middle = backend::part<1, 2>(r);
    CHECK(middle[1][0] == 5);
    CHECK(backend::part<1, 1>(middle)[1][0] == 6);
    CHECK(middle.sub(1, 1)[0][1] == 6);
    CHECK(backend::part<1, 2>(columns<int, 4>{}).empty());
    const columns<const int, 2> fixed = middle;
    CHECK(fixed[0][1] == 2);
    CHECK(backend::constant(r)[1][3] == 7);
}
