#include <lofi/model/lofi2lofi_encoder.hpp>

#include <lofi/backend/cpu_bag.hpp>
#include <lofi/model/lofi2lofi_generate.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;

namespace {

constexpr model::lofi2lofi_config small{.latent = 4, .encoder = 3, .chord = 5, .melody = 6};
using network =
    model::lofi2lofi_network<small, backend::cpu<double>, model::lofi2lofi_dropout{.chord = {0, 1}, .melody = {0, 1}}>;

/// Phrases of 3, 5 and 7 rows, some of whose bars repeat.
std::vector<model::lead_example> phrases(bool with_melody) {
    std::vector<model::lead_example> out;
    random_stream random(random_key{4});
    for (std::size_t n = 3; n <= 7; n += 2) {
        score::lead_sheet s;
        s.has_melody = with_melody;
        for (std::size_t i = 0; i < n; ++i) {
            score::lead_row row;
            row.chord = static_cast<std::uint8_t>(1 + uniform_below(random, 7));
            std::uint8_t v = 0;
            for (std::uint8_t& slot : row.melody) {
                if (chance(random, 1, 3)) v = static_cast<std::uint8_t>(uniform_below(random, 16));
                slot = v;
            }
            if (i != 0 && chance(random, 1, 2)) row.melody = s.rows[i - 1].melody;
            s.rows.push_back(row);
        }
        out.push_back(model::to_example(s, 1));
    }
    return out;
}

void check_gradients(bool with_melody) {
    backend::cpu<double> be;
    nn::context ctx;
    nn::parameters<network> p(random_key{3}, nn::scheme::pytorch), dp;
    const auto examples = phrases(with_melody);
    std::vector<model::lead_conditions> told;
    for (const auto& e : examples) told.push_back(e.conditions);
    const model::lead_batch batch = model::make_batch(examples, told);
    constexpr std::size_t Z = small.latent;
    const auto loss = [&](bool backward) {
        ctx.begin(random_key{7});
        const nn::columns<double, 2 *Z> y = ctx.scratch.take_rows<double, 2 * Z>(3),
                                        dy = ctx.scratch.take_rows<double, 2 * Z>(3);
        const nn::columns<double, Z> z = ctx.scratch.take_rows<double, Z>(3), dz = ctx.scratch.take_rows<double, Z>(3);
        network::encoder_tape encoder;
        network::latent::tape latent;
        network::encode(be, ctx, p.view(), batch, y, encoder);
        const auto mean = nn::constant(nn::part<0, Z>(y)), spread = nn::constant(nn::part<Z, Z>(y));
        network::latent::forward(be, ctx, mean, spread, z, latent);
        std::vector<model::phrase_cost> costs(3);
        auto gradient = dp.view();
        network::decode(be, ctx, p.view(), batch, nn::constant(z), costs, backward ? &gradient : nullptr, 1.0,
                        backward ? dz : nn::columns<double, Z>{});
        double sum = 0;
        for (const auto& c : costs) sum += c.chords + c.melody;
        if (backward) network::latent::backward(be, ctx, latent, nn::constant(dz), nn::part<0, Z>(dy), nn::part<Z, Z>(dy));
        sum += 2 * network::latent::divergence(be, ctx, mean, spread, {.scale = 2, .free_nats = 0},
                                               backward ? nn::part<0, Z>(dy) : nn::columns<double, Z>{},
                                               backward ? nn::part<Z, Z>(dy) : nn::columns<double, Z>{});
        if (backward) network::encode_backward(be, ctx, p.view(), gradient, encoder, nn::constant(dy));
        return sum;
    };
    CHECK(std::isfinite(loss(true)));
    const auto r = nn::check_gradient(p.flat(), dp.flat(), [&] { return loss(false); });
    INFO("parameter " << r.at << ": difference " << r.difference << ", gradient " << r.gradient);
    CHECK(r.worst <= 1e-6);
    CHECK(r.tried == network::parameter_count);
}

}  // namespace

