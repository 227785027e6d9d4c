#pragma once
// The MIDI files of a folder and of the folders in it, always in the same order.
#include <algorithm>
#include <filesystem>
#include <functional>
#include <string>
#include <system_error>
#include <vector>

#include <lofi/core/error.hpp>

namespace lofi::inline LOFI_ABI::corpus {

/// Whether a name ends as those of MIDI files do: .mid, .midi, .smf, in large letters or small.
[[nodiscard]] bool is_midi_name(const std::filesystem::path& path);

/// What a walk through a folder tells; what is not needed may be left empty.
struct midi_walk {
    std::function<void(const std::filesystem::path&)> midi;                            ///< a file with such a name
    std::function<void(const std::filesystem::path&)> other;                           ///< any other file
    std::function<void(const std::filesystem::path&, const std::string& why)> closed;  ///< a folder that cannot be looked into
};
/// Walks through a folder and the folders in it by the names of what they hold; links to folders are not followed. Holds the names of
/// one folder at a time.
/// errors: throws where the folder itself cannot be looked into
void walk_midi_files(const std::filesystem::path& folder, const midi_walk& told);

/// The paths of all MIDI files, in that order.
/// errors: throws "night: holds no MIDI files (.mid, .midi, .smf)"
[[nodiscard]] std::vector<std::filesystem::path> midi_files_below(const std::filesystem::path& folder);

// ---------------------------------------------------------------- bodies

inline bool is_midi_name(const std::filesystem::path& path) {
    std::string ending = path.extension().string();
    for (char& c : ending) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    return ending == ".mid" || ending == ".midi" || ending == ".smf";
}

namespace detail {
// Gives back why the folder could not be looked into.
inline std::string walk_folder(const std::filesystem::path& folder, const midi_walk& told) {
    namespace fs = std::filesystem;
    std::error_code ec;
    std::vector<fs::path> names;
    for (fs::directory_iterator i(folder, ec), end; !ec && i != end; i.increment(ec)) names.push_back(i->path());
    if (ec) return ec.message();
    std::sort(names.begin(), names.end());
    for (const fs::path& path : names) {
        const fs::file_status status = fs::symlink_status(path, ec);
        if (fs::is_directory(status)) {
            const std::string why = walk_folder(path, told);
            if (!why.empty() && told.closed) told.closed(path, why);
        } else if (!fs::is_directory(path, ec)) {
            const auto& tell = is_midi_name(path) ? told.midi : told.other;
            if (tell) tell(path);
        }
    }
    return {};
}
}  // namespace detail

inline void walk_midi_files(const std::filesystem::path& folder, const midi_walk& told) {
    const std::string why = detail::walk_folder(folder, told);
    if (!why.empty()) raise(error(folder.string(), "cannot be looked through: " + why));
}

inline std::vector<std::filesystem::path> midi_files_below(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> out;
    walk_midi_files(folder, {[&](const std::filesystem::path& p) { out.push_back(p); }, {}, {}});
    if (out.empty()) raise(error(folder.string(), "holds no MIDI files (.mid, .midi, .smf)"));
    return out;
}

}  // namespace lofi::inline LOFI_ABI::corpus
