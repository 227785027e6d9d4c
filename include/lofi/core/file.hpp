#pragma once
// Whole files in and out. A file is written beside its target and renamed, so that a failure never harms what was there.
#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI {

/// Reads a whole file.
/// errors: "x.mid: cannot be opened: No such file", a folder, or more than `limit` bytes
[[nodiscard]] result<std::vector<std::byte>> read_file(const std::filesystem::path& path, std::uintmax_t limit = UINTMAX_MAX);

/// A file that is being written beside its target: `commit()` puts it in place at once, anything else leaves the target as it was.
/// What is no file (a device, a pipe) cannot be replaced, and is written to as it is.
class pending_file {
public:
    explicit pending_file(std::filesystem::path target);
    pending_file(const pending_file&) = delete;
    pending_file& operator=(const pending_file&) = delete;
    ~pending_file();

    void write(std::span<const std::byte> bytes);
    void write(std::string_view text) { write(std::as_bytes(std::span(text.data(), text.size()))); }
    /// Goes back to a byte written earlier (a header whose lengths are known only at the end).
    void seek(std::uint64_t position) { stream_.seekp(static_cast<std::streamoff>(position)); }
    /// errors: "night.wav: cannot be written: No space left on device" and the like
    [[nodiscard]] result<void> commit();

private:
    std::filesystem::path target_, beside_;
    std::ofstream stream_;
    std::string why_;  // what went wrong first
    bool committed_ = false;
};

/// Writes a whole file.
[[nodiscard]] result<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes);
[[nodiscard]] inline result<void> write_file(const std::filesystem::path& path, std::string_view text) {
    return write_file(path, std::as_bytes(std::span(text.data(), text.size())));
}

// ---------------------------------------------------------------- bodies

namespace detail {
inline std::string last_system_error() { return std::error_code(errno, std::generic_category()).message(); }
}  // namespace detail

inline result<std::vector<std::byte>> read_file(const std::filesystem::path& path, std::uintmax_t limit) {
    std::error_code ec;
    if (std::filesystem::is_directory(path, ec)) return error(path.string(), "is a folder, not a file");
    errno = 0;
    std::ifstream in(path, std::ios::binary);
    if (!in) return error(path.string(), "cannot be opened: " + detail::last_system_error());
    std::vector<std::byte> bytes;
    // Grown as bytes arrive: the size that a pipe or a device claims means nothing.
    constexpr std::size_t step = std::size_t{1} << 20;
    for (;;) {
        const std::size_t had = bytes.size();
        const auto size = std::filesystem::file_size(path, ec);
        const std::size_t ask =
            !ec && size > had ? static_cast<std::size_t>(std::min<std::uintmax_t>(size - had, step * 64)) : step;
        bytes.resize(had + ask);
        in.read(reinterpret_cast<char*>(bytes.data() + had), static_cast<std::streamsize>(ask));
        bytes.resize(had + static_cast<std::size_t>(in.gcount()));
        if (bytes.size() > limit)
            return error(path.string(), "is larger than the " + std::to_string(limit) + " bytes that are allowed here");
        if (in.bad()) return error(path.string(), "cannot be read: " + detail::last_system_error());
        if (in.eof()) return bytes;
    }
}

inline pending_file::pending_file(std::filesystem::path target) : target_(std::move(target)), beside_(target_) {
    std::error_code ec;
    const std::filesystem::file_status there = std::filesystem::status(target_, ec);
    if (std::filesystem::is_directory(there)) {
        why_ = "is a folder, not a file";
        return;
    }
    if (std::filesystem::is_regular_file(there) || !std::filesystem::exists(there)) {
        if (std::filesystem::is_symlink(target_, ec)) {
            // The file that a link leads to is replaced, not the link.
            const std::filesystem::path led = std::filesystem::weakly_canonical(target_, ec);
            if (!ec) target_ = beside_ = led;
        }
        beside_ += ".part";
    }
    errno = 0;
    stream_.open(beside_, std::ios::binary | std::ios::trunc);
    if (stream_) return;
    why_ = "cannot be written: " + detail::last_system_error();
    beside_ = target_;  // whatever stands there is not ours to remove
}

inline pending_file::~pending_file() {
    stream_.close();
    if (committed_ || beside_ == target_) return;
    std::error_code ec;
    std::filesystem::remove(beside_, ec);
}

inline void pending_file::write(std::span<const std::byte> bytes) {
    if (!why_.empty()) return;
    errno = 0;
    stream_.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!stream_) why_ = "cannot be written: " + detail::last_system_error();
}

inline result<void> pending_file::commit() {
    if (why_.empty()) {
        errno = 0;
        stream_.close();  // writes what was held back
        if (!stream_) why_ = "cannot be written: " + detail::last_system_error();
    }
    if (!why_.empty()) return error(target_.string(), why_);
    if (beside_ != target_) {
        std::error_code ec;
        std::filesystem::rename(beside_, target_, ec);
        if (ec) return error(target_.string(), "cannot be put in place: " + ec.message());
    }
    committed_ = true;
    return {};
}

inline result<void> write_file(const std::filesystem::path& path, std::span<const std::byte> bytes) {
    pending_file file(path);
    file.write(bytes);
    return file.commit();
}

}  // namespace lofi::inline LOFI_ABI
