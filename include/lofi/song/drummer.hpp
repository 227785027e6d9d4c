#pragma once
// The drummer: what the groove network is asked for in lo-fi, and a groove with a fill out of it, a network step at a time.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include <lofi/arrange/section.hpp>
#include <lofi/model/groove_generate.hpp>
#include <lofi/pretrained/groove.hpp>

namespace lofi::inline LOFI_ABI::song {

/// What a groove is made for.
struct drum_request {
    std::uint8_t energy = 128;   ///< 0 calm to 255 lively: how many hits, and whose
    std::int32_t tempo = 78000;  ///< as felt, in 1/1000 beat a minute
};

/// What the network is told: a hip-hop, soul or funk drummer who plays straight, since the arranger swings all players alike; a little
/// faster than felt, as the drummers it learned from were.
[[nodiscard]] constexpr model::groove_conditions drum_conditions(const drum_request& r, random_key material);
/// How it is drawn from: surer than the raw network of the first beat and the backbeat, with an evener hand, without what hardly anybody
/// would play; no toms and no crash in a groove, toms where it turns.
[[nodiscard]] constexpr model::groove_sampling drum_sampling(model::groove_kind kind);

/// Writes the groove of a material, and the fill that it turns with: the groove's first bar, and another second one.
class drummer {
public:
    /// How many calls of `step` it takes at the most.
    static constexpr std::size_t slices = 2 * (model::groove_steps + model::most_hits + 1);

    /// Keeps a reference to the network. Sections of one material share its groove; each has a turning of its own.
    drummer(const pretrained::groove& network, const drum_request& r, random_key material, std::uint32_t turning);

    /// Does one slice; true while there is more to do.
    /// realtime: yes
    bool step() noexcept;
    /// Writes to the end.
    void generate() noexcept {
        while (step()) {
        }
    }
    /// What came of it, once `step` has returned false. Timing is relative to the swung grid.
    [[nodiscard]] const arrange::drum_pattern& groove() const { return groove_; }
    [[nodiscard]] const arrange::drum_pattern& fill() const { return fill_; }

private:
    using writer = model::groove_writer<pretrained::groove_sizes, backend::fixed>;

    const pretrained::groove* network_;
    model::groove_conditions conditions_;
    random_key fill_key_;
    writer writer_;
    arrange::drum_pattern groove_{}, fill_{};
    bool written_ = false, turning_ = false, done_ = false;
};

// ---------------------------------------------------------------- bodies

constexpr model::groove_conditions drum_conditions(const drum_request& r, random_key material) {
    using enum model::groove_style;
    random_stream random(material.child("style"));
    constexpr std::array<model::groove_style, 3> styles = {hiphop, soul, funk};
    const std::array<std::uint32_t, 3> likes = {300, 160, 40U + r.energy};
    model::groove_conditions c;
    c.style = styles[pick(random, likes)];
    c.tempo = std::clamp(r.tempo * 9 / 8, 70000, 104000);
    c.kind = model::groove_kind::beat;
    c.swing = 500, c.lilt = 0;
    c.hits = 24 + r.energy * 17 / 255 + uniform_between(random, -2, 2);
    return c;
}

constexpr model::groove_sampling drum_sampling(model::groove_kind kind) {
    model::groove_sampling s;
    s.hits.top_p = 64500;  // less than one in sixty is none
    s.forces.temperature = s.offsets.temperature = 55000;
    s.downbeat = 98304, s.backbeat = 131072;
    for (const score::drum d : {score::drum::low_tom, score::drum::mid_tom, score::drum::high_tom, score::drum::crash})
        if (kind != model::groove_kind::turning || d == score::drum::crash)
            s.voice_bias[static_cast<std::size_t>(d)] = sampling::never;
    return s;
}

inline drummer::drummer(const pretrained::groove& network, const drum_request& r, random_key material, std::uint32_t turning)
    : network_(&network),
      conditions_(drum_conditions(r, material)),
      fill_key_(material.child("fill").child(turning)),
      writer_({}, network.params(), conditions_, drum_sampling(conditions_.kind), material.child("groove")) {}

inline bool drummer::step() noexcept {
    if (done_) return false;
    if (!written_) {
        written_ = !writer_.step();
        return true;
    }
    if (turning_) {
        fill_ = writer_.pattern();
        model::level_timing(groove_);
        model::level_timing(fill_);
        done_ = true;
        return false;
    }
    groove_ = writer_.pattern();
    turning_ = true, written_ = false;
    model::groove_conditions turn = conditions_;
    turn.kind = model::groove_kind::turning;
    turn.hits = *turn.hits + 4;
    writer_ = writer({}, network_->params(), turn, drum_sampling(turn.kind), fill_key_,
                     {{groove_.data(), groove_.size()}, model::groove_steps / 2});
    return true;
}

}  // namespace lofi::inline LOFI_ABI::song
