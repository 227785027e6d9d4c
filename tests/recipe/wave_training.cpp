#include <lofi/recipe/wave_training.hpp>

#include <cmath>
#include <limits>
#include <vector>

#include "support/test.hpp"

using namespace lofi;
namespace fs = std::filesystem;

namespace {

// The smallest model of sound: the next sample is two weights times the two before it.
struct two_taps {
    using real = float;
    std::vector<float> w{0, 0}, dw{0, 0};
    double poison = 0;  // multiplies the loss
    std::size_t steps = 0;

    static std::string kind() { return "two-taps"; }
    [[nodiscard]] nn::json config() const { return {{"rate", 8000.0}}; }
    [[nodiscard]] hertz rate() const { return hertz(8000); }
    std::span<float> parameters() { return w; }
    std::span<float> gradients() { return dw; }
    std::span<float> buffers() { return {}; }
    std::vector<nn::named_tensor<float>> tensors() { return {{"weight", {2}, w}}; }
    [[nodiscard]] std::size_t window() const { return 64; }
    [[nodiscard]] std::size_t seed_length() const { return 2; }
    double run(std::span<const float> x, bool learn) {
        double sum = 0;
        const double n = static_cast<double>(x.size() / 64 * 62);
        for (std::size_t b = 0; b < x.size(); b += 64)
            for (std::size_t t = b + 2; t < b + 64; ++t) {
                const float e = w[0] * x[t - 1] + w[1] * x[t - 2] - x[t];
                sum += static_cast<double>(e * e) / n;
                if (learn) dw[0] += 2 * e * x[t - 1] / static_cast<float>(n), dw[1] += 2 * e * x[t - 2] / static_cast<float>(n);
            }
        return sum;
    }
    train::metrics train_step(std::span<const float> x, random_key) {
        const double loss = run(x, true);
        return {{"loss", ++steps > 30 && poison != 0 ? loss * poison : loss}};
    }
    train::metrics validate(std::span<const float> x) { return {{"loss", run(x, false)}}; }
    std::vector<float> generate(std::span<const float> seed, std::size_t count, random_key, double) {
        std::vector<float> y(seed.begin(), seed.end());
        for (std::size_t t = 0; t < count; ++t) y.push_back(w[0] * y[y.size() - 1] + w[1] * y[y.size() - 2]);
        return {y.begin() + 2, y.end()};
    }
};
static_assert(recipe::wave_model<two_taps>);

fs::path tone(const test::temporary_folder& folder) {
    std::vector<float> x(16000);
    for (std::size_t t = 0; t < x.size(); ++t) x[t] = static_cast<float>(0.5 * std::sin(0.3 * static_cast<double>(t)));
    recipe::write_sound(folder / "tone.wav", x, hertz(8000));
    return folder / "tone.wav";
}

const recipe::wave_recipe quick{
    .epochs = 12, .batch = 8, .rate = 0.05, .valid_windows = 4, .validate_every = 4, .sample = seconds(0.25)};

}  // namespace

TEST_CASE("a model of sound learns, is heard and seen at each validation, and goes on where it stopped") {
    const test::temporary_folder folder;
    const std::vector<fs::path> files{tone(folder)};
    corpus::sound_corpus sound(files, {.gap = seconds(0.1)});
    two_taps whole;
    recipe::wave_trainee<two_taps> net(quick, whole, sound);
    auto config = net.loop(folder / "run");
    config.stream = std::fopen("/dev/null", "w");
    CHECK(config.steps_per_epoch == 11200 / 64 / 8);
    const auto done = train::train(net, config);
    CHECK(done.best < 1e-3);
    CHECK(whole.w[0] == Approx(2 * std::cos(0.3)).margin(0.1));
    for (const char* step : {"84", "168", "252"}) {
        const auto wav = audio::read_wav(folder / ("run/sample_" + std::string(step) + ".wav"));
        REQUIRE(wav);
        CHECK(wav->sound.length() == frames(2 + 2000));
        CHECK(fs::file_size(folder / ("run/sample_" + std::string(step) + ".png")) > 1000);
    }
    CHECK(fs::exists(folder / "run/loss.png"));

    // In two parts: the same weights, bit for bit.
    two_taps parts;
    recipe::wave_trainee<two_taps> first(quick, parts, sound);
    auto half = first.loop(folder / "parts");
    half.steps = 100, half.stream = config.stream;
    train::train(first, half);
    two_taps again;
    recipe::wave_trainee<two_taps> second(quick, again, sound);
    auto rest = second.loop(folder / "parts");
    rest.from = train::start::resume, rest.stream = config.stream;
    train::train(second, rest);
    CHECK(again.w == whole.w);

    two_taps read;
    recipe::read_wave_model(folder / "run/best.safetensors", read);
    CHECK(recipe::rate_of_wave_model(folder / "run/best.safetensors", "two-taps") == hertz(8000));
    CHECK_THROWS_WITH(recipe::rate_of_wave_model(folder / "run/best.safetensors", "wavenet"),
                      test::contains("holds a \"two-taps\", not a \"wavenet\""));
    const std::vector<float> clip{0.1F, 0.2F, 0.3F}, none;
    CHECK(recipe::continue_sound(read, clip, 3, {})[0] == Approx(read.w[0] * 0.3F + read.w[1] * 0.2F));
    CHECK(recipe::continue_sound(read, none, 3, {}) == std::vector<float>(3));
    std::fclose(config.stream);
}

TEST_CASE("training that diverges stops, says where, and leaves the last good weights") {
    const test::temporary_folder folder;
    const std::vector<fs::path> files{tone(folder)};
    corpus::sound_corpus sound(files, {.gap = seconds(0.1)});
    two_taps model;
    model.poison = std::numeric_limits<double>::quiet_NaN();
    recipe::wave_trainee<two_taps> net(quick, model, sound);
    auto config = net.loop(folder / "run");
    config.stream = std::fopen("/dev/null", "w");
    config.save_every = 10;
    CHECK_THROWS_WITH(train::train(net, config), test::contains("step 30: the loss is not a finite number"));
    two_taps kept;
    recipe::read_wave_model(folder / "run/last.safetensors", kept);
    CHECK((kept.w[0] != 0 && std::isfinite(kept.w[0])));
    std::fclose(config.stream);
}

TEST_CASE("clips that are shorter than a window are refused before anything begins") {
    const test::temporary_folder folder;
    std::vector<float> x(50, 0.1F);
    x[3] = 0.5F;
    recipe::write_sound(folder / "short.wav", x, hertz(8000));
    const std::vector<fs::path> files{folder / "short.wav"};
    corpus::sound_corpus sound(files, {.gap = seconds(0)});
    two_taps model;
    CHECK_THROWS_WITH((recipe::wave_trainee<two_taps>(quick, model, sound)),
                      test::contains("no clip of train is as long as the 64 samples"));
}
