#pragma once
// The program as a child process: what it prints, what it says is wrong, and how it ends.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "support/test.hpp"

namespace lofi::test {

struct run_result {
    int status = 0;  ///< 0: all is well
    std::string out, err;
};

/// Quotes a word for the shell.
inline std::string quoted(const std::string& word) {
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

/// Runs `lofi` with these words in a folder. `before` stands before it in the shell: limits, for instance.
inline run_result lofi_in(const std::filesystem::path& folder, const std::vector<std::string>& words,
                          const std::string& before = {}) {
    const temporary_folder streams;
    std::string line = "cd " + quoted(folder.string()) + " && " + before + " " + quoted(program("lofi").string());
    for (const std::string& w : words) line += " " + quoted(w);
    line += " >" + quoted((streams / "out").string()) + " 2>" + quoted((streams / "err").string()) + " </dev/null";
    run_result r;
    r.status = std::system(line.c_str());
    r.out = read_text(streams / "out");
    r.err = read_text(streams / "err");
    return r;
}

/// Whether this is the build with the train door.
inline bool has_train() {
    static const bool yes = [] {
        const temporary_folder f;
        return lofi_in(f.path(), {"--help"}).out.find("needs the train build") == std::string::npos;
    }();
    return yes;
}

/// Every file below a folder with its bytes.
inline std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
    std::map<std::string, std::string> all;
    for (const auto& e : std::filesystem::recursive_directory_iterator(folder))
        all[e.path().string()] = e.is_regular_file() ? read_text(e.path()) : "(folder)";
    return all;
}

/// Checks that a command is refused with an error that holds a text, and that no file has changed, come or gone.
inline void check_refused(const std::filesystem::path& folder, const std::vector<std::string>& words, const std::string& says,
                          const std::string& before = {}) {
    const auto were = contents(folder);
    const run_result r = lofi_in(folder, words, before);
    std::string told;
    for (const std::string& w : words) told += " " + w;
    INFO("lofi" << told << "\n" << r.err);
    CHECK(r.status != 0);
    CHECK(r.out.empty());
    CHECK(("\n" + r.err).find("\nlofi: ") != std::string::npos);
    CHECK_THAT(r.err, contains(says));
    CHECK(contents(folder) == were);
}

}  // namespace lofi::test
