#pragma once
// How the improved network of sound is trained and run: FrameNet over a corpus whose lists say tempo and chords, or do not.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/analysis/wave_baselines.hpp>
#include <lofi/corpus/sound_corpus.hpp>
#include <lofi/model/frame_net_training.hpp>
#include <lofi/model/wave_sheet.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/nn/streaming.hpp>
#include <lofi/recipe/wave_network.hpp>
#include <lofi/recipe/wave_training.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// What the list of a corpus says of a file, as `lofi_render.py` writes it: "bpm", "key", "mode", "chords" a bar, "groove".
/// Nothing where it says none of these.
[[nodiscard]] std::optional<model::wave_sheet> sheet_of(const corpus::sound_file& file);

/// Levels of frames, by windows of 512 samples around each.
/// shapes: sound, residual T; result T / frame
[[nodiscard]] std::vector<model::wave_level> levels_of(std::span<const float> sound, std::span<const float> residual,
                                                       std::size_t frame);

/// Only fixed hearing is told of the music.
template <model::frame_net_hearing Hearing>
inline constexpr model::frame_net_config frame_net_sizes{
    .hearing = Hearing, .condition = Hearing == model::frame_net_hearing::adaptive ? 0 : model::wave_condition_size};

/// FrameNet with its weights.
template <model::frame_net_hearing Hearing>
class frame_net_model : public wave_network<model::frame_net<frame_net_sizes<Hearing>, backend::cpu<float>>> {
public:
    static constexpr bool adaptive = Hearing == model::frame_net_hearing::adaptive;
    static constexpr model::frame_net_config sizes = frame_net_sizes<Hearing>;
    using trained = model::frame_net<frame_net_sizes<Hearing>, backend::cpu<float>>;
    using streaming = model::frame_net<frame_net_sizes<Hearing>, backend::stream<float>>;

    frame_net_model(hertz rate, random_key key) : wave_network<trained>(rate, key, nn::scheme::pytorch) {}

    [[nodiscard]] static std::string kind() { return adaptive ? "frame-net-adaptive" : "frame-net"; }
    [[nodiscard]] nn::json config() const {
        return {{"rate", rate_.value}, {"channels", sizes.channels}, {"layers", sizes.layers}};
    }
    [[nodiscard]] static std::size_t seed_length() { return trained::receptive_field; }

    /// Fits the fixed prediction, and finds how levels go through the bar.
    void fit(corpus::sound_corpus& sound);
    /// The fixed prediction's residual of a whole clip.
    [[nodiscard]] std::vector<float> residual(std::span<const float> sound) const;

    /// Nats and squares of windows; with `learn`, gradients.
    nn::density_loss_result run(std::span<const model::frame_net_window> windows, std::size_t first_frame, random_key key,
                                bool learn, std::vector<float>* outputs = nullptr) {
        ctx_.begin(key);
        const auto dp = gradients_.view();
        return model::frame_net_loss<trained>(be_, ctx_, weights_.view(), windows, first_frame, learn ? &dp : nullptr, outputs);
    }
    /// Scores a clip after so many samples, as the bars without a network are scored.
    void score(std::span<const float> clip, std::size_t context, std::size_t scored, analysis::wave_scorer& into);

    /// What it follows when it goes on by itself; nothing, if nothing is told.
    std::optional<model::wave_sheet> sheet = {};
    [[nodiscard]] std::vector<float> generate(std::span<const float> seed, std::size_t count, random_key key,
                                              double temperature);

    /// As a model of sound alone, of which nothing is told.
    [[nodiscard]] static std::size_t window() { return 12288; }
    [[nodiscard]] train::metrics train_step(std::span<const float> windows, random_key key) {
        return untold(windows, key, true);
    }
    [[nodiscard]] train::metrics validate(std::span<const float> windows) { return untold(windows, {}, false); }

private:
    train::metrics untold(std::span<const float> windows, random_key key, bool learn);

    using base = wave_network<trained>;
    using base::rate_, base::weights_, base::gradients_, base::be_, base::ctx_;
};

