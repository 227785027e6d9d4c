#include <lofi/recipe/frame_net.hpp>

#include <fstream>

#include "nn/check_layer.hpp"

using namespace lofi;
namespace fs = std::filesystem;
using model::frame_net_hearing;

namespace {

template <frame_net_hearing Hearing>
constexpr model::frame_net_config small{.hearing = Hearing,
                                        .frame = 4,
                                        .channels = 5,
                                        .layers = 2,
                                        .gates = 3,
                                        .window = 8,
                                        .components = 2,
                                        .condition = Hearing == frame_net_hearing::fixed ? std::size_t{2} : std::size_t{0}};
template <frame_net_hearing Hearing>
using net = model::frame_net<small<Hearing>, backend::cpu<float>>;

/// Windows of noise with everything that a network may hear, and the network's own weights moved from where they begin.
template <frame_net_hearing Hearing>
struct small_run {
    static constexpr std::size_t T = 40;
    nn::parameters<net<Hearing>> p{random_key{1}, nn::scheme::pytorch}, dp;
    std::vector<float> sound[2], near[2], far[2], condition[2];
    std::vector<model::frame_net_window> windows;
    nn::context ctx;
    backend::cpu<float> be;

    small_run() {
        const auto draw = [](std::size_t n, std::uint64_t seed, double size) {
            std::vector<float> v;
            for (const double x : test::noise(n, seed)) v.push_back(static_cast<float>(size * x));
            return v;
        };
        const auto moved = draw(p.flat().size(), 5, 0.2);
        for (std::size_t i = 0; i < moved.size(); ++i) p.flat()[i] += moved[i];
        const auto s = p.view().template get<"statistics">();
        const auto lpc = draw(32, 6, 0.2);
        std::copy(lpc.begin(), lpc.end(), s.lpc);
        *s.scale = 0.05F;
        for (std::size_t b = 0; b < 2; ++b) {
            sound[b] = draw(T, 10 + b, 0.1), near[b] = draw(T, 20 + b, 0.5), far[b] = draw(T, 30 + b, 0.5);
            condition[b] = draw(T / 4 * 2, 40 + b, 1);
            windows.push_back({sound[b], sound[b], near[b], far[b], condition[b], true});
        }
    }
    double loss(bool learn = false) {
        ctx.begin({});
        const auto d = dp.view();
        const auto r = model::frame_net_loss<net<Hearing>>(be, ctx, p.view(), windows, 2, learn ? &d : nullptr);
        return r.nats / static_cast<double>(r.count);
    }
    void check_gradient() {
        loss(true);
        double rms = 0;
        for (const float g : dp.flat()) rms += static_cast<double>(g) * static_cast<double>(g);
        rms = std::sqrt(rms / static_cast<double>(dp.flat().size()));
        for (std::size_t i = 0; i < p.flat().size(); ++i) {
            const float kept = p.flat()[i];
            constexpr float step = 2e-3F;
            p.flat()[i] = kept + step;
            const double above = loss();
            p.flat()[i] = kept - step;
            const double below = loss();
            p.flat()[i] = kept;
            const double difference = (above - below) / (2.0 * static_cast<double>(step)),
                         gradient = static_cast<double>(dp.flat()[i]);
            INFO("parameter " << i << ": " << difference << " against " << gradient);
            CHECK(std::abs(difference - gradient) <= 0.03 * std::max({std::abs(difference), std::abs(gradient), rms}));
        }
    }
};

/// A corpus of tones with a list that tells tempo and chords.
fs::path rendered(const test::temporary_folder& folder) {
    random_stream random(random_key{3});
    for (const char* split : {"train", "valid", "test"}) {
        std::ofstream list(folder / ("manifest_" + std::string(split) + ".jsonl"));
        std::vector<float> x(40000);
        for (std::size_t t = 0; t < x.size(); ++t)
            x[t] = static_cast<float>(0.2 * std::sin(0.2 * static_cast<double>(t)) +
                                      0.1 * std::sin(0.37 * static_cast<double>(t))) +
                   0.01F * (uniform_unit(random) - 0.5F);
        recipe::write_sound(folder / (std::string("mix_") + split + "_000.wav"), x, hertz(8000));
        list << R"({"file": "mix_)" << split << R"(_000.wav", "key": 3, "mode": 6, "bpm": 80, "chords": [1, 4], "groove": "g"})"
             << "\n";
    }
    return folder / ".";
}

}  // namespace

