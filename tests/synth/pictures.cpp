// The pictures of docs/synth.md, and what must hold of them.
#include "synth/pictures.hpp"

#include <lofi/audio/true_peak.hpp>
#include <lofi/dsp/limiter.hpp>
#include <lofi/dsp/oscillator.hpp>
#include <lofi/dsp/saturation.hpp>
#include <lofi/synth/sampler.hpp>

#include "synth/measured.hpp"

using namespace lofi;

namespace {

constexpr std::array instruments = {synth::instrument::tine,  synth::instrument::reed, synth::instrument::felt,
                                    synth::instrument::nylon, synth::instrument::harp, synth::instrument::vibes,
                                    synth::instrument::bass,  synth::instrument::pad};
constexpr plot::sheet_size panel{420, 230};
constexpr double rate = 48000.0;

// The loudest bin of each twelfth of an octave.
plot::curve spectrum(const std::string& name, std::span<const float> x, double from, double to, test::window w) {
    const auto p = test::powers(x, w);
    plot::curve c{.name = name, .x = {}, .y = {}};
    for (double f = from; f < to; f *= std::exp2(1.0 / 12.0)) {
        double most = 1e-12;
        for (auto k = static_cast<std::size_t>(f / rate * 65536.0);
             k <= static_cast<std::size_t>(f * std::exp2(1.0 / 12.0) / rate * 65536.0) && k < p.size(); ++k)
            most = std::max(most, p[k]);
        c.x.push_back(f * std::exp2(1.0 / 24.0)), c.y.push_back(10.0 * std::log10(most) - 60.0);
    }
    return c;
}

plot::axis hertz_axis(double low, double high) {
    return {.label = "Hz", .low = low, .high = high, .scale = plot::axis_scale::logarithmic};
}

std::vector<double> hundredths(std::size_t n) {
    std::vector<double> t(n);
    for (std::size_t i = 0; i < n; ++i) t[i] = 0.01 * static_cast<double>(i);
    return t;
}

}  // namespace

TEST_CASE("picture: spectra of the instruments at three forces; harder is louder and brighter") {
    std::vector<plot::figure> panels;
    for (const synth::instrument i : instruments) {
        const int pitch = i == synth::instrument::bass ? 33 : 57;
        std::vector<plot::curve> lines;
        double level = -200.0, bright = 0.0;
        for (const int force : {30, 70, 110}) {
            const bool slow = i == synth::instrument::pad;
            const auto y = test::play(test::note(i, pitch, force), rate, 2.0, slow ? 1.6 : 0.6);
            const auto part = std::span(y).last(static_cast<std::size_t>(0.6 * rate));
            lines.push_back(spectrum(std::to_string(force), part, 30.0, 12000.0, test::window::hann));
            const double now = test::decibels_of(test::rms(part)), c = test::centroid(part, rate, test::window::hann);
            CAPTURE(to_string(i), force, now, c);
            CHECK(now > level + 3.0);
            CHECK(c > 1.002 * bright);
            level = now, bright = c;
        }
        std::reverse(lines.begin(), lines.end());  // the soft ones on top
        panels.push_back(plot::curves(lines, {.title = std::string(to_string(i)) + (pitch == 33 ? ", A1" : ", A3"),
                                              .x = hertz_axis(30, 12000),
                                              .y = {.label = "dB", .low = -70, .high = 10},
                                              .size = panel}));
    }
    test::show("spectra", test::tiled(panels, 2));
}