struct frame_net_recipe {
    std::uint64_t seed = 1;
    std::uint64_t epochs = 5;
    std::size_t batch = 3, window = 12288;
    double rate = 4e-3, floor = 4e-5, warm_up = 0.08;
    double clip = 1, average = 0.99;
    double noised = 0.6;   ///< share of windows whose past is told with noise on it, of fixed hearing
    double unheard = 0.1;  ///< share whose frame part has the condition alone
    double untold = 0.1;   ///< share whose condition is not told
    std::size_t valid_windows = 16;
    std::uint64_t validate_every = 1;  ///< epochs
    seconds sample{10.0};
    double temperature = 1;
};

/// FrameNet with its data, as `train::train` takes it.
template <model::frame_net_hearing Hearing>
class frame_net_trainee {
public:
    using real = float;
    using network = frame_net_model<Hearing>;

    frame_net_trainee(const frame_net_recipe& recipe, network& net, corpus::sound_corpus& sound, std::string set = {});

    [[nodiscard]] static std::string kind() { return network::kind(); }
    [[nodiscard]] nn::json config() const { return net_.config(); }
    [[nodiscard]] std::span<float> parameters() { return net_.parameters(); }
    [[nodiscard]] std::span<float> gradients() { return net_.gradients(); }
    [[nodiscard]] std::span<float> buffers() { return net_.buffers(); }
    [[nodiscard]] std::vector<nn::named_tensor<float>> tensors() { return net_.tensors(); }
    [[nodiscard]] train::metrics train_step(std::uint64_t step, random_key key);
    [[nodiscard]] train::metrics validate();

    [[nodiscard]] std::uint64_t steps_per_epoch() const {
        return std::max<std::uint64_t>(1, sound_.count(corpus::split::train, set_) / (recipe_.window * recipe_.batch));
    }
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder);

    static constexpr std::size_t unscored = 512, settling = 8192;  ///< samples, the latter of adaptive filters

private:
    /// One window and what its spans look at.
    struct example {
        std::vector<float> sound, heard, near, far, condition;
        model::frame_net_window window;
    };
    [[nodiscard]] std::uint64_t read_length() const { return recipe_.window + (network::adaptive ? settling : 0); }
    [[nodiscard]] std::unique_ptr<example> make(const corpus::sound_part& part, random_key key, bool learn);

    frame_net_recipe recipe_;
    network& net_;
    corpus::sound_corpus& sound_;
    std::string set_;
    std::vector<std::optional<model::wave_sheet>> sheets_;
    std::uint64_t step_ = 0;
    std::filesystem::path folder_;
};

// ---------------------------------------------------------------- bodies

namespace detail {
/// A mixture of logistics whose numbers are of another unit than the sound's.
template <std::size_t K>
struct mixture_in_units {
    const double* out;
    double centre, scale;
    [[nodiscard]] double log2_mass(double low, double high) const {
        return nn::logistic_mixture<K>::log_mass(out, low / scale - centre, high / scale - centre) * 1.4426950408889634;
    }
};
}  // namespace detail

inline std::optional<model::wave_sheet> sheet_of(const corpus::sound_file& file) {
    const auto j = nn::json::parse(file.told, nullptr, false);
    if (!j.is_object()) return std::nullopt;
    const auto number = [&](const char* name, double low, double high) -> std::optional<double> {
        const auto found = j.find(name);
        if (found == j.end()) return std::nullopt;
        const double v = found->is_number() ? found->get<double>() : std::nan("");
        if (!(v >= low && v <= high))
            raise(error(file.path.string() + ": its list's " + name,
                        "is not a number from " + std::to_string(low) + " to " + std::to_string(high)));
        return v;
    };
    const auto tempo = number("bpm", 20, 300), key = number("key", 1, 12), mode = number("mode", 1, 7);
    if (!tempo || !key || !mode || !j.contains("chords") || !j["chords"].is_array()) return std::nullopt;
    model::wave_sheet s;
    s.tempo = bpm(*tempo);
    const score::key k{score::pitch_class(static_cast<int>(*key) - 1), static_cast<score::mode>(static_cast<int>(*mode))};
    for (const auto& c : j["chords"]) {
        if (!c.is_number_integer() || c.template get<int>() < 0 || c.template get<int>() > 7)
            raise(error(file.path.string() + ": its list's chords", c.dump() + " is no degree from 0 to 7"));
        s.chords.push_back({k, c.template get<std::uint8_t>()});
    }
    s.drums = j.value("groove", std::string()).empty() ? model::drumming::none : model::drumming::some;
    return s;
}

