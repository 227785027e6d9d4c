#pragma once
// The networks that a song is composed with.
#include <cstdint>
#include <utility>

#include <lofi/core/hash.hpp>
#include <lofi/pretrained/groove.hpp>
#include <lofi/pretrained/lofi2lofi.hpp>

namespace lofi::inline LOFI_ABI::song {

/// Who writes the lead sheets, and who drums. Copies are cheap.
struct networks {
    pretrained::lofi2lofi sheets;
    pretrained::groove drums;

    /// Another writer of lead sheets goes with the drummer that is built in.
    networks(pretrained::lofi2lofi of_sheets, pretrained::groove of_drums = pretrained::groove::builtin())  // NOLINT
        : sheets(std::move(of_sheets)), drums(std::move(of_drums)) {}
    /// Those that travel with the library.
    [[nodiscard]] static networks builtin() { return networks(pretrained::lofi2lofi::builtin()); }

    /// Recognises the weights of all: it stands in every file that remembers a song.
    [[nodiscard]] std::uint64_t hash() const {
        hasher h;
        h.add(sheets.hash()).add(drums.hash());
        return h.value();
    }
};

}  // namespace lofi::inline LOFI_ABI::song
