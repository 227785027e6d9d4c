#include "backend/cuda_cases.hpp"
#include "backend/cuda_world.hpp"

using namespace lofi;
using test::emulated_world;

TEST_CASE("every CUDA kernel, emulated, agrees with plain loops in double") {
    for (const auto& c : test::cuda_cases::all<emulated_world>()) {
        for (const unsigned seed : {1U, 2U}) {
            DYNAMIC_SECTION(c.name << ", seed " << seed) {
                emulated_world world(seed);
                c.run(world);
            }
        }
    }
}

namespace {
struct divergent {
    template <class C>
    void operator()(C& c) const {
        if (c.tid() < 16) {
            c.sync();
        } else {
            c.warp_sync();
        }
    }
};
struct racy {
    int* out;
    template <class C>
    void operator()(C& c) const {
        int* const s = c.template shared<int>();
        s[c.tid()] = c.tid();
        out[c.tid()] = s[(c.tid() + 1) % c.block_dim()];  // no barrier between
    }
};
struct across_grid {
    int* out;
    template <class C>
    void operator()(C& c) const {
        if (c.tid() == 0) out[c.bid()] = c.bid() + 1;
        c.grid_sync();
        if (c.tid() == 0) out[c.bid() + c.grid_dim()] = out[(c.bid() + 1) % c.grid_dim()];
    }
};
}  // namespace

TEST_CASE("the emulator reports threads that wait at different barriers") {
    test::emulator e;
    CHECK_THROWS_WITH(e.launch(divergent{}, {.grid = 1, .block = 32}), test::contains("different barriers"));
}

TEST_CASE("in the emulator a missing barrier changes results from seed to seed") {
    std::vector<int> a(64), b(64);
    test::emulator(1).launch(racy{a.data()}, {.grid = 1, .block = 64, .shared_bytes = 64 * sizeof(int)});
    test::emulator(2).launch(racy{b.data()}, {.grid = 1, .block = 64, .shared_bytes = 64 * sizeof(int)});
    CHECK(a != b);
}

TEST_CASE("the emulator's blocks of a cooperative launch meet at a barrier of the grid") {
    std::vector<int> out(6);
    test::emulator(3).launch(across_grid{out.data()}, {.grid = 3, .block = 32, .cooperative = true});
    CHECK(out == std::vector<int>{1, 2, 3, 2, 3, 1});
    CHECK_THROWS_WITH(test::emulator(3).launch(across_grid{out.data()}, {.grid = 3, .block = 32}),
                      test::contains("not cooperative"));
}