inline std::vector<model::wave_level> levels_of(std::span<const float> sound, std::span<const float> residual,
                                                std::size_t frame) {
    constexpr std::size_t width = 512;
    const auto sums = [](std::span<const float> x) {
        std::vector<double> s(x.size() + 1);
        for (std::size_t t = 0; t < x.size(); ++t) s[t + 1] = s[t] + static_cast<double>(x[t]) * static_cast<double>(x[t]);
        return s;
    };
    const auto a = sums(sound), b = sums(residual);
    std::vector<model::wave_level> out(sound.size() / frame);
    for (std::size_t t = 0; t < out.size(); ++t) {
        const std::size_t middle = t * frame + frame / 2;
        const std::size_t from = middle < width / 2 ? 0 : middle - width / 2, to = std::min(sound.size(), middle + width / 2);
        const auto level = [&](const std::vector<double>& s, double usual) {
            return static_cast<float>(std::log(std::sqrt((s[to] - s[from]) / static_cast<double>(to - from)) / usual + 0.01));
        };
        out[t] = {level(a, 0.14), level(b, 1.5)};
    }
    return out;
}

template <model::frame_net_hearing Hearing>
std::vector<float> frame_net_model<Hearing>::residual(std::span<const float> sound) const {
    constexpr std::size_t order = trained::statistics::order;
    const std::span<const float> buffers = weights_.buffers();  // lpc, scale, profile: see frame_net_statistics
    std::vector<float> e(sound.size());
    for (std::size_t t = 0; t < sound.size(); ++t) {
        float p = 0;
        for (std::size_t i = 0; i < std::min(order, t); ++i) p += buffers[i] * sound[t - 1 - i];
        e[t] = (sound[t] - p) / buffers[order];
    }
    return e;
}

template <model::frame_net_hearing Hearing>
void frame_net_model<Hearing>::fit(corpus::sound_corpus& sound) {
    // The set with most to learn from lends its prediction to all, as the bars without a network do.
    std::string widest;
    for (const std::string& set : sound.sets())
        if (widest.empty() || sound.count(corpus::split::train, set) > sound.count(corpus::split::train, widest)) widest = set;
    constexpr std::uint64_t enough = 8000 * 1800;  // of any corpus, however long
    std::vector<std::vector<float>> clips;
    std::uint64_t read = 0;
    for (corpus::sound_part p : sound.parts(corpus::split::train, widest)) {
        if (read >= enough) break;
        p.count = std::min(p.count, enough - read);
        clips.push_back(sound.read(p));
        read += p.count;
    }
    const analysis::linear_model fitted = analysis::fit_linear(clips);
    const auto s = weights_.view().template get<"statistics">();
    for (std::size_t i = 0; i < trained::statistics::order; ++i) s.lpc[i] = static_cast<float>(fitted.weights[i]);
    *s.scale = static_cast<float>(fitted.scale);
    clips.clear();

    // The course of levels through the bar, of eight clips of each kind: an average over all of them would have no pulse.
    using statistics = typename trained::statistics;
    std::fill_n(s.profile, statistics::profile_count, 0.0F);
    std::array<std::size_t, 2> found{};
    for (const corpus::sound_part& p : sound.parts(corpus::split::train)) {
        const auto told = sheet_of(sound.files()[p.file]);
        if (!told || p.count > enough || static_cast<double>(p.count) < 10 * rate_.value) continue;
        const std::size_t kind = told->drums == model::drumming::some ? 1 : 0;
        if (found[kind] == statistics::clips) continue;
        const std::vector<float> x = sound.read(p), e = residual(x);
        const auto levels = levels_of(x, e, sizes.frame);
        std::vector<double> sum(2 * statistics::steps), count(statistics::steps, 1e-9);
        for (std::size_t t = 0; t < levels.size(); ++t) {
            const double now = static_cast<double>(p.first + t * sizes.frame) / rate_.value;
            const std::size_t at = told->part_of_bar(now, statistics::steps);
            sum[2 * at] += static_cast<double>(levels[t].sound), sum[2 * at + 1] += static_cast<double>(levels[t].residual);
            count[at] += 1;
        }
        float* const to = s.profile + (kind * statistics::clips + found[kind]++) * 2 * statistics::steps;
        for (std::size_t i = 0; i < sum.size(); ++i) to[i] = static_cast<float>(sum[i] / count[i / 2]);
    }
    // Fewer than eight: the same ones again.
    for (std::size_t kind = 0; kind < 2; ++kind)
        for (std::size_t i = found[kind]; i < statistics::clips && found[kind] > 0; ++i) {
            const float* const from = s.profile + (kind * statistics::clips + i % found[kind]) * 2 * statistics::steps;
            std::copy_n(from, 2 * statistics::steps, s.profile + (kind * statistics::clips + i) * 2 * statistics::steps);
        }
}

