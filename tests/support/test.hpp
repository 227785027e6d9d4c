#pragma once
// The only header of the test library that tests include: hides which Catch2 is there, and holds what many tests need.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
#define LOFI_CATCH_CONTAINS Catch::Matchers::ContainsSubstring
#else
#include <catch2/catch.hpp>
#define LOFI_CATCH_CONTAINS Catch::Matchers::Contains
#endif

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>

/// Ends a test that cannot run here, loudly: `LOFI_SKIP("no GPU")`. CI allows it to those named in tests/allowed_skips.txt.
#define LOFI_SKIP(reason)                     \
    do {                                      \
        std::printf("SKIPPED: %s\n", reason); \
        SUCCEED();                            \
        return;                               \
    } while (false)

namespace lofi::test {

/// Returns the path of a file in tests/data.
inline std::filesystem::path data(std::string_view name) { return std::filesystem::path(LOFI_TEST_DATA) / name; }

/// Returns the path of a program of this build.
inline std::filesystem::path program(std::string_view name) { return std::filesystem::path(LOFI_TEST_BIN) / name; }

/// A new folder of one's own that goes with its contents when the value does.
class temporary_folder {
public:
    temporary_folder() {
        std::random_device random;
        do {
            const auto number = (std::uint64_t{random()} << 32) | random();
            path_ = std::filesystem::temp_directory_path() / ("lofi-test-" + std::to_string(number));
        } while (!std::filesystem::create_directory(path_));
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }
    [[nodiscard]] std::filesystem::path operator/(std::string_view name) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

/// Matches text that holds a part: `CHECK_THAT(e.message(), contains("byte 312"))`.
inline auto contains(const std::string& part) { return LOFI_CATCH_CONTAINS(part); }

/// Reads a whole file, byte for byte.
inline std::string read_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

/// Writes a whole file, byte for byte.
inline void write_text(const std::filesystem::path& path, std::string_view text) {
    std::ofstream(path, std::ios::binary) << text;
}

}  // namespace lofi::test
