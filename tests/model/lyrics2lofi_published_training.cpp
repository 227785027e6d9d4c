#include <lofi/model/lyrics2lofi_published_training.hpp>

#include <string>
#include <vector>

#include "support/test.hpp"

#include <lofi/backend/cpu_bag.hpp>
#include <lofi/nn/gradient_check.hpp>

#include "published_fixture.hpp"

using namespace lofi;

namespace {

constexpr model::published_config tiny{.hidden = 6, .small = 4, .latent = 5};
template <class Real>
using given = model::given_vectors<7, backend::cpu<Real>>;
template <class Real>
using network = model::published_lyrics2lofi<tiny, given<Real>, backend::cpu<Real>>;

struct fixture : test::published_fixture {
    fixture() : published_fixture("model/lyrics2lofi.safetensors") {}

    /// The texts as they are given, from which our own batch must come out the same.
    [[nodiscard]] std::vector<text::token_vectors> texts() const {
        const auto values = numbers("texts");
        const auto lengths = ids("texts.lengths");
        const std::size_t B = lengths.size();
        std::vector<text::token_vectors> out(B, {7, {}});
        for (std::size_t b = 0; b < B; ++b)
            for (std::size_t t = 0; t < static_cast<std::size_t>(lengths[b]); ++t)
                for (std::size_t d = 0; d < 7; ++d) out[b].values.push_back(static_cast<float>(values[(t * B + b) * 7 + d]));
        return out;
    }
};

template <class T>
std::vector<const T*> pointers(const std::vector<T>& all) {
    std::vector<const T*> out;
    for (const T& t : all) out.push_back(&t);
    return out;
}

template <class Net>
struct run {
    using real = typename Net::real;
    backend::cpu<real> be;
    nn::context ctx;
    nn::parameters<Net> weights, gradient;
    typename Net::text_type::batch texts;
    model::published_batch batch;
    std::vector<real> noise;

    model::published_losses loss(const model::published_feed& feed) {
        ctx.begin(random_key{1});
        const auto dp = gradient.view();
        gradient.clear();
        return Net::loss(be, ctx, weights.view(), texts, batch, feed,
                         nn::columns<const real, 5>(noise.data(), noise.size() / 5), &dp);
    }
};

template <class Real>
run<network<Real>> run_of(const fixture& f) {
    run<network<Real>> r;
    f.load<network<Real>>(r.weights, "weights.");
    const auto texts = f.texts();
    r.texts = given<Real>::make_batch(pointers(texts));
    // Vectors from files are single precision: the comparison wants every bit.
    for (std::size_t i = 0; i < r.texts.values.size(); ++i) r.texts.values[i] = static_cast<Real>(f.numbers("texts")[i]);
    r.batch = model::make_batch(f.phrases());
    for (const double v : f.numbers("noise")) r.noise.push_back(static_cast<Real>(v));
    return r;
}

}  // namespace

