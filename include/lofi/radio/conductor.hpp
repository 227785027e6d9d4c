#pragma once
// Time and form: who plays what when. Composes ahead in slices, follows the steering at musical boundaries, gives out notes and events.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include <lofi/core/fixed_vector.hpp>
#include <lofi/radio/arranger.hpp>
#include <lofi/radio/beat_clock.hpp>
#include <lofi/radio/event.hpp>
#include <lofi/radio/house_rules.hpp>
#include <lofi/radio/steering.hpp>
#include <lofi/radio/stinger.hpp>
#include <lofi/radio/why.hpp>
#include <lofi/radio/writer.hpp>

namespace lofi::inline LOFI_ABI::engine {

/// Leads the band. It knows frames and ticks but no sound: `sink` is told what happens.
///
///     sink.begin(frame)              a section begins: its sound starts anew
///     sink.play(part, pitch, velocity, frame, length)
///     sink.emit(event)               events in the order of their frames; `at` is a frame of the music
///
/// Everything hangs on the frame and on the changes that were accepted, never on how often or in what portions it is called.
class conductor {
public:
    /// Work is done, and time passes, in steps of so many frames; what happens is given out so many frames before it sounds.
    static constexpr std::int64_t step_frames = 32, ahead = 64;

    conductor(const song::networks& networks, std::uint64_t seed, std::int64_t rate);

    [[nodiscard]] engine::steering& steering() { return steering_; }
    [[nodiscard]] const engine::steering& steering() const { return steering_; }
    [[nodiscard]] std::uint64_t seed() const { return seed_; }
    [[nodiscard]] bool running() const { return running_; }
    [[nodiscard]] bool starting() const { return start_wanted_; }
    /// The material of the theme that the music is at home in.
    [[nodiscard]] std::uint32_t home() const { return home_; }
    /// How far before a boundary, in frames, a change must come to be in time for it.
    [[nodiscard]] std::int64_t lead() const { return (2 * arranger::slices + 4) * slice_ + ahead + step_frames; }

    /// Takes a change on at a frame of the music, a multiple of `step_frames`.
    template <class Sink>
    void accept(const change& c, std::int64_t frame, Sink& sink) noexcept;
    /// Goes on by `step_frames` from a frame.
    /// realtime: yes
    template <class Sink>
    void advance(std::int64_t frame, Sink& sink) noexcept;

    [[nodiscard]] const beat_clock& clock() const { return clock_; }

    // What stands written, for those who want to look ahead.
    [[nodiscard]] const section_score& playing() const { return score_; }
    [[nodiscard]] const section_score* rewritten() const { return rewritten_ ? &rewriter_.score() : nullptr; }
    [[nodiscard]] const section_score* following() const {
        return scored_ && !ending_next_ ? &next_arranger_.score() : nullptr;
    }
    [[nodiscard]] std::int64_t section_start() const { return section_start_; }
    [[nodiscard]] std::int64_t section_beats() const { return std::int64_t{4} * bars_; }
    [[nodiscard]] const engine::sheet& sheet() const { return sheet_; }
    [[nodiscard]] const arrange::section_plan& next_plan() const { return next_plan_; }
    /// Counts what `peek` would tell differently.
    [[nodiscard]] std::uint64_t edition() const { return edition_; }

    /// Reads or writes what the music follows from, by `archive(number)`; to be called from `sink.begin` alone. After reading,
    /// `resume` brings the rest back.
    template <class Archive>
    void visit(Archive& archive);
    void resume();
    /// Whether what was read is something that could have been written.
    [[nodiscard]] bool sound_state() const;
    /// Composes what is still missing of the section that follows, all at once.
    void finish_next();

private:
    static constexpr std::int64_t never = INT64_MAX;
    struct extra_note {
        std::int64_t frame = 0, length = 0;
        score::part part{};
        score::pitch which{};
        score::velocity force{};
    };
    struct note_end {
        std::int64_t frame = 0;
        score::part part{};
        score::pitch which{};

        // Of ends on one frame too: a heap leaves equals in another order with every standard library.
        static constexpr bool later(const note_end& a, const note_end& b) {
            if (a.frame != b.frame) return a.frame > b.frame;
            return a.part != b.part ? a.part > b.part : b.which < a.which;
        }
    };

