#include <lofi/sampling/mask.hpp>

#include <array>
#include <set>
#include <vector>

#include "support/test.hpp"

using namespace lofi::sampling;

TEST_CASE("masks hold what was put in, over word boundaries") {
    id_mask<130> m;
    CHECK(m.count() == 0);
    for (const std::size_t id : {0, 63, 64, 127, 128, 129}) m.insert(id);
    CHECK(m.count() == 6);
    m.remove(64).remove(65);
    CHECK(m.count() == 5);
    const std::set<std::size_t> wanted = {0, 63, 127, 128, 129};
    for (std::size_t id = 0; id < 300; ++id) CHECK(m.has(id) == (wanted.count(id) != 0));
    CHECK(id_mask<130>::all().count() == 130);
    CHECK_FALSE(id_mask<130>::all().has(130));
    CHECK((id_mask<130>::all() & m) == m);
    CHECK((id_mask<130>() | m) == m);
    const std::array<std::uint8_t, 4> heard = {3, 5, 3, 5};
    CHECK(id_mask<9>::of(std::span<const std::uint8_t>(heard)).count() == 2);
}

TEST_CASE("a view without words says nothing, one of an empty mask says none") {
    CHECK(mask_view().empty());
    const id_mask<8> none;
    CHECK_FALSE(mask_view(none).empty());
    CHECK_FALSE(mask_view(none).has(0));
    CHECK_FALSE(mask_view(none).has(1000000));
}

TEST_CASE("where masks together leave nothing, the last ones are dropped first") {
    const auto of = [](std::initializer_list<std::size_t> ids) {
        id_mask<16> m;
        for (const std::size_t id : ids) m.insert(id);
        return m;
    };
    const auto narrowed_by = [](const std::vector<id_mask<16>>& masks) { return narrow(std::span<const id_mask<16>>(masks)); };
    const auto grammar = of({1, 2, 3, 4}), scale = of({2, 4, 6}), chord = of({4, 8});

    auto all = narrowed_by({grammar, scale, chord});
    CHECK(all.kept == 3);
    CHECK(all.mask == of({4}));

    auto no_chord = narrowed_by({grammar, scale, of({8})});
    CHECK(no_chord.kept == 2);
    CHECK(no_chord.mask == of({2, 4}));

    // The chord mask would agree with the grammar, but it goes before the scale mask does.
    auto grammar_alone = narrowed_by({grammar, of({9}), chord});
    CHECK(grammar_alone.kept == 1);
    CHECK(grammar_alone.mask == grammar);

    auto nothing = narrowed_by({of({}), scale});
    CHECK(nothing.kept == 0);
    CHECK(nothing.mask == id_mask<16>::all());
    CHECK(narrowed_by({}).mask == id_mask<16>::all());
}
