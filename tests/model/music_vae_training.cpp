#include <lofi/model/music_vae_training.hpp>

#include "support/test.hpp"

#include <lofi/backend/cpu_bag.hpp>

using namespace lofi;

namespace {
constexpr model::music_vae_config tiny{.latent = 3, .encoder = 4, .decoder = 5};
using net = model::music_vae_training<tiny, backend::cpu<double>>;

model::segment tune(std::uint64_t seed) {
    random_stream random(random_key{seed});
    model::segment s{};
    for (std::uint8_t& v : s)
        v = chance(random, 1, 3) ? static_cast<std::uint8_t>(35 + uniform_below(random, 14))
                                 : static_cast<std::uint8_t>(uniform_below(random, 2));
    return s;
}
}  // namespace

TEST_CASE("melody network: numeric gradients of the whole network") {
    const std::vector<model::segment> before = {tune(1), tune(2)};
    const std::vector<model::segment_example> all = {
        model::to_segment_example(tune(3), before, {.style = 2, .scale = score::mode::dorian}),
        model::to_segment_example(tune(4), {}, {})};
    const std::vector<const model::segment_example*> examples = {&all[0], &all[1]};
    const std::vector<model::segment_shown> shown = {{all[0].conditions, true}, {{}, false}};
    const model::segment_batch batch = model::make_batch(examples, shown);
    nn::parameters<net> p(random_key{5}, nn::scheme::pytorch), dp;
    backend::cpu<double> be;
    nn::context ctx;
    ctx.mode = nn::mode::inference;
    constexpr std::size_t Z = net::Z;
    const auto run = [&](typename net::params* gradients) {
        ctx.begin({});
        const auto y = ctx.scratch.take_rows<double, 2 * Z>(2), dy = ctx.scratch.take_rows<double, 2 * Z>(2);
        const auto dz = ctx.scratch.take_rows<double, Z>(2);
        std::fill(dy.flat().begin(), dy.flat().end(), 0.0);
        net::encoder_tape tape;
        net::encode(be, ctx, p.view(), batch, y, tape);
        std::vector<model::segment_cost> costs(2);
        net::decode(be, ctx, p.view(), batch, nn::constant(nn::part<0, Z>(y)), costs, gradients, 1.0,
                    gradients != nullptr ? nn::columns<double, Z>(dz) : nn::columns<double, Z>{});
        if (gradients != nullptr) {
            copy(be, nn::constant(dz), nn::part<0, Z>(dy));
            net::encode_backward(be, ctx, p.view(), *gradients, tape, nn::constant(dy));
        }
        return costs[0].nats + costs[1].nats;
    };
    auto gradients = dp.view();
    run(&gradients);
    random_stream random(random_key{6});
    for (int i = 0; i < 400; ++i) {
        const std::size_t at = uniform_below(random, static_cast<std::uint32_t>(p.flat().size()));
        const double kept = p.flat()[at], h = 1e-5;
        p.flat()[at] = kept + h;
        const double up = run(nullptr);
        p.flat()[at] = kept - h;
        const double down = run(nullptr);
        p.flat()[at] = kept;
        CHECK(dp.flat()[at] == Approx((up - down) / (2 * h)).epsilon(1e-6).margin(1e-6));
    }
}

TEST_CASE("melody network: what it sees of a segment") {
    model::segment a{}, b{};
    a[0] = 41, a[4] = token::melody_class::off, a[16] = 43;
    b[0] = token::melody_class::off, b[8] = 45;
    const std::vector<model::segment> before = {a};
    const model::segment_example e = model::to_segment_example(b, before, {});
    CHECK(e.steps[0] == token::melody_class::hold);  // nothing sounds any more
    using namespace model::segment_feature;
    const auto seen = [&](std::size_t t, std::size_t block) {
        return e.seen[t * count + block] < 0 ? -1 : e.seen[t * count + block] - model::segment_offsets[block];
    };
    CHECK(seen(0, last) == 0);
    CHECK(seen(0, back + 2) == 41);  // two bars back
    CHECK(seen(0, back + 1) == 43);
    CHECK(seen(0, back + 3) == -1);
    CHECK(seen(0, sounding) == 0);
    CHECK(seen(0, sung) == 41);
    CHECK(seen(0, sung_before) == 39);
    CHECK(seen(0, notes_before) == 2);
    CHECK(seen(9, notes) == 1);
    CHECK(seen(9, sounding) == 44);
    CHECK(seen(12, since) == 3);
    CHECK(e.alone[count * 0 + last] == -1);
    CHECK(e.context[0].sung == 41);
    CHECK(e.context_alone[0].sung == -1);
    CHECK_FALSE(model::segment_allows(e.context[0], token::melody_class::off));
    CHECK(model::segment_allows(e.context[9], token::melody_class::off));
}