TEST_CASE("the published Lyrics2Lofi has the published sizes") {
    using text = model::given_vectors<768, backend::cpu<float>>;
    static_assert(model::text_encoder<text>);
    using full = model::published_lyrics2lofi<model::published_lyrics_sizes, text, backend::cpu<float>>;
    static_assert(full::encoder::parameter_count == 716'100);
    static_assert(full::parameter_count == 1'077'346);
}

TEST_CASE("losses and all gradients of the published Lyrics2Lofi are PyTorch's") {
    const fixture f;
    auto exact = run_of<double>(f);
    auto fast = run_of<float>(f);
    CHECK(exact.texts.lengths == f.ids("texts.lengths"));
    for (const std::string name : {"free", "forced"}) {
        const auto feed = name == "free" ? model::own_tokens(exact.batch) : model::true_tokens(exact.batch);
        f.check_losses(name, exact.loss(feed), fast.loss(feed));
        f.check_gradients(name, exact.gradient, fast.gradient);
    }
    exact.noise.clear(), fast.noise.clear();
    const auto feed = model::own_tokens(exact.batch);
    f.check_losses("evaluation", exact.loss(feed), fast.loss(feed));
}

TEST_CASE("what the published Lyrics2Lofi writes is what PyTorch's writes") {
    const fixture f;
    auto r = run_of<double>(f);
    const auto z = f.numbers("z");
    const auto chords = f.ids("written.chords"), melody = f.ids("written.melody");
    const auto valence = f.numbers("written.valence"), tempo = f.numbers("written.tempo");
    for (std::size_t i = 0; i < 4; ++i) {
        std::array<float, 5> latent{};
        for (std::size_t d = 0; d < 5; ++d) latent[d] = static_cast<float>(z[5 * i + d]);
        const auto made =
            model::generate<tiny, backend::cpu<double>>(r.be, r.weights.view().get<"decoder">(), frame<const float, 5>(latent));
        CHECK(made.valence == Approx(valence[i]).margin(1e-6));
        CHECK(made.tempo == Approx(tempo[i]).margin(1e-6));
        std::size_t rows = 0;
        while (rows < model::published_rows && chords[rows * 4 + i] != token::end_chord) ++rows;
        REQUIRE(made.sheet.rows.size() == rows);
        for (std::size_t t = 0; t < rows; ++t) {
            CHECK(made.sheet.rows[t].chord == chords[t * 4 + i]);
            for (std::size_t k = 0; k < 8; ++k) CHECK(made.sheet.rows[t].melody[k] == melody[(8 * t + k) * 4 + i]);
        }
    }
}

TEST_CASE("a published Lyrics2Lofi over hashed words learns their vectors: gradients are those of differences") {
    using text_type = model::hashed_encoder<model::hashed_encoder_config{.buckets = 40, .width = 3}, backend::cpu<double>>;
    static_assert(model::text_encoder<text_type>);
    using net = model::published_lyrics2lofi<tiny, text_type, backend::cpu<double>>;
    const fixture f;
    run<net> r;
    random_stream random(random_key{3});
    net::initialise(r.weights.view(), random, nn::scheme::pytorch);
    // One of the texts is empty: it has no vectors, and its phrase is still learned.
    const std::vector<text::hashed_text> texts = {text_type::read("rain on rain"), text_type::read(""), text_type::read("夜")};
    r.texts = text_type::make_batch(pointers(texts));
    r.batch = model::make_batch(f.phrases());
    r.noise = f.numbers("noise");
    const auto feed = model::true_tokens(r.batch);
    CHECK(std::isfinite(r.loss(feed).total()));
    const std::vector<double> gradient(r.gradient.flat().begin(), r.gradient.flat().end());
    const auto w = r.weights.flat();
    double worst = 0;
    for (std::size_t i = 0; i < w.size(); i += i < 120 ? 1 : 17) {
        const double kept = w[i], h = 1e-5;
        w[i] = kept + h;
        const double up = r.loss(feed).total();
        w[i] = kept - h;
        const double down = r.loss(feed).total();
        w[i] = kept;
        worst = std::max(worst, std::abs((up - down) / (2 * h) - gradient[i]));
    }
    CHECK(worst < 1e-8);
}

TEST_CASE("a text costs the same alone and beside a longer one") {
    using text_type = model::hashed_encoder<model::hashed_encoder_config{.buckets = 40, .width = 3}, backend::cpu<double>>;
    using encoder = model::published_lyrics_encoder<tiny, text_type, backend::cpu<double>>;
    nn::parameters<encoder> weights(random_key{3}, nn::scheme::pytorch);
    backend::cpu<double> be;
    nn::context ctx;
    const std::vector<text::hashed_text> texts = {text_type::read("rain on the roof"), text_type::read("night"),
                                                  text_type::read("")};
    const auto read = [&](std::vector<std::size_t> which) {
        std::vector<const text::hashed_text*> some;
        for (const std::size_t i : which) some.push_back(&texts[i]);
        ctx.begin({});
        const auto y = ctx.scratch.take_rows<double, 6>(which.size());
        encoder::tape tape;
        encoder::forward(be, ctx, weights.view(), text_type::make_batch(some), y, tape);
        return std::vector<double>(y[which.size() - 1].begin(), y[which.size() - 1].end());
    };
    for (const std::size_t i : {1U, 2U}) {
        const auto alone = read({i}), beside = read({0, i});
        for (std::size_t d = 0; d < 6; ++d) CHECK(alone[d] == Approx(beside[d]).margin(1e-14));
    }
}
