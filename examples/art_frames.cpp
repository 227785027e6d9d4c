// A drawing that the music makes: frames from events, without a window.
//
// The paper turns once in four bars, as a record does. Every note leaves light on it while it sounds: low ones near the rim, high
// ones near the middle, in the colour of its part; kicks light the middle, hats leave sparks on the rim, and the chord tints the paper.
// What was drawn fades over the next turns. All of it is lofi's own arithmetic, so the same seed draws the same frames.
//
//   art_frames FOLDER [SECONDS [SEED [FPS]]]
//   ffmpeg -framerate 25 -i FOLDER/%05d.ppm -i FOLDER/sound.wav -pix_fmt yuv420p art.mp4
#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <filesystem>
#include <string>
#include <vector>

#include <lofi/audio/wav_writer.hpp>
#include <lofi/core/math.hpp>
#include <lofi/radio.hpp>
#include <lofi/synth/kit.hpp>

namespace {

namespace math = lofi::math;
constexpr int size = 540, rate = 48000;
constexpr float turn_bars = 4;

struct light {
    float r, g, b;
    friend light operator*(light c, float k) { return {c.r * k, c.g * k, c.b * k}; }
    friend light operator+(light x, light y) { return {x.r + y.r, x.g + y.g, x.b + y.b}; }
};

constexpr std::array<light, lofi::score::part_count> inks = {
    {{0.25F, 0.55F, 1.0F}, {1.0F, 0.75F, 0.30F}, {0.65F, 0.35F, 1.0F}, {0.9F, 0.9F, 0.85F}, {0.35F, 0.9F, 0.55F}}};

/// Light on paper.
class paper {
public:
    paper() : held_(size * size) {}

    void fade(float keep) {
        for (light& p : held_) p = p * keep;
    }
    /// A soft dot. The middle is 0, the rim 1; the angle is in turns.
    void dot(float angle, float radius, float width, light c) {
        constexpr float half = size / 2.0F;
        const float x = half + half * radius * math::sin_turns(angle), y = half - half * radius * math::cos_turns(angle);
        const int left = math::floor_int(x - width), top = math::floor_int(y - width), reach = math::floor_int(2 * width) + 2;
        for (int j = std::max(top, 0); j < std::min(top + reach, size); ++j)
            for (int i = std::max(left, 0); i < std::min(left + reach, size); ++i) {
                const float dx = (static_cast<float>(i) - x) / width, dy = (static_cast<float>(j) - y) / width;
                const float near = std::max(0.0F, 1 - dx * dx - dy * dy);
                light& p = held_[static_cast<std::size_t>(j * size + i)];
                p = p + c * (near * near);
            }
    }
    /// Writes the paper over a tint that darkens towards the rim: light of any strength becomes a colour softly.
    /// errors: a disk that is full, a folder that cannot be written
    [[nodiscard]] lofi::result<void> write(const std::filesystem::path& path, light tint) const {
        std::string bytes = "P6\n" + std::to_string(size) + " " + std::to_string(size) + "\n255\n";
        const std::size_t head = bytes.size();
        bytes.resize(head + 3 * held_.size());
        for (std::size_t i = 0; i < held_.size(); ++i) {
            const float x = 2 * static_cast<float>(i % size) / size - 1, y = 2 * static_cast<float>(i / size) / size - 1;
            const light p = held_[i] + tint * std::max(0.0F, 1.1F - 0.45F * (x * x + y * y));
            const auto tone = [](float v) {
                return static_cast<char>(static_cast<unsigned char>(255 * (1 - math::exp2(-1.6F * v))));
            };
            bytes[head + 3 * i] = tone(p.r), bytes[head + 3 * i + 1] = tone(p.g), bytes[head + 3 * i + 2] = tone(p.b);
        }
        return lofi::write_file(path, bytes);
    }

private:
    std::vector<light> held_;
};

/// What is drawn, as the music has it.
class drawing {
public:
    void hear(const lofi::event& e) {
        using lofi::event_kind;
        if (e.kind == event_kind::note_on) sounding_.push_back(e);
        if (e.kind == event_kind::beat) {
            if (e.at > beat_.at && beat_at_ > 0) beat_frames_ = static_cast<float>((e.at - beat_.at).value);
            beat_ = e, beat_at_ = 1;
        }
        if (e.kind == event_kind::chord) {
            const auto fifths = static_cast<float>(root(e.chord, e.key).value * 7 % 12) / 12;  // neighbours look alike
            const auto wave = [&](float shift) { return 0.10F + 0.07F * math::cos_turns(fifths + shift); };
            tint_to_ = {wave(0.0F), wave(0.35F), wave(0.7F) + 0.05F};
        }
    }
    void draw(lofi::frames now, paper& on) {
        on.fade(0.992F);
        tint_ = tint_ * 0.97F + tint_to_ * 0.03F;
        const float angle = angle_of(now);
        for (const lofi::event& n : sounding_) {
            const float force = static_cast<float>(n.velocity.value) / 127, age = static_cast<float>((now - n.at).value) / rate;
            const light ink = inks[static_cast<std::size_t>(n.part)] * force;
            if (n.part == lofi::score::part::drums) {
                const lofi::score::drum drum = lofi::synth::drum_of(n.pitch);
                if (drum == lofi::score::drum::kick)
                    on.dot(0, 0, 34 + 160 * age, ink * (0.05F * math::exp2(-10 * age)));
                else if (age < 0.05F)
                    on.dot(angle, drum == lofi::score::drum::snare ? 0.80F : 0.93F, drum == lofi::score::drum::snare ? 9 : 4,
                           ink * 0.9F);
            } else {
                const float radius = 0.86F - 0.74F * (static_cast<float>(n.pitch.midi) - 30) / 66;
                on.dot(angle, radius, 4 + 9 * force * math::exp2(-3 * age), ink * (0.35F + 0.9F * math::exp2(-6 * age)));
            }
        }
        on.dot(angle, 0.975F, 2.5F, {0.5F, 0.5F, 0.45F});  // where the needle is
        std::erase_if(sounding_, [&](const lofi::event& n) {
            const std::int64_t length = n.part == lofi::score::part::drums ? rate : n.length.value;
            return n.at.value + length < now.value;
        });
    }
    [[nodiscard]] light tint() const { return tint_; }

private:
    /// Turns since the beginning: bars and beats that were told, and what has passed since.
    [[nodiscard]] float angle_of(lofi::frames now) const {
        const auto bars = static_cast<float>(beat_.bar) + static_cast<float>(beat_.tick) / 3840;
        return (bars + static_cast<float>((now - beat_.at).value) / (4 * beat_frames_)) / turn_bars;
    }

