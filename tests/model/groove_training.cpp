#include <lofi/model/groove_training.hpp>

#include <lofi/backend/cpu_bag.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;

namespace {

constexpr model::groove_config small{.hits = 5, .touches = 4};
using training =
    model::groove_training<small, backend::cpu<double>, model::groove_output_dropout{.hits = {0, 1}, .touches = {0, 1}}>;

/// Grooves of different lengths, one of them silent.
std::vector<model::groove_example> grooves() {
    std::vector<model::groove_example> out;
    random_stream random(random_key{4});
    for (const std::uint32_t density : {3U, 0U, 12U, 6U}) {
        model::groove_example e;
        for (std::uint8_t step = 0; step < 32; ++step)
            for (std::uint8_t voice = 0; voice < 9; ++voice)
                if (chance(random, density, 60)) {
                    const auto force = static_cast<int>(1 + uniform_below(random, 127));
                    const auto offset = static_cast<std::int8_t>(uniform_between(random, -64, 64));
                    e.pattern.push_back({step, static_cast<score::drum>(voice), score::velocity(force), offset});
                }
        e.conditions.tempo = 90000;
        e.conditions.style = model::groove_style::funk;
        model::describe({e.pattern.data(), e.pattern.size()}, e.conditions);
        out.push_back(e);
    }
    return out;
}

std::vector<model::groove_conditions> told(const std::vector<model::groove_example>& examples) {
    std::vector<model::groove_conditions> out;
    for (const auto& e : examples) out.push_back(e.conditions);
    return out;
}

}  // namespace

TEST_CASE("groove network: gradient of what grooves cost") {
    backend::cpu<double> be;
    nn::context ctx;
    nn::parameters<training> p(random_key{3}, nn::scheme::pytorch), dp;
    const auto examples = grooves();
    const model::groove_batch batch = model::make_batch(examples, told(examples));
    const auto loss = [&](bool backward) {
        ctx.begin(random_key{7});
        std::vector<model::groove_cost> costs(batch.size);
        auto gradient = dp.view();
        training::cost(be, ctx, p.view(), batch, costs, backward ? &gradient : nullptr, 1.0);
        double sum = 0;
        for (const auto& c : costs) sum += c.sum();
        return sum;
    };
    CHECK(std::isfinite(loss(true)));
    const auto r = nn::check_gradient(p.flat(), dp.flat(), [&] { return loss(false); });
    INFO("parameter " << r.at << ": difference " << r.difference << ", gradient " << r.gradient);
    CHECK(r.worst <= 1e-6);
    CHECK(r.tried == training::parameter_count);
}

TEST_CASE("groove network: what the batch says a groove costs is what its steps say") {
    backend::cpu<double> be;
    nn::context ctx;
    ctx.mode = nn::mode::inference;
    nn::parameters<training> p(random_key{3}, nn::scheme::pytorch);
    const auto examples = grooves();
    std::vector<model::groove_cost> costs(examples.size());
    training::cost(be, ctx, p.view(), model::make_batch(examples, told(examples)), costs);

    using network = training::network;
    for (std::size_t i = 0; i < examples.size(); ++i) {
        const auto z = model::to_activations<backend::cpu<double>>(examples[i].conditions);
        const auto steps = model::steps_of({examples[i].pattern.data(), examples[i].pattern.size()});
        network::state<small.hits> h;
        network::state<small.touches> r;
        network::reset_hits(be, p.view(), h, frame<const double, model::condition_size>(z));
        network::reset_touches(be, p.view(), r, frame<const double, model::condition_size>(z));
        model::groove_cost cost;
        model::hit_state hits(examples[i].conditions);
        for (const model::voice_mask voices : steps) {
            model::hit_state::ids ids;
            hits.features(ids);
            std::array<double, model::hit_outputs> y;
            network::step_hits(be, p.view(), h, ids, frame<double, model::hit_outputs>(y));
            cost.hits += model::hit_cost<double>(y.data(), voices, hits.before(16), 0, nullptr);
            hits.push(voices);
        }
        model::touch_state touches(steps);
        for (const score::drum_hit& hit : examples[i].pattern) {
            CHECK(touches.step() == hit.step);
            CHECK(touches.voice() == static_cast<std::size_t>(hit.voice));
            model::touch_state::ids ids;
            touches.features(ids);
            std::array<double, model::touch_outputs> y;
            network::step_touches(be, p.view(), r, ids, frame<double, model::touch_outputs>(y));
            const model::touch t{model::velocity_class(hit.force), model::offset_class(hit.offset)};
            cost += model::touch_cost<double>(y.data(), t, 0, nullptr);
            touches.push(t);
        }
        CHECK(touches.done());
        CHECK(cost.hits == Approx(costs[i].hits).epsilon(1e-10));
        CHECK(cost.forces == Approx(costs[i].forces).epsilon(1e-10).margin(1e-12));
        CHECK(cost.offsets == Approx(costs[i].offsets).epsilon(1e-10).margin(1e-12));
    }
}

TEST_CASE("groove network: the probabilities of all hits of a step, and of all touches, sum to one") {
    random_stream random(random_key{9});
    std::array<double, model::hit_outputs> y;
    for (double& v : y) v = normal_q16(random) / 65536.0;
    double sum = 0;
    for (unsigned voices = 0; voices < 512; ++voices)
        sum += std::exp(-model::hit_cost<double>(y.data(), static_cast<model::voice_mask>(voices), 5, 0, nullptr));
    CHECK(sum == Approx(1.0));

    std::array<double, model::touch_outputs> r;
    for (double& v : r) v = normal_q16(random) / 65536.0;
    sum = 0;
    for (std::uint8_t f = 0; f < 16; ++f)
        for (std::uint8_t o = 0; o < 16; ++o) sum += std::exp(-model::touch_cost<double>(r.data(), {f, o}, 0, nullptr).sum());
    CHECK(sum == Approx(1.0));
}
