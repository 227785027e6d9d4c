#include <lofi/model/music_vae_published_training.hpp>

#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu.hpp>
#include <lofi/nn/checkpoint.hpp>

using namespace lofi;

namespace {

/// What PyTorch computed (make_music_vae_fixture.py), at small sizes that are all different.
template <model::music_vae_published_config C>
void holds(const std::string& name) {
    using net = model::music_vae_published<C, backend::cpu<double>>;
    const nn::safetensors file = nn::read_safetensors(test::data("model/music_vae_" + name + ".safetensors"));
    const auto numbers = [&](const std::string& tensor) {
        const auto& shape = file.tensors().at(tensor).shape;
        std::size_t count = 1;
        for (const std::size_t n : shape) count *= n;
        std::vector<double> out(count);
        file.copy<double>(tensor, shape, out);
        return out;
    };
    nn::parameters<net> weights, gradients, expected;
    for (const auto& t : nn::tensors_of<net>(weights.view())) {
        const auto values = numbers("weights." + t.name);
        REQUIRE(values.size() == t.values.size());
        std::copy(values.begin(), values.end(), t.values.begin());
    }
    for (const auto& t : nn::tensors_of<net>(expected.view())) {
        const auto values = numbers("gradients." + t.name);
        std::copy(values.begin(), values.end(), t.values.begin());
    }
    std::vector<std::int32_t> ids;
    for (const double id : numbers("ids")) ids.push_back(static_cast<std::int32_t>(id));
    const auto noise = numbers("noise");

    backend::cpu<double> be;
    nn::context ctx;
    ctx.begin(random_key{1});
    const auto dp = gradients.view();
    const model::music_vae_cost cost = net::loss(be, ctx, weights.view(), ids, {.beta = .7, .noise = noise}, &dp);
    CHECK(cost.nats == Approx(numbers("nats")[0]).epsilon(1e-12));
    double divergence = 0;
    for (const double d : numbers("divergence")) divergence += d;
    CHECK(cost.divergence == Approx(divergence).epsilon(1e-12));
    CHECK(cost.steps == ids.size());
    double most = 0;
    for (std::size_t i = 0; i < expected.flat().size(); ++i)
        most = std::max(most, std::abs(gradients.flat()[i] - expected.flat()[i]));
    CHECK(most < 1e-12);

    // Fed with its own draws it costs something else, and what it costs is the same each time.
    ctx.begin(random_key{1});
    const double own = net::loss(be, ctx, weights.view(), ids, {.sampled = 1, .key = random_key{4}, .noise = noise}).nats;
    ctx.begin(random_key{1});
    CHECK(own == net::loss(be, ctx, weights.view(), ids, {.sampled = 1, .key = random_key{4}, .noise = noise}).nats);
    CHECK(own != Approx(cost.nats).epsilon(1e-6));

    // Written with the truth put in at each step, the logits are those that the loss saw.
    const std::size_t B = noise.size() / C.latent;
    rows<double, C.latent> z = ctx.scratch.template take_rows<double, C.latent>(B),
                           mean = ctx.scratch.template take_rows<double, C.latent>(B),
                           deviation = ctx.scratch.template take_rows<double, C.latent>(B);
    net::encode(be, ctx, weights.view(), ids, mean, deviation);
    for (std::size_t i = 0; i < noise.size(); ++i)
        z.data()[i] = mean.data()[i] + std::log1p(std::exp(deviation.data()[i])) * noise[i];
    std::vector<std::int32_t> written(ids.size());
    double nats = 0;
    net::write(be, ctx, weights.view(), z, written, [&](std::size_t t, std::size_t b, std::span<const double> y) {
        double sum = 0;
        for (const double v : y) sum += std::exp(v);
        nats += std::log(sum) - y[static_cast<std::size_t>(ids[t * B + b])];
        return ids[t * B + b];
    });
    CHECK(written == ids);
    CHECK(nats == Approx(cost.nats).epsilon(1e-11));
}

}  // namespace

TEST_CASE("published MusicVAE: losses and gradients are PyTorch's") {
    holds<model::music_vae_published_config{
        .encoder = 3, .latent = 4, .decoder = 5, .layers = 2, .greatest_beta = 1, .steps = 8}>("flat");
    holds<model::music_vae_published_config{.encoder = 3,
                                            .latent = 4,
                                            .decoder = 5,
                                            .layers = 2,
                                            .greatest_beta = 1,
                                            .free_bits = .5,
                                            .steps = 4,
                                            .segments = 3,
                                            .conductor = 7,
                                            .encoder_layers = 2}>("levels");
    holds<model::music_vae_published_config{.encoder = 3,
                                            .latent = 4,
                                            .decoder = 5,
                                            .layers = 3,
                                            .greatest_beta = 1,
                                            .form = model::music_vae_steps::drums,
                                            .steps = 8}>("drums");
}

TEST_CASE("published MusicVAE: as large as published") {
    using small = model::music_vae_published<model::cat_mel_2bar_small, backend::cpu<float>>;
    using big = model::music_vae_published<model::cat_mel_2bar_big, backend::cpu<float>>;
    STATIC_REQUIRE(small::parameter_count == 4423770);
    STATIC_REQUIRE(big::parameter_count == 134571098);
    STATIC_REQUIRE(model::music_vae_published<model::hierdec_mel_16bar, backend::cpu<float>>::steps == 256);
}

TEST_CASE("published MusicVAE: first values are TensorFlow's") {
    constexpr model::music_vae_published_config config{
        .encoder = 16, .latent = 12, .decoder = 20, .layers = 2, .greatest_beta = 1};
    using net = model::music_vae_published<config, backend::cpu<float>>;
    nn::parameters<net> p;
    random_stream random(random_key{2});
    net::initialise(p.view(), random);
    for (const auto& t : nn::tensors_of<net>(p.view())) {
        float most = 0;
        for (const float v : t.values) most = std::max(most, std::abs(v));
        if (t.name == "mean.weight" || t.name == "decoder_start.weight") CHECK((most > .001F && most < .006F));
        if (t.name == "decoder.weight_ih_l0") {
            const double bound = nn::glorot_bound(90 + 12 + 20, 80);
            CHECK((static_cast<double>(most) <= bound && static_cast<double>(most) > .95 * bound));
        }
        if (t.name == "decoder.bias_ih_l1")
            for (std::size_t i = 0; i < t.values.size(); ++i) CHECK(t.values[i] == (i / 20 == 1 ? 1.0F : 0.0F));
    }
}
