// lofi render: a whole track from a seed and a mood. lofi moods: the names it knows.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <string>

#include <lofi/song/compose.hpp>
#include <lofi/song/render.hpp>
#include <lofi/song/wish.hpp>

#include "command.hpp"
#include "pictures.hpp"
#include "song_json.hpp"
#include "staged_files.hpp"

namespace program {
namespace {

namespace song = lofi::song;

struct render_options {
    song::config song;
    std::string mood = "night", out;
    bool mood_given = false;
    std::optional<std::string> key, mode, again, text;
    std::optional<double> bpm;
    std::optional<double> rate;
    bool stems = false, pictures = false;
};

/// Reads a key as it is typed; a tonic alone leaves the mode open.
void take_key(const std::string& text, song::config& to) {
    const lofi::score::key key = of_option("--key", lofi::score::parse_key(text));
    to.tonic = key.tonic;
    const bool names_mode = text.find(' ') != std::string::npos || (text.size() > 1 && text.back() == 'm');
    if (!names_mode) return;
    if (to.scale && *to.scale != key.scale)
        throw lofi::error("--key '" + text + "'",
                          "contradicts --mode " + std::string(to_string(*to.scale)) + ": give one of them");
    to.scale = key.scale;
}

/// Says what was understood of a text and asks for it, where no option asks for something else.
void take_text(const std::string& text, bool mood_given, song::config& to) {
    song::wish w = song::understand(text);
    if (w.feeling.words == 0) throw lofi::error("--text", "holds no word");
    if (mood_given) w.mood.reset();
    std::string known;
    for (std::size_t i = 0; i < w.feeling.known.size() && i < 12; ++i) known += (i ? ", " : "") + w.feeling.known[i];
    if (w.feeling.known.size() > 12) known += ", ...";
    if (known.empty() && !w.mood) {
        std::printf("text: none of its words is known (the lexicon is English): the mood stays %.*s\n",
                    static_cast<int>(to.mood.size()), to.mood.data());
        return;
    }
    song::take(w, to);
    std::printf("text: knows %zu of %zu words (%s)\n  mood %.*s", w.feeling.known.size(), w.feeling.words, known.c_str(),
                static_cast<int>(to.mood.size()), to.mood.data());
    if (to.valence) std::printf(", valence %.2f", *to.valence);
    if (to.energy) std::printf(", energy %.2f", *to.energy);
    std::printf("\n");
}

song::composition compose(render_options& o, lofi::hertz& rate) {
    const auto networks = song::networks::builtin();
    if (o.again) {
        const recipe r = read_description(*o.again, networks.hash());
        rate = o.rate ? lofi::hertz(*o.rate) : r.rate;
        song::composition c = song::compose(r.settings, networks);
        check_notes(r, c, *o.again);
        return c;
    }
    o.song.mood = o.mood;
    if (o.text) take_text(*o.text, o.mood_given, o.song);
    if (o.bpm) o.song.tempo = lofi::bpm(*o.bpm);
    if (o.mode) o.song.scale = of_option("--mode", lofi::score::parse_mode(*o.mode));
    if (o.key) take_key(*o.key, o.song);
    if (o.rate) rate = lofi::hertz(*o.rate);
    return song::compose(o.song, networks).value();
}

/// Says where a wish could not be met.
void tell_reach(const char* name, double asked, const lofi::model::reach& r) {
    const double low = r.low / 65536.0, high = r.high / 65536.0;
    if (asked < low - .005 || asked > high + .005)
        std::printf("%s %.2f is out of reach at this tempo and in this mode: %.2f to %.2f can be had\n", name, asked, low,
                    high);
}

void render(render_options& o) {
    const auto begin = std::chrono::steady_clock::now();
    if (o.out.size() > 4 && o.out.ends_with(".wav")) o.out.resize(o.out.size() - 4);
    lofi::hertz rate(48000.0);
    const song::composition c = compose(o, rate);
    const lofi::synth::config sound = song::sound_of(c.settings, rate);
    check(sound).value();

    staged_files files(o.out);
    song::write_midi(c, files.path(".mid")).value();
    lofi::write_file(files.path(".json"), describe(c, rate)).value();
    const song::wav_config wav{.rate = rate, .stems = o.stems ? song::stems::yes : song::stems::no};
    song::rendering made;
    if (o.pictures) {
        spectrum_listener spectrum(lofi::synth::duration(c.piece, rate), rate);
        made = song::write_wav(c, files.path(".wav"), wav, [&](lofi::audio::stereo_view x) { spectrum.listen(x); }).value();
        draw_roll(c.piece, files.path(".roll.png"));
        spectrum.draw(c.piece.title, files.path(".spectrum.png"));
    } else {
        made = song::write_wav(c, files.path(".wav"), wav).value();
    }
    const auto written = files.commit();

    const double took = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const double length = static_cast<double>(made.length.value) / rate.value;
    const song::settings& s = c.settings;
    std::printf("%s: %s, %g bpm, %d bars, %d:%02d\n", c.piece.title.c_str(), to_string(s.key).c_str(), s.tempo / 1000.0, s.bars,
                static_cast<int>(length) / 60, static_cast<int>(length) % 60);
    if (o.song.energy) tell_reach("energy", s.energy / 65536.0, c.energy_reach);
    if (o.song.valence) tell_reach("valence", s.valence / 65536.0, c.valence_reach);
    std::printf("%.1f LUFS, true peak %.1f dBTP; %.0f times real time\n", made.loudness.value, made.true_peak.value,
                length / took);
    for (const auto& f : written) std::printf("  %s\n", f.c_str());
}

}  // namespace

void add_render(CLI::App& app) {
    auto o = std::make_shared<render_options>();
    CLI::App* c = add_command(app, "render", "Composes a track and writes it as WAV, MIDI and JSON",
                              "lofi render --seed 7 --minutes 2 --mood rain --out rain");
    CLI::Option* again = c->add_option("--json", o->again, "Makes the track of a NAME.json again");
    const auto wish = [&](CLI::Option* option) { return option->excludes(again); };
    wish(c->add_option("--seed", o->song.seed, "The same seed gives the same music"))
        ->check(whole_number())
        ->capture_default_str();
    wish(c->add_option("--minutes", o->song.minutes, "About so long, 0.1 to 240: whole sections are played"))
        ->capture_default_str();
    CLI::Option* mood = wish(c->add_option("--mood", o->mood, "A name of `lofi moods`"))->capture_default_str();
    wish(c->add_option("--text", o->text,
                       "English words that steer mood, energy and valence where these are not given: "
                       "\"rain on the last train home\""));
    wish(c->add_option("--energy", o->song.energy, "0 calm to 1 lively; the mood's, if not given"));
    wish(c->add_option("--valence", o->song.valence, "0 dark to 1 bright; the mood's, if not given"));
    wish(c->add_option("--bpm", o->bpm, "Felt tempo, 50 to 110; the mood's, if not given"));
    wish(c->add_option("--key", o->key, "A tonic, or a key: Eb, \"D dorian\", Am; the seed's, if not given"));
    wish(c->add_option(
        "--mode", o->mode,
        "ionian (major), dorian, phrygian, lydian, mixolydian, aeolian (minor), locrian; the mood's, if not given"));
    wish(c->add_option("--accent", o->song.accent,
                       "Chords as in lo-fi loops (1) or as in the songs that the network learned (0)"))
        ->capture_default_str();
    c->add_option("--rate", o->rate, "Samples a second, 8000 to 192000; 48000, if not given")->check(number(8000, 192000));
    c->add_flag("--stems", o->stems, "Also writes one WAV a layer: before the master chain they sum to the mix exactly");
    c->add_flag("--pictures", o->pictures, "Also draws NAME.roll.png and NAME.spectrum.png");
    c->add_option("--out", o->out, "Names the files: NAME.wav, NAME.mid, NAME.json")->required();
    c->callback([o, mood] {
        o->mood_given = mood->count() > 0;
        render(*o);
    });
}

void add_moods(CLI::App& app) {
    CLI::App* c = add_command(app, "moods", "Lists the moods that have a name", "lofi moods");
    c->callback([] {
        for (const song::mood& m : song::moods)
            std::printf("%-10.*s %-38.*s energy %.2f  valence %.2f  %g bpm  %s\n", static_cast<int>(m.name.size()),
                        m.name.data(), static_cast<int>(m.says.size()), m.says.data(), m.energy, m.valence, m.tempo.value,
                        m.scale ? std::string(to_string(*m.scale)).c_str() : "");
    });
}

}  // namespace program
