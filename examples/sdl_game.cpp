// A lantern over the hills: a small game whose music follows the play and whose pictures follow the music.
//
//   High notes become fireflies, higher ones higher up. Fly into them with the arrows: each brightens the lantern, and the lantern's
//   light is the music's energy. Clouds take light away and bring rain. The moon breathes with the beat, the sky takes the colour of
//   the chord, and what the lantern touches rings in key, whatever the chord of the moment.
//
//   sdl_game [--seed N] [--frames N [--shot FILE.bmp]]     with --frames it plays itself, without a loudspeaker or a clock
#include <SDL.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string_view>
#include <vector>

#include <lofi/core/random.hpp>
#include <lofi/radio.hpp>

namespace {

constexpr int width = 960, height = 540, rate = 48000, fps = 60;
constexpr float w = width, h = height, step = 1.0F / fps;

struct colour {
    float r, g, b, a = 1;
};
colour mix(colour x, colour y, float t) {
    return {x.r + t * (y.r - x.r), x.g + t * (y.g - x.g), x.b + t * (y.b - x.b), x.a + t * (y.a - x.a)};
}
/// A colour of the wheel, 0 to 1, soft enough for a night.
colour hue(float turn) {
    const auto wave = [&](float shift) { return 0.5F + 0.5F * std::cos(6.2832F * (turn + shift)); };
    return {0.25F + 0.5F * wave(0), 0.22F + 0.45F * wave(0.33F), 0.35F + 0.5F * wave(0.67F)};
}

/// Draws light and land.
class canvas {
public:
    explicit canvas(SDL_Renderer* to) : to_(to) {}

    /// A soft light, added to what is there.
    void glow(float x, float y, float radius, colour c) {
        constexpr int rim = 24;
        begin(SDL_BLENDMODE_ADD);
        point(x, y, c);
        for (int i = 0; i <= rim; ++i) {
            const float turn = 6.2832F * static_cast<float>(i) / rim;
            point(x + radius * std::cos(turn), y + radius * std::sin(turn), {c.r, c.g, c.b, 0});
        }
        for (int i = 1; i <= rim; ++i) corners_.insert(corners_.end(), {0, i, i + 1});
        end();
    }
    /// A strip from a height at each of its points down to a floor.
    template <class Height>
    void land(Height&& top, float floor, colour above, colour below, float every = w) {
        begin(SDL_BLENDMODE_BLEND);
        for (float x = 0; x <= w; x += every) point(x, top(x), above), point(x, floor, below);
        for (int i = 0; i + 3 < static_cast<int>(points_.size()); i += 2)
            corners_.insert(corners_.end(), {i, i + 1, i + 2, i + 1, i + 2, i + 3});
        end();
    }

private:
    void begin(SDL_BlendMode mode) { SDL_SetRenderDrawBlendMode(to_, mode), points_.clear(), corners_.clear(); }
    void point(float x, float y, colour c) {
        const auto byte = [](float v) { return static_cast<Uint8>(255 * std::clamp(v, 0.0F, 1.0F)); };
        points_.push_back({{x, y}, {byte(c.r), byte(c.g), byte(c.b), byte(c.a)}, {0, 0}});
    }
    void end() {
        SDL_RenderGeometry(to_, nullptr, points_.data(), static_cast<int>(points_.size()), corners_.data(),
                           static_cast<int>(corners_.size()));
    }

    SDL_Renderer* to_;
    std::vector<SDL_Vertex> points_;
    std::vector<int> corners_;
};

struct thing {
    float x, y, speed;
    bool cloud;
};

/// The whole game: `hear` and `move` once a picture, then `draw`.
class game {
public:
    explicit game(lofi::radio& radio) : radio_(radio), random_(lofi::random_key{7}) {}

