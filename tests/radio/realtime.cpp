// The audio call as the kernel and the C library see it: an hour of random steering without one system call, allocation or lock.
#include <lofi/radio.hpp>

#include <atomic>
#include <thread>
#include <vector>

#include "support/test.hpp"

#if defined(__linux__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#include <dlfcn.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#define LOFI_TEST_SECCOMP 1
#endif

#if defined(LOFI_TEST_SECCOMP)
namespace {
std::atomic<long> locks{0};
using lock_function = int (*)(pthread_mutex_t*);
lock_function the_real_lock() {
    static const auto real = reinterpret_cast<lock_function>(dlsym(RTLD_NEXT, "pthread_mutex_lock"));
    return real;
}
}  // namespace

// Every lock of the program comes through here and is counted: one that nobody holds makes no system call.
extern "C" int pthread_mutex_lock(pthread_mutex_t* m) noexcept {
    ++locks;
    return the_real_lock()(m);
}
#endif

using namespace lofi;

namespace {

// A random change now and then, of everything there is; the music keeps playing.
void steer(radio& r, random_stream& random) {
    const auto what = static_cast<parameter>(uniform_below(random, engine::parameter_count));
    const engine::parameter_info& p = engine::info(what);
    const double share = uniform_unit(random);
    const double value = what == parameter::pause || what == parameter::playing
                             ? (chance(random, 1, 4) ? 1.0 - (what == parameter::playing) : (what == parameter::playing))
                             : p.low + (p.high - p.low) * share;
    const auto when = static_cast<at>(uniform_below(random, 4));
    static_cast<void>(r.set(what, value, when, seconds(4.0 * double{uniform_unit(random)})));
}

}  // namespace

#if defined(LOFI_TEST_SECCOMP)

TEST_CASE("an hour of random steering makes no system call") {
    // In a child that the kernel ends at any system call but read, write and exit.
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        radio r({.seed = 77, .rate = hertz(8000.0)});
        std::vector<float> block(2 * 2048);
        std::vector<event> ahead(2000);
        random_stream random(random_key{4});
        double power = 0.0;
        pthread_mutex_t one = PTHREAD_MUTEX_INITIALIZER;
        pthread_mutex_lock(&one);
        if (locks == 0) _exit(5);  // it does not count
        const long before = locks;
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(3);
        for (std::int64_t at = 0; at < std::int64_t{3600} * 8000;) {
            const std::size_t n = 1 + uniform_below(random, 2048);
            r.render(std::span(block).first(2 * n));
            at += static_cast<std::int64_t>(n);
            for (std::size_t i = 0; i < 2 * n; ++i) power += double{block[i]} * double{block[i]};
            if (chance(random, 1, 8)) steer(r, random);
            event e;
            while (r.poll(e)) {
            }
            if (chance(random, 1, 8)) static_cast<void>(r.peek(2, ahead));
        }
        // exit_group is not among the calls that are allowed.
        syscall(SYS_exit, locks != before ? 6 : power > 100.0 ? 0 : 4);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    INFO("status " << status << (WIFSIGNALED(status) ? ": ended by a signal" : ""));
    CHECK((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("the test above can fail: one system call ends the child") {
    const pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT) != 0) _exit(3);
        syscall(SYS_getpid);
        syscall(SYS_exit, 0);
    }
    int status = 0;
    REQUIRE(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status));
}

#endif

TEST_CASE("other threads set, poll, peek and save while one renders") {
    radio r({.seed = 6, .rate = hertz(16000.0)});
    std::atomic<bool> done{false};
    std::atomic<std::size_t> polled{0}, peeked{0}, saved{0};
    std::vector<std::thread> others;
    for (std::uint64_t t = 0; t < 2; ++t)
        others.emplace_back([&, t] {
            random_stream random(random_key{t});
            while (!done) {
                if (chance(random, 1, 50)) steer(r, random);
                event e;
                while (r.poll(e)) ++polled;
                std::this_thread::yield();
            }
        });
    others.emplace_back([&] {
        std::vector<event> ahead(2000);
        while (!done) {
            peeked += r.peek(2, ahead);
            if (r.save()) ++saved;
            std::this_thread::yield();
        }
    });
    std::vector<float> block(2 * 128);
    for (int i = 0; i < 8000; ++i) r.render(block);
    done = true;
    for (std::thread& t : others) t.join();
    CHECK(polled > 100);
    CHECK(peeked > 100);
    CHECK(saved > 3);
}
