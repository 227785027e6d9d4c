#pragma once
// The headers of the room nn that belong to the train door.
#include <lofi/nn/checkpoint.hpp>
#include <lofi/nn/gradient_check.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/loss_density.hpp>
#include <lofi/nn/safetensors.hpp>
