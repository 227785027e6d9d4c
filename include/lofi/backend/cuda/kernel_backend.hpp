#pragma once
// A backend whose operations are kernels, for any machine that runs them, and results that stay in the machine's memory.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <type_traits>

#include <lofi/backend/backend.hpp>
#include <lofi/backend/cuda/detail/elementwise.hpp>
#include <lofi/backend/cuda/detail/reduce.hpp>
#include <lofi/backend/cuda/detail/step.hpp>

namespace lofi::inline LOFI_ABI::backend {

enum class transposed_operand { no, yes };

/// Matrices of one shape, rows `stride` numbers apart, each matrix `step` numbers behind the one before.
template <class Real>
struct matrices {
    Real* data = nullptr;
    std::size_t stride = 0, step = 0;
};

/// Which body an operation runs that has more than one.
struct kernel_tuning {
    enum class recurrence {
        automatic,   ///< persistent where it fits the layer and the device
        stepwise,    ///< a product and a kernel of gates for each step
        persistent,  ///< one kernel for the whole sequence; it is an error where that does not fit
    };
    enum class convolution {
        automatic,  ///< by spectra from `long_kernel` taps on
        direct,     ///< a product for each tap
        fft,        ///< products of spectra, whatever the kernel
    };
    recurrence lstm = recurrence::automatic;
    convolution conv = convolution::automatic;
    std::size_t long_kernel = 64;                         ///< a guess from counts of operations; not measured yet
    std::size_t spectrum_bytes = std::size_t{256} << 20;  ///< of blocks whose spectra are in memory at once
    std::size_t most_blocks = 0;                          ///< of a persistent kernel; 0: as many as can wait for each other
    std::uint32_t patience = 1U << 24U;                   ///< how often a block looks for another before it gives up
};

/// A backend whose operations are kernels that a machine runs in order. All views, ids, lengths and weights point into the
/// machine's memory. `cuda<Real>` is the one for users.
///
/// | of the machine | |
/// | --- | --- |
/// | `launch(kernel, dims)` | runs a kernel body after all before it |
/// | `gemm(ta, tb, m, n, k, a, sa, b, sb, beta, c, sc)` | C = A B + beta C, rows contiguous |
/// | `gemms(ta, tb, m, n, k, count, a, b, beta, c)` | so many products of one shape, each of `matrices` |
/// | `partials()` | memory for the partial sums of one operation, 4 * kernels::partial_count |
/// | `next_result()` | memory of 4 numbers for what the host may read later |
/// | `read(from, to)` | waits for all launches and copies to the host; throws where a kernel has waited in vain |
/// | `blocks_at_once()` | how many blocks can wait for each other; 0: none |
/// | `meeting_words()` | memory for the counters of `kernels::meeting`, and behind them its status |
/// | `make_buffer<T>(n)` | an owner of n numbers, zeros at first, with `data`, `upload` and `download` |
/// | `source()` | memory for scratch |
/// | `record(machine, f)` | what f launches, without running it; `replay` runs it |
template <std::floating_point Real, class Machine>
struct kernel_backend {
    using real = Real;
    template <std::size_t Out, std::size_t In, bool Bias = true>
    using weights = affine<Real, Out, In, Bias>;
    template <std::size_t V, std::size_t W>
    using table = affine<Real, V, W, false>;
    using activation = Real;
    using sum = Real;

    Machine machine;
    kernel_tuning tuning{};
    /// Keys in the machine's memory, one for each random draw of a step in their order; null: those that operations are given. A recorded
    /// step takes what lies there when it is replayed, and so draws anew.
    const std::uint64_t* keys = nullptr;
    std::size_t drawn = 0;
};

/// A loss that lies on the device. Nothing waits for it until it is read, which must happen before the machine has made as many
/// results as it keeps (64).
template <class Result, class Machine>
struct deferred {
    Machine machine;
    const double* at = nullptr;

    /// Waits for the device and returns the value.
    [[nodiscard]] Result read() const;
    operator Result() const { return read(); }  // NOLINT: stands where the CPU's result stands
};

// ---------------------------------------------------------------- bodies

namespace detail {

template <class T, std::size_t N>
kernels::strided<T> loose(columns<T, N> c) {
    return {c.data(), c.stride()};
}
template <class Real, class Machine, class Op>
void launch_each(kernel_backend<Real, Machine>& be, std::size_t row_count, std::size_t width, Op op) {
    if (row_count * width > 0) be.machine.launch(kernels::each<Op>{op, row_count, width}, kernels::over(row_count * width));
}

/// Where the key of the next draw lies; null: nowhere.
template <class Real, class Machine>
const std::uint64_t* next_key(kernel_backend<Real, Machine>& be) {
    if (be.keys == nullptr) return nullptr;
    LOFI_ASSERT(be.drawn < kernels::step_draws, "a recorded step draws more often than it has keys");
    return be.keys + be.drawn++;
}

template <class Real, class Machine>
const double* finish(kernel_backend<Real, Machine>& be, unsigned blocks, std::size_t width) {
    double* const out = be.machine.next_result();
    be.machine.launch(kernels::finish_sums{be.machine.partials(), blocks, width, out}, kernels::finish_sums::launch());
    return out;
}

}  // namespace detail

template <class Result, class Machine>
Result deferred<Result, Machine>::read() const {
    double v[4] = {};
    machine.read(at, std::span<double>(v));
    if constexpr (std::is_same_v<Result, cross_entropy_result>) {
        return {v[0], v[1], static_cast<std::size_t>(v[2]), static_cast<std::size_t>(v[3])};
    } else {
        return static_cast<Result>(v[0]);
    }
}

}  // namespace lofi::inline LOFI_ABI::backend
