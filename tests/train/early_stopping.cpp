#include <lofi/train/early_stopping.hpp>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("the best is kept, and patience ends") {
    train::early_stopping lower({.patience = 2});
    CHECK(lower.empty());
    CHECK(lower.add(3));
    CHECK(!lower.add(3));
    CHECK(lower.add(2));
    CHECK(!lower.add(2.5));
    CHECK(!lower.exhausted());
    CHECK(!lower.add(2));
    CHECK(lower.exhausted());
    CHECK(lower.best() == 2);

    train::early_stopping higher({.direction = train::better::higher, .least_gain = 0.1});
    CHECK(higher.add(-5));
    CHECK(!higher.add(-4.95));
    CHECK(higher.add(-4.8));
    for (int i = 0; i < 100; ++i) higher.add(-6);
    CHECK(!higher.exhausted());  // no patience was named: never
}
