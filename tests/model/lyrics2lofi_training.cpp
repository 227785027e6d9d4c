#include <lofi/model/lyrics2lofi_training.hpp>

#include <cmath>
#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu_bag.hpp>

using namespace lofi;

namespace {

constexpr model::lyrics2lofi_config tiny{.vector = 4, .reader = 3, .chord = 5, .melody = 6};
using text_type = model::hashed_encoder<model::hashed_encoder_config{.buckets = 30, .width = 3}, backend::cpu<double>>;
constexpr model::lofi2lofi_dropout none{.chord = {0, 1}, .melody = {0, 1}};
using network = model::lyrics2lofi_network<tiny, text_type, backend::cpu<double>, none>;

struct run {
    backend::cpu<double> be;
    nn::context ctx;
    nn::parameters<network> weights{random_key{5}, nn::scheme::pytorch}, gradient;
    std::vector<text::hashed_text> texts{text_type::read("rain on the roof"), text_type::read(""), text_type::read("夜の雨")};
    std::vector<model::lead_example> music;
    std::vector<model::phrase_cost> costs = std::vector<model::phrase_cost>(3);

    run() {
        random_stream random(random_key{6});
        for (const std::size_t rows : {2U, 3U, 1U}) {
            score::lead_sheet s;
            for (std::size_t r = 0; r < rows; ++r) {
                score::lead_row& row = s.rows.emplace_back();
                row.chord = static_cast<std::uint8_t>(uniform_below(random, 8));
                for (auto& slot : row.melody) slot = static_cast<std::uint8_t>(uniform_below(random, 16));
            }
            music.push_back(model::to_example(s, 1));
        }
    }
    /// The sum of the costs, and of the moods' squares.
    double loss(bool with_gradient) {
        ctx.begin(random_key{1});
        std::vector<const text::hashed_text*> some;
        std::vector<model::lead_conditions> told;
        for (std::size_t i = 0; i < 3; ++i) some.push_back(&texts[i]), told.push_back(music[i].conditions);
        const auto words = text_type::make_batch(some);
        const model::lead_batch batch = model::make_batch(music, told);
        const nn::columns<double, 4> z = ctx.scratch.take_rows<double, 4>(3), dz = ctx.scratch.take_rows<double, 4>(3);
        const nn::columns<double, 3> mood = ctx.scratch.take_rows<double, 3>(3), dmood = ctx.scratch.take_rows<double, 3>(3);
        network::tape tape;
        network::read(be, ctx, weights.view(), words, z, mood, tape);
        auto dp = gradient.view();
        network::decode(be, ctx, weights.view(), batch, nn::constant(z), costs, with_gradient ? &dp : nullptr, 1, dz);
        double sum = 0;
        for (std::size_t b = 0; b < 3; ++b) {
            sum += costs[b].chords + costs[b].melody;
            for (std::size_t k = 0; k < 3; ++k) sum += mood[b][k] * mood[b][k], dmood[b][k] = 2 * mood[b][k];
        }
        if (with_gradient) network::read_backward(be, ctx, weights.view(), dp, tape, nn::constant(dz), nn::constant(dmood));
        return sum;
    }
};

}  // namespace

TEST_CASE("improved Lyrics2Lofi: gradients of music and mood are those of differences") {
    run r;
    r.loss(true);
    const auto w = r.weights.flat();
    const std::vector<double> gradient(r.gradient.flat().begin(), r.gradient.flat().end());
    double worst = 0;
    // All of what reads texts, which comes first, and samples of the decoder, which has a test of its own.
    const std::size_t reads = network::parameter_count - network::decoder::parameter_count;
    for (std::size_t i = 0; i < w.size(); i += i < reads ? 1 : 101) {
        const double kept = w[i], h = 1e-5;
        w[i] = kept + h;
        const double up = r.loss(false);
        w[i] = kept - h;
        const double down = r.loss(false);
        w[i] = kept;
        worst = std::max(worst, std::abs((up - down) / (2 * h) - gradient[i]));
    }
    CHECK(worst < 1e-7);
}

TEST_CASE("improved Lyrics2Lofi: what the end costs can be told from what the chords cost") {
    run r;
    r.loss(false);
    const auto before = r.costs;
    // An END that is less likely throughout changes what ending and going on cost, and nothing else.
    const auto out = r.weights.view().get<"decoder">().chords_out;
    out.b[model::chord_end] -= 3;
    r.loss(false);
    for (std::size_t b = 0; b < 3; ++b) {
        CHECK(r.costs[b].end > before[b].end + .5);
        CHECK(r.costs[b].chords - r.costs[b].end == Approx(before[b].chords - before[b].end).epsilon(1e-10));
        CHECK(r.costs[b].end < r.costs[b].chords);
    }
}
