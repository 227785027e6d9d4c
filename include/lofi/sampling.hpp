#pragma once
// All of the room sampling.
#include <lofi/sampling/integer.hpp>
#include <lofi/sampling/mask.hpp>
#include <lofi/sampling/sampler.hpp>
#include <lofi/sampling/weights.hpp>
