#pragma once
// All of the room train.
#include <lofi/train/batches.hpp>
#include <lofi/train/clip.hpp>
#include <lofi/train/early_stopping.hpp>
#include <lofi/train/ema.hpp>
#include <lofi/train/interrupt.hpp>
#include <lofi/train/loop.hpp>
#include <lofi/train/metrics.hpp>
#include <lofi/train/optimiser.hpp>
#include <lofi/train/pictures.hpp>
#include <lofi/train/progress.hpp>
#include <lofi/train/resident.hpp>
#include <lofi/train/schedule.hpp>
