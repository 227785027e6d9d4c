#pragma once
// What the groove network is told, and what it sees at each step and each hit, as rows of a table: kept in whole numbers, so that
// training and every backend of inference see the same.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include <lofi/core/fixed_vector.hpp>
#include <lofi/model/feature_table.hpp>
#include <lofi/score/groove.hpp>
#include <lofi/token/groove.hpp>

namespace lofi::inline LOFI_ABI::model {

inline constexpr std::size_t groove_steps = token::groove_grid_steps;  ///< sixteenths of two bars
inline constexpr std::size_t groove_voices = 9;                        ///< score::drum from kick to ride
inline constexpr std::size_t most_hits = 128;

/// Two bars of drums, by step, then voice.
using groove_pattern = fixed_vector<score::drum_hit, most_hits>;

enum class groove_style : std::uint8_t {
    not_told,
    hiphop,
    soul,
    funk,
    new_orleans,
    jazz,
    song,
    reggae,
    rock,
    punk,
    latin,
    other
};
inline constexpr std::size_t groove_styles = 11;

/// How two bars go on.
enum class groove_kind : std::uint8_t {
    not_told,
    beat,      ///< they could come round again
    turning,   ///< the last half bar is a fill
    all_fill,  ///< nothing but a fill
};

/// What a groove is told before it is written. A part that is not given is left to the network.
struct groove_conditions {
    std::optional<std::int32_t> tempo{};  ///< in 1/1000 beat a minute
    groove_style style = groove_style::not_told;
    groove_kind kind = groove_kind::not_told;
    std::optional<std::int32_t> swing{};  ///< where the second eighth of a beat lies, in 1/1000 of the beat: 500 straight
    std::optional<std::int32_t> lilt{};   ///< how late the second sixteenth of an eighth comes, in 1/128 of a step: 0 straight
    std::optional<std::int32_t> hits{};   ///< how many hits the two bars have

    friend constexpr bool operator==(const groove_conditions&, const groove_conditions&) = default;
};

/// The conditions that stay the same as a vector of noughts and ones: tempo, style, kind, swing, lilt.
inline constexpr std::array<std::size_t, 5> condition_sizes = {9, groove_styles, 3, 8, 8};
inline constexpr std::size_t condition_size = static_cast<std::size_t>(offsets(condition_sizes).back());
/// Calls f(place) for each one of that vector.
template <class F>
constexpr void told(const groove_conditions& c, F&& f);

/// The class of a velocity and of an offset.
using token::offset_class, token::touch_classes, token::velocity_class;

/// What the hit network sees before a step: step of the bar; bar; hits still owed; how many steps in a row were those of the bar
/// before; and each voice 1, 2, 3, 4, 8, 12, 15 and 16 steps back.
namespace hit_feature {
enum name : std::size_t { step, bar, owed, run, back };
inline constexpr std::array<int, 8> lags = {1, 2, 3, 4, 8, 12, 15, 16};
inline constexpr std::size_t count = back + lags.size() * groove_voices;
inline constexpr std::array<std::size_t, count> sizes = [] {
    std::array<std::size_t, count> s{16, 2, 18, 5};
    for (std::size_t i = back; i < count; ++i) s[i] = 1;
    return s;
}();
}  // namespace hit_feature

/// What the touch network sees before a hit, when all hits are known: voice; step of the bar; bar; force and offset of the hit before,
/// in this step (mate) or an earlier one, and how far back that is; force, offset and distance of the voice's own last hit; its force and
/// offset a bar ago; how soon it comes again; which voices sound with it, and in the step after.
namespace touch_feature {
enum name : std::size_t {
    voice,
    step,
    bar,
    mate_force,
    mate_offset,
    before_force,
    before_offset,
    gap,
    own_force,
    own_offset,
    own_gap,
    bar_force,
    bar_offset,
    next_gap,
    with,
    after = with + groove_voices,
    count = after + groove_voices
};
inline constexpr std::array<std::size_t, count> sizes = [] {
    std::array<std::size_t, count> s{groove_voices, 16, 2, 16, 16, 16, 16, 6, 16, 16, 9, 16, 16, 9};
    for (std::size_t i = with; i < count; ++i) s[i] = 1;
    return s;
}();
}  // namespace touch_feature

inline constexpr auto hit_offsets = offsets(hit_feature::sizes);
inline constexpr auto touch_offsets = offsets(touch_feature::sizes);
inline constexpr std::size_t hit_table = static_cast<std::size_t>(hit_offsets.back());
inline constexpr std::size_t touch_table = static_cast<std::size_t>(touch_offsets.back());

/// The voices of a step, bit v for voice v.
using voice_mask = std::uint16_t;
[[nodiscard]] constexpr bool sounds(voice_mask m, std::size_t voice) { return (m >> voice & 1U) != 0; }

/// The hits of a groove as they are written.
class hit_state {
public:
    hit_state() = default;
    explicit hit_state(const groove_conditions& c) : owed_(c.hits.value_or(-1)), told_(c.hits.has_value()) {}

