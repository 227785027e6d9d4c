#pragma once
// How every network that makes sound itself is trained: windows of a corpus, plots, and at each validation a sample to hear and see.
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/audio/wav_writer.hpp>
#include <lofi/corpus/sound_corpus.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/recipe/sound_picture.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// A network that makes sound: what a trainee is but for its data, which are windows of sound, and it goes on from a clip by itself.
/// `train_step` adds the gradients of the mean over B windows and gives its metrics, the loss first; `validate` gives metrics alone.
/// shapes: windows B x window()
template <class M>
concept wave_model = std::floating_point<typename M::real> &&
    requires(M& m, const M& c, std::span<const float> sound, std::size_t count, random_key key, double temperature) {
    { M::kind() } -> std::convertible_to<std::string>;
    { c.config() } -> std::convertible_to<nn::json>;
    { m.parameters() } -> std::convertible_to<std::span<typename M::real>>;
    { m.gradients() } -> std::convertible_to<std::span<typename M::real>>;
    { m.buffers() } -> std::convertible_to<std::span<typename M::real>>;
    { m.tensors() } -> std::convertible_to<std::vector<nn::named_tensor<typename M::real>>>;
    { c.rate() } -> std::convertible_to<hertz>;               ///< of its sound; stands in its config as "rate"
    { c.window() } -> std::convertible_to<std::size_t>;       ///< samples of one example to learn from
    { c.seed_length() } -> std::convertible_to<std::size_t>;  ///< samples that it hears before it goes on
    { m.train_step(sound, key) } -> std::convertible_to<train::metrics>;
    { m.validate(sound) } -> std::convertible_to<train::metrics>;
    { m.generate(sound, count, key, temperature) } -> std::convertible_to<std::vector<float>>;
};

struct wave_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 20;  ///< an epoch has as many windows as fit into the training sound side by side
    std::size_t batch = 16;
    std::function<std::size_t(std::uint64_t)> batch_at = {};  ///< windows of a step, where they grow; empty: `batch`
    double rate = 1e-3;
    std::function<train::schedule(double rate, std::uint64_t steps, std::uint64_t epoch)> schedule =
        {};  ///< of so many steps; empty: `rate` throughout
    train::optimiser_config optimiser = train::adam_config{};
    double clip = 0, average = 0;
    train::early_stopping_config stopping = {};
    std::size_t valid_windows = 32;    ///< the same ones each time
    std::uint64_t validate_every = 1;  ///< epochs
    seconds sample{10.0};              ///< made at each validation; 0: none
    double temperature = 1;
};

/// A model with its data, as `train::train` takes it. At each validation `sample_STEP.wav` and `.png` go to the run's folder: what the model
/// makes of the beginning of a validation clip.
template <wave_model Model>
class wave_trainee {
public:
    using real = typename Model::real;

    /// params: set: learns from this set of the corpus alone; empty: from all
    /// errors: throws where no clip to train or to validate is as long as a window
    wave_trainee(const wave_recipe& recipe, Model& model, corpus::sound_corpus& sound, std::string set = {});

    [[nodiscard]] static std::string kind() { return Model::kind(); }
    [[nodiscard]] nn::json config() const { return model_.config(); }
    [[nodiscard]] std::span<real> parameters() { return model_.parameters(); }
    [[nodiscard]] std::span<real> gradients() { return model_.gradients(); }
    [[nodiscard]] std::span<real> buffers() { return model_.buffers(); }
    [[nodiscard]] std::vector<nn::named_tensor<real>> tensors() { return model_.tensors(); }
    [[nodiscard]] train::metrics train_step(std::uint64_t step, random_key key);
    [[nodiscard]] train::metrics validate();
    /// What a device found, which tells it in the order of its results.
    [[nodiscard]] static train::metrics metrics_of(double sum, double count, double correct) {
        return Model::metrics_of(sum, count, correct);
    }
    /// Lets the model make sound as it is after so many steps; where `loop` said no folder, or the recipe no length, nothing.
    void keep_sample_of(std::uint64_t step);

    [[nodiscard]] std::uint64_t steps_per_epoch() const;
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder);

private:
    wave_recipe recipe_;
    Model& model_;
    corpus::sound_corpus& sound_;
    std::string set_;
    std::vector<float> windows_, valid_;
    std::uint64_t step_ = 0;        // that was trained last
    std::filesystem::path folder_;  // of samples; empty until `loop` says it
};

/// Loads finished weights or a checkpoint into a model.
/// errors: throws "x.safetensors: holds a \"wavenet\", not a \"stft\"", "its config differs at /hidden: ..."
template <wave_model Model>
void read_wave_model(const std::filesystem::path& path, Model& model);

/// The rate of the sound that weights were trained on.
/// errors: throws where the file says none
[[nodiscard]] hertz rate_of_wave_model(const std::filesystem::path& path, std::string_view kind);

/// Goes on from a clip for so many samples; the clip itself is not in what comes back. A clip that is shorter than the model needs to hear
/// has silence put before it, and one that is longer is heard from its end.
template <wave_model Model>
[[nodiscard]] std::vector<float> continue_sound(Model& model, std::span<const float> clip, std::size_t samples, random_key key,
                                                double temperature = 1);

/// Writes what a network made at a validation, with a second of what it went on from, and its picture: sample_STEP.wav and .png.
inline void keep_sample(const std::filesystem::path& folder, const std::string& kind, std::uint64_t step,
                        std::span<const float> seed, std::span<const float> made, hertz rate);