    /// Takes what the radio tells, each event when it is heard.
    void hear(lofi::frames heard) {
        for (lofi::event e; radio_.poll(e);) coming_.push_back(e);
        for (; !coming_.empty() && coming_.front().at <= heard; coming_.pop_front()) {
            const lofi::event& e = coming_.front();
            using lofi::event_kind;
            if (e.kind == event_kind::beat) pulse_ = e.tick == 0 ? 1.0F : 0.6F;
            if (e.kind == event_kind::bar && e.bar % 2 == 1)
                things_.push_back({w + 90, uniform(120, 360), uniform(70, 110), true});
            if (e.kind == event_kind::chord)
                sky_to_ = hue(static_cast<float>(root(e.chord, e.key).value * 7 % 12) / 12);  // fifths lie side by side
            const bool high = e.part == lofi::score::part::melody || (e.part == lofi::score::part::keys && e.pitch.midi >= 66);
            if (e.kind == event_kind::note_on && high)
                things_.push_back({w + 20, h * 0.72F - 9 * static_cast<float>(e.pitch.midi - 60), 170, false});
        }
    }

    /// Moves everything by a picture; the lantern goes where it is pulled.
    void move(float pull_x, float pull_y) {
        vx_ = 0.93F * (vx_ + 55 * step * pull_x), vy_ = 0.93F * (vy_ + 55 * step * pull_y);
        x_ = std::clamp(x_ + vx_, 40.0F, w - 40), y_ = std::clamp(y_ + vy_, 30.0F, h - 60);
        const float light_was = light_;
        light_ = std::max(0.2F, light_ - 0.012F * step);
        for (thing& t : things_) {
            t.x -= t.speed * step;
            if (std::hypot(t.x - x_, (t.y - y_) * (t.cloud ? 1.6F : 1.0F)) > (t.cloud ? 75.0F : 34.0F)) continue;
            if (t.cloud) {
                light_ = std::max(0.2F, light_ - 0.2F), wet_ = 1;
                radio_.play(lofi::stinger::fall);
                radio_.set(lofi::parameter::rain, 0.8, lofi::at::now, lofi::seconds(1));
            } else {
                light_ = std::min(1.0F, light_ + 0.05F), spark_ = 1;
                radio_.play(++caught_ % 8 == 0 ? lofi::stinger::rise : lofi::stinger::bell);
            }
            t.x = -1000;
        }
        std::erase_if(things_, [](const thing& t) { return t.x < -200; });
        if (wet_ > 0 && (wet_ -= 0.15F * step) <= 0) radio_.set(lofi::parameter::rain, 0, lofi::at::now, lofi::seconds(4));
        if (std::floor(light_ * 20) != std::floor(light_was * 20))
            radio_.set(lofi::parameter::energy, light_, lofi::at::next_beat, lofi::seconds(2));
        pulse_ *= 0.94F, spark_ *= 0.92F, sky_ = mix(sky_, sky_to_, 0.02F), time_ += step;
    }

    /// Where a player would pull: to the next firefly, out of the way of clouds.
    void pull_by_itself(float& x, float& y) const {
        x = (w * 0.3F - x_) / 80, y = (h * 0.5F - y_) / 120;
        const thing* next = nullptr;
        for (const thing& t : things_)
            if (!t.cloud && t.x > x_ - 10 && (next == nullptr || t.x < next->x)) next = &t;
        if (next != nullptr && next->x < x_ + 500) y = (next->y - y_) / 25;
        for (const thing& t : things_)
            if (t.cloud && std::abs(t.x - x_) < 150 && std::abs(t.y - y_) < 90) y = t.y > y_ ? -1.0F : 1.0F;
        x = std::clamp(x, -1.0F, 1.0F), y = std::clamp(y, -1.0F, 1.0F);
    }

