#pragma once
// All of the room core.
#include <lofi/core/assert.hpp>
#include <lofi/core/bits.hpp>
#include <lofi/core/bytes.hpp>
#include <lofi/core/config.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/file.hpp>
#include <lofi/core/fixed_vector.hpp>
#include <lofi/core/hash.hpp>
#include <lofi/core/math.hpp>
#include <lofi/core/phase.hpp>
#include <lofi/core/published.hpp>
#include <lofi/core/queue.hpp>
#include <lofi/core/random.hpp>
#include <lofi/core/units.hpp>
#include <lofi/core/views.hpp>
