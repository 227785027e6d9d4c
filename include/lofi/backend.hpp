#pragma once
// All of the room backend.
#include <lofi/backend/backend.hpp>
#include <lofi/backend/columns.hpp>
#include <lofi/backend/convolution.hpp>
#include <lofi/backend/fixed.hpp>
#include <lofi/backend/stream.hpp>
