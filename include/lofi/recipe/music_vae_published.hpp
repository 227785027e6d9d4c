#pragma once
// How the published MusicVAE is trained, what it costs, and how it writes, goes between examples and is pulled along attributes.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/backend/cpu.hpp>
#include <lofi/model/music_vae_published_training.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/sampling/sampler.hpp>
#include <lofi/train/batches.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// The published training.
struct music_vae_published_recipe {
    std::uint64_t seed = 1;
    std::uint64_t steps = 200000;
    std::size_t batch = 512;
    double rate = 1e-3;
    int transpose = 5;  ///< melodies are moved by up to so many semitones, up or down
};

/// Examples as a network takes them, all of one length.
using step_examples = std::vector<std::vector<std::int32_t>>;

/// The network with its data, as `train::train` takes it.
template <model::music_vae_published_config C>
class music_vae_published_trainee {
public:
    using real = float;
    using backend_type = backend::cpu<float>;
    using network = model::music_vae_published<C, backend_type>;

    /// errors: no examples to learn from or to validate on; one of another length or with a step that is no class
    music_vae_published_trainee(const music_vae_published_recipe& recipe, step_examples train, step_examples valid);

    [[nodiscard]] static std::string kind() { return "music-vae"; }
    [[nodiscard]] static nn::json config() {
        return {{"setting", "published"}, {"form", C.form == model::music_vae_steps::melody ? "melody" : "drums"},
                {"encoder", C.encoder},   {"encoder_layers", C.encoder_layers},
                {"latent", C.latent},     {"decoder", C.decoder},
                {"layers", C.layers},     {"steps", C.steps},
                {"segments", C.segments}, {"conductor", C.conductor}};
    }
    [[nodiscard]] std::span<real> parameters() { return weights_.flat(); }
    [[nodiscard]] std::span<real> gradients() { return gradients_.flat(); }
    [[nodiscard]] std::span<real> buffers() { return {}; }
    [[nodiscard]] std::vector<nn::named_tensor<real>> tensors() { return nn::tensors_of<network>(weights_.view()); }
    [[nodiscard]] train::metrics train_step(std::uint64_t step, random_key key);
    [[nodiscard]] train::metrics validate();

    [[nodiscard]] std::uint64_t steps_per_epoch() const { return batches_.per_epoch(); }
    /// params: steps: of the whole run, which the rate's schedule reaches to; 0: those of the recipe
    [[nodiscard]] train::loop_config loop(std::filesystem::path folder, std::uint64_t steps = 0) const;
    [[nodiscard]] typename network::params view() { return weights_.view(); }
    /// Bytes that weights, gradients and the batch's workspace take.
    [[nodiscard]] std::size_t memory() const {
        return sizeof(real) * (weights_.flat().size() + gradients_.flat().size()) + context_.scratch.capacity();
    }

private:
    music_vae_published_recipe recipe_;
    step_examples train_, valid_;
    nn::parameters<network> weights_, gradients_;
    backend_type backend_;
    nn::context context_;
    train::batches batches_;
};

template <model::music_vae_published_config C>
using music_vae_published_weights = nn::parameters<model::music_vae_published<C, backend::cpu<float>>>;
/// Reads weights of `lofi train music-vae --setting published-...`: a checkpoint, or finished weights.
/// errors: "x.safetensors: its config differs at /latent: ..."
template <model::music_vae_published_config C>
[[nodiscard]] music_vae_published_weights<C> read_music_vae_published(const std::filesystem::path& path);

/// What each example costs under a network, its latent drawn `samples` times from the posterior: the evidence bound, the divergence whole.
template <class Network>
[[nodiscard]] std::vector<model::music_vae_cost> music_vae_costs(typename Network::params p, const step_examples& examples,
                                                                 random_key key, std::size_t samples = 1);

/// A point of the latent space.
using latent_vector = std::vector<float>;
/// The means of the examples' posteriors.
template <class Network>
[[nodiscard]] std::vector<latent_vector> music_vae_means(typename Network::params p, const step_examples& examples);
/// Writes an example from each latent.
template <class Network>
[[nodiscard]] step_examples music_vae_write(typename Network::params p, std::span<const latent_vector> latents,
                                            const sampling::sampler_config& sampler, random_key key);
