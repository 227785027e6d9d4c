#pragma once
// The networks that `lofi train --backend cuda` trains: made in a .cu, held here. Without CUDA in this build, a sentence.
#include <memory>

#include <lofi/backend/cuda/resident.hpp>
#include <lofi/core/error.hpp>
#include <lofi/model/lofigen_training_resident.hpp>
#include <lofi/model/note_lstm_published_training_resident.hpp>
#include <lofi/model/note_lstm_training_resident.hpp>

namespace program {

/// errors: a build without CUDA, a machine without a device, a device without memory
std::unique_ptr<lofi::backend::resident_steps> note_lstm_on_cuda(lofi::model::note_lstm_resident_data data);
std::unique_ptr<lofi::backend::resident_steps> note_lstm_001_on_cuda(lofi::model::note_lstm_published_data data);
std::unique_ptr<lofi::backend::resident_steps> note_lstm_003_on_cuda(lofi::model::note_lstm_published_data data);
/// params: layers: 4 or 6
std::unique_ptr<lofi::backend::resident_steps> lofigen_on_cuda(std::size_t layers, lofi::model::lofigen_resident_data data);

}  // namespace program