    std::deque<lofi::event> sounding_;
    lofi::event beat_{};
    float beat_at_ = 0, beat_frames_ = 0.8F * rate;
    light tint_{0.08F, 0.08F, 0.14F}, tint_to_ = tint_;
};

}  // namespace

int main(int argc, char** argv) {
    if (argc < 2 || argc > 5) return std::fputs("usage: art_frames FOLDER [SECONDS [SEED [FPS]]]\n", stderr), 2;
    const std::filesystem::path folder = argv[1];
    const double seconds = argc > 2 ? std::atof(argv[2]) : 20;
    const std::uint64_t seed = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 1;
    const int fps = argc > 4 ? std::atoi(argv[4]) : 25;
    if (!(seconds > 0 && seconds <= 3600) || fps < 1 || fps > 240)
        return std::fputs("art_frames: SECONDS is more than 0 and at most 3600, FPS from 1 to 240\n", stderr), 2;
    std::error_code ec;
    std::filesystem::create_directories(folder, ec);

    lofi::radio radio({.seed = seed, .rate = lofi::hertz(rate), .mood = "sunset", .start = {{lofi::parameter::energy, 0.8}}});
    lofi::audio::wav_writer sound(folder / "sound.wav", 2, lofi::hertz(rate));
    drawing picture;
    paper on;
    std::deque<lofi::event> coming;
    std::vector<float> left(static_cast<std::size_t>(rate / fps)), right(left.size());
    const int frames = static_cast<int>(seconds * fps);
    for (int frame = 1; frame <= frames; ++frame) {
        const lofi::audio::stereo_view block{left, right};
        radio.render(block);
        sound.write(block);
        for (lofi::event e; radio.poll(e);) coming.push_back(e);
        for (; !coming.empty() && coming.front().at < radio.position(); coming.pop_front()) picture.hear(coming.front());
        picture.draw(radio.position(), on);
        char name[32];
        std::snprintf(name, sizeof name, "%05d.ppm", frame);
        if (const auto ok = on.write(folder / name, picture.tint()); !ok)
            return std::fprintf(stderr, "art_frames: %s\n", ok.error().what()), 1;
    }
    if (const auto ok = sound.commit(); !ok) return std::fprintf(stderr, "art_frames: %s\n", ok.error().what()), 1;
    std::printf("%d frames of %d by %d, and %s\n", frames, size, size, (folder / "sound.wav").c_str());
}