TEST_CASE("FrameNet: gradients of both kinds of hearing") {
    small_run<frame_net_hearing::fixed>().check_gradient();
    small_run<frame_net_hearing::adaptive>().check_gradient();
}

TEST_CASE("FrameNet: streaming is the parallel network, and its past is all that it hears") {
    small_run<frame_net_hearing::fixed> r;
    r.windows.resize(1);
    std::vector<float> outputs;
    r.ctx.begin({});
    model::frame_net_loss<net<frame_net_hearing::fixed>>(r.be, r.ctx, r.p.view(), r.windows, 2, nullptr, &outputs);
    using streaming = model::frame_net<small<frame_net_hearing::fixed>, backend::stream<float>>;
    auto weights = nn::to_streaming<streaming>(r.p);
    backend::stream<float> be;
    model::frame_net_stream<streaming> s(be, weights.view());
    for (std::size_t t = 0; t < r.T; ++t) {
        if (s.frame_begins()) s.condition(r.condition[0].data() + t / 4 * 2);
        const float* const out = s.mixture();
        if (t >= 8) {
            const float* const parallel = outputs.data() + (t - 8) * 7;
            for (std::size_t i = 0; i < 6; ++i) CHECK(out[i] == Approx(parallel[i]).margin(2e-5));
            CHECK(s.centre() == Approx(parallel[6]).margin(2e-5));
        }
        s.push(r.sound[0][t]);
    }
}

TEST_CASE("FrameNet learns from a corpus with a sheet, resumes bit for bit, and goes on by a sheet") {
    const test::temporary_folder folder;
    const std::vector<fs::path> files{rendered(folder)};
    corpus::sound_corpus sound(files);
    const auto sheet = recipe::sheet_of(sound.files()[0]);
    REQUIRE(sheet);
    CHECK(sheet->tempo.value == 80);
    CHECK(sheet->chords.size() == 2);
    CHECK(sheet->drums == model::drumming::some);
    const auto c = model::wave_condition(*sheet, 3.0, {0.1F, 0.2F});  // a beat of the second bar: iv of D minor
    CHECK(c[10 + 7] == 1);                                            // G
    CHECK(c[22 + 7] == 1);
    CHECK(c[10 + 9] == 0);

    using network = recipe::frame_net_model<frame_net_hearing::fixed>;
    recipe::frame_net_recipe quick{
        .epochs = 5, .batch = 2, .window = 4096, .valid_windows = 2, .validate_every = 5, .sample = seconds(0.1)};
    const auto run = [&](network& net, const char* name, std::uint64_t steps, train::start from) {
        recipe::frame_net_trainee<frame_net_hearing::fixed> trainee(quick, net, sound);
        auto config = trainee.loop(folder / name);
        if (steps > 0) config.steps = steps;
        config.from = from, config.plots = train::pictures::off;
        config.stream = std::fopen("/dev/null", "w");
        train::train(trainee, config);
        std::fclose(config.stream);
    };
    network whole(hertz(8000), random_key{1}), parts(hertz(8000), random_key{1}), again(hertz(8000), random_key{9});
    CHECK(network::trained::receptive_field == 8192 + 16 * 0);
    run(whole, "whole", 0, train::start::fresh);
    run(parts, "parts", 9, train::start::fresh);
    run(again, "parts", 0, train::start::resume);
    CHECK(std::equal(whole.parameters().begin(), whole.parameters().end(), again.parameters().begin()));
    CHECK(fs::exists(folder / "whole/sample_20.wav"));

    // Better than the bar that it begins at, on sound that it did not hear.
    const std::vector<float> clip = sound.read(sound.parts(corpus::split::test)[0]);
    analysis::wave_scorer scorer;
    whole.score(clip, 8192, 8000, scorer);
    const auto score = scorer.score("FrameNet");
    const std::vector<std::vector<float>> train{sound.read(sound.parts(corpus::split::train)[0])};
    const auto bars =
        analysis::wave_baselines(analysis::fit_linear(train), std::vector<std::vector<float>>{clip}, {.scored = 8000});
    CHECK(score.bits16 < bars[1].bits16 + 0.3);
    CHECK(score.bits16 > 4);

    const auto untold = whole.generate({}, 500, random_key{5}, 1);
    whole.sheet = sheet;
    const auto told = whole.generate({}, 500, random_key{5}, 1);
    CHECK(told == whole.generate({}, 500, random_key{5}, 1));
    CHECK(told != untold);
    static_assert(recipe::wave_model<network>);
}
