#pragma once
// The headers of the room model that belong to the train door.
#include <lofi/model/frame_net_training.hpp>
#include <lofi/model/groove_training.hpp>
#include <lofi/model/lofi2lofi_decoder_training.hpp>
#include <lofi/model/lofi2lofi_encoder.hpp>
#include <lofi/model/lofi2lofi_published_decoder_training.hpp>
#include <lofi/model/lofi2lofi_published_encoder.hpp>
#include <lofi/model/lofi2lofi_published_losses_training.hpp>
#include <lofi/model/lofi2lofi_published_training.hpp>
#include <lofi/model/lstm_wave_training.hpp>
#include <lofi/model/lyrics2lofi_published_training.hpp>
<<<<<<< HEAD
#include <lofi/model/mu_law_wavenet_training.hpp>
=======
#include <lofi/model/lyrics2lofi_training.hpp>
>>>>>>> w/lyrics
#include <lofi/model/music_vae_published_training.hpp>
#include <lofi/model/music_vae_training.hpp>
#include <lofi/model/note_lstm_published_training.hpp>
#include <lofi/model/note_lstm_published_training_resident.hpp>
#include <lofi/model/note_lstm_training.hpp>
#include <lofi/model/note_lstm_training_kernels.hpp>
#include <lofi/model/note_lstm_training_resident.hpp>
#include <lofi/model/stft_published_training.hpp>
#include <lofi/model/stft_training.hpp>
#include <lofi/model/text_encoder.hpp>
#include <lofi/model/wave_tcn_training.hpp>
