#include <lofi/nn/embedding.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using pitch = nn::embedding<nn::embedding_config{.vocabulary = 5, .width = 3}, exact_cpu>;
using beat = nn::embedding<nn::embedding_config{.vocabulary = 4, .width = 2}, exact_cpu>;

TEST_CASE("embedding: several tables and plain numbers fill one row, gradients go back to each") {
    exact_cpu be;
    nn::context ctx;
    nn::parameters<pitch> a(random_key{1}, nn::scheme::pytorch), da;
    nn::parameters<beat> b(random_key{2}, nn::scheme::keras), db;
    const std::vector<std::int32_t> pitches{4, 0, -1, 4}, beats{1, 1, 3, -1};
    std::vector<double> x(4 * 6, -7.0);
    const rows<double, 6> wide(x.data(), 4);
    pitch::tape ta;
    beat::tape tb;
    const auto forward = [&] {
        pitch::forward(be, ctx, a.view(), pitches, nn::part<0, 3>(wide), ta);
        beat::forward(be, ctx, b.view(), beats, nn::part<3, 2>(wide), tb);
    };
    forward();
    for (std::size_t n = 0; n < 4; ++n) {
        for (std::size_t i = 0; i < 3; ++i)
            CHECK(wide[n][i] == (pitches[n] < 0 ? 0.0 : a.flat()[static_cast<std::size_t>(pitches[n]) * 3 + i]));
        CHECK(wide[n][5] == -7.0);
    }

    const std::vector<double> dy = test::noise(4 * 6, 3);
    const rows<const double, 6> d(dy.data(), 4);
    pitch::backward(be, ctx, a.view(), da.view(), ta, nn::part<0, 3>(d));
    beat::backward(be, ctx, b.view(), db.view(), tb, nn::part<3, 2>(d));
    const auto loss = [&] {
        forward();
        double sum = 0;
        for (std::size_t i = 0; i < x.size(); ++i) sum += i % 6 == 5 ? 0 : x[i] * dy[i];
        return sum;
    };
    CHECK(nn::check_gradient(a.flat(), da.flat(), loss).worst <= 1e-6);
    CHECK(nn::check_gradient(b.flat(), db.flat(), loss).worst <= 1e-6);
    // Row 4 was asked for twice.
    CHECK(da.flat()[12] == Approx(dy[0] + dy[18]).epsilon(1e-14));
    CHECK(da.flat()[3] == 0);

    std::array<double, 3> one{};
    pitch::step(be, a.view(), 4, one);
    CHECK(one[2] == a.flat()[14]);
}
