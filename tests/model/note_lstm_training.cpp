#include <lofi/model/note_lstm_training.hpp>

#include <lofi/backend/cpu_bag.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;

namespace {

constexpr model::note_lstm_config small{.hidden = 5};
using training = model::note_lstm_training<small, backend::cpu<double>>;

/// Pieces of a random hand that keep to the grammar.
std::vector<model::note_piece> pieces() {
    std::vector<model::note_piece> out;
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
        random_stream random(random_key{seed});
        token::hands_grammar g;
        std::vector<std::int32_t> tokens;
        while (!g.done()) {
            const auto id = static_cast<std::int32_t>(uniform_below(random, token::hands_id::count));
            const bool rare = token::hands_of(id).kind == token::hands_kind::end && tokens.size() < 30 * seed;
            if (!g.allows(id) || rare) continue;
            g.push(id), tokens.push_back(id);
        }
        out.push_back(model::to_note_piece(
            {.style = static_cast<std::uint8_t>(seed), .scale = score::mode::aeolian, .tempo = 80000, .bars = {}}, tokens));
    }
    return out;
}

std::vector<model::note_conditions> conditions(std::span<const model::note_piece> all,
                                               std::span<const model::note_excerpt> excerpts) {
    std::vector<model::note_conditions> out;
    for (const model::note_excerpt& e : excerpts) out.push_back(all[e.piece].conditions);
    return out;
}

}  // namespace

TEST_CASE("note network: gradient of what tokens cost") {
    backend::cpu<double> be;
    nn::context ctx;
    nn::parameters<training> p(random_key{3}, nn::scheme::pytorch), dp;
    const auto all = pieces();
    auto excerpts = model::note_excerpts(all, 2, 12);
    excerpts.resize(std::min<std::size_t>(excerpts.size(), 4));
    const model::note_batch batch = model::make_batch(all, excerpts, conditions(all, excerpts));
    const auto loss = [&](bool backward) {
        ctx.begin(random_key{7});  // the same mask of dropout each time
        std::vector<model::note_cost> costs(batch.size);
        auto gradient = dp.view();
        training::cost(be, ctx, p.view(), batch, costs, backward ? &gradient : nullptr, 1.0);
        double sum = 0;
        for (const auto& c : costs) sum += c.nats;
        return sum;
    };
    CHECK(std::isfinite(loss(true)));
    const auto r = nn::check_gradient(p.flat(), dp.flat(), [&] { return loss(false); }, {.at_most = 3000});
    INFO("parameter " << r.at << ": difference " << r.difference << ", gradient " << r.gradient);
    CHECK(r.worst <= 1e-6);
}

TEST_CASE("note network: what the batch says a stretch costs is what its steps say") {
    using network = training::network;
    backend::cpu<double> be;
    nn::context ctx;
    ctx.mode = nn::mode::inference;
    nn::parameters<training> p(random_key{3}, nn::scheme::pytorch);
    const auto all = pieces();
    const auto excerpts = model::note_excerpts(all, 100, 100000);
    REQUIRE(excerpts.size() == all.size());
    std::vector<model::note_cost> costs(excerpts.size());
    training::cost(be, ctx, p.view(), model::make_batch(all, excerpts, conditions(all, excerpts)), costs);
    for (std::size_t i = 0; i < all.size(); ++i) {
        const auto z = model::told_vector<backend::cpu<double>, model::note_condition_size>(all[i].conditions);
        network::state memory;
        network::reset(be, p.view(), memory, frame<const double, model::note_condition_size>(z));
        model::note_state state(all[i].conditions);
        double nats = 0;
        for (const std::int32_t id : all[i].tokens) {
            model::note_state::ids ids;
            state.features(ids);
            std::array<double, model::note_output::count> y;
            network::step(be, p.view(), memory, ids, frame<double, model::note_output::count>(y));
            nats += model::token_cost<double>(y.data(), state.context(), state.grammar().mask(), id, 0, nullptr).nats;
            state.push(id);
        }
        CHECK(costs[i].tokens == all[i].tokens.size());
        CHECK(costs[i].nats == Approx(nats).epsilon(1e-10));
    }
}

TEST_CASE("note network: the probabilities of what the grammar allows sum to one") {
    random_stream random(random_key{9});
    std::array<double, model::note_output::count> y;
    for (double& v : y) v = normal_q16(random) / 65536.0;
    model::note_state state({.scale = score::mode::ionian});
    const auto all = pieces();
    for (const std::int32_t id : all[1].tokens) {
        double sum = 0;
        const auto allowed = state.grammar().mask();
        for (std::int32_t v = 0; v < static_cast<std::int32_t>(model::note_symbols); ++v)
            if (state.grammar().allows(v))
                sum += std::exp(-model::token_cost<double>(y.data(), state.context(), allowed, v, 0, nullptr).nats);
        CHECK(sum == Approx(1.0));
        state.push(id);
    }
}

TEST_CASE("note network: excerpts hold every token once, and begin with bars") {
    const auto all = pieces();
    for (const std::size_t bars : {std::size_t{1}, std::size_t{3}, std::size_t{50}}) {
        std::vector<std::size_t> next(all.size(), 0);
        for (const model::note_excerpt& e : model::note_excerpts(all, bars, 40)) {
            CHECK(e.first == next[e.piece]);
            CHECK(e.count > 0);
            CHECK(all[e.piece].tokens[e.first] == token::hands_id::bar);
            next[e.piece] += e.count;
        }
        for (std::size_t i = 0; i < all.size(); ++i) CHECK(next[i] == all[i].tokens.size());
    }
}