/// One channel as a 16-bit file.
inline void write_sound(const std::filesystem::path& path, std::span<const float> sound, hertz rate) {
    const std::span<const float> one[] = {sound};
    audio::wav_writer file(path, 1, rate);
    file.write(std::span<const std::span<const float>>(one));
    file.commit().value();
}

// ---------------------------------------------------------------- bodies

inline void keep_sample(const std::filesystem::path& folder, const std::string& kind, std::uint64_t step,
                        std::span<const float> seed, std::span<const float> made, hertz rate) {
    const std::size_t heard = std::min(seed.size(), static_cast<std::size_t>(rate.value));
    std::vector<float> whole(seed.end() - static_cast<std::ptrdiff_t>(heard), seed.end());
    whole.insert(whole.end(), made.begin(), made.end());
    const std::string name = "sample_" + std::to_string(step);
    write_sound(folder / (name + ".wav"), whole, rate);
    draw_sound(whole, rate, kind + " after " + std::to_string(step) + " steps", folder / (name + ".png"));
}

template <wave_model Model>
wave_trainee<Model>::wave_trainee(const wave_recipe& recipe, Model& model, corpus::sound_corpus& sound, std::string set)
    : recipe_(recipe), model_(model), sound_(sound), set_(std::move(set)) {
    LOFI_ASSERT(model.rate() == sound.rate(), "a network learns from sound of its own rate");
    (void)sound_.draw(corpus::split::train, model_.window(), random_key{0},
                      set_);  // says what is too short before anything begins
    valid_.resize(recipe_.valid_windows * model_.window());
    sound_.windows(corpus::split::valid, model_.window(), random_key{recipe_.seed}.child("valid"), valid_, set_);
}

template <wave_model Model>
train::metrics wave_trainee<Model>::train_step(std::uint64_t step, random_key key) {
    step_ = step + 1;
    windows_.resize((recipe_.batch_at ? recipe_.batch_at(step) : recipe_.batch) * model_.window());
    sound_.windows(corpus::split::train, model_.window(), key.child("windows"), windows_, set_);
    return model_.train_step(windows_, key.child("model"));
}

template <wave_model Model>
train::metrics wave_trainee<Model>::validate() {
    const train::metrics found = model_.validate(valid_);
    keep_sample_of(step_);
    return found;
}

template <wave_model Model>
void wave_trainee<Model>::keep_sample_of(std::uint64_t step) {
    if (folder_.empty() || !(recipe_.sample.value > 0)) return;
    const corpus::sound_part part = sound_.parts(corpus::split::valid, set_)[0];
    std::vector<float> seed(static_cast<std::size_t>(std::min<std::uint64_t>(part.count, model_.seed_length())));
    sound_.read(part.file, part.first, seed);
    const auto count = static_cast<std::size_t>(recipe_.sample.value * sound_.rate().value);
    const std::vector<float> made =
        continue_sound(model_, seed, count, random_key{recipe_.seed}.child("sample"), recipe_.temperature);
    keep_sample(folder_, Model::kind(), step, seed, made, sound_.rate());
}

template <wave_model Model>
std::uint64_t wave_trainee<Model>::steps_per_epoch() const {
    const std::uint64_t windows = sound_.count(corpus::split::train, set_) / model_.window();
    return std::max<std::uint64_t>(1, windows / recipe_.batch);
}

template <wave_model Model>
train::loop_config wave_trainee<Model>::loop(std::filesystem::path folder) {
    folder_ = folder;
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = recipe_.seed;
    c.steps_per_epoch = steps_per_epoch();
    c.steps = recipe_.epochs * c.steps_per_epoch;
    c.validate_every = recipe_.validate_every * c.steps_per_epoch;
    c.optimiser = recipe_.optimiser;
    c.rate = recipe_.schedule ? recipe_.schedule(recipe_.rate, c.steps, c.steps_per_epoch)
                              : train::schedule(train::constant{recipe_.rate});
    c.clip = recipe_.clip;
    c.average = recipe_.average;
    c.stopping = recipe_.stopping;
    return c;
}

template <wave_model Model>
void read_wave_model(const std::filesystem::path& path, Model& model) {
    const nn::safetensors file = nn::read_safetensors(path);
    const nn::checkpoint_header header = nn::read_header(file);
    nn::check_header(file, header, Model::kind(), model.config());
    nn::load_weights<typename Model::real>(file, model.tensors(), nn::extra_tensors::ignore);
}

inline hertz rate_of_wave_model(const std::filesystem::path& path, std::string_view kind) {
    const nn::safetensors file = nn::read_safetensors(path);
    const nn::checkpoint_header header = nn::read_header(file);
    if (header.model != kind)
        raise(error(path.string(), "holds a \"" + header.model + "\", not a \"" + std::string(kind) + "\""));
    const auto rate = header.config.find("rate");
    if (rate == header.config.end() || !rate->is_number() || !(rate->get<double>() >= 1))
        raise(error(path.string(), "does not say the sample rate of its sound"));
    return hertz(rate->get<double>());
}

template <wave_model Model>
std::vector<float> continue_sound(Model& model, std::span<const float> clip, std::size_t samples, random_key key,
                                  double temperature) {
    std::vector<float> seed(model.seed_length());
    const std::size_t heard = std::min(seed.size(), clip.size());
    std::copy(clip.end() - static_cast<std::ptrdiff_t>(heard), clip.end(), seed.end() - static_cast<std::ptrdiff_t>(heard));
    return model.generate(seed, samples, key, temperature);
}

}  // namespace lofi::inline LOFI_ABI::recipe
