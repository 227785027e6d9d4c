#pragma once
// What turns texts into sequences of vectors for a network: vectors made elsewhere, or vectors of hashed words that are trained with it.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

#include <lofi/nn/layer.hpp>
#include <lofi/text/hashed.hpp>
#include <lofi/text/vectors.hpp>

namespace lofi::inline LOFI_ABI::model {

/// A text encoder. `source` is a text as it takes it; texts become a `batch`, time-major and padded: token t of text b is row t*B + b.
template <class E, class B = typename E::backend_type>
concept text_encoder = nn::has_weights<E> &&
    requires(B& be, nn::context& ctx, typename E::params p, typename E::tape& tape, const typename E::batch& texts,
             std::span<const typename E::source* const> all, nn::columns<typename E::real, E::width> y,
             nn::columns<const typename E::real, E::width> dy) {
    { E::make_batch(all) } -> std::same_as<typename E::batch>;
    { texts.lengths } -> std::convertible_to<std::span<const std::int32_t>>;
    E::forward(be, ctx, p, texts, y, tape);
    E::backward(be, ctx, p, p, std::as_const(tape), dy);
};

/// The frame of a batch of texts. One row of padding at least, so that a batch of empty texts has one too.
struct text_frame {
    std::size_t size = 0, steps = 1;    ///< B, T
    std::vector<std::int32_t> lengths;  ///< (B)
    [[nodiscard]] std::size_t rows() const { return size * steps; }
};

/// Vectors made elsewhere, as a published text encoder's that is not trained. Tokens beyond the 512th are not seen.
/// shapes: y (N,width), zeros where a text has ended
template <std::size_t Width, class Backend>
struct given_vectors {
    using backend_type = Backend;
    using real = typename Backend::real;
    using source = text::token_vectors;
    static constexpr std::size_t width = Width, parameter_count = 0, buffer_count = 0;
    using params = nn::no_params<real>;
    struct batch : text_frame {
        std::vector<real> values;  ///< (N,width)
    };
    struct tape {};

    static batch make_batch(std::span<const source* const> texts);
    static void forward(Backend& be, nn::context&, params, const batch& texts, nn::columns<real, Width> y, tape&) {
        copy(be, nn::columns<const real, Width>(texts.values.data(), texts.rows()), y);
    }
    static void backward(Backend&, nn::context&, params, params, const tape&, nn::columns<const real, Width>) {}
    template <class F>
    static void visit(params, F&&) {}
    static void initialise(params, random_stream&, nn::scheme) {}
};

struct hashed_encoder_config {
    std::size_t buckets = 8192, width = 48;
};

/// Vectors of hashed words: a word's vector is the sum of its ids' rows of a table, which is trained with the network.
/// shapes: weight (buckets,width), y (N,width)
template <hashed_encoder_config C, class Backend>
struct hashed_encoder {
    using backend_type = Backend;
    using real = typename Backend::real;
    using source = text::hashed_text;
    static constexpr std::size_t width = C.width;
    using params = typename Backend::template weights<C.buckets, C.width, false>;
    static constexpr std::size_t parameter_count = params::count, buffer_count = 0;
    struct batch : text_frame {
        std::vector<std::int32_t> ids;  ///< (N*K)
    };
    struct tape {
        std::span<const std::int32_t> ids;  ///< must stay as they were until backward
    };

    /// A text as this encoder takes it.
    [[nodiscard]] static source read(std::string_view text) { return text::hash_words(text, C.buckets); }
    static batch make_batch(std::span<const source* const> texts);
    static void forward(Backend& be, nn::context&, params p, const batch& texts, nn::columns<real, C.width> y, tape& tape) {
        tape.ids = texts.ids;
        fill(be, real{0}, y);
        gather_sum(be, p.w, tape.ids, y);
    }
    /// writes: dp +=
    static void backward(Backend& be, nn::context&, params, params dp, const tape& tape, nn::columns<const real, C.width> dy) {
        scatter_sum(be, dy, tape.ids, dp.w);
    }
    template <class F>
    static void visit(params p, F&& f) {
        f("weight", std::array<std::size_t, 2>{C.buckets, C.width}, p.w.flat());
    }
    /// Normal, so that a word of ten ids begins with numbers of about a third, whatever the scheme.
    static void initialise(params p, random_stream& random, nn::scheme) { nn::fill_normal(p.w.flat(), .1, random); }
};

// ---------------------------------------------------------------- bodies

namespace detail {

/// Fills in a frame of texts of these lengths.
template <class Source>
void frame_texts(std::span<const Source* const> texts, text_frame& out) {
    LOFI_ASSERT(!texts.empty(), "a batch has texts");
    out.size = texts.size();
    for (const Source* const t : texts) {
        const std::size_t n = std::min(t->tokens(), text::most_tokens);
        out.lengths.push_back(static_cast<std::int32_t>(n));
        out.steps = std::max(out.steps, n);
    }
}

}  // namespace detail

template <std::size_t Width, class Backend>
auto given_vectors<Width, Backend>::make_batch(std::span<const source* const> texts) -> batch {
    batch out;
    detail::frame_texts(texts, out);
    out.values.resize(out.rows() * Width);
    for (std::size_t b = 0; b < out.size; ++b) {
        const source& s = *texts[b];
        LOFI_ASSERT(s.width == Width || s.values.empty(), "the vectors of a text have the width that the network was made for");
        for (std::size_t t = 0; t < static_cast<std::size_t>(out.lengths[b]); ++t)
            std::transform(s.values.data() + t * Width, s.values.data() + (t + 1) * Width,
                           out.values.data() + (t * out.size + b) * Width, [](float v) { return static_cast<real>(v); });
    }
    return out;
}

template <hashed_encoder_config C, class Backend>
auto hashed_encoder<C, Backend>::make_batch(std::span<const source* const> texts) -> batch {
    constexpr std::size_t K = text::hashed_ids;
    batch out;
    detail::frame_texts(texts, out);
    out.ids.assign(out.rows() * K, -1);
    for (std::size_t b = 0; b < out.size; ++b)
        for (std::size_t t = 0; t < static_cast<std::size_t>(out.lengths[b]); ++t)
            std::copy_n(texts[b]->ids.data() + t * K, K, out.ids.data() + (t * out.size + b) * K);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::model
