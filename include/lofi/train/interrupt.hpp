#pragma once
// Ctrl-C and kill, heard between two steps.
#include <csignal>

#include <lofi/core/config.hpp>

namespace lofi::inline LOFI_ABI::train {

/// While it lives, SIGINT and SIGTERM only raise a flag, so that a run can finish its step and save. A second signal of
/// the same kind ends the program as usual. What stood before is put back. One at a time.
class interrupt_guard {
public:
    interrupt_guard() {
        raised() = 0;
        old_int_ = std::signal(SIGINT, &heard);
        old_term_ = std::signal(SIGTERM, &heard);
    }
    ~interrupt_guard() {
        restore(SIGINT, old_int_);
        restore(SIGTERM, old_term_);
    }
    interrupt_guard(const interrupt_guard&) = delete;
    interrupt_guard& operator=(const interrupt_guard&) = delete;

    [[nodiscard]] bool stop_asked() const { return raised() != 0; }

private:
    using handler = void (*)(int);
    static volatile std::sig_atomic_t& raised() {
        static volatile std::sig_atomic_t flag = 0;
        return flag;
    }
    static void heard(int signal) {
        raised() = 1;
        std::signal(signal, SIG_DFL);
    }
    static void restore(int signal, handler old) { std::signal(signal, old == SIG_ERR || old == nullptr ? SIG_DFL : old); }

    handler old_int_, old_term_;
};

}  // namespace lofi::inline LOFI_ABI::train