    using ids = std::array<std::int32_t, hit_feature::count>;
    /// Fills in rows of the table, -1 for none.
    void features(ids& out) const noexcept;
    void push(voice_mask voices) noexcept;

    [[nodiscard]] std::size_t length() const { return length_; }
    /// The voices `back` steps before the one to come; none before the start.
    [[nodiscard]] voice_mask before(std::size_t back) const { return length_ >= back ? steps_[length_ - back] : voice_mask{0}; }
    [[nodiscard]] std::span<const voice_mask, groove_steps> steps() const { return steps_; }

private:
    std::array<voice_mask, groove_steps> steps_{};
    std::size_t length_ = 0;
    std::int32_t owed_ = 0, run_ = 0;
    bool told_ = false;
};

/// How a hit is played.
struct touch {
    std::uint8_t force = 0, offset = 0;  ///< classes
};

/// The touches of a groove as they are written, hit by hit, over hits that are known to the end.
class touch_state {
public:
    touch_state() { seek(); }
    explicit touch_state(std::span<const voice_mask, groove_steps> steps) {
        std::copy(steps.begin(), steps.end(), steps_.begin());
        seek();
    }

    using ids = std::array<std::int32_t, touch_feature::count>;
    void features(ids& out) const noexcept;
    /// Says how the present hit is played, and goes to the next.
    void push(touch t) noexcept;

    /// Whether there is no further hit.
    [[nodiscard]] bool done() const { return step_ == groove_steps; }
    [[nodiscard]] std::size_t step() const { return step_; }
    [[nodiscard]] std::size_t voice() const { return voice_; }

private:
    struct played {
        std::int32_t step = -1;  // -1: none yet
        touch how{};
    };
    // Goes to the first hit from here on.
    void seek() noexcept {
        for (; step_ < groove_steps; ++step_, voice_ = 0)
            for (; voice_ < groove_voices; ++voice_)
                if (sounds(steps_[step_], voice_)) return;
    }