TEST_CASE("improved Lofi2Lofi: gradient of the whole bound, with and without melody") {
    check_gradients(true);
    check_gradients(false);
}

TEST_CASE("improved Lofi2Lofi: what the batch says a phrase costs is what its steps say") {
    backend::cpu<double> be;
    nn::context ctx;
    ctx.mode = nn::mode::inference;
    nn::parameters<network> p(random_key{3}, nn::scheme::pytorch);
    const auto examples = phrases(true);
    std::vector<model::lead_conditions> told;
    for (const auto& e : examples) told.push_back(e.conditions);
    const model::lead_batch batch = model::make_batch(examples, told);
    std::vector<double> z = test::noise(3 * small.latent, 5);
    std::vector<model::phrase_cost> costs(3);
    network::decode(be, ctx, p.view(), batch, nn::columns<const double, small.latent>(z.data(), 3), costs);

    for (std::size_t i = 0; i < 3; ++i) {
        using decoder = network::decoder;
        const auto& e = examples[i];
        decoder::state state;
        decoder::reset(be, p.view().decode, state,
                       frame<const double, small.latent>(z.data() + i * small.latent, small.latent));
        const auto log_probability = [](std::span<const double> x, std::size_t at) {
            double sum = 0;
            for (const double v : x) sum += std::exp(v);
            return x[at] - std::log(sum);
        };
        double chords = 0, melody = 0;
        model::chord_state cs(e.conditions);
        model::chord_state::ids ci;
        for (std::size_t t = 0; t <= e.rows(); ++t) {
            cs.features(ci);
            std::array<double, model::chord_outputs> y;
            decoder::step_chord(be, p.view().decode, state, ci, frame<double, model::chord_outputs>(y));
            std::array<double, model::chord_symbols> x{};
            model::chord_terms(view(cs), [&](std::size_t s, std::size_t o) { x[s] += y[o]; });
            const int c = t < e.rows() ? e.chords[t] : model::chord_end;
            chords -= log_probability(x, static_cast<std::size_t>(c));
            if (t < e.rows()) cs.push(c, c != 0 && model::triad_is_major(score::mode::ionian, c));
        }
        model::melody_state ms(e.conditions, e.chords);
        model::melody_state::ids mi;
        for (std::size_t bar = 0; bar < e.rows(); ++bar) {
            double fresh = 0, all = 0;
            std::array<double, model::bar_choices> choice{};
            for (std::size_t k = 0; k < 8; ++k) {
                ms.features(mi);
                std::array<double, model::melody_head_size> y;
                decoder::step_melody(be, p.view().decode, state, mi, frame<double, model::melody_head_size>(y));
                if (k == 0) std::copy_n(y.begin() + model::melody_outputs, model::bar_choices, choice.begin());
                std::array<double, model::melody_symbols> x{};
                model::melody_terms(view(ms), [&](std::size_t s, std::size_t o) { x[s] += y[o]; });
                fresh += log_probability(x, e.melody[8 * bar + k]);
                ms.push(e.melody[8 * bar + k]);
            }
            const std::span<const double> open(choice.data(), std::min<std::size_t>(bar + 1, model::bar_choices));
            all += std::exp(log_probability(open, 0) + fresh);
            for (std::size_t k = 1; k < open.size(); ++k)
                if (std::equal(e.melody.begin() + static_cast<std::ptrdiff_t>(8 * bar),
                               e.melody.begin() + static_cast<std::ptrdiff_t>(8 * bar + 8),
                               e.melody.begin() + static_cast<std::ptrdiff_t>(8 * (bar - k))))
                    all += std::exp(log_probability(open, k));
            melody -= std::log(all);
        }
        CHECK(costs[i].chords == Approx(chords).epsilon(1e-10));
        CHECK(costs[i].melody == Approx(melody).epsilon(1e-10));
    }
}
