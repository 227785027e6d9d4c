#pragma once
// All of the room model.
#include <lofi/model/feature_table.hpp>
#include <lofi/model/groove.hpp>
#include <lofi/model/groove_batch.hpp>
#include <lofi/model/groove_features.hpp>
#include <lofi/model/groove_generate.hpp>
#include <lofi/model/lead_features.hpp>
#include <lofi/model/lead_plan.hpp>
#include <lofi/model/lofi2lofi.hpp>
#include <lofi/model/lofi2lofi_batch.hpp>
#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/model/lofi2lofi_published.hpp>
#include <lofi/model/lofi2lofi_published_batch.hpp>
#include <lofi/model/logits.hpp>
#include <lofi/model/note_lstm.hpp>
#include <lofi/model/note_lstm_features.hpp>
#include <lofi/model/note_lstm_generate.hpp>
