#pragma once
// The command line of a program that takes `--name value` and nothing else.
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string>
#include <string_view>

namespace measure {

/// Reads the command line; ends the program with its usage where a name is not among those known.
class arguments {
public:
    arguments(int argc, char** argv, std::map<std::string, std::string, std::less<>> known, std::string_view usage)
        : values_(std::move(known)) {
        for (int i = 1; i < argc; i += 2) {
            const std::string_view word = argv[i];
            const auto at = word.substr(0, 2) == "--" ? values_.find(word.substr(2)) : values_.end();
            if (at == values_.end() || i + 1 == argc) {
                std::fprintf(stderr, "%.*s\n", static_cast<int>(usage.size()), usage.data());
                std::exit(2);
            }
            at->second = argv[i + 1];
        }
    }
    [[nodiscard]] const std::string& text(std::string_view name) const { return values_.find(name)->second; }
    [[nodiscard]] double number(std::string_view name) const { return std::strtod(text(name).c_str(), nullptr); }
    [[nodiscard]] int count(std::string_view name) const { return static_cast<int>(number(name)); }

private:
    std::map<std::string, std::string, std::less<>> values_;
};

}  // namespace measure
