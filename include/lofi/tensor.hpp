#pragma once
// All of the room tensor.
#include <lofi/tensor/fft.hpp>
#include <lofi/tensor/xtensor.hpp>