TEST_CASE("picture: envelopes of the instruments at three forces; strings and tongues fall in two stages, all end when told") {
    std::vector<plot::figure> panels;
    for (const synth::instrument i : instruments) {
        const int pitch = i == synth::instrument::bass ? 33 : 57;
        std::vector<plot::curve> lines;
        for (const int force : {30, 70, 110}) {
            const auto y = test::play(test::note(i, pitch, force), 24000.0, 2.5, 4.0);
            const auto l = test::levels(y, 24000.0, 0.04);
            lines.push_back({.name = std::to_string(force), .x = hundredths(l.size()), .y = l});
            const double early = (l[5] - l[35]) / 0.3, late = (l[120] - l[220]) / 1.0;
            CAPTURE(to_string(i), force, early, late);
            using enum synth::instrument;
            if (i == felt || i == nylon || i == harp || i == bass) CHECK(early > 1.25 * late);
            if (i == pad) CHECK(l[100] > l[10] + 6.0);
            CHECK(l[245] - l[290] > (i == pad || i == harp ? 12.0 : 20.0));
        }
        std::reverse(lines.begin(), lines.end());
        panels.push_back(plot::curves(lines, {.title = std::string(to_string(i)) + ", let go after 2.5 s",
                                              .x = {.label = "s", .low = 0, .high = 4},
                                              .y = {.label = "dB", .low = -90, .high = -10},
                                              .size = panel}));
    }
    test::show("envelopes", test::tiled(panels, 2));
}

TEST_CASE("picture: the reed piano's harmonics over time lie where a Wurlitzer's do") {
    // Harmonics 1 to 6 of samples of an EP200 by Greg Sullivan at 30 ms to 1.6 s, decibels against the loudest.
    struct sample {
        int pitch, force;
        std::array<std::array<double, 6>, 6> level;
    };
    constexpr std::array<double, 6> when = {0.03, 0.1, 0.2, 0.4, 0.8, 1.6};
    constexpr std::array<sample, 6> samples = {{
        {36,
         108,
         {{{-21, -18, -19, -17, -12, -8},
           {-3, -3, -3, -3, -3, -5},
           {-4, -3, -3, -2, -1, 0},
           {-5, -3, -3, -4, -7, -25},
           {-1, 0, 0, 0, 0, -2},
           {-13, -10, -9, -12, -29, -13}}}},
        {47,
         78,
         {{{-4, -4, -4, -3, -2, -2},
           {-1, -2, -3, -5, -9, -50},
           {0, 0, 0, -1, -2, -11},
           {-13, -15, -18, -35, -17, -26},
           {-3, -4, -4, -6, -13, -23},
           {-27, -22, -19, -16, -19, -43}}}},
        {52,
         108,
         {{{-13, -12, -10, -7, -5, -4},
           {0, 0, -1, -2, -5, -17},
           {-3, -3, -3, -3, -4, -15},
           {-5, -6, -7, -10, -18, -42},
           {-5, -5, -6, -7, -11, -69},
           {-11, -13, -14, -19, -38, -35}}}},
        {56,
         78,
         {{{-1, 0, 0, 0, -1, -4},
           {-6, -7, -8, -12, -37, -24},
           {-2, -3, -3, -4, -10, -23},
           {-36, -32, -23, -18, -20, -37},
           {-8, -9, -10, -15, -25, -42},
           {-18, -18, -18, -21, -33, -57}}}},
        {61,
         52,
         {{{0, 0, -1, -2, -5, -11},
           {-24, -21, -19, -19, -22, -33},
           {-10, -12, -14, -19, -26, -44},
           {-19, -21, -24, -28, -37, -57},
           {-28, -29, -30, -34, -44, -71},
           {-33, -35, -36, -40, -51, -80}}}},
        {67,
         108,
         {{{-1, -1, 0, 0, -3, -11},
           {-8, -10, -16, -22, -15, -28},
           {-5, -5, -7, -13, -42, -48},
           {-20, -16, -14, -16, -30, -97},
           {-16, -17, -25, -33, -37, -76},
           {-20, -18, -21, -31, -56, -95}}}},
    }};
    std::vector<plot::figure> panels;
    double all = 0.0;
    for (const sample& s : samples) {
        const double f0 = math::midi_to_hertz(s.pitch).value;
        const auto y = test::play(test::note(synth::instrument::reed, s.pitch, s.force), 22050.0, 4.0, 3.0);
        const auto level = [&](double t, std::size_t k) {  // over three turns of the tone, around a moment
            const auto w = static_cast<std::size_t>(std::max(3.0 / f0, 0.03) * 22050.0);
            const auto at = static_cast<std::size_t>((t + 0.006) * 22050.0);
            const std::size_t from = at > w / 2 ? at - w / 2 : 0;
            double most = 0.0;  // its own tuning is a little off
            for (const double cents : {-4.0, 0.0, 4.0})
                most = std::max(most, test::amplitude(std::span(y).subspan(from, w),
                                                      static_cast<double>(k + 1) * f0 * std::exp2(cents / 1200.0) / 22050.0));
            return test::decibels_of(most + 1e-7);
        };
        std::array<std::array<double, 6>, 6> ours{};
        double offset = 0.0, weights = 0.0;
        // A tenth of what is 36 dB down counts: the ear hears the loud ones.
        const auto weight = [](double db) { return db < -45.0 ? 0.0 : std::max(1.0 + db / 40.0, 0.1); };
        for (std::size_t k = 0; k < 6; ++k)
            for (std::size_t t = 0; t < 6; ++t) {
                ours[k][t] = level(when[t], k);
                offset += weight(s.level[k][t]) * (ours[k][t] - s.level[k][t]), weights += weight(s.level[k][t]);
            }
        offset /= weights;
        double error = 0.0;
        std::vector<plot::curve> lines, dots;
        for (std::size_t k = 0; k < 6; ++k) {
            plot::curve line{.name = std::to_string(k + 1), .x = {}, .y = {}}, dot = line;
            for (double t = 0.03; t < 1.65; t *= 1.1) line.x.push_back(t), line.y.push_back(level(t, k) - offset);
            for (std::size_t t = 0; t < 6; ++t) {
                error += weight(s.level[k][t]) * std::min(std::abs(ours[k][t] - offset - s.level[k][t]), 15.0);
                dot.x.insert(dot.x.end(), {when[t], when[t]}), dot.y.insert(dot.y.end(), {s.level[k][t], std::nan("")});
            }
            lines.push_back(line), dots.push_back(dot);
        }
        error /= weights, all += error / 6.0;
        CAPTURE(s.pitch, s.force, error);
        CHECK(error < 6.5);
        const plot::curves_config c{.title = "key " + std::to_string(s.pitch) + ", force " + std::to_string(s.force),
                                    .x = {.label = "s", .low = 0.028, .high = 1.7, .scale = plot::axis_scale::logarithmic},
                                    .y = {.label = "dB", .low = -50, .high = 5},
                                    .size = panel};
        panels.push_back(test::with_dots(plot::curves(lines, c), plot::curves(dots, c)));
    }
    CAPTURE(all);
    CHECK(all < 4.5);
    test::show("reed", test::tiled(panels, 2));
}

