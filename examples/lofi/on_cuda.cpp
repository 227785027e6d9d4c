// What `lofi train --backend cuda` says where this build has no CUDA; on_cuda.cu stands in its place where it has.
#if LOFI_HAVE_TRAIN && !LOFI_HAVE_CUDA
#include "on_cuda.hpp"

namespace program {
namespace {

[[noreturn]] void refuse() {
    throw lofi::error("--backend cuda",
                      "this lofi was built without CUDA: install nvcc and a CUDA toolkit, configure with "
                      "-DLOFI_CUDA=ON and build again; --backend cpu trains here");
}

}  // namespace

std::unique_ptr<lofi::backend::resident_steps> note_lstm_on_cuda(lofi::model::note_lstm_resident_data) { refuse(); }
std::unique_ptr<lofi::backend::resident_steps> note_lstm_001_on_cuda(lofi::model::note_lstm_published_data) { refuse(); }
std::unique_ptr<lofi::backend::resident_steps> note_lstm_003_on_cuda(lofi::model::note_lstm_published_data) { refuse(); }
std::unique_ptr<lofi::backend::resident_steps> lofigen_on_cuda(std::size_t, lofi::model::lofigen_resident_data) { refuse(); }

}  // namespace program
#endif