template <model::frame_net_hearing Hearing>
void frame_net_model<Hearing>::score(std::span<const float> clip, std::size_t context, std::size_t scored,
                                     analysis::wave_scorer& into) {
    constexpr std::size_t H = sizes.frame, K = sizes.components, stretch = 24000 / H * H, before = 8192;
    const auto statistics = weights_.view().template get<"statistics">();
    const std::vector<float> e = residual(clip);
    std::vector<float> near(clip.size()), far(clip.size());
    if constexpr (adaptive) {
        analysis::nlms a({.taps = 32, .rate = 0.02}), b({.taps = 256, .rate = 0.05});
        for (std::size_t t = 0; t < clip.size(); ++t) {
            near[t] = static_cast<float>(a.predicted()), far[t] = static_cast<float>(b.predicted());
            a.tick(static_cast<double>(e[t])), b.tick(static_cast<double>(e[t]));
        }
    }
    const std::size_t end = scored == 0 ? clip.size() : std::min(clip.size(), context + scored);
    for (std::size_t first = context; first < end; first += stretch) {
        const std::size_t from = first - std::min(first, before) / H * H, n = std::min(stretch, end - first);
        std::size_t to = std::min(clip.size(), from + (first - from + n + H - 1) / H * H);
        to -= (to - from) % H;
        const auto cut = [&](const std::vector<float>& v) { return std::span<const float>(v).subspan(from, to - from); };
        const std::vector<float> condition((to - from) / H * sizes.condition);
        const model::frame_net_window w{.heard = clip.subspan(from, to - from),
                                        .sound = clip.subspan(from, to - from),
                                        .near = cut(near),
                                        .far = cut(far),
                                        .condition = condition};
        std::vector<float> out;
        run(std::span(&w, 1), (first - from) / H, {}, false, &out);
        for (std::size_t i = 0; i < std::min(n, to - first); ++i) {
            std::array<double, 3 * K> o;
            std::copy_n(out.data() + i * (3 * K + 1), 3 * K, o.data());
            const double centre = static_cast<double>(out[i * (3 * K + 1) + 3 * K]),
                         scale = static_cast<double>(*statistics.scale);
            const detail::mixture_in_units<K> density{o.data(), centre, scale};
            into.add(density, (centre + nn::logistic_mixture<K>::mean(o.data())) * scale, clip[first + i]);
        }
    }
}

template <model::frame_net_hearing Hearing>
train::metrics frame_net_model<Hearing>::untold(std::span<const float> windows, random_key key, bool learn) {
    static_assert(!adaptive, "windows say nothing of what adaptive filters heard before them: use frame_net_trainee");
    const std::vector<float> nothing(window() / sizes.frame * sizes.condition);
    std::vector<model::frame_net_window> w;
    for (std::size_t i = 0; i < windows.size(); i += window()) {
        const auto x = windows.subspan(i, window());
        w.push_back({.heard = x, .sound = x, .near = {}, .far = {}, .condition = nothing});
    }
    return {{"loss", run(w, 512 / sizes.frame, key, learn).bits()}};
}

