#pragma once
// How often the tests of this room have asked for memory; counted in player.cpp.
#include <atomic>

namespace lofi::test {
extern std::atomic<long> allocations;
}
