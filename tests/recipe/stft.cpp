#include <lofi/recipe/stft.hpp>

#include <cmath>
#include <vector>

#include <lofi/analysis/free_running.hpp>
#include <lofi/recipe/lstm_wave.hpp>

#include "support/test.hpp"

using namespace lofi;
namespace fs = std::filesystem;

namespace {

constexpr hertz rate(4410);
// Two tones that swell and fade.
std::vector<float> tones(std::size_t count, double phase = 0) {
    std::vector<float> x(count);
    for (std::size_t i = 0; i < count; ++i) {
        const double t = static_cast<double>(i);
        x[i] =
            static_cast<float>(0.2 * std::sin(0.31 * t + phase) + 0.1 * std::sin(0.87 * t) * (1 + 0.5 * std::sin(0.002 * t)));
    }
    return x;
}
corpus::sound_corpus corpus_of(const test::temporary_folder& folder) {
    recipe::write_sound(folder / "tones.wav", tones(120000), rate);
    const std::vector<fs::path> files{folder / "tones.wav"};
    return corpus::sound_corpus(files, {.rate = rate, .gap = seconds(0.2)});
}
template <class Model>
train::outcome trained(Model& m, recipe::wave_recipe r, corpus::sound_corpus& sound, const fs::path& folder) {
    recipe::wave_trainee<Model> net(r, m, sound);
    auto c = net.loop(folder);
    c.stream = std::fopen("/dev/null", "w");
    c.plots = train::pictures::off;
    const auto done = train::train(net, c);
    std::fclose(c.stream);
    return done;
}

}  // namespace

TEST_CASE("the improved STFT model learns tones, holds them, and joins the seed without a step") {
    using net = recipe::stft_wave<model::stft_network_config{.hidden = 24, .window = 128, .hop = 32}>;
    static_assert(recipe::wave_model<net>);
    const test::temporary_folder folder;
    corpus::sound_corpus sound = corpus_of(folder);
    net m(rate, random_key{1});
    recipe::wave_recipe r = recipe::stft_recipe();
    r.epochs = 20, r.batch = 4, r.valid_windows = 4, r.validate_every = 10, r.sample = seconds(0.2), r.average = 0;
    const auto done = trained(m, r, sound, folder / "run");
    CHECK(done.history.back().valid[0].value < done.history.front().valid[0].value - 0.05);

    const std::vector<float> all = tones(m.seed_length() + 4410),
                             real(all.begin() + static_cast<std::ptrdiff_t>(m.seed_length()), all.end());
    const std::span<const float> seed = std::span(all).first(m.seed_length());
    const std::vector<float> made = m.generate(seed, 4410, random_key{2}, 0.5);
    CHECK(made == m.generate(seed, 4410, random_key{2}, 0.5));
    CHECK(made != m.generate(seed, 4410, random_key{3}, 0.5));
    std::vector<float> joined(seed.begin(), seed.end());
    joined.insert(joined.end(), made.begin(), made.end());
    CHECK(analysis::seam_jump(joined, seed.size(), all) <= 1.0);
    CHECK(analysis::rms(made) == Approx(analysis::rms(real)).epsilon(0.6));

    const std::vector<std::vector<float>> truth{real}, expected{m.expect(seed, 4410, random_key{4}, 4)};
    std::vector<std::vector<float>> repeated(1);
    while (repeated[0].size() < 4410) repeated[0].push_back(seed[seed.size() - 500 + repeated[0].size() % 500]);
    const auto ours = recipe::score_horizon(expected, truth), theirs = recipe::score_horizon(repeated, truth);
    CHECK(ours.distance.value < theirs.distance.value);
    CHECK(recipe::score_horizon(truth, truth).distance.value == 0);

    net again(rate, random_key{9});
    recipe::read_wave_model(folder / "run/best.safetensors", again);
    net other(hertz(8000), random_key{9});
    CHECK_THROWS_WITH(recipe::read_wave_model(folder / "run/best.safetensors", other),
                      test::contains("its config differs at /rate"));
    using published = recipe::stft_published_wave<model::stft_published_config{.hidden = 4, .size = 50, .frames = 4}>;
    published unlike(rate, random_key{1});
    CHECK_THROWS_WITH(recipe::read_wave_model(folder / "run/best.safetensors", unlike),
                      test::contains("not a \"stft-published\""));
}

TEST_CASE("the published STFT model learns, and goes on from what it made") {
    using net = recipe::stft_published_wave<model::stft_published_config{.hidden = 16, .size = 50, .frames = 4}>;
    static_assert(recipe::wave_model<net>);
    const test::temporary_folder folder;
    corpus::sound_corpus sound = corpus_of(folder);
    net m(rate, random_key{1});
    recipe::wave_recipe r = recipe::stft_published_recipe();
    r.epochs = 6, r.valid_windows = 8, r.validate_every = 3, r.sample = seconds(0.1);
    const auto done = trained(m, r, sound, folder / "run");
    CHECK(done.history.back().valid[0].value < done.history.front().valid[0].value);
    CHECK(done.history.back().rate == Approx(5e-4));
    const std::vector<float> seed = tones(200), made = m.generate(seed, 500, {}, 1);
    CHECK(made.size() == 500);
    const std::vector<float> first(made.begin(), made.begin() + 200);
    const std::vector<float> second = m.generate(first, 200, {}, 1);
    for (std::size_t t = 0; t < 200; ++t) CHECK(second[t] == made[200 + t]);
}

TEST_CASE("the LSTM baseline learns the next sample") {
    using net = recipe::lstm_wave<model::lstm_wave_config{.hidden = 8, .steps = 20}>;
    static_assert(recipe::wave_model<net>);
    const test::temporary_folder folder;
    corpus::sound_corpus sound = corpus_of(folder);
    net m(rate, random_key{1});
    recipe::wave_recipe r = recipe::lstm_wave_recipe();
    r.epochs = 4, r.batch = 16, r.rate = 1e-2, r.valid_windows = 128, r.sample = seconds(0.1);
    const auto done = trained(m, r, sound, folder / "run");
    CHECK(train::value_of(done.history.back().valid, "gain, dB") > 8);
    CHECK(m.generate(std::vector<float>(20, 0.1F), 30, {}, 1).size() == 30);
}
