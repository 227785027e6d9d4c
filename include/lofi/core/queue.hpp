#pragma once
// A bounded queue between threads that never waits, locks or allocates after it is made.
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <type_traits>

#include <lofi/core/assert.hpp>

namespace lofi::inline LOFI_ABI {

/// Passes plain values from any threads to any threads, first in, first out.
/// realtime: `push` and `pop` take no lock and no memory; a thread that is interrupted in the middle delays others' values, never
/// their calls
/// source: Vyukov: Bounded MPMC queue (2010)
template <class T>
class bounded_queue {
    static_assert(std::is_trivially_copyable_v<T>, "a bounded_queue passes plain values, which are copied as bytes");

public:
    /// `capacity` is a power of two.
    explicit bounded_queue(std::size_t capacity) : mask_(capacity - 1), cells_(new cell[capacity]) {
        LOFI_ASSERT(std::has_single_bit(capacity), "the capacity of a bounded_queue is a power of two");
        for (std::size_t i = 0; i < capacity; ++i) cells_[i].turn.store(i, std::memory_order_relaxed);
    }

    /// False where the queue is full: the value was not taken, and nothing was lost.
    bool push(const T& value) noexcept {
        std::size_t at = back_.load(std::memory_order_relaxed);
        for (;;) {
            cell& c = cells_[at & mask_];
            const std::size_t turn = c.turn.load(std::memory_order_acquire);
            const auto ahead = static_cast<std::ptrdiff_t>(turn - at);
            if (ahead < 0) return false;
            if (ahead > 0) {
                at = back_.load(std::memory_order_relaxed);
            } else if (back_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
                c.value = value;
                c.turn.store(at + 1, std::memory_order_release);
                return true;
            }
        }
    }
    /// False where the queue is empty.
    bool pop(T& value) noexcept {
        std::size_t at = front_.load(std::memory_order_relaxed);
        for (;;) {
            cell& c = cells_[at & mask_];
            const std::size_t turn = c.turn.load(std::memory_order_acquire);
            const auto ahead = static_cast<std::ptrdiff_t>(turn - (at + 1));
            if (ahead < 0) return false;
            if (ahead > 0) {
                at = front_.load(std::memory_order_relaxed);
            } else if (front_.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) {
                value = c.value;
                c.turn.store(at + mask_ + 1, std::memory_order_release);
                return true;
            }
        }
    }
    [[nodiscard]] std::size_t capacity() const { return mask_ + 1; }

private:
    struct cell {
        std::atomic<std::size_t> turn;
        T value;
    };
    // Two ends that different threads write: on cache lines of their own.
    std::size_t mask_;
    std::unique_ptr<cell[]> cells_;
    alignas(64) std::atomic<std::size_t> back_{0};
    alignas(64) std::atomic<std::size_t> front_{0};
};

}  // namespace lofi::inline LOFI_ABI
