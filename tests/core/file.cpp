#include <lofi/core/file.hpp>

#include "support/test.hpp"

using namespace lofi::test;

namespace {
std::string as_text(const std::vector<std::byte>& b) { return {reinterpret_cast<const char*>(b.data()), b.size()}; }
std::size_t entries(const std::filesystem::path& folder) {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}
}  // namespace

TEST_CASE("what is written is read, zero bytes and all") {
    const temporary_folder folder;
    const std::string content("a\0b\r\n\x1A\xFF", 7);
    REQUIRE(lofi::write_file(folder / "x", content));
    CHECK(as_text(lofi::read_file(folder / "x").value()) == content);
    CHECK(entries(folder.path()) == 1);
    REQUIRE(lofi::write_file(folder / "x", std::string_view()));
    CHECK(lofi::read_file(folder / "x").value().empty());
    const std::string large(3 << 20, 'z');
    REQUIRE(lofi::write_file(folder / "x", large));
    CHECK(as_text(lofi::read_file(folder / "x").value()) == large);
}

TEST_CASE("what cannot be read is named") {
    const temporary_folder folder;
    const auto refusal = [&](const std::filesystem::path& p, std::uintmax_t limit = UINTMAX_MAX) {
        const auto r = lofi::read_file(p, limit);
        REQUIRE_FALSE(r);
        return r.error().message();
    };
    CHECK(refusal(folder.path()) == folder.path().string() + ": is a folder, not a file");
    CHECK_THAT(refusal(folder / "absent"), contains("absent: cannot be opened: "));
    write_text(folder / "five", "12345");
    CHECK_THAT(refusal(folder / "five", 4), contains("larger than the 4 bytes"));
    CHECK(lofi::read_file(folder / "five", 5));
}

TEST_CASE("a file that is not committed leaves the target as it was, and nothing beside it") {
    const temporary_folder folder;
    write_text(folder / "x", "before");
    {
        lofi::pending_file f(folder / "x");
        f.write("half");
    }
    CHECK(read_text(folder / "x") == "before");
    CHECK(entries(folder.path()) == 1);
    lofi::pending_file f(folder / "x");
    f.write("0000 after");
    f.seek(0);
    f.write("long");
    CHECK(read_text(folder / "x") == "before");
    REQUIRE(f.commit());
    CHECK(read_text(folder / "x") == "long after");
    CHECK(entries(folder.path()) == 1);
}

TEST_CASE("a file that cannot be written is an error, and the target stays") {
    const temporary_folder folder;
    const auto r = lofi::write_file(folder / "no", std::string_view("x"));
    CHECK(r);
    const auto missing = lofi::write_file(folder.path() / "absent" / "x", std::string_view("x"));
    REQUIRE_FALSE(missing);
    CHECK_THAT(missing.error().message(), contains("cannot be written"));
    std::filesystem::create_directory(folder / "taken");
    write_text(folder.path() / "taken" / "inside", "x");
    const auto onto_folder = lofi::write_file(folder / "taken", std::string_view("x"));
    REQUIRE_FALSE(onto_folder);
    CHECK(read_text(folder.path() / "taken" / "inside") == "x");
    CHECK(entries(folder.path()) == 2);
}