TEST_CASE("picture: drums at three forces; ghost notes are softer and duller, open hats open") {
    struct wanted {
        score::drum which;
        double duller;  // at most this share of the hard hit's centroid
    };
    using enum score::drum;
    std::vector<plot::figure> panels;
    for (const auto& [which, duller] :
         {wanted{kick, 0.98}, {snare, 0.75}, {closed_hat, 0.97}, {open_hat, 0.97}, {mid_tom, 0.97}, {ride, 0.97}}) {
        std::vector<plot::curve> lines;
        double level[2] = {}, bright[2] = {}, length[2] = {};
        for (const int force : {25, 70, 115}) {
            double c = 0.0, loud = 0.0, ring = 0.0;  // the mean of some hits, of which no two are alike
            std::vector<float> y;
            for (std::uint64_t take = 0; take < 8; ++take) {
                random_stream r(random_key{take}.child("take"));
                y = test::play(synth::hit(which, score::velocity(force), r), rate, 1.0, 1.3);
                const auto l = test::levels(y, rate, 0.01);
                const double top = *std::max_element(l.begin(), l.end());
                c += test::centroid(std::span(y).first(24000), rate, test::window::none) / 8.0, loud += top / 8.0;
                ring += static_cast<double>(std::count_if(l.begin(), l.end(), [&](double v) { return v > top - 20.0; })) / 8.0;
            }
            lines.push_back(spectrum(std::to_string(force), std::span(y).first(12000), 30.0, 20000.0, test::window::none));
            if (force != 70) level[force > 70] = loud, bright[force > 70] = c, length[force > 70] = ring;
        }
        CAPTURE(to_string(which), level[0], level[1], bright[0], bright[1], length[0], length[1]);
        CHECK(level[0] < level[1] - 10.0);
        CHECK(bright[0] < duller * bright[1]);
        if (which == closed_hat) CHECK(length[0] < 0.8 * length[1]);
        if (which != snare) CHECK(length[0] <= length[1] * 1.02);
        std::reverse(lines.begin(), lines.end());
        panels.push_back(plot::curves(lines, {.title = std::string(to_string(which)),
                                              .x = hertz_axis(30, 20000),
                                              .y = {.label = "dB", .low = -90, .high = 0},
                                              .size = panel}));
    }
    test::show("drums", test::tiled(panels, 2));
}

