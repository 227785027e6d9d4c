#pragma once
// A table of vectors, one for each id.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/nn/layer.hpp>

namespace lofi::inline LOFI_ABI::nn {

struct embedding_config {
    std::size_t vocabulary, width;
};

/// Gives each id its row of the table. A negative id gives zeros and learns nothing: padding, or a word dropped on purpose.
/// Outputs are columns, so that several embeddings and plain numbers fill one wide input row side by side:
///
///     pitch::forward(be, ctx, p.get<"pitch">(), pitches, nn::part<0, 24>(input), tape.pitch);
///     beat::forward(be, ctx, p.get<"beat">(), beats, nn::part<24, 8>(input), tape.beat);
/// shapes: ids (N), y (N,width); weight (vocabulary,width)
template <embedding_config C, class Backend>
struct embedding {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t vocabulary = C.vocabulary, out_size = C.width;

    using params = typename Backend::template weights<C.vocabulary, C.width, false>;
    static constexpr std::size_t parameter_count = params::count, buffer_count = 0;
    struct tape {
        std::span<const std::int32_t> ids;  ///< (N), must stay as they were until backward
    };

    static void forward(Backend&, context&, params, std::span<const std::int32_t> ids, columns<real, C.width> y, tape&);
    static void forward(Backend&, context&, params, std::span<const std::int32_t> ids, columns<real, C.width> y, no_tape);
    /// writes: dp +=
    static void backward(Backend&, context&, params, params dp, const tape&, columns<const real, C.width> dy);
    /// realtime: yes
    static void step(Backend&, params, std::int32_t id, frame<real, C.width> y) noexcept;

    template <class F>
    static void visit(params, F&& f);
    static void initialise(params, random_stream&, scheme);
};

// ---------------------------------------------------------------- bodies

template <embedding_config C, class Backend>
void embedding<C, Backend>::forward(Backend& be, context& ctx, params p, std::span<const std::int32_t> ids,
                                    columns<real, C.width> y, tape& tape) {
    tape.ids = ids;
    forward(be, ctx, p, ids, y, no_tape{});
}

template <embedding_config C, class Backend>
void embedding<C, Backend>::forward(Backend& be, context&, params p, std::span<const std::int32_t> ids,
                                    columns<real, C.width> y, no_tape) {
    gather(be, p.w, ids, y);
}

template <embedding_config C, class Backend>
void embedding<C, Backend>::backward(Backend& be, context&, params, params dp, const tape& tape,
                                     columns<const real, C.width> dy) {
    scatter_add(be, dy, tape.ids, dp.w);
}

template <embedding_config C, class Backend>
void embedding<C, Backend>::step(Backend& be, params p, std::int32_t id, frame<real, C.width> y) noexcept {
    gather(be, p.w, std::span<const std::int32_t>(&id, 1), columns<real, C.width>(y.data(), 1));
}

template <embedding_config C, class Backend>
template <class F>
void embedding<C, Backend>::visit(params p, F&& f) {
    f("weight", std::array<std::size_t, 2>{C.vocabulary, C.width}, p.w.flat());
}

template <embedding_config C, class Backend>
void embedding<C, Backend>::initialise(params p, random_stream& random, scheme s) {
    if (s == scheme::pytorch) {
        fill_normal(p.w.flat(), 1.0, random);
    } else {
        fill_uniform(p.w.flat(), 0.05, random);
    }
}

}  // namespace lofi::inline LOFI_ABI::nn