/// Draws latents from the prior.
[[nodiscard]] std::vector<latent_vector> prior_latents(std::size_t count, std::size_t size, random_key key);
/// Goes from one latent to another on the great circle, lengths in a straight line; `steps` points, both ends among them.
/// source: Shoemake: Animating Rotation with Quaternion Curves (1985); White: Sampling Generative Networks (2016)
[[nodiscard]] std::vector<latent_vector> spherical_path(const latent_vector& from, const latent_vector& to, std::size_t steps);
/// The way from examples with little of an attribute to those with much: the mean of the upper quarter less that of the lower.
/// params: attribute: a number for each latent
[[nodiscard]] latent_vector attribute_vector(std::span<const latent_vector> latents, std::span<const double> attribute);

// ---------------------------------------------------------------- bodies

namespace detail {

// Examples side by side, time-major.
inline void put_side_by_side(const step_examples& examples, std::span<const std::uint32_t> which,
                             std::vector<std::int32_t>& ids) {
    const std::size_t B = which.size(), T = examples[which[0]].size();
    ids.resize(T * B);
    for (std::size_t b = 0; b < B; ++b)
        for (std::size_t t = 0; t < T; ++t) ids[t * B + b] = examples[which[b]][t];
}

template <class F>
void in_batches(std::size_t count, std::size_t size, F&& f) {
    for (std::size_t first = 0; first < count; first += size) {
        std::vector<std::uint32_t> which(std::min(size, count - first));
        for (std::size_t i = 0; i < which.size(); ++i) which[i] = static_cast<std::uint32_t>(first + i);
        f(std::span<const std::uint32_t>(which));
    }
}

inline constexpr std::size_t music_vae_batch = 64;

}  // namespace detail

template <model::music_vae_published_config C>
music_vae_published_trainee<C>::music_vae_published_trainee(const music_vae_published_recipe& recipe, step_examples train,
                                                            step_examples valid)
    : recipe_(recipe),
      train_(std::move(train)),
      valid_(std::move(valid)),
      weights_(random_key{recipe.seed}.child("weights"), nn::scheme::keras),
      batches_({.size = recipe.batch}, random_key{recipe.seed}.child("batches"), train_.size()) {
    for (const auto& [what, examples] : {std::pair{"learn from", &train_}, std::pair{"validate on", &valid_}}) {
        if (examples->empty()) raise(error("music-vae", std::string("needs examples to ") + what + ", and was given none"));
        for (const std::vector<std::int32_t>& e : *examples) {
            if (e.size() != network::steps)
                raise(error("music-vae", "takes examples of " + std::to_string(network::steps) + " steps, and one has " +
                                             std::to_string(e.size())));
            for (const std::int32_t id : e)
                if (id < 0 || id >= static_cast<std::int32_t>(network::V))
                    raise(error("music-vae", "a step is " + std::to_string(id) + ", and the network has classes 0 to " +
                                                 std::to_string(network::V - 1)));
        }
    }
}

template <model::music_vae_published_config C>
train::loop_config music_vae_published_trainee<C>::loop(std::filesystem::path folder, std::uint64_t steps) const {
    train::loop_config c;
    c.folder = std::move(folder);
    c.seed = recipe_.seed;
    c.steps_per_epoch = steps_per_epoch();
    c.steps = steps != 0 ? steps : recipe_.steps;
    c.optimiser = train::adam_config{.place = train::epsilon_place::uncorrected};  // as TensorFlow has it
    c.rate = train::exponential_to_floor{.start = recipe_.rate, .floor = recipe_.rate / 100, .decay = .9999};
    c.clip = 1;
    return c;
}