TEST_CASE("picture: what folds back in oscillators, sampler and tape") {
    constexpr std::size_t size = 1 << 14;
    std::vector<plot::curve> lines = {{.name = "saw", .x = {}, .y = {}},
                                      {.name = "square", .x = {}, .y = {}},
                                      {.name = "triangle", .x = {}, .y = {}},
                                      {.name = "sampler, 7 up", .x = {}, .y = {}},
                                      {.name = "tape, 12 dB", .x = {}, .y = {}}};
    for (double f = 60.0; f < 9000.0; f *= 1.35) {
        const std::size_t bin = static_cast<std::size_t>(f / rate * size) | 1U;
        const double turns = static_cast<double>(bin) / size;
        const auto keep = [&](std::size_t line, double level, double bound) {
            CAPTURE(lines[line].name, f);
            CHECK(level < bound);
            lines[line].x.push_back(turns * rate), lines[line].y.push_back(std::max(level, -140.0));
        };
        for (const dsp::wave w : {dsp::wave::saw, dsp::wave::square, dsp::wave::triangle}) {
            dsp::oscillator o(w, hertz(turns * rate), hertz(rate));
            std::vector<float> y(2 * size);
            o.process(y);
            keep(static_cast<std::size_t>(w), test::aliases(std::span(y).subspan(size), bin, 0.43), -68.0);
        }
        synth::sample_bank bank;
        audio::buffer sound(1, frames(60000), hertz(rate));
        const auto sine = test::sine(turns / std::exp2(7.0 / 12.0), 60000);
        std::copy(sine.begin(), sine.end(), sound.channel(0).begin());
        REQUIRE(bank.add(sound, {.root = score::pitch(60)}));
        synth::sampler s(std::move(bank));
        s.reset(hertz(rate), {});
        s.start({frames(0), frames(1 << 20), score::part::melody, score::pitch(67), score::velocity(127)}, 0, {});
        std::vector<float> left(2 * size), right(2 * size);
        for (std::size_t n = 0; n < left.size(); n += 32) {
            synth::part_views parts;
            parts.fill({std::span(left).subspan(n, 32), std::span(right).subspan(n, 32)});
            s.process(parts);
        }
        keep(3, test::aliases(std::span(left).subspan(size), bin), -80.0);
        auto hot = test::sine(turns, 2 * size);
        dsp::saturation tape(decibels(12.0), 0.12F);
        tape.process(hot);
        keep(4, test::aliases(std::span(hot).subspan(size), bin, 0.43), -60.0);
    }
    test::show("aliases", plot::curves(lines, {.title = "strongest line that is no harmonic, against the strongest harmonic",
                                               .x = hertz_axis(60, 9000),
                                               .y = {.label = "dB", .low = -140, .high = -40},
                                               .size = {760, 380}}));
}

