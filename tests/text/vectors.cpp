#include <lofi/text/vectors.hpp>

#include <string>

#include "support/test.hpp"

#include <lofi/core/file.hpp>

using namespace lofi;

namespace {
std::vector<std::byte> bytes_of(const char* name) { return read_file(test::data(std::string("text/") + name)).value(); }
std::string why(const std::vector<std::byte>& bytes, std::size_t width = 4) {
    const auto read = text::read_npy(bytes, width);
    return read ? std::string() : read.error().message();
}
}  // namespace

TEST_CASE("vectors of NumPy are read as NumPy wrote them") {
    for (const char* name : {"one16.npy", "one32.npy", "one64.npy"}) {
        INFO(name);
        const auto texts = text::read_npy(bytes_of(name), 4).value();
        REQUIRE(texts.size() == 1);
        REQUIRE(texts[0].tokens() == 3);
        for (std::size_t i = 0; i < 12; ++i) CHECK(texts[0].values[i] == (static_cast<float>(i) - 5) / 8);
    }
    const auto many = text::read_npy(bytes_of("many.npy"), 4).value();
    REQUIRE(many.size() == 3);
    CHECK(many[0].tokens() == 2);
    CHECK(many[1].tokens() == 0);
    CHECK(many[2].tokens() == 4);
    CHECK(many[2].values[15] == 16);
}

TEST_CASE("what is no array of vectors is refused with its place") {
    CHECK(why(bytes_of("one32.npy"), 768) == "shape (3, 4): its last extent is not 768");
    CHECK(why(bytes_of("fortran.npy")).find("fortran_order: is not False") == 0);
    CHECK(why(bytes_of("whole.npy")) == "descr: '<i8' is not '<f2', '<f4' or '<f8'");
    auto bytes = bytes_of("one32.npy");
    auto broken = bytes;
    broken.pop_back();
    CHECK(why(broken) == "shape (3, 4): does not fit the 47 bytes that follow");
    broken = bytes;
    broken[broken.size() - 1] = std::byte{0x7F}, broken[broken.size() - 2] = std::byte{0xFF};
    CHECK(why(broken) == "number 12: is not finite");
    broken = bytes;
    broken[6] = std::byte{9};
    CHECK(why(broken) == "byte 6: version 9 of the format is not 1 to 3");
    // Of nothing there may be four thousand million.
    const std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (4000000000, 0, 4), }\n";
    std::string nothing = "\x93NUMPY\x01";
    nothing += '\0', nothing += static_cast<char>(header.size()), nothing += '\0', nothing += header;
    const auto* const first = reinterpret_cast<const std::byte*>(nothing.data());
    CHECK(why({first, first + nothing.size()}) == "shape (4000000000, 0, 4): holds no tokens");
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        INFO(n);
        CHECK(!why({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n)}).empty());
    }
}

TEST_CASE("the name of a text in a file of many") {
    CHECK(text::vectors_name("") == "text-cbf29ce484222325");
    CHECK(text::vectors_name("a") == "text-af63dc4c8601ec8c");  // FNV-1a's published value
    CHECK(text::vectors_name("Rain") != text::vectors_name("rain"));
}