    void draw(canvas& c) const {
        const colour night{0.03F, 0.03F, 0.09F};
        c.land([](float) { return 0.0F; }, h, mix(night, sky_, 0.18F), mix(night, sky_, 0.55F + 0.25F * light_));
        for (int i = 0; i < 70; ++i) {  // stars
            const auto f = static_cast<float>(i);
            const float x = w * std::fmod(f * 0.618F, 1.0F), y = h * 0.62F * std::fmod(f * f * 0.1357F, 1.0F);
            c.glow(x, y, 2.5F + pulse_, {1, 1, 0.9F, 0.35F + 0.3F * std::sin(time_ * 1.3F + f)});
        }
        c.glow(720, 130, 95 + 45 * pulse_, {0.9F, 0.85F, 0.7F, 0.30F + 0.15F * pulse_});
        c.glow(720, 130, 46, {1, 0.96F, 0.85F, 1});
        c.glow(720, 130, 46, {1, 0.96F, 0.85F, 1});
        for (int ridge = 0; ridge < 3; ++ridge) {
            const auto r = static_cast<float>(ridge);
            const float shift = time_ * (14 + 26 * r), base = h * (0.66F + 0.11F * r);
            const auto top = [&](float x) {
                const float at = x + shift + 900 * r;
                return base - (46 - 8 * r) * std::sin(at * 0.0061F) - 20 * std::sin(at * 0.0173F + r) - 6 * pulse_ * r;
            };
            c.land(top, h, mix(mix(night, sky_, 0.42F - 0.13F * r), {0.0F, 0.02F, 0.05F}, 0.25F + 0.25F * r),
                   mix(night, sky_, 0.10F), 12);
        }
        for (const thing& t : things_) {
            if (t.cloud)
                for (const float part : {-48.0F, -16.0F, 18.0F, 50.0F})
                    c.glow(t.x + part, t.y + 8 * std::sin(part + time_), 56 - std::abs(part) * 0.3F,
                           {0.35F, 0.38F, 0.48F, 0.55F});
            else
                c.glow(t.x, t.y + 5 * std::sin(time_ * 5 + t.x * 0.02F), 16 + 6 * pulse_, {0.75F, 1, 0.45F, 0.85F}),
                    c.glow(t.x, t.y + 5 * std::sin(time_ * 5 + t.x * 0.02F), 5, {1, 1, 0.8F, 1});
        }
        if (wet_ > 0)
            for (int i = 0; i < 120; ++i) {
                const auto f = static_cast<float>(i);
                const float x = std::fmod(f * 83.1F + 4000 - 60 * time_, w), y = std::fmod(f * 57.7F + 900 * time_, h);
                c.glow(x, y, 2.2F, {0.5F, 0.6F, 0.9F, 0.5F * wet_}), c.glow(x + 1, y - 6, 2, {0.5F, 0.6F, 0.9F, 0.3F * wet_});
            }
        const float warm = 60 + 130 * light_ + 14 * pulse_ + 40 * spark_;
        c.glow(x_, y_, warm, {1, 0.62F, 0.25F, 0.25F + 0.3F * light_});
        c.glow(x_, y_, 26, {1, 0.72F, 0.35F, 1});
        c.glow(x_, y_ + 2, 15 + 4 * spark_, {1, 0.9F, 0.65F, 1});
    }

    [[nodiscard]] int caught() const { return caught_; }

private:
    float uniform(float low, float high) { return low + (high - low) * lofi::uniform_unit(random_); }

    lofi::radio& radio_;
    lofi::random_stream random_;
    std::deque<lofi::event> coming_;
    std::vector<thing> things_;
    colour sky_ = hue(0.6F), sky_to_ = sky_;
    float x_ = w * 0.3F, y_ = h * 0.5F, vx_ = 0, vy_ = 0, light_ = 0.4F, wet_ = 0, pulse_ = 0, spark_ = 0, time_ = 0;
    int caught_ = 0;
};

void fail(const char* what) { std::fprintf(stderr, "sdl_game: %s: %s\n", what, SDL_GetError()), std::exit(1); }

}  // namespace

