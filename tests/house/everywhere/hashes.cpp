// What must be the same on every machine, printed: hashes of the notes of songs and of a radio that is steered, and of their sound
// every five seconds.
//
//   hashes BARS SECONDS                the hashes, of the notes of two songs of 200 bars and of so many bars of the radio, and of so
//                                      much sound
//   hashes BARS SECONDS write FILE     also writes the sound, as the floats of this machine
//   hashes BARS SECONDS compare FILE   also prints how far each sound is from that in a file, in dB RMS
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/core/bits.hpp>
#include <lofi/core/hash.hpp>
#include <lofi/radio.hpp>
#include <lofi/song/compose.hpp>
#include <lofi/synth/render.hpp>

using namespace lofi;

namespace {

void print(const std::string& what, std::uint64_t hash) {
    std::printf("%s %016llx\n", what.c_str(), static_cast<unsigned long long>(hash));
}

// Keeps all the sound it is given, and prints its hash every five seconds.
class listener {
public:
    listener(std::string name, hertz rate) : name_(std::move(name)), five_seconds_(static_cast<std::size_t>(rate.value) * 5) {}

    void hear(float left, float right) {
        for (const float v : {left, right}) hash_.add(bits_as<std::uint32_t>(v)), sound_.push_back(v);
        if (frames() % five_seconds_ == 0)
            print(name_ + " " + std::to_string(frames() / five_seconds_ * 5) + " s", hash_.value());
    }
    [[nodiscard]] std::size_t frames() const { return sound_.size() / 2; }
    [[nodiscard]] const std::vector<float>& sound() const { return sound_; }

private:
    std::string name_;
    std::size_t five_seconds_;
    hasher hash_;
    std::vector<float> sound_;
};

// What a game may do to the music in a minute.
struct move {
    int second;
    parameter what;
    double value;
    lofi::at when;
    double ramp;
};
constexpr move script[] = {
    {1, parameter::energy, 0.9, at::next_bar, 3.0},
    {3, parameter::rain, 0.7, at::now, 4.0},
    {6, parameter::key, 5.0, at::next_section, 0.0},
    {8, parameter::tempo, 104.0, at::next_beat, 5.0},
    {12, parameter::mode, 4.0, at::next_bar, 0.0},
    {15, parameter::stinger, 1.0, at::next_beat, 0.0},
    {17, parameter::brightness, 0.9, at::now, 2.0},
    {20, parameter::drums_mute, 1.0, at::next_bar, 0.0},
    {22, parameter::wow, 0.9, at::now, 3.0},
    {25, parameter::drums_mute, 0.0, at::next_bar, 0.0},
    {28, parameter::swing, 1.0, at::next_bar, 0.0},
    {31, parameter::valence, 0.9, at::next_bar, 0.0},
    {34, parameter::skip, 1.0, at::now, 0.0},
    {37, parameter::pause, 1.0, at::now, 0.0},
    {38, parameter::pause, 0.0, at::now, 0.0},
    {40, parameter::dust, 0.9, at::now, 1.0},
    {43, parameter::reverb, 0.8, at::now, 2.0},
    {46, parameter::keys_level, -6.0, at::now, 2.0},
    {48, parameter::density, 0.9, at::next_beat, 0.0},
    {51, parameter::mood, 3.0, at::next_section, 0.0},
    {54, parameter::melody_solo, 1.0, at::next_bar, 0.0},
    {57, parameter::melody_solo, 0.0, at::next_bar, 0.0},
    {59, parameter::energy, 0.2, at::next_bar, 2.0},
};

// A radio under the script, which begins anew each minute. Its events are hashed as they come.
class performance {
public:
    explicit performance(hertz rate)
        : radio_({.seed = 11, .rate = rate}), tenth_(static_cast<std::size_t>(rate.value) / 10 * 2) {}

    // The next tenth of a second.
    [[nodiscard]] const std::vector<float>& render() {
        if (tenths_ % 10 == 0)
            for (const move& m : script)
                if (m.second == tenths_ / 10 % 60) radio_.set(m.what, m.value, m.when, seconds(m.ramp));
        radio_.render(tenth_);
        for (event e; radio_.poll(e);) hear(e);
        ++tenths_;
        return tenth_;
    }
    [[nodiscard]] std::int32_t bar() const { return bar_; }
    [[nodiscard]] std::uint64_t hash() const { return hash_.value(); }

private:
    void hear(const event& e) {
        bar_ = std::max(bar_, e.bar);
        hash_.add(static_cast<int>(e.kind)).add(e.bar).add(e.tick).add(e.at.value);
        if (e.kind == event_kind::note_on || e.kind == event_kind::note_off)
            hash_.add(static_cast<int>(e.part)).add(e.pitch.midi).add(e.velocity.value).add(e.length.value);
    }

