#include <lofi/model/lofi2lofi_published_encoder.hpp>

#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu.hpp>
#include <lofi/nn/gradient_check.hpp>

using namespace lofi;

namespace {

constexpr model::published_config tiny{.hidden = 4, .small = 3, .latent = 5};
using encoder = model::published_encoder<tiny, backend::cpu<double>>;

token::lead_tokens phrase(std::size_t rows, std::uint64_t seed) {
    random_stream random(random_key{seed});
    token::lead_tokens p;
    for (std::size_t i = 0; i < rows; ++i) p.chords.push_back(static_cast<std::uint8_t>(uniform_below(random, 8)));
    p.chords.push_back(token::end_chord);
    for (std::size_t i = 0; i < 8 * rows; ++i) p.melody.push_back(static_cast<std::uint8_t>(uniform_below(random, 15)));
    p.key = static_cast<std::uint8_t>(1 + uniform_below(random, 12)), p.mode = static_cast<std::uint8_t>(1 + seed % 7);
    p.tempo = bpm(80 + 10 * static_cast<double>(seed)), p.valence = 0.1 * static_cast<double>(seed);
    return p;
}

struct run {
    backend::cpu<double> be;
    nn::context ctx;
    nn::parameters<encoder> weights{random_key{3}, nn::scheme::pytorch}, gradient;

    std::vector<double> encode(const model::published_batch& b, bool backward = false) {
        ctx.begin(random_key{1});
        std::vector<double> y(b.size * 4);
        encoder::tape tape;
        encoder::forward(be, ctx, weights.view(), b, nn::columns<double, 4>(y.data(), b.size), tape);
        if (backward)
            encoder::backward(be, ctx, weights.view(), gradient.view(), tape, nn::columns<const double, 4>(y.data(), b.size));
        return y;
    }
};

}  // namespace

TEST_CASE("a phrase is encoded the same alone and beside a longer one") {
    run r;
    const std::vector<token::lead_tokens> phrases{phrase(2, 1), phrase(5, 2), phrase(3, 3)};
    const auto together = r.encode(model::make_batch(phrases));
    for (std::size_t i = 0; i < 3; ++i) {
        const auto alone = r.encode(model::make_batch(std::span(phrases).subspan(i, 1)));
        for (std::size_t k = 0; k < 4; ++k) CHECK(together[4 * i + k] == Approx(alone[k]).epsilon(1e-12));
    }
    // END and what follows it are not read.
    const auto with_end = r.encode(model::make_batch(phrases, model::published_steps::likelihood));
    for (std::size_t k = 0; k < 12; ++k) CHECK(with_end[k] == Approx(together[k]).epsilon(1e-12));
}

TEST_CASE("everything on a sheet reaches its vector") {
    run r;
    const token::lead_tokens sheet = phrase(3, 2);
    const auto before = r.encode(model::make_batch(std::span(&sheet, 1)));
    const auto differs = [&](auto&& change) {
        token::lead_tokens other = sheet;
        change(other);
        return r.encode(model::make_batch(std::span(&other, 1))) != before;
    };
    CHECK(differs([](auto& s) { s.chords[0] = s.chords[0] == 1 ? 2 : 1; }));
    CHECK(differs([](auto& s) { s.chords[2] = s.chords[2] == 1 ? 2 : 1; }));
    CHECK(differs([](auto& s) { s.melody[23] = s.melody[23] == 1 ? 2 : 1; }));
    CHECK(differs([](auto& s) { s.key = s.key == 1 ? 2 : 1; }));
    CHECK(differs([](auto& s) { s.mode = s.mode == 1 ? 2 : 1; }));
    CHECK(differs([](auto& s) { s.tempo = bpm(131); }));
    CHECK(differs([](auto& s) { s.valence += 0.01; }));
    CHECK(differs([](auto& s) { s.energy += 0.01; }));
}

TEST_CASE("the encoder's gradients are those of differences") {
    run r;
    const std::vector<token::lead_tokens> phrases{phrase(2, 1), phrase(3, 2)};
    const auto b = model::make_batch(phrases);
    r.encode(b, true);
    const std::vector<double> gradient(r.gradient.flat().begin(), r.gradient.flat().end());
    const auto half_squares = [&] {
        double sum = 0;
        for (const double v : r.encode(b)) sum += v * v / 2;
        return sum;
    };
    const auto found = nn::check_gradient(r.weights.flat(), gradient, half_squares);
    INFO("parameter " << found.at << ": difference " << found.difference << ", gradient " << found.gradient);
    CHECK(found.worst <= 1e-6);
}
