#pragma once
// A step that is recorded once and then replayed with one launch.
#include <memory>
#include <utility>

#include <lofi/backend/cuda/machine.cuh>

namespace lofi::inline LOFI_ABI::backend::device {

/// Launches recorded from a step. Run the step itself once before, so that all memory is there: a recording may not allocate.
class graph {
public:
    /// Records what f() launches on the machine, without running it.
    template <class F>
    graph(const machine& m, F&& f);
    /// Puts the whole recording into the machine's stream.
    void replay() const { check(cudaGraphLaunch(exec_.get(), stream_.get()), "cudaGraphLaunch"); }

private:
    struct destroy {
        void operator()(cudaGraphExec_t g) const { cudaGraphExecDestroy(g); }
    };
    device::stream stream_;
    std::unique_ptr<CUgraphExec_st, destroy> exec_;
};

template <class F>
[[nodiscard]] graph record(const machine& m, F&& f) {
    return {m, std::forward<F>(f)};
}

// ---------------------------------------------------------------- bodies

template <class F>
graph::graph(const machine& m, F&& f) : stream_(m.stream()) {
    check(cudaStreamBeginCapture(stream_.get(), cudaStreamCaptureModeThreadLocal), "cudaStreamBeginCapture");
    cudaGraph_t recorded = nullptr;
    try {
        f();
    } catch (...) {
        static_cast<void>(cudaStreamEndCapture(stream_.get(), &recorded));
        if (recorded != nullptr) cudaGraphDestroy(recorded);
        throw;
    }
    check(cudaStreamEndCapture(stream_.get(), &recorded), "cudaStreamEndCapture");
    cudaGraphExec_t exec = nullptr;
    const cudaError_t code = cudaGraphInstantiate(&exec, recorded, 0);
    cudaGraphDestroy(recorded);
    check(code, "cudaGraphInstantiate");
    exec_.reset(exec);
}

}  // namespace lofi::inline LOFI_ABI::backend::device