template <model::music_vae_published_config C>
train::metrics music_vae_published_trainee<C>::train_step(std::uint64_t step, random_key key) {
    std::vector<std::int32_t> ids;
    const auto which = batches_.at(step);
    detail::put_side_by_side(train_, which, ids);
    if constexpr (C.form == model::music_vae_steps::melody) {
        random_stream random(key.child("transposition"));
        for (std::size_t b = 0; b < which.size(); ++b) {
            const std::int32_t by = uniform_between(random, -recipe_.transpose, recipe_.transpose);
            for (std::size_t t = 0; t < network::steps; ++t) {
                std::int32_t& id = ids[t * which.size() + b];
                id = token::transposed_class(id, by);
            }
        }
    }
    context_.begin(key.child("network"));
    const double beta = train::saturating{.high = C.greatest_beta, .decay = .99999}(step);
    const double truth = train::inverse_sigmoid{.k = 1000}(step);
    const auto dp = gradients_.view();
    const auto cost = network::loss(backend_, context_, weights_.view(), ids,
                                    {.beta = beta, .sampled = 1 - truth, .key = key.child("sampling")}, &dp);
    const auto n = static_cast<double>(cost.examples);
    return {{"loss", (cost.nats + beta * cost.divergence) / n},
            {"bits per step", cost.bits_per_step()},
            {"divergence, nats", cost.divergence / n},
            {"accuracy", static_cast<double>(cost.right) / static_cast<double>(cost.steps)}};
}

template <model::music_vae_published_config C>
train::metrics music_vae_published_trainee<C>::validate() {
    model::music_vae_cost sum;
    const random_key key = random_key{recipe_.seed}.child("validation");
    std::vector<std::int32_t> ids;
    detail::in_batches(valid_.size(), detail::music_vae_batch, [&](std::span<const std::uint32_t> which) {
        detail::put_side_by_side(valid_, which, ids);
        context_.begin(key.child(which[0]));
        sum += network::loss(backend_, context_, weights_.view(), ids, {});
    });
    const auto n = static_cast<double>(sum.examples);
    return {{"bits per step", sum.bits_per_step()},
            {"divergence, nats", sum.divergence / n},
            {"accuracy", static_cast<double>(sum.right) / static_cast<double>(sum.steps)}};
}

template <model::music_vae_published_config C>
music_vae_published_weights<C> read_music_vae_published(const std::filesystem::path& path) {
    using trainee = music_vae_published_trainee<C>;
    const nn::safetensors file = nn::read_safetensors(path);
    nn::check_header(file, nn::read_header(file), trainee::kind(), trainee::config());
    music_vae_published_weights<C> out;
    nn::load_weights<float>(file, nn::tensors_of<typename trainee::network>(out.view()), nn::extra_tensors::ignore);
    return out;
}

template <class Network>
std::vector<model::music_vae_cost> music_vae_costs(typename Network::params p, const step_examples& examples, random_key key,
                                                   std::size_t samples) {
    typename Network::backend_type be;
    nn::context ctx;
    std::vector<model::music_vae_cost> out;
    std::vector<std::int32_t> ids;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        // One example, its latent drawn so many times side by side.
        const std::vector<std::uint32_t> same(samples, static_cast<std::uint32_t>(i));
        detail::put_side_by_side(examples, same, ids);
        ctx.begin(key.child(i));
        model::music_vae_cost c = Network::loss(be, ctx, p, ids, {});
        c.nats /= static_cast<double>(samples), c.divergence /= static_cast<double>(samples);
        c.steps /= samples, c.right /= samples, c.examples = 1;
        out.push_back(c);
    }
    return out;
}

template <class Network>
std::vector<latent_vector> music_vae_means(typename Network::params p, const step_examples& examples) {
    using real = typename Network::real;
    typename Network::backend_type be;
    nn::context ctx;
    std::vector<latent_vector> out;
    std::vector<std::int32_t> ids;
    detail::in_batches(examples.size(), detail::music_vae_batch, [&](std::span<const std::uint32_t> which) {
        detail::put_side_by_side(examples, which, ids);
        ctx.begin({});
        const auto mean = ctx.scratch.template take_rows<real, Network::Z>(which.size()),
                   deviation = ctx.scratch.template take_rows<real, Network::Z>(which.size());
        Network::encode(be, ctx, p, ids, mean, deviation);
        for (std::size_t b = 0; b < which.size(); ++b) out.emplace_back(mean[b].data(), mean[b].data() + Network::Z);
    });
    return out;
}

