#include <lofi/sampling/trace.hpp>

#include <vector>

#include <lofi/sampling/integer.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::sampling;

namespace {
template <class Sampler, class View>
trace<8> traced(Sampler s, const View& in) {
    trace<8> seen;
    seen.weigh(s.weights(in, seen));
    return seen;
}
constexpr std::int32_t octave = 45426;  // log(2) in 1/65536
}  // namespace

TEST_CASE("each step is blamed for what it dropped, in both samplers") {
    // 1/2, 1/4, 1/8, 1/16, 1/32, 1/32 and one so small that it has no weight.
    const std::vector<std::int32_t> logits = {0,           -octave,     -2 * octave,  -3 * octave,
                                              -4 * octave, -4 * octave, -40 * octave, never};
    std::vector<float> floats;
    for (const auto l : logits)
        floats.push_back(l == never ? -std::numeric_limits<float>::infinity() : static_cast<float>(l) / 65536.0F);
    const auto check = [&](const sampler_config& c, std::size_t first_out, fate why) {
        const trace<8> a = traced(sampler<8>(c), logits_view{.logits = floats});
        const trace<8> b = traced(integer_sampler<8>(to_integer(c)), integer_logits_view{.logits = logits});
        INFO(to_string(why));
        for (const trace<8>* t : {&a, &b}) {
            for (std::size_t id = 0; id < 6; ++id) CHECK(t->what(id) == (id < first_out ? fate::stays : why));
            CHECK(t->what(6) == (why == fate::temperature ? fate::temperature : fate::weightless));
            CHECK(t->what(7) == fate::removed);
            for (std::size_t id = 0; id < 8; ++id) CHECK((t->share(id) > 0) == (id < first_out));
        }
    };
    check({}, 6, fate::stays);
    check({.temperature = 0.0F}, 1, fate::temperature);
    check({.top_k = 2}, 2, fate::top_k);
    check({.top_p = 0.7F}, 2, fate::top_p);
    check({.min_p = 0.2F}, 3, fate::min_p);
    check({.top_p = 1.0F, .min_p = 0.2F, .keep_least = 4}, 4, fate::min_p);
    check({.epsilon = 0.1F}, 3, fate::epsilon);
    check({.eta = 0.2F}, 3, fate::eta);
    check({.top_h = 0.5F}, 1, fate::top_h);
}

TEST_CASE("the likeliest can be too plain") {
    // 1/2 and 32 ids of 1/64: an entropy of 3.5 bits, from which 6 is no further than 1.
    std::vector<std::int32_t> logits(33, -5 * octave);
    logits[0] = 0;
    trace<33> seen;
    integer_sampler<33> s(to_integer({.typical = 0.4F}));
    seen.weigh(s.weights({.logits = logits}, seen));
    logits.pop_back();
    CHECK(seen.what(0) == fate::typical);
    CHECK(seen.why(0) == "typical");
    CHECK(seen.what(1) == fate::stays);
}

TEST_CASE("a mask is blamed by its name, the first that was laid") {
    const std::vector<std::int32_t> logits(8, 0);
    id_mask<8> grammar = id_mask<8>::all(), scale = id_mask<8>::all();
    grammar.remove(1).remove(2);
    scale.remove(2).remove(3);
    const id_mask<8> both = grammar & scale & id_mask<8>::all().remove(4);
    trace<8> seen;
    seen.lay("grammar", grammar).lay("scale", scale);
    integer_sampler<8> s;
    seen.weigh(s.weights({.logits = logits, .allowed = both}, seen));
    const std::vector<std::string_view> wanted = {"stays", "grammar", "grammar", "scale", "masked", "stays", "stays", "stays"};
    for (std::size_t id = 0; id < 8; ++id) CHECK(seen.why(id) == wanted[id]);
    CHECK(seen.share(0) == (std::uint64_t{1} << 30));
    seen.reset();
    CHECK(seen.why(1) == "stays");
    CHECK(seen.share(0) == 0);
}

TEST_CASE("a trace changes no weight") {
    random_stream numbers(random_key{4});
    for (int round = 0; round < 200; ++round) {
        std::vector<std::int32_t> logits(8);
        for (auto& l : logits) l = normal_q16(numbers) * 3;
        integer_sampler<8> a(to_integer({.top_k = 6, .top_p = 0.95F, .typical = 0.9F, .epsilon = 0.01F})), b(a.config());
        trace<8> seen;
        const auto with = a.weights({.logits = logits}, seen);
        const auto without = b.weights({.logits = logits});
        for (std::size_t id = 0; id < 8; ++id) {
            CHECK(with[id] == without[id]);
            CHECK((with[id] == 0) == (seen.what(id) != fate::stays));
        }
    }
}
