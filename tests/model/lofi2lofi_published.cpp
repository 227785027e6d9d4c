#include <lofi/model/lofi2lofi_published.hpp>

#include <array>
#include <limits>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("tempo is counted as published, both ways") {
    CHECK(model::published_tempo(bpm(70)) == Approx(0.0).margin(1e-12));
    CHECK(model::published_tempo(bpm(200)) == Approx(1.0));
    CHECK(model::published_tempo(bpm(135)) == Approx(0.5));
    CHECK(model::published_tempo(bpm(30)) == Approx(0.0).margin(1e-12));
    CHECK(model::published_tempo(bpm(999)) == Approx(1.0));
    CHECK(model::published_bpm(0).value == 70);
    CHECK(model::published_bpm(0.49).value == 85);  // 84.7
    CHECK(model::published_bpm(1).value == 100);
    CHECK(model::published_bpm(-3).value == 70);
    CHECK(model::published_bpm(7).value == 100);
    // The squeeze stays: 135 bpm come back as 85.
    CHECK(model::published_bpm(model::published_tempo(bpm(135))).value == 85);
}

TEST_CASE("a latent's title has a digit of each fifth number, and of a hash of all") {
    std::array<float, 100> z{};
    z.fill(0.1F);    // 58.7
    z[0] = -1.0F;    // 587
    z[5] = 0.0017F;  // 0.9979
    z[95] = 2.555F;  // 1499.785
    const std::string title = model::published_title(z);
    CHECK(title.substr(0, 21) == "#70888888888888888889");
    CHECK(title.size() == 25);
    CHECK(title.find_first_not_of("0123456789", 1) == std::string::npos);
    CHECK(model::published_title(z) == title);
    z[1] = 0.2F;  // no digit of its own
    CHECK(model::published_title(z).substr(0, 21) == title.substr(0, 21));
    CHECK(model::published_title(z) != title);
    // Titles are in links that people keep: they must never change.
    CHECK(model::published_title(std::vector<float>(100, 0.0F)) == "#000000000000000000001501");

    z[10] = std::numeric_limits<float>::infinity(), z[15] = std::numeric_limits<float>::quiet_NaN(), z[20] = 1e30F;
    CHECK(model::published_title(z).substr(3, 3) == "000");
    CHECK(model::published_title({}).size() == 25);
}
