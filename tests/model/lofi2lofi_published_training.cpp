#include <lofi/model/lofi2lofi_published_training.hpp>

#include <algorithm>
#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/nn/gradient_check.hpp>
#include <lofi/train/optimiser.hpp>

#include "published_fixture.hpp"

using namespace lofi;

namespace {

constexpr model::published_config tiny{.hidden = 6, .small = 3, .latent = 5};
template <class Real>
using network = model::published_lofi2lofi<tiny, backend::cpu<Real>>;

struct fixture : test::published_fixture {
    fixture() : published_fixture("model/published.safetensors") {}
};

template <class Real>
struct run {
    using net = network<Real>;
    backend::cpu<Real> be;
    nn::context ctx;
    nn::parameters<net> weights, gradient;
    model::published_batch batch;
    std::vector<Real> noise;

    explicit run(const fixture& f) : batch(model::make_batch(f.phrases())) {
        f.load<network<Real>>(weights, "weights.");
        set_noise(f.numbers("noise"));
    }
    void set_noise(const std::vector<double>& values) {
        noise.clear();
        for (const double v : values) noise.push_back(static_cast<Real>(v));
    }
    model::published_losses loss(const model::published_feed& feed, bool with_gradient) {
        ctx.begin(random_key{1});
        const nn::columns<const Real, 5> eps(noise.data(), noise.size() / 5);
        const auto dp = gradient.view();
        if (with_gradient) gradient.clear();
        return net::loss(be, ctx, weights.view(), batch, feed, eps, with_gradient ? &dp : nullptr);
    }
};

model::published_feed feed_of(const fixture& f, const model::published_batch& b, const std::string& name) {
    if (name == "forced") return model::true_tokens(b);
    if (name == "mixed") {
        // A step is told for the whole batch or for none of it.
        model::published_feed told{f.ids("mixed.chords"), f.ids("mixed.melody")};
        return told;
    }
    return model::own_tokens(b);
}

}  // namespace

