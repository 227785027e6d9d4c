#include <lofi/train/interrupt.hpp>

#include "support/test.hpp"

using namespace lofi;

namespace {
volatile std::sig_atomic_t heard = 0;
void hear(int) { heard = 1; }
}  // namespace

TEST_CASE("a signal raises a flag while the guard lives, and what stood before is put back") {
    std::signal(SIGTERM, &hear);
    {
        const train::interrupt_guard guard;
        CHECK(!guard.stop_asked());
        std::raise(SIGTERM);
        CHECK(guard.stop_asked());
        CHECK(heard == 0);
    }
    std::raise(SIGTERM);
    CHECK(heard == 1);
    std::signal(SIGTERM, SIG_DFL);
    const train::interrupt_guard fresh;
    CHECK(!fresh.stop_asked());
}