    std::array<voice_mask, groove_steps> steps_{};
    std::array<std::array<touch, groove_voices>, groove_steps> touches_{};
    std::array<played, groove_voices> own_{};
    played last_{};
    std::size_t step_ = 0, voice_ = 0;
};

// ---------------------------------------------------------------- bodies

template <class F>
constexpr void told(const groove_conditions& c, F&& f) {
    constexpr auto at = offsets(condition_sizes);
    const auto one = [&](std::size_t part, std::int32_t of) { f(static_cast<std::size_t>(at[part] + of)); };
    // The class of a number: how many of the limits it has reached.
    const auto among = [](std::int32_t v, const auto& limits) {
        return static_cast<std::int32_t>(std::upper_bound(std::begin(limits), std::end(limits), v) - std::begin(limits));
    };
    constexpr std::int32_t tempi[] = {70000, 80000, 90000, 100000, 110000, 125000, 145000, 180000};
    constexpr std::int32_t swings[] = {470, 490, 510, 530, 560, 590, 630};
    constexpr std::int32_t lilts[] = {-12, -4, 4, 12, 20, 28, 36};
    if (c.tempo) one(0, among(*c.tempo, tempi));
    if (c.style != groove_style::not_told) one(1, static_cast<std::int32_t>(c.style) - 1);
    if (c.kind != groove_kind::not_told) one(2, static_cast<std::int32_t>(c.kind) - 1);
    if (c.swing) one(3, among(*c.swing, swings));
    if (c.lilt) one(4, among(*c.lilt, lilts));
}

inline void hit_state::features(ids& out) const noexcept {
    using namespace hit_feature;
    const auto put = [&](std::size_t f, std::int32_t of) { out[f] = hit_offsets[f] + of; };
    out.fill(-1);
    const auto at = static_cast<std::int32_t>(length_), left = static_cast<std::int32_t>(groove_steps) - at;
    put(step, at % 16);
    put(bar, at / 16);
    // Hits a step that are still owed, in eighths; 17 where nobody said.
    put(owed, !told_ ? 17 : owed_ <= 0 ? 0 : 1 + std::min(15, 4 * owed_ / left));
    if (at > 16) put(run, run_ == 0 ? 0 : run_ < 2 ? 1 : run_ < 4 ? 2 : run_ < 8 ? 3 : 4);
    for (std::size_t k = 0; k < lags.size(); ++k) {
        const voice_mask then = before(static_cast<std::size_t>(lags[k]));
        for (std::size_t v = 0; v < groove_voices; ++v)
            if (sounds(then, v)) put(back + k * groove_voices + v, 0);
    }
}

inline void hit_state::push(voice_mask voices) noexcept {
    if (length_ >= groove_steps) return;
    run_ = length_ >= 16 && before(16) == voices ? run_ + 1 : 0;
    for (std::size_t v = 0; v < groove_voices; ++v) owed_ -= sounds(voices, v) ? 1 : 0;
    steps_[length_++] = voices;
}

inline void touch_state::features(ids& out) const noexcept {
    namespace f = touch_feature;
    const auto put = [&](std::size_t block, std::int32_t of) { out[block] = touch_offsets[block] + of; };
    const auto put_touch = [&](std::size_t force, std::size_t offset, touch t) { put(force, t.force), put(offset, t.offset); };
    // 1 to 4 steps, 5 to 7, 8, 9 to 15, 16, more or none.
    const auto distance = [](std::int32_t steps) {
        return steps <= 4 ? steps - 1 : steps < 8 ? 4 : steps == 8 ? 5 : steps < 16 ? 6 : steps == 16 ? 7 : 8;
    };
    out.fill(-1);
    const auto at = static_cast<std::int32_t>(step_);
    put(f::voice, static_cast<std::int32_t>(voice_));
    put(f::step, at % 16);
    put(f::bar, at / 16);
    if (last_.step == at)
        put_touch(f::mate_force, f::mate_offset, last_.how);
    else if (last_.step >= 0)
        put_touch(f::before_force, f::before_offset, last_.how);
    put(f::gap, last_.step < 0 ? 5 : std::min(at - last_.step, 4));
    const played& own = own_[voice_];
    if (own.step >= 0) put_touch(f::own_force, f::own_offset, own.how);
    put(f::own_gap, own.step < 0 ? 8 : distance(at - own.step));
    if (step_ >= 16 && sounds(steps_[step_ - 16], voice_)) put_touch(f::bar_force, f::bar_offset, touches_[step_ - 16][voice_]);
    std::int32_t next = 1;
    while (at + next < static_cast<std::int32_t>(groove_steps) && !sounds(steps_[static_cast<std::size_t>(at + next)], voice_))
        ++next;
    put(f::next_gap, at + next == static_cast<std::int32_t>(groove_steps) ? 8 : distance(next));
    for (std::size_t v = 0; v < groove_voices; ++v) {
        if (v != voice_ && sounds(steps_[step_], v)) put(f::with + v, 0);
        if (step_ + 1 < groove_steps && sounds(steps_[step_ + 1], v)) put(f::after + v, 0);
    }
}

inline void touch_state::push(touch t) noexcept {
    if (done()) return;
    touches_[step_][voice_] = t;
    last_ = own_[voice_] = {static_cast<std::int32_t>(step_), t};
    ++voice_;
    seek();
}

}  // namespace lofi::inline LOFI_ABI::model