    [[nodiscard]] random_key chance() const { return random_key{seed_}.child("arrangement"); }
    [[nodiscard]] event at_frame(event_kind kind, std::int64_t frame) const;
    [[nodiscard]] std::int64_t end_beat() const { return section_start_ + std::int64_t{4} * bars_; }
    [[nodiscard]] auto values_at(boundary b, std::int64_t beat) const {
        return [this, b, beat, frame = clock_.frame_of(beat)](parameter p) { return steering_.expected(p, b, beat, frame); };
    }
    [[nodiscard]] std::int32_t drift_at(std::int64_t beat) const {
        return steering_.expected(steering::key_drifts, boundary::section, beat, clock_.frame_of(beat)) != 0 ? drift_ : 0;
    }
    [[nodiscard]] const section_score& latest() const { return rewritten_ ? rewriter_.score() : score_; }
    /// Whether work that is begun at a frame is done by a beat.
    [[nodiscard]] bool in_time(std::int64_t frame, std::int64_t beat, std::int64_t slices = arranger::slices) const {
        return !running_ || clock_.frame_of(beat) - frame >= (slices + 1) * slice_ + ahead + step_frames;
    }

    // Composing.
    void compose(std::int64_t frame);
    bool begin_rewriting(std::int64_t frame);
    bool begin_arranging(std::int64_t frame);
    bool begin_writing(std::int64_t frame);
    [[nodiscard]] engine::brief next_brief() const;
    [[nodiscard]] treatment next_treatment() const;
    void plan_next();

    // Time.
    template <class Sink>
    void on_beat(std::int64_t frame, boundary at, Sink& sink);
    template <class Sink>
    void on_section(std::int64_t frame, Sink& sink);
    template <class Sink>
    void begun(const change& c, std::int64_t frame, Sink& sink);
    template <class Sink>
    void sound(score::part, score::pitch, score::velocity, std::int64_t frame, std::int64_t length, Sink& sink);
    void add_stinger(engine::stinger, std::int64_t frame);

    std::uint64_t seed_;
    std::int64_t rate_, slice_;  // slice: frames from one slice of composing to the next
    engine::steering steering_;
    arrange::endless_form form_;

    // The section that plays.
    engine::sheet sheet_{};
    section_score score_{};
    arrange::band_state before_{};    // what the players remembered at its start
    std::int64_t section_start_ = 0;  // beat
    std::uint32_t home_ = 0;
    std::uint8_t bars_ = 0;
    std::size_t note_ = 0, chord_ = 0;
    bool running_ = false, start_wanted_ = true, stop_wanted_ = false, skip_wanted_ = false, ending_next_ = false;

    beat_clock clock_;

    // The section that follows.
    arrange::section_plan next_plan_{};
    std::int32_t drift_ = 0;  // semitones by which its key moves of itself
    writer writer_;
    arranger rewriter_, next_arranger_;
    arrange::band_state next_before_{};
    bool rewritten_ = false, written_ = false, scored_ = false;