int main(int argc, char** argv) {
    std::uint64_t seed = 3;
    long frames = 0;
    const char* shot = nullptr;
    for (int i = 1; i < argc; i += 2) {
        const std::string_view name = argv[i];
        if (i + 1 == argc || (name != "--seed" && name != "--frames" && name != "--shot"))
            return std::fputs("usage: sdl_game [--seed N] [--frames N [--shot FILE.bmp]]\n", stderr), 2;
        if (name == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 10);
        if (name == "--frames") frames = std::strtol(argv[i + 1], nullptr, 10);
        if (name == "--shot") shot = argv[i + 1];
    }
    const bool by_itself = frames > 0;

    // The music: two lines, and the sound card asks for blocks.
    lofi::radio radio({.seed = seed, .rate = lofi::hertz(rate), .start = {{lofi::parameter::energy, 0.4}}});
    if (SDL_Init(SDL_INIT_VIDEO | (by_itself ? 0U : SDL_INIT_AUDIO)) != 0) fail("SDL");
    SDL_AudioSpec want{};
    want.freq = rate, want.format = AUDIO_F32SYS, want.channels = 2, want.samples = 1024, want.userdata = &radio;
    want.callback = [](void* user, Uint8* out, int bytes) {
        static_cast<lofi::radio*>(user)->render(
            {reinterpret_cast<float*>(out), static_cast<std::size_t>(bytes) / sizeof(float)});
    };
    const SDL_AudioDeviceID device = by_itself ? 0 : SDL_OpenAudioDevice(nullptr, 0, &want, nullptr, 0);
    if (!by_itself && device == 0) std::fprintf(stderr, "sdl_game: no sound: %s\n", SDL_GetError());
    if (device != 0) SDL_PauseAudioDevice(device, 0);

    SDL_Window* window =
        SDL_CreateWindow("A lantern over the hills", SDL_WINDOWPOS_CENTERED, SDL_WINDOWPOS_CENTERED, width, height, 0);
    if (window == nullptr) fail("window");
    SDL_Renderer* renderer = SDL_CreateRenderer(window, -1, by_itself ? SDL_RENDERER_SOFTWARE : SDL_RENDERER_PRESENTVSYNC);
    if (renderer == nullptr) fail("renderer");
    canvas picture(renderer);
    game play(radio);
    std::vector<float> block(2 * rate / fps);

    bool on = true;
    const Uint64 begin = SDL_GetTicks64();
    for (long frame = 0, moves = 0; on && (!by_itself || frame < frames); ++frame) {
        for (SDL_Event e; SDL_PollEvent(&e) != 0;)
            on = on && e.type != SDL_QUIT && !(e.type == SDL_KEYDOWN && e.key.keysym.sym == SDLK_ESCAPE);
        float x = 0, y = 0;
        if (by_itself) {
            play.pull_by_itself(x, y);
        } else {
            const Uint8* keys = SDL_GetKeyboardState(nullptr);
            x = static_cast<float>(keys[SDL_SCANCODE_RIGHT] - keys[SDL_SCANCODE_LEFT]);
            y = static_cast<float>(keys[SDL_SCANCODE_DOWN] - keys[SDL_SCANCODE_UP]);
        }
        const long due = by_itself ? frame + 1 : static_cast<long>((SDL_GetTicks64() - begin) * fps / 1000);
        for (; moves < due; ++moves) {
            if (device == 0) radio.render(block);  // nobody else asks for it
            // What was rendered last is still in the sound card's buffers.
            play.hear(radio.position() - lofi::frames(device != 0 ? 2 * want.samples : 0));
            play.move(x, y);
        }
        if (by_itself && frame % 10 != 9 && frame + 1 != frames) continue;  // faster than the clock
        play.draw(picture);
        if (by_itself && frame + 1 == frames && shot != nullptr) {
            SDL_Surface* s = SDL_CreateRGBSurfaceWithFormat(0, width, height, 24, SDL_PIXELFORMAT_BGR24);
            if (s == nullptr || SDL_RenderReadPixels(renderer, nullptr, SDL_PIXELFORMAT_BGR24, s->pixels, s->pitch) != 0 ||
                SDL_SaveBMP(s, shot) != 0)
                fail(shot);
            SDL_FreeSurface(s);
        }
        SDL_RenderPresent(renderer);
    }
    std::printf("%d fireflies\n", play.caught());
    if (device != 0) SDL_CloseAudioDevice(device);
    SDL_DestroyRenderer(renderer);
    SDL_DestroyWindow(window);
    SDL_Quit();
}
