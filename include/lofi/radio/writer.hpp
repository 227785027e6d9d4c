#pragma once
// Composing a section in slices: a phrase and a groove from the networks, one step a slice.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <lofi/model/lofi2lofi_generate.hpp>
#include <lofi/radio/sheet.hpp>
#include <lofi/song/accent.hpp>
#include <lofi/song/drummer.hpp>
#include <lofi/song/material.hpp>
#include <lofi/song/networks.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// What a section is composed from.
struct brief {
    std::uint64_t number = 0;
    arrange::section_plan plan{};
    model::lead_conditions told{};
    score::mode scale{};
    song::drum_request drums{};

    friend bool operator==(const brief& a, const brief& b) {
        return a.number == b.number && a.told == b.told && a.scale == b.scale && a.drums.energy == b.drums.energy &&
               a.drums.tempo == b.drums.tempo;
    }
};

/// Writes sheets.
class writer {
public:
    /// How many calls of `step` a sheet takes at the most.
    static constexpr std::int64_t slices = phrase_rows + phrase_rows * score::slots_per_row + 3 + song::drummer::slices;

    writer(const song::networks& networks, random_key seed) : networks_(&networks), seed_(seed) {}

    void start(const brief&);
    void seed(random_key seed) { seed_ = seed; }
    /// Does one slice; true while there is more to do.
    /// realtime: yes
    bool step() noexcept;
    [[nodiscard]] bool busy() const { return busy_; }
    void stop() { busy_ = false; }
    /// What came of it, once `step` has returned false.
    [[nodiscard]] const engine::sheet& sheet() const { return sheet_; }
    [[nodiscard]] const engine::brief& brief() const { return brief_; }

private:
    static constexpr std::uint8_t accent_dial = 153;  // as a song has it that does not ask for another
    using phrase_writer = model::phrase_writer<pretrained::lofi2lofi_sizes, backend::fixed>;

    const song::networks* networks_;
    random_key seed_;
    engine::brief brief_{};
    engine::sheet sheet_{};
    std::optional<phrase_writer> phrase_{};
    std::optional<song::drummer> drummer_{};
    bool busy_ = false;
};

// ---------------------------------------------------------------- bodies

inline void writer::start(const engine::brief& b) {
    brief_ = b;
    sheet_ = {};
    sheet_.number = b.number, sheet_.plan = b.plan;
    phrase_.reset(), drummer_.reset();
    busy_ = true;
}

inline bool writer::step() noexcept {
    if (!busy_) return false;
    if (!phrase_) {
        // Sections of one material share its latent and its random numbers; each return walks a little further from it.
        const random_key material = seed_.child("material").child(brief_.plan.material);
        const song::lead_latent z = song::latent_of(material, brief_.plan.variation);
        model::lead_sampling sampling = song::shipped_sampling(brief_.scale, accent_dial);
        sampling.loop = phrase_rows / 2;
        phrase_.emplace(backend::fixed{}, networks_->sheets.params(), brief_.told, z, sampling, material);
        return true;
    }
    if (!drummer_) {
        if (phrase_->step()) return true;
        const model::lead_phrase& p = phrase_->phrase();
        std::copy_n(p.chords.begin(), phrase_rows, sheet_.chords.begin());
        std::copy_n(p.melody.begin(), sheet_.melody.size(), sheet_.melody.begin());
        const random_key material = seed_.child("material").child(brief_.plan.material);
        drummer_.emplace(networks_->drums, brief_.drums, material, static_cast<std::uint32_t>(brief_.number));
        return true;
    }
    if (drummer_->step()) return true;
    sheet_.groove = drummer_->groove(), sheet_.fill = drummer_->fill();
    return busy_ = false;
}

}  // namespace lofi::inline LOFI_ABI::engine
