#include "backend/cuda_note_lstm.hpp"

#include "backend/cuda_world.hpp"

using namespace lofi;

TEST_CASE("the note network's steps on emulated CUDA kernels are those that a device is held against") {
    test::emulated_world world(4);
    world.machine.set_blocks_at_once(0);  // the persistent LSTM has cases of its own, and takes the emulator long
    test::cuda_cases::note_training(world);
}
