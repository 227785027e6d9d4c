#include <lofi/sampling/copy_filter.hpp>

#include <cmath>
#include <random>
#include <set>
#include <vector>

#include <lofi/core/hash.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

namespace {
using tokens = std::vector<std::uint32_t>;

std::vector<tokens> sequences(std::size_t count, std::size_t length, std::uint32_t V, std::uint32_t seed) {
    std::mt19937 rng(seed);
    std::vector<tokens> all(count, tokens(length));
    for (tokens& s : all)
        for (auto& t : s) t = static_cast<std::uint32_t>(rng() % V);
    return all;
}
}  // namespace

TEST_CASE("no stretch is missed, and few strange ones are taken for known") {
    for (const copy_filter_config c :
         {copy_filter_config{.length = 13}, copy_filter_config{.length = 8, .bits = 8, .hashes = 6},
          copy_filter_config{.length = 3, .bits = 16, .hashes = 11}}) {
        const auto all = sequences(100, 512, 90, 1);
        const auto bytes = build_copy_filter(all, c).value();
        const copy_filter f = copy_filter::open(bytes).value();
        CHECK(f.length() == c.length);
        std::set<tokens> known;
        for (const tokens& s : all)
            for (std::size_t at = 0; at + c.length <= s.size(); ++at) {
                const auto first = s.begin() + static_cast<std::ptrdiff_t>(at);
                known.insert({first, first + static_cast<std::ptrdiff_t>(c.length)});
                REQUIRE(f.completes(std::span(s).first(at + c.length - 1), s[at + c.length - 1]));
            }
        CHECK(f.stretches() == known.size());
        CHECK(bytes.size() == 16 + (known.size() * c.bits + 7) / 8);
        std::size_t asked = 0, wrong = 0;
        for (const tokens& s : sequences(40, 512, 90, 2)) {
            const auto strange = f.strange<90>(s);
            for (std::uint32_t id = 0; id < 90; ++id) {
                tokens gram(s.end() - static_cast<std::ptrdiff_t>(c.length - 1), s.end());
                gram.push_back(id);
                REQUIRE(strange.has(id) == !f.completes(s, id));
                if (known.count(gram) != 0) continue;
                ++asked, wrong += strange.has(id) ? 0 : 1;
            }
        }
        const double k = c.hashes, rate = std::pow(1 - std::exp(-k / c.bits), k);
        INFO("length " << c.length << ", wrong " << wrong << " of " << asked << ", expected " << rate);
        CHECK(static_cast<double>(wrong) < 2 * rate * static_cast<double>(asked) + 5);
        CHECK(asked > 300);
    }
}

TEST_CASE("bytes are the same everywhere") {
    hasher h;
    const auto bytes = build_copy_filter(sequences(3, 40, 7, 3), {.length = 4}).value();
    h.add(std::span<const std::byte>(bytes));
    CHECK(h.value() == 0x7a55c0e897056c40U);
}

TEST_CASE("stretches do not cross from one sequence to the next, and short ones hold none") {
    const std::vector<tokens> two = {{1, 2, 3}, {4, 5, 6}, {7}};
    const auto bytes = build_copy_filter(two, {.length = 3}).value();
    const copy_filter f = copy_filter::open(bytes).value();
    CHECK(f.stretches() == 2);
    CHECK(f.completes(tokens{1, 2}, 3));
    CHECK(f.completes(tokens{9, 4, 5}, 6));
    CHECK_FALSE(f.completes(tokens{2}, 3));  // too little is known
    CHECK_FALSE(f.completes(tokens{2, 3}, 4));
    CHECK(f.strange<8>(tokens{2}).count() == 8);
    const copy_filter nothing;
    CHECK_FALSE(nothing.completes(tokens{1, 2}, 3));
    CHECK(nothing.strange<8>(tokens{1, 2}).count() == 8);
    const auto empty = build_copy_filter({}, {}).value();
    CHECK(copy_filter::open(empty).value().strange<8>(tokens(20)).count() == 8);
}

TEST_CASE("what is no filter is refused, and says where") {
    const auto refused = [](std::vector<std::byte> bytes, const char* says) {
        const auto r = copy_filter::open(bytes);
        REQUIRE_FALSE(r);
        CHECK_THAT(r.error().message(), LOFI_CATCH_CONTAINS(says));
    };
    const auto good = build_copy_filter(sequences(2, 40, 7, 3), {.length = 4}).value();
    REQUIRE(copy_filter::open(good));
    refused({}, "byte 0: is none");
    for (std::size_t n = 0; n < good.size(); ++n) CHECK_FALSE(copy_filter::open(std::span(good).first(n)));
    const auto with = [&](std::size_t at, unsigned value) {
        auto bytes = good;
        bytes[at] = static_cast<std::byte>(value);
        return bytes;
    };
    refused(with(0, 'X'), "byte 0");
    refused(with(4, 1), "byte 4");
    refused(with(6, 0), "byte 6");
    refused(with(6, 17), "byte 6");
    refused(with(10, 255), "byte 16");
    CHECK_THAT(build_copy_filter({}, {.length = 1}).error().message(), LOFI_CATCH_CONTAINS("a length of 1"));
    CHECK_THAT(build_copy_filter({}, {.bits = 99}).error().message(), LOFI_CATCH_CONTAINS("99"));
    CHECK_THAT(build_copy_filter({}, {.hashes = 0}).error().message(), LOFI_CATCH_CONTAINS("hashes of 0"));
}