template <model::frame_net_hearing Hearing>
std::vector<float> frame_net_model<Hearing>::generate(std::span<const float> seed, std::size_t count, random_key key,
                                                      double temperature) {
    static_assert(!adaptive, "what adapts to its own output runs away: only networks of fixed hearing go on by themselves");
    auto weights = nn::to_streaming<streaming>(weights_);
    const auto p = weights.view();
    const auto statistics = p.template get<"statistics">();
    backend::stream<float> be;
    const auto stream = std::make_unique<model::frame_net_stream<streaming>>(be, p);
    const std::array<float, model::wave_condition_size> untold{};
    random_stream random(key);
    using statistics_type = typename streaming::statistics;
    const std::size_t clip = uniform_below(random, statistics_type::clips);  // whose course through the bar it takes
    // The last frames of the seed, whole ones, so that a frame begins with the first sample that is made.
    seed = seed.subspan(seed.size() % sizes.frame);
    for (const float x : seed) {
        if (stream->frame_begins()) stream->condition(untold.data());
        stream->push(x +
                     1e-4F * static_cast<float>(normal_q16(random)) * 0x1p-16F);  // silence, too, has something to go on from
    }
    std::vector<float> made;
    made.reserve(count);
    for (std::size_t t = 0; t < count; ++t) {
        if (stream->frame_begins()) {
            if (!sheet) {
                stream->condition(untold.data());
            } else {
                const double now = static_cast<double>(t) / rate_.value;
                const std::size_t kind = sheet->drums == model::drumming::some ? 1 : 0;
                const float* const level =
                    statistics.profile + ((kind * statistics_type::clips + clip) * statistics_type::steps +
                                          sheet->part_of_bar(now, statistics_type::steps)) *
                                             2;
                const model::wave_sheet::harmony* const h = sheet->chord_at(now);
                const float louder = h == nullptr ? 0.0F : static_cast<float>((h->energy - 0.5) * 0.69);
                const auto c = model::wave_condition(*sheet, now, {level[0] + louder, level[1] + louder});
                stream->condition(c.data());
            }
        }
        const float* const out = stream->mixture();
        const float x =
            (stream->centre() + nn::logistic_mixture<sizes.components>::draw(out, random, temperature)) * *statistics.scale;
        made.push_back(std::clamp(x, -1.0F, 1.0F));
        stream->push(made.back());
    }
    return made;
}

template <model::frame_net_hearing Hearing>
frame_net_trainee<Hearing>::frame_net_trainee(const frame_net_recipe& recipe, network& net, corpus::sound_corpus& sound,
                                              std::string set)
    : recipe_(recipe), net_(net), sound_(sound), set_(std::move(set)) {
    recipe_.window -= recipe_.window % network::sizes.frame;
    (void)sound_.draw(corpus::split::train, read_length(), random_key{0}, set_);
    (void)sound_.draw(corpus::split::valid, read_length(), random_key{0}, set_);
    for (const corpus::sound_file& f : sound_.files()) sheets_.push_back(sheet_of(f));
    net_.fit(sound_);
}

template <model::frame_net_hearing Hearing>
std::unique_ptr<typename frame_net_trainee<Hearing>::example> frame_net_trainee<Hearing>::make(const corpus::sound_part& part,
                                                                                               random_key key, bool learn) {
    constexpr std::size_t H = network::sizes.frame;
    auto e = std::make_unique<example>();
    std::vector<float> read = sound_.read(part);
    const std::size_t skip = read.size() - recipe_.window;
    e->sound.assign(read.begin() + static_cast<std::ptrdiff_t>(skip), read.end());
    e->heard = e->sound;
    const std::vector<float> residual = net_.residual(read);
    random_stream random(key);
    const double noise = static_cast<double>(uniform_unit(random)), loud = static_cast<double>(uniform_unit(random));
    const double deaf = static_cast<double>(uniform_unit(random)), told = static_cast<double>(uniform_unit(random));
    bool frames_heard = true;
    if constexpr (network::adaptive) {
        analysis::nlms near({.taps = 32, .rate = 0.02}), far({.taps = 256, .rate = 0.05});
        for (std::size_t t = 0; t < read.size(); ++t) {
            if (t >= skip)
                e->near.push_back(static_cast<float>(near.predicted())), e->far.push_back(static_cast<float>(far.predicted()));
            near.tick(static_cast<double>(residual[t])), far.tick(static_cast<double>(residual[t]));
        }
    } else {
        e->condition.resize(recipe_.window / H * model::wave_condition_size);
        if (const auto& sheet = sheets_[part.file]; sheet && !(learn && told < recipe_.untold)) {
            const auto levels = levels_of(e->sound, residual, H);
            for (std::size_t t = 0; t < levels.size(); ++t) {
                const double now = static_cast<double>(part.first + skip + t * H) / sound_.rate().value;
                const auto c = model::wave_condition(*sheet, now, levels[t]);
                std::copy(c.begin(), c.end(), e->condition.begin() + static_cast<std::ptrdiff_t>(t * c.size()));
            }
        }
        if (learn && noise < recipe_.noised) {
            const auto sigma = static_cast<float>(std::pow(10.0, -3.5 + 1.9 * loud));
            for (float& x : e->heard) x += sigma * static_cast<float>(normal_q16(random)) * 0x1p-16F;
        }
        frames_heard = !(learn && deaf < recipe_.unheard);
    }
    e->window = {e->heard, e->sound, e->near, e->far, e->condition, frames_heard};
    return e;
}

