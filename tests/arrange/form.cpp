#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include <lofi/arrange/form.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;
using score::part;

namespace {

std::size_t sum(const std::vector<section_plan>& form) {
    return std::accumulate(form.begin(), form.end(), std::size_t{0},
                           [](std::size_t n, const section_plan& p) { return n + p.bars; });
}

}  // namespace

TEST_CASE("a form has exactly the bars asked for, an introduction first and an outro last") {
    for (std::size_t bars = 0; bars <= 400; ++bars)
        for (std::uint64_t seed = 0; seed < 10; ++seed) {
            const auto form = plan_form(bars, random_key{seed});
            CAPTURE(bars, seed);
            REQUIRE(sum(form) == std::max<std::size_t>(bars, 8));
            REQUIRE(form.size() >= 3);
            REQUIRE(form.front().kind == section_kind::intro);
            REQUIRE(form.back().kind == section_kind::outro);
            for (std::size_t i = 1; i + 1 < form.size(); ++i) {
                REQUIRE(form[i].kind != section_kind::intro);
                REQUIRE(form[i].kind != section_kind::outro);
                REQUIRE((form[i].bars == 4 || form[i].bars == 8));
            }
            REQUIRE(form.front().bars <= 6);
            REQUIRE(form.back().bars <= 5);
        }
}

TEST_CASE("every return of a material is another variation, for hours") {
    for (const std::size_t bars : {std::size_t{64}, std::size_t{400}, std::size_t{6600}, std::size_t{8000}}) {
        const auto form = plan_form(bars, random_key{4});
        std::set<std::pair<int, int>> seen;
        for (std::size_t i = 1; i + 1 < form.size(); ++i) REQUIRE(seen.insert({form[i].material, form[i].variation}).second);
        REQUIRE(sum(form) == bars);
    }
}

TEST_CASE("the introduction has keys alone and quotes the theme; the outro has everybody") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const auto form = plan_form(80, random_key{seed});
        CHECK(form.front().plays[part::keys]);
        for (const part p : {part::melody, part::bass, part::drums, part::texture}) CHECK_FALSE(form.front().plays[p]);
        CHECK(form.front().material == form[1].material);
        CHECK(form.back().plays[part::drums]);
    }
}

TEST_CASE("long pieces have bridges and breakdowns, which stand between other sections") {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        const auto form = plan_form(100, random_key{seed});
        std::map<section_kind, int> kinds;
        for (std::size_t i = 0; i < form.size(); ++i) {
            ++kinds[form[i].kind];
            if (form[i].kind == section_kind::bridge) CHECK(form[i].material != form[1].material);
            if (form[i].kind != section_kind::breakdown) continue;
            CHECK(form[i].strength < 90);
            CHECK_FALSE(form[i].plays[part::texture]);
            CHECK(form[i + 1].kind == section_kind::theme);
            CHECK(form[i + 1].strength > form[i].strength + 80);
        }
        CHECK(kinds[section_kind::bridge] >= 2);
        CHECK(kinds[section_kind::breakdown] >= 2);
        CHECK(kinds[section_kind::theme] >= 5);
    }
}

TEST_CASE("the first theme holds something back, and the theme of a long piece gives way to others") {
    for (std::uint64_t seed = 0; seed < 30; ++seed) {
        const auto form = plan_form(400, random_key{seed});
        CHECK_FALSE(form[1].plays[part::texture]);
        CHECK(form[1].strength < form[2].strength);
        std::set<int> themes;
        for (const section_plan& p : form)
            if (p.kind == section_kind::theme) themes.insert(p.material);
        CHECK(themes.size() >= 3);
    }
    const auto shorter = plan_form(60, random_key{1});
    for (const section_plan& p : shorter)
        if (p.kind == section_kind::theme) CHECK(p.material == 0);
}

TEST_CASE("forms of other keys differ") {
    std::set<std::vector<int>> shapes;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        std::vector<int> shape;
        for (const section_plan& p : plan_form(64, random_key{seed})) shape.push_back(p.strength * 8 + p.bars);
        shapes.insert(shape);
    }
    CHECK(shapes.size() == 40);
}
