#pragma once
// The waveform TCN of paper 004: from the last 512 samples to the next few.
#include <cmath>
#include <cstddef>

#include <lofi/nn/dense.hpp>
#include <lofi/nn/tcn.hpp>

namespace lofi::inline LOFI_ABI::model {

struct wave_tcn_config {
    std::size_t kernel = 5, filters = 64, levels = 6, stacks = 1;
    std::size_t window = 512;  ///< samples that it hears
    std::size_t ahead = 4;     ///< samples that it gives
};

/// keras-tcn with its skips summed; its last step through one affine map.
/// source: paper 004
template <wave_tcn_config C, class Backend>
struct wave_tcn {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t F = C.filters, out_size = C.ahead;
    using body =
        nn::tcn<nn::tcn_config{.in = 1, .channels = F, .kernel = C.kernel, .levels = C.levels, .stacks = C.stacks}, Backend>;
    using head = nn::dense<nn::dense_config{.in = F, .out = C.ahead}, Backend>;
    using net = nn::parts<nn::named<"tcn", body>, nn::named<"head", head>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = net::buffer_count;
    static constexpr std::size_t receptive_field = body::receptive_field;
    static_assert(receptive_field <= C.window, "the network must not look beyond its window, or streaming would hear more");
    using state = typename body::state;

    template <class Visitor>
    static void visit(const params& p, Visitor&& f) {
        net::visit(p, f);
    }
    /// He's normal distribution for convolutions, biases 0; the affine map as Keras draws it.
    static void initialise(const params& p, random_stream& random, nn::scheme) {
        net::initialise(p, random, nn::scheme::keras);
        body::visit(p.template get<"tcn">(), [&](auto, std::span<const std::size_t> shape, std::span<real> values) {
            if (shape.size() != 3) return;
            nn::fill_normal(values, std::sqrt(2.0 / static_cast<double>(shape[1] * shape[2])), random);
        });
    }

    /// Hears a sample, gives the next ones.
    /// realtime: yes
    static void step(Backend& be, const params& p, state& s, real heard, frame<real, C.ahead> next) noexcept {
        std::array<real, F> y;
        body::step(be, p.template get<"tcn">(), s, frame<const real, 1>(&heard, 1), frame<real, F>(y));
        typename head::state none;
        head::step(be, p.template get<"head">(), none, frame<const real, F>(y), next);
    }
};

}  // namespace lofi::inline LOFI_ABI::model