template <model::frame_net_hearing Hearing>
train::metrics frame_net_trainee<Hearing>::train_step(std::uint64_t step, random_key key) {
    step_ = step + 1;
    std::vector<std::unique_ptr<example>> examples;
    std::vector<model::frame_net_window> windows;
    for (std::size_t b = 0; b < recipe_.batch; ++b) {
        const random_key k = key.child(b);
        examples.push_back(make(sound_.draw(corpus::split::train, read_length(), k.child("place"), set_), k, true));
        windows.push_back(examples.back()->window);
    }
    const auto r = net_.run(windows, unscored / network::sizes.frame, key, true);
    return {{"loss", r.bits()}};
}

template <model::frame_net_hearing Hearing>
train::metrics frame_net_trainee<Hearing>::validate() {
    nn::density_loss_result sum;
    double squares = 0;
    for (std::size_t i = 0; i < recipe_.valid_windows; ++i) {
        const random_key k = random_key{recipe_.seed}.child("valid").child(i);
        const auto e = make(sound_.draw(corpus::split::valid, read_length(), k, set_), k, false);
        const auto r = net_.run(std::span(&e->window, 1), unscored / network::sizes.frame, {}, false);
        sum.nats += r.nats, sum.squares += r.squares, sum.count += r.count;
        for (std::size_t t = unscored; t < e->sound.size(); ++t)
            squares += static_cast<double>(e->sound[t]) * static_cast<double>(e->sound[t]);
    }
    if constexpr (!network::adaptive)
        if (!folder_.empty() && recipe_.sample.value > 0) {
            const corpus::sound_part part = sound_.parts(corpus::split::valid, set_)[0];
            std::vector<float> seed(static_cast<std::size_t>(std::min<std::uint64_t>(part.count, network::seed_length())));
            sound_.read(part.file, part.first, seed);
            net_.sheet = sheets_[part.file];
            const auto made = net_.generate(seed, static_cast<std::size_t>(recipe_.sample.value * sound_.rate().value),
                                            random_key{recipe_.seed}.child("sample"), recipe_.temperature);
            net_.sheet.reset();
            keep_sample(folder_, network::kind(), step_, seed, made, sound_.rate());
        }
    return {{"loss", sum.bits()}, {"gain", 10 * std::log10(squares / sum.squares)}};
}

template <model::frame_net_hearing Hearing>
train::loop_config frame_net_trainee<Hearing>::loop(std::filesystem::path folder) {
    folder_ = folder;
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = recipe_.seed;
    c.steps_per_epoch = steps_per_epoch();
    c.steps = recipe_.epochs * c.steps_per_epoch;
    c.validate_every = recipe_.validate_every * c.steps_per_epoch;
    c.optimiser = train::adam_config{.beta2 = 0.98};
    const auto warm_up = static_cast<std::uint64_t>(recipe_.warm_up * static_cast<double>(c.steps));
    c.rate = train::warm_up_cosine{.peak = recipe_.rate, .floor = recipe_.floor, .warm_up = warm_up, .total = c.steps};
    c.clip = recipe_.clip;
    c.average = recipe_.average;
    return c;
}

}  // namespace lofi::inline LOFI_ABI::recipe