namespace {

// Gives every part one click and nothing else: what comes out is the response of the mixer and the room.
struct click : synth::no_guest {
    bool waiting = false;
    bool start(const synth::note_event&, std::size_t, random_key) noexcept { return waiting = true; }
    void process(const synth::part_views& parts) noexcept {
        for (const audio::stereo_view& p : parts) p.left[0] += 1.0F, p.right[0] += 1.0F;
        waiting = false;
    }
    [[nodiscard]] std::size_t sounding() const noexcept { return waiting ? 1U : 0U; }
};

}  // namespace

TEST_CASE("picture: the channels of the mixer, and how the room dies away") {
    synth::basic_player<click> p(
        {.mix = {.hiss = 0.0F, .dust = 0.0F, .tremolo = 0.0F, .ducking = 0.0F, .reverb = 1.0F, .drive = 0.0F, .wow = 0.0F}});
    REQUIRE(p.play({frames(0), frames(1), score::part::keys, score::pitch(60), score::velocity(80)}));
    const std::size_t n = 4 * 48000;
    std::vector<std::vector<float>> left(synth::layer_count, std::vector<float>(n)), right = left;
    std::vector<float> mix_left(n), mix_right(n);
    std::vector<audio::stereo_view> views;
    for (std::size_t l = 0; l < synth::layer_count; ++l) views.push_back({left[l], right[l]});
    p.render({mix_left, mix_right}, views);

    std::vector<plot::curve> lines;
    for (std::size_t part = 0; part < score::part_count; ++part) {
        audio::real_fft fft(65536);
        std::vector<float> re(fft.bins()), im(fft.bins());
        fft.forward(std::span(left[part]).first(65536), re, im);
        plot::curve c{.name = std::string(to_string(static_cast<score::part>(part))), .x = {}, .y = {}};
        double top = -200.0, low = 0.0, high = 0.0;
        for (double f = 20.0; f < 20000.0; f *= 1.02) {
            const auto k = static_cast<std::size_t>(f / rate * 65536.0 + 0.5);
            c.x.push_back(f), c.y.push_back(test::decibels_of(std::hypot(re[k], im[k])));
            top = std::max(top, c.y.back());
        }
        for (std::size_t i = 0; i < c.x.size(); ++i)
            if (c.y[i] > top - 3.0) low = low == 0.0 ? c.x[i] : low, high = c.x[i];
        CAPTURE(c.name, low, high);
        // What every part needs: keys clear of the bass, the bass below them, drums bright, melody between.
        constexpr double bounds[5][4] = {
            {60, 120, 2500, 4500}, {90, 190, 3500, 6000}, {20, 45, 700, 1500}, {20, 45, 8000, 14000}, {40, 90, 5000, 9000}};
        CHECK((low > bounds[part][0] && low < bounds[part][1] && high > bounds[part][2] && high < bounds[part][3]));
        lines.push_back(std::move(c));
    }
    const plot::sheet_size wide{540, 340};
    const plot::figure channels = plot::curves(lines, {.title = "channels of the mixer",
                                                       .x = hertz_axis(20, 20000),
                                                       .y = {.label = "dB", .low = -30, .high = 15},
                                                       .size = wide});

    // Schroeder's backward sum of the room's answer, an octave at a time.
    std::vector<plot::curve> falls;
    const auto& answer = left[static_cast<std::size_t>(synth::layer::room)];
    double last = 1e9;
    for (const double centre : {250.0, 500.0, 1000.0, 2000.0, 4000.0}) {
        dsp::biquad cut = dsp::biquad::high_pass(hertz(centre / 1.414), 0.707, hertz(rate)),
                    tone = dsp::biquad::low_pass(hertz(centre * 1.414), 0.707, hertz(rate));
        std::vector<double> energy(n);
        for (std::size_t i = 0; i < n; ++i) {
            const double v = double{tone.tick(cut.tick(answer[i]))};
            energy[i] = v * v;
        }
        for (std::size_t i = n - 1; i > 0; --i) energy[i - 1] += energy[i];
        plot::curve c{.name = std::to_string(static_cast<int>(centre)) + " Hz", .x = {}, .y = {}};
        double at5 = 0.0, at35 = 0.0;
        for (std::size_t i = 0; i < n; i += 480) {
            const double t = static_cast<double>(i) / rate, db = 10.0 * std::log10(energy[i] / energy[0] + 1e-12);
            c.x.push_back(t), c.y.push_back(db);
            if (db > -5.0) at5 = t;
            if (db > -35.0) at35 = t;
        }
        const double t60 = 2.0 * (at35 - at5);
        CAPTURE(centre, t60);
        CHECK((t60 > 0.5 && t60 < 2.0));
        CHECK(t60 < 1.15 * last);  // darker as it dies
        last = t60;
        falls.push_back(std::move(c));
    }
    double both = 0.0, l2 = 0.0, r2 = 0.0;
    for (std::size_t i = 0; i < n; ++i) {
        const double l = left[5][i], r = right[5][i];
        both += l * r, l2 += l * l, r2 += r * r;
    }
    CHECK(std::abs(both / std::sqrt(l2 * r2)) < 0.35);  // wide, though a click in the middle went in
    const plot::figure room = plot::curves(falls, {.title = "the room dies away",
                                                   .x = {.label = "s", .low = 0, .high = 2},
                                                   .y = {.label = "dB", .low = -60, .high = 0},
                                                   .size = wide});
    test::show("mixer", test::tiled(std::vector{channels, room}, 2));
}