    fixed_vector<extra_note, 16> extras_{};
    fixed_vector<note_end, 256> ends_{};
    score::chord chord_now_{};
    parameter cause_ = parameter::energy;
    std::uint64_t edition_ = 0;
};

// ---------------------------------------------------------------- bodies

inline conductor::conductor(const song::networks& networks, std::uint64_t seed, std::int64_t rate)
    : seed_(seed),
      rate_(rate),
      slice_(std::max<std::int64_t>(1, rate / 12000) * step_frames),
      writer_(networks, random_key{seed}.child("song")) {
    // Where the seed leaves off: the key and the swing.
    random_stream taste(random_key{seed}.child("key"));
    steering_.set(parameter::key, static_cast<std::int32_t>(uniform_below(taste, 12)));
    steering_.set(parameter::swing, static_cast<std::int32_t>((60 + uniform_below(taste, 110)) * 256));
    plan_next();
}

inline event conductor::at_frame(event_kind kind, std::int64_t frame) const {
    event e;
    e.kind = kind;
    e.at = frames(frame);
    const std::int64_t tick = clock_.tick_at(frame);
    e.bar = static_cast<std::int32_t>(tick / arrange::bar), e.tick = static_cast<std::int32_t>(tick % arrange::bar);
    return e;
}

// ---------------- composing

inline void conductor::plan_next() {
    const std::uint32_t home = form_.home;
    const random_key key = random_key{seed_}.child("form");
    next_plan_ = form_.next(key);
    // With a new theme the music may move to a neighbouring key of its own accord.
    random_stream dice(key.child("key").child(form_.sections));
    constexpr std::array<std::int32_t, 5> moves = {0, 5, 7, 2, 10};
    const std::size_t move = uniform_below(dice, moves.size());
    drift_ = form_.home != home ? moves[move] : 0;
    writer_.stop(), next_arranger_.stop(), rewriter_.stop();
    rewritten_ = written_ = scored_ = false;
}

inline brief conductor::next_brief() const {
    const auto value = values_at(boundary::section, end_beat());
    brief b{form_.sections - 1, next_plan_, {}, {}, {}};
    b.scale = mode_of(value, value(steering::mood_mode));
    b.told = conditions_of(value, b.scale);
    b.drums = {treatment_of(value, next_plan_, b.scale).energy, value(parameter::tempo)};
    return b;
}

inline treatment conductor::next_treatment() const {
    const auto value = values_at(boundary::section, end_beat());
    treatment t = treatment_of(value, next_plan_, mode_of(value, value(steering::mood_mode)));
    t.key.tonic = score::pitch_class(t.key.tonic.value + drift_at(end_beat()));
    return t;
}

inline bool conductor::begin_writing(std::int64_t frame) {
    if (written_ && !in_time(frame, end_beat(), writer::slices + 3 * arranger::slices)) return false;
    const brief b = next_brief();
    if (written_ && b == writer_.brief()) return false;
    writer_.start(b);
    written_ = false;
    return true;
}

inline bool conductor::begin_arranging(std::int64_t frame) {
    if (!written_ || (scored_ && !in_time(frame, end_beat()))) return false;
    const treatment t = next_treatment();
    const arrange::band_state& before = latest().after;
    if (scored_ && t == next_arranger_.score().how && before == next_before_) return false;
    next_before_ = before;
    next_arranger_.start(writer_.sheet(), t, before, 0, chance());
    scored_ = false;
    return true;
}

inline bool conductor::begin_rewriting(std::int64_t frame) {
    if (!running_ || score_.how.ending || ending_next_) return false;
    std::int64_t line = section_start_ + ((clock_.beat - section_start_) / 4 + 1) * 4;
    while (line < end_beat() && !in_time(frame, line)) line += 4;
    treatment want = latest().how;
    want.cadence = 0;
    std::int64_t from = line;
    const auto cadence_before = [&](std::int64_t beat) {
        from = beat - 2;
        want.cadence = static_cast<std::uint8_t>((beat - section_start_) / 2);
    };
    if (stop_wanted_) {
        while (!in_time(frame, line - 2)) line += 4;
        if (line > end_beat()) return false;  // too near the end: the next section is the last
        bars_ = static_cast<std::uint8_t>((line - section_start_) / 4);
        ending_next_ = true, stop_wanted_ = false;
        cadence_before(line);
    } else if (line >= end_beat()) {
        // In the last bar nothing changes any more, but for the dominant of a key to come.
        if (!scored_ || !in_time(frame, end_beat() - 2)) return false;
        const score::key key = next_arranger_.score().how.key;
        if (key.tonic == want.key.tonic || latest().how.cadence == 2 * bars_) return false;
        want.key = key;
        cadence_before(end_beat());
    } else {
        if (skip_wanted_ && written_ && scored_ && line - section_start_ >= 8) {
            bars_ = static_cast<std::uint8_t>((line - section_start_) / 4), skip_wanted_ = false;
            ++edition_;
            return false;
        }
        const auto value = values_at(boundary::bar, line);
        const treatment before = want;
        // In the middle of a section a mode changes only where somebody asks for it.
        const std::int32_t set = value(parameter::mode);
        want = treatment_of(value, sheet_.plan, set != 0 ? static_cast<score::mode>(set) : before.key.scale);
        want.next_degree = written_ ? writer_.sheet().chords[0] : before.next_degree;
        if (!worth_playing(before, want)) return false;
        if (want.key.tonic != before.key.tonic && in_time(frame, line - 2)) cadence_before(line);
    }
    rewriter_.start(sheet_, want, before_, static_cast<std::int32_t>((from - section_start_) * arrange::quarter), chance());
    rewritten_ = false;
    return true;
}

inline void conductor::compose(std::int64_t frame) {
    // What is needed first comes first; one slice of one job each time.
    if (rewriter_.busy()) {
        if (!rewriter_.step()) rewritten_ = true, ++edition_;
    } else if (begin_rewriting(frame)) {
    } else if (next_arranger_.busy()) {
        if (!next_arranger_.step()) scored_ = true, ++edition_;
    } else if (begin_arranging(frame)) {
    } else if (writer_.busy()) {
        if (!writer_.step()) written_ = true, scored_ = false;
    } else {
        begin_writing(frame);
    }
}

inline void conductor::finish_next() {
    if (!written_) {
        if (!writer_.busy()) writer_.start(next_brief());
        while (writer_.step()) {
        }
        written_ = true, scored_ = false;
        next_arranger_.stop();
    }
    if (!scored_) {
        if (!next_arranger_.busy()) {
            next_before_ = latest().after;
            next_arranger_.start(writer_.sheet(), next_treatment(), next_before_, 0, chance());
        }
        while (next_arranger_.step()) {
        }
        scored_ = true;
    }
}

// ---------------- time

template <class Sink>
void conductor::begun(const change& c, std::int64_t frame, Sink& sink) {
    switch (c.what) {
        case parameter::playing:
            if (c.value == 0)
                stop_wanted_ = running_ && !score_.how.ending && !ending_next_, start_wanted_ = false;
            else
                start_wanted_ = true, stop_wanted_ = false;
            break;
        case parameter::skip: skip_wanted_ = c.value != 0; break;
        case parameter::stinger: add_stinger(static_cast<engine::stinger>(c.value), frame); break;
        // What notes hang on from bar to bar; key and mode speak for themselves.
        case parameter::energy:
        case parameter::density:
        case parameter::swing: cause_ = c.what; break;
        default: break;
    }
    if (c.ramp == 0 && static_cast<std::size_t>(c.what) < parameter_count) {
        event e = at_frame(event_kind::reached, frame);
        e.what = c.what, e.value = from_held(c.what, c.value);
        sink.emit(e);
    }
}

template <class Sink>
void conductor::accept(const change& c, std::int64_t frame, Sink& sink) noexcept {
    // Where no beat comes, nothing can be waited for.
    change taken = c;
    if (!running_) taken.when = engine::at::now;
    const std::int64_t beat = clock_.frame_of(clock_.beat + 1) - frame >= lead() ? clock_.beat + 1 : clock_.beat + 2;
    steering_.accept(taken, beat, frame, rate_, [&](const change& b) { begun(b, frame, sink); });
}

template <class Sink>
void conductor::on_section(std::int64_t frame, Sink& sink) {
    section_start_ = clock_.beat;
    if (ending_next_) {
        // The last chord: two bars of it, in which nothing else happens.
        treatment last = latest().how;
        last.ending = true, last.cadence = 0;
        before_ = latest().after;
        sheet_.number = form_.sections - 1;
        sheet_.plan.kind = arrange::section_kind::outro, sheet_.plan.bars = 2;
        arranger& a = rewriter_;
        a.start(sheet_, last, before_, 0, chance());
        while (a.step()) {
        }
        score_ = a.score();
        ending_next_ = false;
        bars_ = 2;
        writer_.stop(), next_arranger_.stop();
        rewritten_ = written_ = scored_ = false;
    } else {
        finish_next();
        const std::int32_t moved = drift_at(clock_.beat);
        const treatment old = score_.how;
        sheet_ = writer_.sheet();
        before_ = next_before_;
        score_ = next_arranger_.score();
        bars_ = sheet_.plan.bars;
        home_ = form_.home;
        if (moved != 0) {
            const std::int32_t key = (steering_.at(parameter::key, frame) + moved) % 12;
            steering_.set(parameter::key, key);
            event e = at_frame(event_kind::reached, frame);
            e.what = parameter::key, e.value = key;
            sink.emit(e);
        }
        if (form_.sections > 1 && old.key.tonic != score_.how.key.tonic) {
            event e = at_frame(event_kind::why, frame);
            e.why = reason::modulated, e.what = parameter::key, e.key = score_.how.key;
            sink.emit(e);
        }
        plan_next();
    }
    note_ = chord_ = 0;
    ++edition_;
    event e = at_frame(score_.how.ending ? event_kind::stopped : event_kind::section, frame);
    e.section = sheet_.plan.kind, e.key = score_.how.key;
    sink.emit(e);
}

template <class Sink>
void conductor::on_beat(std::int64_t frame, boundary at, Sink& sink) {
    const std::int32_t tempo = steering_.at(parameter::tempo, frame);
    steering_.arrive(at, clock_.beat, frame, rate_, [&](const change& c) { begun(c, frame, sink); });
    const std::int32_t now = steering_.at(parameter::tempo, frame);
    if (clock_.length != 0 && now != tempo) {
        event e = at_frame(event_kind::why, frame);
        e.why = reason::new_tempo, e.what = parameter::tempo;
        sink.emit(e);
    }
    clock_.length = beat_clock::length_at(rate_, now);
    if (at == boundary::section) on_section(frame, sink);
    const std::int64_t tick = (clock_.beat - section_start_) * arrange::quarter;
    if (rewritten_ && rewriter_.score().from <= tick) {
        for (const explanation& x : explain(score_.how, rewriter_.score().how, cause_)) {
            event e = at_frame(event_kind::why, frame);
            e.why = x.why, e.what = x.what, e.key = rewriter_.score().how.key;
            sink.emit(e);
        }
        score_ = rewriter_.score();
        note_ = chord_ = 0;
        rewritten_ = false;
    }
    if (at != boundary::beat) sink.emit(at_frame(event_kind::bar, frame));
    sink.emit(at_frame(event_kind::beat, frame));
    if (at == boundary::section) sink.begin(frame);
}

template <class Sink>
void conductor::sound(score::part part, score::pitch which, score::velocity force, std::int64_t frame, std::int64_t length,
                      Sink& sink) {
    sink.play(part, which, force, frame, length);
    event e = at_frame(event_kind::note_on, frame);
    e.part = part, e.pitch = which, e.velocity = force, e.length = frames(length);
    sink.emit(e);
    if (ends_.full()) return;
    ends_.push_back({frame + length, part, which});
    std::push_heap(ends_.begin(), ends_.end(), note_end::later);
}

inline void conductor::add_stinger(engine::stinger kind, std::int64_t frame) {
    const std::int64_t beat = std::max<std::int64_t>(clock_.frames_in(arrange::quarter), rate_ / 4);
    for (const stinger_note& n : figure(kind, chord_now_, score_.how.key, beat))
        if (!extras_.full()) extras_.push_back({frame + ahead + n.after, beat, score::part::texture, n.which, n.force});
    std::sort(extras_.begin(), extras_.end(), [](const extra_note& a, const extra_note& b) {
        if (a.frame != b.frame) return a.frame < b.frame;
        return a.which != b.which ? a.which < b.which : a.force < b.force;
    });
}

template <class Sink>
void conductor::advance(std::int64_t frame, Sink& sink) noexcept {
    const std::int64_t until = frame + ahead;
    steering_.settle(frame, [&](parameter p, std::int64_t at) {
        if (static_cast<std::size_t>(p) >= parameter_count) return;
        event e = at_frame(event_kind::reached, std::max(at, frame));
        e.what = p, e.value = from_held(p, steering_.at(p, frame));
        sink.emit(e);
    });
    if (!running_ && start_wanted_) {
        // A downbeat out of silence.
        start_wanted_ = false, running_ = true;
        clock_.beat = clock_.beat < 0 ? 0 : (clock_.beat / 4 + 1) * 4;
        clock_.start = until << beat_clock::fraction;
        section_start_ = clock_.beat, bars_ = 0;
        on_beat(until, boundary::section, sink);
    }
    for (;;) {
        const std::int64_t beat_tick = (clock_.beat - section_start_) * arrange::quarter,
                           next_tick = beat_tick + arrange::quarter;
        const auto in_beat = [&](std::int32_t tick) { return clock_.frame_after(tick - beat_tick); };
        const std::int64_t off = ends_.empty() ? never : ends_.front().frame,
                           beat = running_ ? clock_.frame_of(clock_.beat + 1) : never,
                           chord = running_ && chord_ < score_.chords.size() && score_.chords[chord_].tick < next_tick
                                       ? in_beat(score_.chords[chord_].tick)
                                       : never,
                           note = running_ && note_ < score_.notes.size() && score_.notes[note_].tick < next_tick
                                      ? in_beat(score_.notes[note_].tick)
                                      : never,
                           extra = extras_.empty() ? never : extras_.front().frame;
        const std::int64_t first = std::min({off, beat, chord, note, extra});
        if (first >= until) break;
        if (off == first) {
            event e = at_frame(event_kind::note_off, off);
            e.part = ends_.front().part, e.pitch = ends_.front().which;
            sink.emit(e);
            std::pop_heap(ends_.begin(), ends_.end(), note_end::later);
            ends_.pop_back();
        } else if (chord == first) {
            const section_chord& c = score_.chords[chord_++];
            chord_now_ = c.chord;
            event e = at_frame(event_kind::chord, chord);
            e.chord = c.chord, e.key = c.key;
            sink.emit(e);
        } else if (note == first) {
            const section_note& n = score_.notes[note_++];
            sound(n.part, n.which, n.force, note, clock_.frames_in(n.length), sink);
        } else if (extra == first) {
            const extra_note n = extras_.front();
            extras_.erase(0);
            sound(n.part, n.which, n.force, n.frame, n.length, sink);
        } else {
            const bool last = clock_.beat + 1 == end_beat(), ended = last && score_.how.ending;
            if (ended && !start_wanted_) {
                running_ = false;
                continue;
            }
            start_wanted_ = start_wanted_ && !ended;
            clock_.start += clock_.length, ++clock_.beat;
            on_beat(beat,
                    last                                      ? boundary::section
                    : (clock_.beat - section_start_) % 4 == 0 ? boundary::bar
                                                              : boundary::beat,
                    sink);
        }
    }
    if (frame % slice_ == 0) compose(frame);
}

template <class Archive>
void conductor::visit(Archive& archive) {
    archive(seed_);
    steering_.visit(archive);
    engine::visit(archive, form_);
    engine::visit(archive, sheet_);
    engine::visit(archive, score_.how);
    engine::visit(archive, before_);
    engine::visit(archive, next_plan_);
    archive(drift_), archive(home_), archive(section_start_), archive(bars_);
    clock_.visit(archive);
    for (bool* flag : {&running_, &start_wanted_, &stop_wanted_, &skip_wanted_, &ending_next_}) {
        std::uint8_t v = *flag ? 1 : 0;
        archive(v);
        *flag = v != 0;
    }
    auto count = static_cast<std::uint8_t>(extras_.size());
    archive(count);
    extras_.resize(std::min<std::size_t>(count, extras_.capacity()));
    for (extra_note& n : extras_) {
        archive(n.frame), archive(n.length);
        detail::visit_enum(archive, n.part);
        archive(n.which.midi), archive(n.force.value);
    }
    detail::visit_enum(archive, cause_);
    archive(chord_now_.degree), archive(chord_now_.accidental);
    detail::visit_enum(archive, chord_now_.type.quality), detail::visit_enum(archive, chord_now_.type.seventh);
    archive(chord_now_.type.added.bits), archive(chord_now_.inversion);
}

inline bool conductor::sound_state() const {
    const auto plan = [](const arrange::section_plan& p) {
        return p.bars >= 1 && p.bars <= most_section_bars && p.kind <= arrange::section_kind::outro;
    };
    const auto key = [](const score::key& k) {
        return k.tonic.value < 12 && k.scale >= score::mode::ionian && k.scale <= score::mode::locrian;
    };
    if (!plan(next_plan_) || clock_.length < 0 || clock_.beat < -1 || section_start_ > std::max<std::int64_t>(clock_.beat, 0))
        return false;
    for (const std::uint8_t m : sheet_.melody)
        if (m > 15) return false;
    for (const std::uint8_t c : sheet_.chords)
        if (c > 7) return false;
    for (const arrange::drum_pattern* d : {&sheet_.groove, &sheet_.fill})
        for (const score::drum_hit& h : *d)
            if (h.step > 31 || static_cast<std::size_t>(h.voice) >= score::drum_count) return false;
    for (const extra_note& n : extras_)
        if (n.which.midi > 127 || static_cast<std::size_t>(n.part) >= score::part_count) return false;
    if (before_.hand.count > arrange::most_voices || before_.bass > 127) return false;
    for (const std::uint8_t m : before_.hand.midi)
        if (m > 127) return false;
    for (const std::int32_t late : before_.lateness)
        if (late < -100000 || late > 100000) return false;
    if (!steering_.sound_state()) return false;
    return clock_.beat < 0 ||
           (plan(sheet_.plan) && key(score_.how.key) && bars_ >= 1 && bars_ <= most_section_bars && clock_.length > 0);
}

inline void conductor::resume() {
    ends_.clear();
    writer_.seed(random_key{seed_}.child("song"));
    writer_.stop(), next_arranger_.stop();
    rewritten_ = written_ = scored_ = false;
    score_.notes.clear(), score_.chords.clear();
    score_.after = {};
    if (clock_.beat >= 0) {
        rewriter_.start(sheet_, score_.how, before_, 0, chance());
        while (rewriter_.step()) {
        }
        score_ = rewriter_.score();
    }
    note_ = chord_ = 0;
    if (!running_) finish_next();
    ++edition_;
}

}  // namespace lofi::inline LOFI_ABI::engine
