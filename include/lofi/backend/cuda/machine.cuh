#pragma once
// A device as the machine of a backend: one stream, products by cuBLAS, memory for partial sums and results.
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>
#include <type_traits>

#include <lofi/backend/cuda/buffer.cuh>
#include <lofi/backend/cuda/launch.cuh>
#include <lofi/backend/cuda/operations.hpp>

namespace lofi::inline LOFI_ABI::backend::device {

/// How products of floats round.
enum class precision {
    strict,  ///< as floats do
    tf32     ///< factors rounded to 10 bits, sums in float: faster on tensor cores
};

/// The scratch memory of a context, on the device: `ctx.scratch = nn::scratch(1 << 24, device::memory())`.
[[nodiscard]] inline memory_source memory();

/// Runs launches in the order of one stream. Copies are the same machine.
class machine {
public:
    machine() : machine(precision::strict) {}
    explicit machine(precision products);

    template <class Kernel>
    void launch(const Kernel& kernel, kernels::dims d);
    template <class Real>
    void gemm(transposed_operand ta, transposed_operand tb, std::size_t m, std::size_t n, std::size_t k, const Real* a,
              std::size_t stride_a, const Real* b, std::size_t stride_b, Real beta, Real* c, std::size_t stride_c);
    template <class Real>
    void gemms(transposed_operand ta, transposed_operand tb, std::size_t m, std::size_t n, std::size_t k, std::size_t count,
               matrices<const Real> a, matrices<const Real> b, Real beta, matrices<Real> c);
    [[nodiscard]] double* partials() const { return state_->partials.data(); }
    [[nodiscard]] double* next_result() { return state_->results.data() + 4 * (state_->made++ % result_count); }
    void read(const double* from, std::span<double> to) const;
    [[nodiscard]] std::size_t blocks_at_once() const { return state_->multiprocessors; }
    [[nodiscard]] std::uint32_t* meeting_words() const { return state_->meeting.data(); }
    template <class T>
    [[nodiscard]] buffer<T> make_buffer(std::size_t n) const {
        return {stream(), n};
    }
    [[nodiscard]] static memory_source source() { return memory(); }
    /// Waits for everything.
    /// errors: those of kernels before; blocks of a persistent kernel that waited for each other in vain
    void wait() const;
    [[nodiscard]] const device::stream& stream() const { return state_->stream; }

private:
    static constexpr std::size_t meeting_count = kernels::meeting::line * kernels::meeting::most_groups;
    static constexpr std::size_t result_count = 64, workspace_bytes = std::size_t{32} << 20;
    struct destroy {
        void operator()(cublasHandle_t h) const { cublasDestroy(h); }
    };
    // Members go in reverse order: the handle before the memory that it works in, the stream last.
    struct state {
        device::stream stream;
        buffer<double> partials{stream, 4 * kernels::partial_count}, results{stream, 4 * result_count};
        buffer<std::byte> workspace{stream, workspace_bytes};
        std::unique_ptr<cublasContext, destroy> blas;
        buffer<std::uint32_t> meeting{stream, meeting_count + 1};
        std::size_t made = 0, multiprocessors = 0;
        bool wait_each = false;
    };
    std::shared_ptr<state> state_;
};

// ---------------------------------------------------------------- bodies

namespace detail {
inline void* take(std::size_t bytes) {
    void* p = nullptr;
    check(cudaMalloc(&p, bytes), "cudaMalloc");
    return p;
}
inline void give(void* p) noexcept { static_cast<void>(cudaFree(p)); }
}  // namespace detail

inline memory_source memory() { return {detail::take, detail::give}; }

inline machine::machine(precision products) : state_(std::make_shared<state>()) {
    cublasHandle_t handle = nullptr;
    check(cublasCreate(&handle), "cublasCreate");
    state_->blas.reset(handle);
    check(cublasSetStream(handle, stream().get()), "cublasSetStream");
    // Memory of its own lets a product be captured into a graph, and keeps its result the same from run to run.
    check(cublasSetWorkspace(handle, state_->workspace.data(), workspace_bytes), "cublasSetWorkspace");
    check(cublasSetMathMode(handle, products == precision::tf32 ? CUBLAS_TF32_TENSOR_OP_MATH : CUBLAS_DEFAULT_MATH),
          "cublasSetMathMode");
    int device = 0, processors = 0, cooperative = 0;
    check(cudaGetDevice(&device), "cudaGetDevice");
    check(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "cudaDeviceGetAttribute");
    check(cudaDeviceGetAttribute(&cooperative, cudaDevAttrCooperativeLaunch, device), "cudaDeviceGetAttribute");
    state_->multiprocessors = cooperative != 0 ? static_cast<std::size_t>(processors) : 0;
    const char* const sync = std::getenv("LOFI_CUDA_SYNC");
    state_->wait_each = sync != nullptr && *sync == '1';
}

template <class Kernel>
void machine::launch(const Kernel& kernel, kernels::dims d) {
    device::launch(kernel, d, stream().get());
    if (state_->wait_each) stream().wait();
}

template <class Real>
void machine::gemm(transposed_operand ta, transposed_operand tb, std::size_t m, std::size_t n, std::size_t k, const Real* a,
                   std::size_t stride_a, const Real* b, std::size_t stride_b, Real beta, Real* c, std::size_t stride_c) {
    if (m == 0 || n == 0) return;
    // cuBLAS counts columns first: what it sees of contiguous rows is the transpose, and (A B)^T = B^T A^T.
    const auto op = [](transposed_operand t) { return t == transposed_operand::yes ? CUBLAS_OP_T : CUBLAS_OP_N; };
    const auto whole = [](std::size_t v) { return static_cast<int>(v); };
    const Real one = 1;
    if constexpr (std::is_same_v<Real, float>) {
        check(cublasSgemm(state_->blas.get(), op(tb), op(ta), whole(n), whole(m), whole(k), &one, b, whole(stride_b), a,
                          whole(stride_a), &beta, c, whole(stride_c)),
              "cublasSgemm");
    } else {
        check(cublasDgemm(state_->blas.get(), op(tb), op(ta), whole(n), whole(m), whole(k), &one, b, whole(stride_b), a,
                          whole(stride_a), &beta, c, whole(stride_c)),
              "cublasDgemm");
    }
    if (state_->wait_each) stream().wait();
}

template <class Real>
void machine::gemms(transposed_operand ta, transposed_operand tb, std::size_t m, std::size_t n, std::size_t k,
                    std::size_t count, matrices<const Real> a, matrices<const Real> b, Real beta, matrices<Real> c) {
    if (m == 0 || n == 0 || count == 0) return;
    const auto op = [](transposed_operand t) { return t == transposed_operand::yes ? CUBLAS_OP_T : CUBLAS_OP_N; };
    const auto whole = [](std::size_t v) { return static_cast<int>(v); };
    const auto far = [](std::size_t v) { return static_cast<long long>(v); };
    const Real one = 1;
    if constexpr (std::is_same_v<Real, float>) {
        check(cublasSgemmStridedBatched(state_->blas.get(), op(tb), op(ta), whole(n), whole(m), whole(k), &one, b.data,
                                        whole(b.stride), far(b.step), a.data, whole(a.stride), far(a.step), &beta, c.data,
                                        whole(c.stride), far(c.step), whole(count)),
              "cublasSgemmStridedBatched");
    } else {
        check(cublasDgemmStridedBatched(state_->blas.get(), op(tb), op(ta), whole(n), whole(m), whole(k), &one, b.data,
                                        whole(b.stride), far(b.step), a.data, whole(a.stride), far(a.step), &beta, c.data,
                                        whole(c.stride), far(c.step), whole(count)),
              "cublasDgemmStridedBatched");
    }
    if (state_->wait_each) stream().wait();
}

inline void machine::read(const double* from, std::span<double> to) const {
    check(cudaMemcpyAsync(to.data(), from, to.size_bytes(), cudaMemcpyDeviceToHost, stream().get()), "cudaMemcpyAsync");
    wait();
}

inline void machine::wait() const {
    std::uint32_t in_vain = 0, *const status = state_->meeting.data() + meeting_count;
    check(cudaMemcpyAsync(&in_vain, status, sizeof in_vain, cudaMemcpyDeviceToHost, stream().get()), "cudaMemcpyAsync");
    stream().wait();
    if (in_vain == 0) return;
    check(cudaMemsetAsync(status, 0, sizeof in_vain, stream().get()), "cudaMemsetAsync");
    raise(error("a kernel", kernels::meeting::in_vain));
}

}  // namespace lofi::inline LOFI_ABI::backend::device
