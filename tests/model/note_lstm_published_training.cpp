#include <lofi/model/note_lstm_published_training.hpp>

#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/train/optimiser.hpp>

using namespace lofi;

namespace {

constexpr std::size_t used = 8;

/// What PyTorch computed (make_note_lstm_fixture.py), at small sizes that are all different, with room for more tokens than are used.
template <model::note_lstm_head Head>
struct held {
    static constexpr model::note_lstm_published_config config{
        .first = 5, .second = 4, .third = 3, .dense = 6, .head = Head, .window = 7, .capacity = 11, .dropout = {}};
    using net = model::note_lstm_published<config, backend::cpu<double>>;
    nn::safetensors file;
    nn::parameters<net> weights, gradients;
    backend::cpu<double> be;
    nn::context ctx;
    std::vector<double> inputs;
    std::vector<std::int32_t> targets;

    explicit held(const std::string& name) : file(nn::read_safetensors(test::data(name))) {
        load(weights, "weights.");
        for (const double id : numbers("inputs")) inputs.push_back(id / static_cast<double>(used));
        for (const double id : numbers("targets")) targets.push_back(static_cast<std::int32_t>(id));
    }
    [[nodiscard]] std::vector<double> numbers(const std::string& name) const {
        const auto& shape = file.tensors().at(name).shape;
        std::size_t count = 1;
        for (const std::size_t n : shape) count *= n;
        std::vector<double> out(count);
        file.copy<double>(name, shape, out);
        return out;
    }
    /// Numbers of the file into a parameter arena; the last layer's rows beyond those used are not there, and stay 0.
    void load(nn::parameters<net>& into, const std::string& prefix) {
        for (const auto& t : nn::tensors_of<net>(into.view())) {
            std::string name = prefix + t.name;
            if (file.tensors().find(name) == file.tensors().end()) continue;  // running statistics
            const auto values = numbers(name);
            REQUIRE(values.size() <= t.values.size());
            std::copy(values.begin(), values.end(), t.values.begin());
        }
    }
    double loss(bool backward) {
        ctx.begin(random_key{1});
        const auto dp = gradients.view();
        return net::loss(be, ctx, weights.view(), inputs, targets, used, backward ? &dp : nullptr).sum /
               static_cast<double>(targets.size());
    }
};

template <model::note_lstm_head Head>
void holds(const std::string& name, const train::optimiser_config& optimiser) {
    held<Head> h(name);
    using net = typename held<Head>::net;
    const auto y = h.ctx.scratch.template take_rows<double, net::V>(h.targets.size());
    net::predict(h.be, h.ctx, h.weights.view(), h.inputs, used, y);
    const auto logits = h.numbers("logits");
    for (std::size_t b = 0; b < h.targets.size(); ++b) {
        for (std::size_t v = 0; v < used; ++v) CHECK(y[b][v] == Approx(logits[b * used + v]).epsilon(1e-11).margin(1e-12));
        for (std::size_t v = used; v < net::V; ++v) CHECK(y[b][v] < -1e29);
    }
    // The first forward moved the running statistics, which training never reads.
    const auto losses = h.numbers("losses");
    CHECK(h.loss(true) == Approx(losses[0]).epsilon(1e-12));
    nn::parameters<net> expected;
    h.load(expected, "gradients.");
    for (std::size_t i = 0; i < expected.flat().size(); ++i)
        CHECK(h.gradients.flat()[i] == Approx(expected.flat()[i]).epsilon(1e-10).margin(1e-13));

    train::optimiser<double> update(optimiser, net::parameter_count);
    for (std::size_t step = 1; step < losses.size(); ++step) {
        update.update(h.weights.flat(), h.gradients.flat(), 1e-3);
        h.gradients.clear();
        CHECK(h.loss(true) == Approx(losses[step]).epsilon(1e-10));
    }
}

}  // namespace

TEST_CASE("published note LSTMs: logits, gradients and ten losses are PyTorch's") {
    holds<model::note_lstm_head::plain>("model/note_lstm_001.safetensors", train::keras_rmsprop());
    holds<model::note_lstm_head::normalised>("model/note_lstm_003.safetensors", train::keras_adam());
}

TEST_CASE("published note LSTMs: as large as published") {
    using first = model::note_lstm_published<model::note_lstm_001, backend::cpu<float>>;
    using third = model::note_lstm_published<model::note_lstm_003, backend::cpu<float>>;
    constexpr std::size_t lstm_001 = 4 * 512 * (1 + 512 + 1) + 4 * 512 * (512 + 512 + 1) + 4 * 256 * (512 + 256 + 1);
    CHECK(first::published_parameters(133) == lstm_001 + 256 * 257 + 133 * 257);
    constexpr std::size_t lstm_003 = 4 * 512 * (1 + 512 + 1) + 2 * (4 * 512 * (512 + 512 + 1));
    CHECK(third::published_parameters(200) == lstm_003 + 2 * 512 + 256 * 513 + 2 * 256 + 200 * 257);
}

TEST_CASE("published note LSTMs: first values are Keras's for as many tokens as are used") {
    using net = held<model::note_lstm_head::plain>::net;
    nn::parameters<net> p;
    random_stream random(random_key{2});
    net::initialise(p.view(), random, used);
    for (const auto& t : nn::tensors_of<net>(p.view())) {
        if (t.name != "head.2.weight") continue;
        const double bound = nn::glorot_bound(6, used);
        double most = 0;
        for (std::size_t i = 0; i < used * 6; ++i) most = std::max(most, std::abs(t.values[i]));
        CHECK(most <= bound);
        CHECK(most > .8 * bound);
        for (std::size_t i = used * 6; i < t.values.size(); ++i) CHECK(t.values[i] == 0);
    }
}
