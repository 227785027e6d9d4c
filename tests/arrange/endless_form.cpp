#include <lofi/arrange/endless_form.hpp>

#include <map>
#include <set>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::arrange;

TEST_CASE("a form without an end goes on for twenty hours, changing all the time") {
    for (std::uint64_t seed = 0; seed < 5; ++seed) {
        endless_form form;
        std::map<section_kind, int> kinds;
        std::set<std::uint32_t> materials;
        std::map<std::pair<std::uint32_t, int>, int> heard;
        int since_breakdown = 0, longest = 0;
        for (int i = 0; i < 4000; ++i) {
            const section_plan p = form.next(random_key{seed});
            REQUIRE((p.bars == 4 || p.bars == 8));
            REQUIRE(p.plays[score::part::keys]);
            REQUIRE((p.kind == section_kind::intro) == (i == 0));
            ++kinds[p.kind];
            materials.insert(p.material);
            REQUIRE(++heard[{p.material, p.variation}] <= 2);  // nothing comes back as it was, but for the introduction
            since_breakdown = p.kind == section_kind::breakdown ? 0 : since_breakdown + 1;
            longest = std::max(longest, since_breakdown);
        }
        CHECK(kinds[section_kind::theme] > 2000);
        CHECK(kinds[section_kind::bridge] > 400);
        CHECK(kinds[section_kind::breakdown] > 300);
        CHECK(materials.size() > 500);
        CHECK(longest < 40);
    }
}

TEST_CASE("a form goes on from a copy as from itself") {
    endless_form a;
    for (int i = 0; i < 37; ++i) static_cast<void>(a.next(random_key{3}));
    endless_form b = a;
    for (int i = 0; i < 100; ++i) {
        const section_plan p = a.next(random_key{3}), q = b.next(random_key{3});
        REQUIRE((p.kind == q.kind && p.material == q.material && p.variation == q.variation && p.bars == q.bars));
    }
    CHECK(a == b);
}
