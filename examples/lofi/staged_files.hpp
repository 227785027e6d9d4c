#pragma once
// Files that appear together or not at all.
#include <algorithm>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <lofi/core/error.hpp>

namespace program {

/// Files are written into a folder of their own beside their place, and moved there at the end: whatever fails before, the files
/// that were there stay as they were.
class staged_files {
public:
    /// `name` is a path without ending: files are called NAME.wav, NAME.mid, ...
    /// errors: a name without a file in it, a folder that is not there or cannot be written
    explicit staged_files(const std::filesystem::path& name) : target_(name) {
        namespace fs = std::filesystem;
        if (!name.has_filename() || name.filename() == "." || name.filename() == "..")
            throw lofi::error(name.empty() ? "--out" : name.string(), "names no file: give a path like music/night");
        for (int number = 1;; ++number) {
            folder_ = fs::path(name).concat(".part" + (number == 1 ? std::string() : std::to_string(number)));
            std::error_code ec;
            if (fs::create_directory(folder_, ec)) return;
            if (!ec || ec == std::errc::file_exists) continue;  // someone else's
            const fs::path parent = name.has_parent_path() ? name.parent_path() : fs::path(".");
            throw lofi::error(parent.string(), "cannot take new files: " + ec.message());
        }
    }
    staged_files(const staged_files&) = delete;
    staged_files& operator=(const staged_files&) = delete;
    ~staged_files() {
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    /// Where the file with this ending is to be written: `path(".wav")`.
    [[nodiscard]] std::filesystem::path path(const std::string& ending) const {
        return folder_ / target_.filename().concat(ending);
    }

    /// Moves all that was written into its place, and returns the names in order.
    /// errors: a folder that stands where a file should
    std::vector<std::filesystem::path> commit() {
        namespace fs = std::filesystem;
        std::vector<fs::path> files;
        for (const fs::directory_entry& e : fs::directory_iterator(folder_)) files.push_back(e.path().filename());
        std::sort(files.begin(), files.end());
        for (fs::path& f : files) {
            f = fs::path(target_).replace_filename(f);
            if (fs::is_directory(f)) throw lofi::error(f.string(), "is a folder, so no file can be put there");
        }
        for (const fs::path& f : files) {
            std::error_code ec;
            fs::rename(folder_ / f.filename(), f, ec);
            if (ec) throw lofi::error(f.string(), "cannot be put in place: " + ec.message());
        }
        return files;
    }

private:
    std::filesystem::path target_, folder_;
};

}  // namespace program
