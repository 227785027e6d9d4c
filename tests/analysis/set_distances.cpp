#include <lofi/analysis/set_distances.hpp>

#include <cmath>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::analysis;

TEST_CASE("densities, overlaps and divergences are SciPy's") {
    std::ifstream in(test::data("analysis/set_distances.txt"));
    REQUIRE(in);
    std::vector<double> a, b;
    int compared = 0;
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string word;
        words >> word;
        std::vector<double> numbers;
        for (std::string n; words >> n;) numbers.push_back(std::stod(n));
        if (word == "a" || word == "b") {
            (word == "a" ? a : b) = numbers;
            continue;
        }
        INFO(word << " of " << a.front() << "... and " << b.front() << "...");
        const bool density = word == "density_at_1.5", overlap = word.starts_with("overlap");
        const density_ground where = word.ends_with("published") ? density_ground::published : density_ground::common;
        const double got = density ? gaussian_density(a)(1.5) : overlap ? overlap_area(a, b, where) : divergence(a, b, where);
        const double wanted = numbers.at(0);
        CHECK_THAT(std::to_string(got), !test::contains("nan"));
        CHECK((got == wanted || std::abs(got - wanted) < (overlap ? 1e-4 : 1e-10 * (1 + std::abs(wanted)))));
        ++compared;
    }
    CHECK(compared == 7 * 5);
}

TEST_CASE("the published figures have their known faults, the common ones have not") {
    const std::vector<double> a = {1, 2, 3, 4, 5, 6, 7, 8};
    std::vector<double> moved;
    for (const double v : a) moved.push_back(v + 100);
    CHECK(overlap_area(a, a, density_ground::published) == Approx(0.771).margin(0.0005));
    CHECK(overlap_area(a, a) == Approx(1).margin(1e-3));
    CHECK(divergence(a, moved, density_ground::published) == Approx(0).margin(1e-9));
    CHECK(divergence(a, moved) > 10);
    CHECK(divergence(a, a) == Approx(0).margin(1e-12));
    CHECK(overlap_area(a, moved) < 1e-6);
}

TEST_CASE("distances within and between sets; what cannot be compared is no number") {
    const std::vector<feature_vector> a = {{0, 0}, {3, 4}, {std::nan(""), 1}}, b = {{0, 1}};
    CHECK(distances_within(a) == std::vector<double>{5, 5});
    CHECK(distances_between(a, b) == std::vector<double>{1, std::sqrt(18.0)});
    const std::vector<double> same = {2, 2, 2}, some = {1, 2};
    CHECK(std::isnan(overlap_area(same, some)));
    CHECK(std::isnan(divergence(some, same)));
    CHECK(std::isnan(overlap_area({}, some)));
    CHECK_THROWS_AS(gaussian_density(same), error);
}
