// The terminal by the escape sequences that all of them know (ECMA-48 and xterm's alternate screen).
#include "terminal.hpp"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#if __has_include(<termios.h>)
#define LOFI_HAVE_TERMIOS 1
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#else
#define LOFI_HAVE_TERMIOS 0
#endif

namespace program {
namespace {

volatile std::sig_atomic_t asked_to_end = 0;

#if LOFI_HAVE_TERMIOS
bool has_text(const char* variable, std::string_view text) {
    const char* value = std::getenv(variable);
    return value != nullptr && std::string_view(value).find(text) != std::string_view::npos;
}
#endif

}  // namespace

bool interrupted() {
    static const bool listening = [] {
        for (const int s : {
                 SIGINT, SIGTERM,
#if LOFI_HAVE_TERMIOS
                     SIGHUP
#endif
             })
            std::signal(s, [](int) { asked_to_end = 1; });
        return true;
    }();
    return listening && asked_to_end != 0;
}

#if LOFI_HAVE_TERMIOS

struct terminal::settings {
    termios held;
};

bool is_terminal() { return ::isatty(1) == 1; }

bool can_draw() {
    if (!is_terminal() || has_text("TERM", "dumb") || std::getenv("TERM") == nullptr) return false;
    for (const char* variable : {"LC_ALL", "LC_CTYPE", "LANG"})  // the first that is set decides
        if (const char* value = std::getenv(variable); value != nullptr && *value != '\0')
            return has_text(variable, "UTF-8") || has_text(variable, "utf8") || has_text(variable, "UTF8");
    return false;
}

terminal::terminal() : were_(nullptr) {
    static_cast<void>(interrupted());  // from here on, Ctrl-C must find its way past the destructor
    if (termios held; ::tcgetattr(0, &held) == 0) {
        were_ = new settings{held};
        held.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
        held.c_cc[VMIN] = 0, held.c_cc[VTIME] = 0;
        held.c_cc[VSUSP] = _POSIX_VDISABLE;  // asleep, it would leave the terminal as it is now
        ::tcsetattr(0, TCSANOW, &held);
    }
    show("\x1b[?1049h\x1b[?25l\x1b[2J");  // another screen, no cursor
}

terminal::~terminal() {
    show("\x1b[0m\x1b[?25h\x1b[?1049l");
    if (were_ != nullptr) ::tcsetattr(0, TCSAFLUSH, &were_->held);
    delete were_;
}

terminal::extent terminal::size() const {
    winsize w{};
    if (::ioctl(1, TIOCGWINSZ, &w) != 0 || w.ws_col == 0 || w.ws_row == 0) return {80, 24};
    return {w.ws_col, w.ws_row};
}

std::string terminal::keys() {
    std::string typed;
    if (were_ == nullptr) return typed;
    char bytes[64];
    pollfd in{0, POLLIN, 0};
    while (::poll(&in, 1, 0) == 1 && (in.revents & POLLIN) != 0) {
        const ssize_t count = ::read(0, bytes, sizeof bytes);
        if (count <= 0) break;
        typed.append(bytes, static_cast<std::size_t>(count));
    }
    std::string keys;
    for (std::size_t i = 0; i < typed.size(); ++i) {
        if (typed[i] != '\x1b') {
            keys += typed[i];
        } else if (i + 2 < typed.size() && (typed[i + 1] == '[' || typed[i + 1] == 'O')) {
            const std::size_t arrow = std::string_view("ABDC").find(typed[i += 2]);
            if (arrow != std::string_view::npos) keys += "^v<>"[arrow];
        }
    }
    return keys;
}

void terminal::show(std::string_view picture) {
    while (!picture.empty()) {
        const ssize_t written = ::write(1, picture.data(), picture.size());
        if (written <= 0 && interrupted()) return;
        if (written < 0 && errno != EINTR && errno != EAGAIN) return;  // the terminal is gone, and so will we be
        if (written > 0) picture.remove_prefix(static_cast<std::size_t>(written));
    }
}

#else  // no terminal to speak of: lines of text

struct terminal::settings {};
bool is_terminal() { return false; }
bool can_draw() { return false; }
terminal::terminal() : were_(nullptr) {}
terminal::~terminal() = default;
terminal::extent terminal::size() const { return {80, 24}; }
std::string terminal::keys() { return {}; }
void terminal::show(std::string_view picture) { std::fwrite(picture.data(), 1, picture.size(), stdout); }

#endif

}  // namespace program
