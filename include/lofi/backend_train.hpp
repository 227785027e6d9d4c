#pragma once
// The headers of the room backend that belong to the train door.
#include <lofi/backend/cpu.hpp>
#include <lofi/backend/cpu_bag.hpp>
#include <lofi/backend/cpu_conv.hpp>
#include <lofi/backend/cpu_conv_direct.hpp>
#include <lofi/backend/cpu_conv_fft.hpp>
#include <lofi/backend/cpu_gemm.hpp>
#include <lofi/backend/cpu_lane_fft.hpp>
#include <lofi/backend/cpu_norm.hpp>
#include <lofi/backend/cpu_recurrent.hpp>
#include <lofi/backend/cuda.hpp>
#include <lofi/backend/cuda/kernel_backend.hpp>
#include <lofi/backend/cuda/operations.hpp>
#include <lofi/backend/cuda/recurrence.hpp>
#include <lofi/backend/cuda/resident.hpp>
#include <lofi/backend/cuda/step_runner.hpp>
