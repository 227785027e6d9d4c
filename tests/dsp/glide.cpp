#include <lofi/dsp/glide.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("a glide goes a share of the way and arrives exactly") {
    dsp::glide g;
    CHECK_FALSE(g.moving());
    g.aim = 1.0F;
    CHECK(g.moving());
    CHECK(g.tick(0.25F) == 0.25F);
    CHECK(g.tick(0.25F) == 0.4375F);
    int ticks = 2;
    for (; g.moving(); ++ticks) g.tick(0.25F);
    CHECK(g.now == 1.0F);
    CHECK(ticks < 50);
    g.aim = -3.0F, g.jump();
    CHECK((g.now == -3.0F && !g.moving()));
}
