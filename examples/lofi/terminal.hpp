#pragma once
// The terminal as a place for pictures that move, and for keys.
#include <string>
#include <string_view>

namespace program {

/// Whether standard output is a terminal that can show pictures: one that moves its cursor and takes UTF-8.
bool can_draw();
/// Whether standard output is a terminal at all.
bool is_terminal();
/// Whether the program was asked to end (Ctrl-C, or its terminal is gone). From the first call on, these signals do not end it.
bool interrupted();

/// Takes the terminal over, and gives it back as it was when the value goes.
class terminal {
public:
    terminal();
    ~terminal();
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;

    struct extent {
        int columns, lines;
    };
    [[nodiscard]] extent size() const;
    /// What was typed since the last call: an arrow is one of ^ v < >.
    [[nodiscard]] std::string keys();
    /// Shows a whole picture, whose lines end with \n.
    void show(std::string_view picture);

private:
    struct settings;
    settings* were_;  // null where standard input is no terminal
};

}  // namespace program
