// The networks that `lofi train --backend cuda` trains, on the device.
#include "on_cuda.hpp"

#include <lofi/cuda.cuh>
#include <lofi/pretrained/note_lstm.hpp>

namespace program {
namespace {

namespace device = lofi::backend::device;

device::machine machine() {
    if (device::count() == 0)
        throw lofi::error("--backend cuda",
                          "there is no CUDA device on this machine; --backend cpu trains here, and either goes on "
                          "with the other's run");
    return {};
}

}  // namespace

std::unique_ptr<lofi::backend::resident_steps> note_lstm_on_cuda(lofi::model::note_lstm_resident_data data) {
    return std::make_unique<lofi::model::note_lstm_resident<lofi::pretrained::note_lstm_sizes, device::machine>>(
        machine(), std::move(data));
}
std::unique_ptr<lofi::backend::resident_steps> note_lstm_001_on_cuda(lofi::model::note_lstm_published_data data) {
    return std::make_unique<lofi::model::note_lstm_published_resident<lofi::model::note_lstm_001, device::machine>>(
        machine(), std::move(data));
}
std::unique_ptr<lofi::backend::resident_steps> note_lstm_003_on_cuda(lofi::model::note_lstm_published_data data) {
    return std::make_unique<lofi::model::note_lstm_published_resident<lofi::model::note_lstm_003, device::machine>>(
        machine(), std::move(data));
}
std::unique_ptr<lofi::backend::resident_steps> lofigen_on_cuda(std::size_t layers, lofi::model::lofigen_resident_data data) {
    if (layers == 4) return std::make_unique<lofi::model::lofigen_resident<4, device::machine>>(machine(), std::move(data));
    return std::make_unique<lofi::model::lofigen_resident<6, device::machine>>(machine(), std::move(data));
}

}  // namespace program
