#pragma once
// Words that one thread writes now and then, and any thread may read whole, without either waiting for the other.
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI {

/// A sequence lock over words. The writer never waits. A reader that was overtaken by the writer reads again, and gives up after
/// some tries; between two publications it always succeeds.
/// source: Boehm: Can Seqlocks Get Along With Programming Language Memory Models? (2012)
class published {
public:
    explicit published(std::size_t words) : size_(words), words_(new std::atomic<std::uint64_t>[words]) {
        for (std::size_t i = 0; i < words; ++i) words_[i].store(0, std::memory_order_relaxed);
    }

    [[nodiscard]] std::size_t size() const { return size_; }

    /// Calls `write(put)`, where `put(i, word)` sets a word; words that are not set keep their values.
    /// realtime: yes; one thread at a time
    template <class Write>
    void publish(Write&& write) noexcept {
        const std::uint64_t v = version_.load(std::memory_order_relaxed);
        version_.store(v + 1, std::memory_order_relaxed);
        // Each word is stored with release, so that who sees a new one sees the odd version too.
        write([&](std::size_t i, std::uint64_t word) {
            LOFI_ASSERT(i < size_, "a word beyond those that are published");
            words_[i].store(word, std::memory_order_release);
        });
        version_.store(v + 2, std::memory_order_release);
    }

    /// Calls `read(get)`, where `get(i)` is a word, until nobody has written meanwhile; false where that does not come about.
    /// What was read is to be used only after `read` has returned true.
    /// realtime: yes; any thread
    template <class Read>
    [[nodiscard]] bool read(Read&& read) const noexcept {
        for (int tries = 0; tries < 64; ++tries) {
            const std::uint64_t before = version_.load(std::memory_order_acquire);
            if (before % 2 != 0) continue;
            read([&](std::size_t i) {
                LOFI_ASSERT(i < size_, "a word beyond those that are published");
                return words_[i].load(std::memory_order_acquire);
            });
            if (version_.load(std::memory_order_relaxed) == before) return true;
        }
        return false;
    }

private:
    std::size_t size_;
    std::unique_ptr<std::atomic<std::uint64_t>[]> words_;
    alignas(64) std::atomic<std::uint64_t> version_{0};
};

}  // namespace lofi::inline LOFI_ABI
