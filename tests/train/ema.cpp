#include <lofi/train/ema.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("an average follows its weights, and a swap is undone by a swap") {
    std::vector<double> w{1, -2};
    train::weight_average<double> average(0.9, w);
    w = {2, 0};
    for (int i = 0; i < 3; ++i) average.update(w);
    CHECK(average.values()[0] == Approx(2 - 0.9 * 0.9 * 0.9));
    CHECK(average.values()[1] == Approx(-2 * 0.9 * 0.9 * 0.9));
    const std::vector<double> kept(average.values().begin(), average.values().end()), now = w;
    average.swap(w);
    CHECK(w == kept);
    average.swap(w);
    CHECK(w == now);
}