    radio radio_;
    std::vector<float> tenth_;
    int tenths_ = 0;
    std::int32_t bar_ = 0;
    hasher hash_;
};

// Notes need no fidelity: the radio runs at the lowest rate.
void print_notes(std::int32_t bars) {
    const auto network = pretrained::lofi2lofi::builtin();
    for (const char* mood : {"night", "train"}) {
        song::settings settings = song::resolve({.seed = 5, .mood = mood}, network).value();
        settings.bars = 200;
        print("notes of " + settings.mood, song::compose(settings, network).notes_hash());
    }
    performance played(hertz(8000.0));
    while (played.bar() < bars) static_cast<void>(played.render());
    print("notes of the radio", played.hash());
}

std::vector<float> play_radio(std::size_t seconds) {
    performance played(hertz(48000.0));
    listener listening("sound of the radio", hertz(48000.0));
    for (std::size_t tenths = 0; tenths < seconds * 10; ++tenths) {
        const std::vector<float>& x = played.render();
        for (std::size_t n = 0; n < x.size(); n += 2) listening.hear(x[n], x[n + 1]);
    }
    print("notes of the radio meanwhile", played.hash());
    return listening.sound();
}

std::vector<float> render_song(std::size_t seconds) {
    const song::composition rain = song::compose(song::config{.seed = 11, .mood = "rain", .energy = 0.7}).value();
    const synth::config config{.seed = 11,
                               .mix = {.keys = synth::instrument::reed,
                                       .melody = synth::instrument::vibes,
                                       .texture = synth::instrument::harp,
                                       .rain = 0.3F,
                                       .grit = {.bits = 12, .held = hertz(26000.0)}}};
    const std::size_t length = seconds * static_cast<std::size_t>(config.rate.value);
    listener listening("sound of a song", config.rate);
    synth::render(rain.piece, config, {}, [&](audio::stereo_view x) {
        for (std::size_t n = 0; n < x.size() && listening.frames() < length; ++n) listening.hear(x.left[n], x.right[n]);
        return listening.frames() < length;
    }).value();
    return listening.sound();
}

[[noreturn]] void fail(const char* why) {
    std::fprintf(stderr, "hashes: %s\n", why);
    std::exit(1);
}

void write_sounds(const char* path, const std::vector<float>& sounds) {
    std::FILE* file = std::fopen(path, "wb");
    if (file == nullptr || std::fwrite(sounds.data(), sizeof(float), sounds.size(), file) != sounds.size() ||
        std::fclose(file) != 0)
        fail("the file cannot be written");
}

std::vector<float> read_sounds(const char* path, std::size_t size) {
    std::FILE* file = std::fopen(path, "rb");
    if (file == nullptr) fail("the file cannot be read");
    std::vector<float> sounds(size + 1);
    sounds.resize(std::fread(sounds.data(), sizeof(float), sounds.size(), file));
    std::fclose(file);
    if (sounds.size() != size) fail("the file holds sound of another length");
    return sounds;
}

double difference(const float* a, const float* b, std::size_t size) {
    double sum = 0;
    for (std::size_t i = 0; i < size; ++i) sum += (double{a[i]} - double{b[i]}) * (double{a[i]} - double{b[i]});
    return 10.0 * std::log10(sum / static_cast<double>(size) + 1e-30);
}

}  // namespace

int main(int count, char** words) {
    if (count != 3 && count != 5) fail("hashes BARS SECONDS [write FILE | compare FILE]");
    const auto seconds = static_cast<std::size_t>(std::strtoul(words[2], nullptr, 10));
    print_notes(static_cast<std::int32_t>(std::strtol(words[1], nullptr, 10)));
    std::vector<float> sounds = render_song(seconds);
    const std::vector<float> radio = play_radio(seconds);
    sounds.insert(sounds.end(), radio.begin(), radio.end());
    if (count == 3) return 0;
    if (words[3] == std::string_view("write")) {
        write_sounds(words[4], sounds);
    } else {
        const std::vector<float> other = read_sounds(words[4], sounds.size());
        const std::size_t half = radio.size();
        std::printf("difference of a song %.1f dB\n", difference(sounds.data(), other.data(), half));
        std::printf("difference of the radio %.1f dB\n", difference(sounds.data() + half, other.data() + half, half));
    }
}
