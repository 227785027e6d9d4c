#include <lofi/nn/tcn.hpp>

#include <lofi/backend/cpu_conv.hpp>
#include <lofi/nn/wavenet.hpp>

#include "nn/check_layer.hpp"

using namespace lofi;
using test::exact_cpu;
using test::fast_cpu;

namespace {

template <class B>
using keras = nn::tcn<nn::tcn_config{.in = 2, .channels = 3, .kernel = 3, .levels = 2, .stacks = 2}, B>;
template <class B>
using clean = nn::tcn<nn::tcn_config{.in = 3,
                                     .channels = 3,
                                     .kernel = 2,
                                     .levels = 3,
                                     .function = nn::function::elu,
                                     .dropout = {1, 4},
                                     .form = nn::tcn_form::clean,
                                     .norm = nn::tcn_norm::weight},
                      B>;
template <class B>
using normed = nn::tcn<nn::tcn_config{.in = 1, .channels = 4, .kernel = 2, .levels = 1, .norm = nn::tcn_norm::layer}, B>;
template <class B>
using stack = nn::wavenet_stack<nn::wavenet_config{.residual = 3, .gates = 4, .skip = 2, .layers = 4, .cycle = 3}, B>;
template <class B>
using steered = nn::wavenet_stack<
    nn::wavenet_config{.residual = 2, .gates = 3, .skip = 5, .kernel = 3, .layers = 2, .cycle = 2, .condition = 3}, B>;
template <class B>
using wide =
    nn::wavenet_stack<nn::wavenet_config{.residual = 32, .gates = 16, .skip = 20, .layers = 5, .cycle = 4, .condition = 2}, B>;
template <class B>
using norm = nn::layer_norm<nn::layer_norm_config{.size = 5}, B>;
template <class B>
using weighted = nn::weight_norm<nn::dense<nn::dense_config{.in = 4, .out = 3}, B>>;
template <class B>
using spatial = nn::spatial_dropout<nn::dropout_config{.size = 6, .rate = {1, 3}}, B>;

}  // namespace

TEST_CASE("layer and weight normalisation, spatial dropout: gradients") {
    test::check_layer<norm<exact_cpu>, norm<fast_cpu>>({});
    test::check_streaming<norm<exact_cpu>>(5, 1e-14);
    test::check_layer<weighted<exact_cpu>, weighted<fast_cpu>>({});
    test::check_streaming<weighted<exact_cpu>>(5, 1e-14);
    test::check_layer<spatial<exact_cpu>, spatial<fast_cpu>>({.row_count = 8, .batch = 2});

    // A channel is there for all of a sequence, or for none of it.
    test::layer_run<spatial<exact_cpu>> run({.row_count = 40, .batch = 4});
    std::fill(run.x.begin(), run.x.end(), 1.0);
    run.loss();
    int dropped = 0;
    for (std::size_t b = 0; b < 4; ++b)
        for (std::size_t c = 0; c < 6; ++c) {
            const double first = run.y[b * 6 + c];
            CHECK((first == 0 || first == Approx(1.5)));
            dropped += first == 0;
            for (std::size_t t = 1; t < 10; ++t) CHECK(run.y[(t * 4 + b) * 6 + c] == first);
        }
    CHECK((dropped > 0 && dropped < 24));
}

TEST_CASE("weight normalisation: the folded layer is the same, and it begins as without") {
    using inner = nn::dense<nn::dense_config{.in = 4, .out = 3}, exact_cpu>;
    nn::parameters<weighted<exact_cpu>> p(random_key{1}, nn::scheme::pytorch);
    nn::parameters<inner> plain(random_key{1}, nn::scheme::pytorch), folded;
    exact_cpu be;
    weighted<exact_cpu>::fold(be, p.view(), folded.view());
    CHECK(test::greatest_difference(folded.flat(), plain.flat()) <= 1e-15);
}

TEST_CASE("TCN: gradients, as in keras-tcn and clean; blocks are the sequence") {
    test::check_layer<keras<exact_cpu>, keras<fast_cpu>>({.row_count = 16, .batch = 2});
    test::check_layer<clean<exact_cpu>, clean<fast_cpu>>({.row_count = 10, .batch = 1});
    test::check_layer<normed<exact_cpu>, normed<fast_cpu>>({.row_count = 6, .batch = 2});
    test::check_streaming<keras<exact_cpu>>(20, 1e-14);
    test::check_blocks<keras>(150);
    test::check_blocks<clean>(70);
}

TEST_CASE("TCN: the receptive field is the paper's") {
    constexpr auto formula = [](std::size_t k, std::size_t stacks, std::size_t levels) {
        return 1 + 2 * (k - 1) * stacks * ((std::size_t{1} << levels) - 1);
    };
    using paper = nn::tcn<nn::tcn_config{.in = 1, .channels = 64, .kernel = 5, .levels = 6}, fast_cpu>;
    static_assert(paper::receptive_field == 505 && formula(5, 1, 6) == 505);
    static_assert(keras<exact_cpu>::receptive_field == formula(3, 2, 2));
    using wavenet =
        nn::wavenet_stack<nn::wavenet_config{.residual = 8, .gates = 8, .skip = 8, .layers = 30, .cycle = 10}, fast_cpu>;
    static_assert(wavenet::receptive_field == 1 + 3 * 1023);

    // What lies just beyond it has no effect; what lies inside has.
    test::layer_run<keras<exact_cpu>> run({.row_count = 30});
    run.loss();
    const std::vector<double> y = run.y;
    constexpr std::size_t field = keras<exact_cpu>::receptive_field;
    run.x[(29 - field) * 2] += 1;
    run.loss();
    CHECK(run.y[29 * 3] == y[29 * 3]);
    run.x[(30 - field) * 2] += 1;
    run.loss();
    CHECK(run.y[29 * 3] != y[29 * 3]);
}

TEST_CASE("WaveNet: gradients, with and without a condition; blocks are the sequence") {
    test::check_layer<stack<exact_cpu>, stack<fast_cpu>>({.row_count = 18, .batch = 2});
    test::check_layer<steered<exact_cpu>, steered<fast_cpu>>({.row_count = 12, .batch = 2});
    test::check_streaming<steered<exact_cpu>>(15, 1e-14);
    test::check_blocks<stack>(150);
    test::check_blocks<wide>(100);
}