TEST_CASE("the published Lofi2Lofi has the published sizes") {
    using full = model::published_lofi2lofi<model::published_config{}, backend::cpu<float>>;
    static_assert(full::encoder::parameter_count == 382'500);
    static_assert(full::decoder::parameter_count == 253'710);
    static_assert(full::parameter_count == 656'410);
}

TEST_CASE("losses and all gradients of the published Lofi2Lofi are PyTorch's") {
    const fixture f;
    run<double> exact(f);
    run<float> fast(f);
    for (const std::string name : {"free", "forced", "mixed"}) {
        INFO(name);
        const auto feed = feed_of(f, exact.batch, name);
        const model::published_losses l = exact.loss(feed, true), l32 = fast.loss(feed, true);
        f.check_losses(name, l, l32);
        f.check_gradients(name, exact.gradient, fast.gradient);
    }
    SECTION("in evaluation the latent is the mean") {
        exact.noise.clear();
        const auto l = exact.loss(model::own_tokens(exact.batch), false);
        CHECK(l.total() == Approx(f.number("evaluation.loss.total")).epsilon(1e-12));
        CHECK(l.chords == Approx(f.number("evaluation.loss.chords")).epsilon(1e-12));
    }
}

TEST_CASE("ten steps of AdamW take the published Lofi2Lofi where PyTorch takes it") {
    const fixture f;
    run<double> r(f);
    const auto noises = f.numbers("training.noise"), totals = f.numbers("training.totals");
    train::optimiser<double> adam(train::adamw_config{.weight_decay = 0.1}, r.weights.flat().size());
    for (std::size_t step = 0; step < 10; ++step) {
        r.set_noise({noises.begin() + static_cast<std::ptrdiff_t>(20 * step),
                     noises.begin() + static_cast<std::ptrdiff_t>(20 * step + 20)});
        const auto l = r.loss(model::own_tokens(r.batch), true);
        INFO("step " << step);
        CHECK(l.total() == Approx(totals[step]).epsilon(1e-10));
        adam.update(r.weights.flat(), r.gradient.flat(), 1e-3);
    }
}

TEST_CASE("gradients of the published Lofi2Lofi are those of differences of its loss") {
    const fixture f;
    run<double> r(f);
    model::published_feed feed;
    SECTION("on the truth") { feed = model::true_tokens(r.batch); }
    SECTION("on its own tokens, held where they are") {
        nn::context ctx;
        ctx.begin(random_key{1});
        using net = network<double>;
        const nn::columns<double, 5> mean = ctx.scratch.take_rows<double, 5>(4),
                                     log_variance = ctx.scratch.take_rows<double, 5>(4),
                                     z = ctx.scratch.take_rows<double, 5>(4);
        net::posterior_tape tape;
        net::encode(r.be, ctx, r.weights.view(), r.batch, mean, log_variance, tape);
        gaussian_sample(r.be, backend::spread_form::log_variance, nn::constant(mean), nn::constant(log_variance),
                        nn::columns<const double, 5>(r.noise.data(), 4), z);
        model::published_decoder_run<tiny, backend::cpu<double>> decoder(r.be, ctx, r.weights.view().get<"decoder">(), r.batch);
        decoder.forward(nn::constant(z), model::own_tokens(r.batch));
        feed.chords.assign(decoder.chords.fed().begin(), decoder.chords.fed().end());
        feed.melody.assign(decoder.melody.fed().begin(), decoder.melody.fed().end());
        // Held tokens are those of the free run, so that the loss is the same.
        CHECK(r.loss(feed, false).total() == Approx(f.number("free.loss.total")).epsilon(1e-12));
        CHECK(feed.melody != r.batch.melody);
    }
    const auto l = r.loss(feed, true);
    const std::vector<double> gradient(r.gradient.flat().begin(), r.gradient.flat().end());
    // A spread of them: PyTorch has seen them all.
    const auto found =
        nn::check_gradient(r.weights.flat(), gradient, [&] { return r.loss(feed, false).total(); }, {.at_most = 200});
    INFO("parameter " << found.at << ": difference " << found.difference << ", gradient " << found.gradient);
    CHECK(found.worst <= 1e-6);
    CHECK(found.tried >= 200);

    // A second backward adds.
    r.ctx.begin(random_key{1});
    const auto dp = r.gradient.view();
    network<double>::loss(r.be, r.ctx, r.weights.view(), r.batch, feed, nn::columns<const double, 5>(r.noise.data(), 4), &dp);
    for (std::size_t i = 0; i < gradient.size(); ++i) REQUIRE(r.gradient.flat()[i] == Approx(2 * gradient[i]).margin(1e-15));
    CHECK(l.total() > 0);
}

TEST_CASE("a phrase costs the same alone and beside a longer one") {
    const fixture f;
    run<double> r(f);
    r.noise.clear();
    const auto phrases = f.phrases();
    // The last phrase but one of the batch is the shortest: one bar.
    r.batch = model::make_batch(std::span(phrases).subspan(2, 1), model::published_steps::likelihood);
    const auto alone = r.loss(model::true_tokens(r.batch), false);
    const auto together = [&](std::size_t other) {
        const std::vector<token::lead_tokens> two{phrases[2], phrases[other]};
        r.batch = model::make_batch(two, model::published_steps::likelihood);
        for (std::size_t t = 0; t < r.batch.chord_targets.size(); t += 2) r.batch.chord_targets[t + 1] = -1;
        for (std::size_t t = 0; t < r.batch.melody_targets.size(); t += 2) r.batch.melody_targets[t + 1] = -1;
        return r.loss(model::true_tokens(r.batch), false);
    }(1);
    CHECK(together.chords == Approx(alone.chords).epsilon(1e-13));
    CHECK(together.melody == Approx(alone.melody).epsilon(1e-13));
}
