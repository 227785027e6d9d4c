#pragma once
// How blocks of one launch wait for each other: counters in memory, and a limit, so that what never comes does not hang the device.
#include <lofi/backend/cuda/detail/language.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// Counters by group of blocks, each in a line of memory of its own. The launch must be cooperative: all its blocks are there.
struct meeting {
    static constexpr std::size_t line = 32, most_groups = 256;
    static constexpr const char* in_vain = "its blocks waited for each other in vain: the device may be shared or far too slow";
    std::uint32_t *counters, *status;  ///< status: not 0 once somebody has waited in vain
    std::uint32_t patience;            ///< looks at a counter

    /// Counts the block; what its threads wrote before is there for all who see the count.
    template <class C>
    LOFI_KERNEL void arrive(C& c, std::size_t group) const {
        c.sync();
        if (c.tid() == 0) c.count_up(counters + group * line);
    }
    /// Waits until so many blocks have been counted; false: in vain, and the kernel is to end.
    template <class C>
    LOFI_KERNEL bool wait(C& c, std::size_t group, std::size_t target, std::uint32_t* shared_flag) const {
        if (c.tid() == 0) {
            std::uint32_t looks = 0;
            bool there = false;
            while (!there && looks < patience && (looks % 256 != 255 || c.look(status) == 0))
                there = c.look(counters + group * line) >= target, ++looks;
            if (!there) c.store(status, 1U);
            *shared_flag = there ? 1 : 0;
        }
        c.sync();
        return *shared_flag != 0;
    }
};

/// Sets the counters back before a launch that meets.
struct clear_meeting_op {
    std::uint32_t* counters;
    LOFI_KERNEL void operator()(std::size_t, std::size_t i) const { counters[i] = 0; }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
