#pragma once
// The emulator's memory for the cases of the CUDA kernels: each array of exactly its size, so that AddressSanitizer sees what goes
// beyond it.
#include <algorithm>
#include <list>
#include <memory>
#include <string>
#include <vector>

#include <lofi/nn/context.hpp>

#include "support/emulator.hpp"
#include "support/test.hpp"

namespace lofi::test {

struct host_world {
    std::list<std::shared_ptr<void>> owned;

    template <class T>
    T* put(const std::vector<T>& v) {
        std::shared_ptr<T[]> memory(new T[v.size()]);
        std::copy(v.begin(), v.end(), memory.get());
        owned.push_back(memory);
        return memory.get();
    }
    template <class T>
    std::vector<T> get(const T* p, std::size_t n) {
        return {p, p + n};
    }
    void expect(bool good, const std::string& what) {
        INFO(what);
        CHECK(good);
    }
    static backend::memory_source source() { return nn::host_memory(); }
};

struct emulated_world : host_world {
    emulated_machine machine;
    explicit emulated_world(unsigned seed) : machine(seed) { machine.set_blocks_at_once(16); }
};

}  // namespace lofi::test
