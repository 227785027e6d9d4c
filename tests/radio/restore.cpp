// States saved at five hundred moments, brought back in another process.
#include <lofi/radio.hpp>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/core/hash.hpp>

using namespace lofi;

namespace {

std::uint64_t next_sound(radio& r) {
    std::vector<float> block(2 * 2000);
    r.render(block);
    hasher h;
    h.add(std::as_bytes(std::span<const float>(block)));
    return h.value();
}

// All that a listener might do, without ends and pauses that would leave nothing to hear.
void steer(radio& r, random_stream& random) {
    const auto what = static_cast<parameter>(uniform_below(random, engine::parameter_count));
    if (what == parameter::playing || what == parameter::pause || what == parameter::gain) return;
    const engine::parameter_info& p = engine::info(what);
    const double value = p.low + (p.high - p.low) * double{uniform_unit(random)};
    const auto when = static_cast<at>(uniform_below(random, 4));
    REQUIRE(r.set(what, value, when, seconds(3.0 * double{uniform_unit(random)})));
}

}  // namespace

TEST_CASE("the other process of the test below", "[.][restore]") {
    const char* path = std::getenv("LOFI_TEST_STATES");
    REQUIRE(path != nullptr);
    std::ifstream in(path, std::ios::binary);
    radio r({.seed = 12345, .rate = hertz(8000.0)});
    std::uint64_t size = 0, expected = 0;
    int count = 0;
    while (in.read(reinterpret_cast<char*>(&size), 8) && in.read(reinterpret_cast<char*>(&expected), 8)) {
        std::vector<std::byte> bytes(static_cast<std::size_t>(size));
        in.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size));
        INFO("state " << count);
        REQUIRE(r.restore(bytes));
        REQUIRE(next_sound(r) == expected);
        ++count;
    }
    REQUIRE(count == 500);
}

TEST_CASE("saved at 500 random moments, the music goes on bit for bit in another process") {
    const test::temporary_folder folder;
    const std::string path = (folder.path() / "states").string();
    std::ofstream out(path, std::ios::binary);
    radio r({.seed = 61, .rate = hertz(8000.0)});
    random_stream random(random_key{500});
    std::vector<float> block(2 * 8000);
    std::size_t largest = 0;
    for (int i = 0; i < 500; ++i) {
        if (chance(random, 1, 3)) steer(r, random);
        r.render(std::span(block).first(2 * (64 + std::size_t{uniform_below(random, 7900)})));
        const auto bytes = r.save().value();
        const std::uint64_t sound = next_sound(r), size = bytes.size();
        out.write(reinterpret_cast<const char*>(&size), 8);
        out.write(reinterpret_cast<const char*>(&sound), 8);
        out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        largest = std::max(largest, bytes.size());
    }
    out.close();
    INFO("largest state " << largest);
    CHECK(largest < 4096);
    const std::string command = "LOFI_TEST_STATES='" + path + "' '" LOFI_TEST_BIN "/test_radio' '[restore]'";
    CHECK(std::system(command.c_str()) == 0);
}