template <class Network>
step_examples music_vae_write(typename Network::params p, std::span<const latent_vector> latents,
                              const sampling::sampler_config& config, random_key key) {
    using real = typename Network::real;
    typename Network::backend_type be;
    nn::context ctx;
    sampling::sampler<Network::V> sampler(config);
    step_examples out(latents.size(), std::vector<std::int32_t>(Network::steps));
    std::vector<float> logits(Network::V);
    detail::in_batches(latents.size(), detail::music_vae_batch, [&](std::span<const std::uint32_t> which) {
        const std::size_t B = which.size();
        std::vector<random_stream> random;
        for (const std::uint32_t i : which) random.emplace_back(key.child(i));
        ctx.begin({});
        const auto z = ctx.scratch.template take_rows<real, Network::Z>(B);
        for (std::size_t b = 0; b < B; ++b) {
            LOFI_ASSERT(latents[which[b]].size() == Network::Z, "a latent is as wide as the network's");
            std::copy(latents[which[b]].begin(), latents[which[b]].end(), z[b].data());
        }
        std::vector<std::int32_t> ids(Network::steps * B);
        Network::write(be, ctx, p, nn::constant(z), ids, [&](std::size_t, std::size_t b, std::span<const real> y) {
            std::copy(y.begin(), y.end(), logits.begin());
            return static_cast<std::int32_t>(sampler.sample({.logits = logits}, random[b]));
        });
        for (std::size_t b = 0; b < B; ++b)
            for (std::size_t t = 0; t < Network::steps; ++t) out[which[b]][t] = ids[t * B + b];
    });
    return out;
}

inline std::vector<latent_vector> prior_latents(std::size_t count, std::size_t size, random_key key) {
    std::vector<latent_vector> out(count, latent_vector(size));
    for (std::size_t i = 0; i < count; ++i) {
        random_stream random(key.child(i));
        for (float& v : out[i]) v = static_cast<float>(normal_q16(random)) * 0x1p-16F;
    }
    return out;
}

inline std::vector<latent_vector> spherical_path(const latent_vector& from, const latent_vector& to, std::size_t steps) {
    LOFI_ASSERT(from.size() == to.size() && steps >= 2, "a path has two ends of one width");
    double a = 0, b = 0, dot = 0;
    for (std::size_t i = 0; i < from.size(); ++i) {
        const auto x = static_cast<double>(from[i]), y = static_cast<double>(to[i]);
        a += x * x, b += y * y, dot += x * y;
    }
    a = std::sqrt(a), b = std::sqrt(b);
    const double cosine = a > 0 && b > 0 ? std::clamp(dot / (a * b), -1.0, 1.0) : 1.0;
    const double angle = std::acos(cosine), sine = std::sin(angle);
    std::vector<latent_vector> out;
    for (std::size_t s = 0; s < steps; ++s) {
        const double t = static_cast<double>(s) / static_cast<double>(steps - 1);
        // Where both point one way, or opposite ways, no circle is given: then the way is straight.
        const bool straight = sine < 1e-6;
        const double u = straight ? 1 - t : std::sin((1 - t) * angle) / sine, v = straight ? t : std::sin(t * angle) / sine;
        const double length = straight ? 1 : (1 - t) * a + t * b, of_a = straight ? 1 : a, of_b = straight ? 1 : b;
        latent_vector z(from.size());
        for (std::size_t i = 0; i < z.size(); ++i)
            z[i] =
                static_cast<float>(length * (u * static_cast<double>(from[i]) / of_a + v * static_cast<double>(to[i]) / of_b));
        out.push_back(std::move(z));
    }
    return out;
}

inline latent_vector attribute_vector(std::span<const latent_vector> latents, std::span<const double> attribute) {
    LOFI_ASSERT(!latents.empty() && latents.size() == attribute.size(), "there is an attribute for each latent");
    std::vector<std::size_t> order(latents.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return attribute[a] < attribute[b]; });
    const std::size_t quarter = std::max<std::size_t>(1, order.size() / 4);
    latent_vector out(latents[0].size());
    for (std::size_t i = 0; i < quarter; ++i)
        for (std::size_t d = 0; d < out.size(); ++d)
            out[d] += (latents[order[order.size() - 1 - i]][d] - latents[order[i]][d]) / static_cast<float>(quarter);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::recipe