TEST_CASE("picture: the limiter's true peak") {
    std::vector<plot::curve> lines = {{.name = "sine of 5 kHz", .x = {}, .y = {}},
                                      {.name = "noise", .x = {}, .y = {}},
                                      {.name = "square", .x = {}, .y = {}},
                                      {.name = "snare", .x = {}, .y = {}}};
    for (double drive = -12.0; drive <= 24.0; drive += 3.0)
        for (std::size_t kind = 0; kind < lines.size(); ++kind) {
            const auto gain = static_cast<float>(std::pow(10.0, drive / 20.0));
            std::vector<float> x(24000);
            random_stream r(random_key{4});
            const auto hit = test::play(test::drum(score::drum::snare, 127), rate, 1.0, 0.5);
            for (std::size_t n = 0; n < x.size(); ++n) {
                if (kind == 0) x[n] = static_cast<float>(std::sin(2.0 * M_PI * 5011.0 / rate * static_cast<double>(n)));
                if (kind == 1) x[n] = 2.0F * uniform_unit(r) - 1.0F;
                if (kind == 2) x[n] = n / 50 % 2 == 0 ? 1.0F : -1.0F;
                if (kind == 3) x[n] = hit[n % 12000] * 2.0F;
                x[n] *= gain;
            }
            // Nothing comes to the limiter that the tape's tone has not been through.
            dsp::biquad tone = dsp::biquad::low_pass(hertz(9000.0), 0.707, hertz(rate));
            for (float& v : x) v = static_cast<float>(tone.tick(v));
            std::vector<float> y = x;
            dsp::limiter limit(hertz(rate), {.ceiling = decibels(-1.0)});
            limit.process({x, y});
            audio::true_peak_meter meter;
            meter.process(x);
            CAPTURE(lines[kind].name, drive, meter.level().value);
            CHECK(meter.level().value < -0.9);
            lines[kind].x.push_back(drive), lines[kind].y.push_back(meter.level().value);
        }
    test::show("limiter", plot::curves(lines, {.title = "true peak after the limiter, ceiling -1 dB",
                                               .x = {.label = "drive, dB"},
                                               .y = {.label = "dB", .low = -16, .high = 0},
                                               .size = {760, 300}}));
}
