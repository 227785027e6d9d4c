#pragma once
// The note/chord LSTMs of papers 001 and 003: from the last N tokens, each one number, to the one that comes; with their loss.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

#include <lofi/nn/activation.hpp>
#include <lofi/nn/batch_norm.hpp>
#include <lofi/nn/dense.hpp>
#include <lofi/nn/dropout.hpp>
#include <lofi/nn/loss.hpp>
#include <lofi/nn/lstm.hpp>
#include <lofi/nn/sequence.hpp>

namespace lofi::inline LOFI_ABI::model {

/// What stands between the last LSTM and the logits.
enum class note_lstm_head : std::uint8_t {
    plain,       ///< dense, dropout, dense: paper 001
    normalised,  ///< batch norm, dropout, dense, ReLU, batch norm, dropout, dense: paper 003
};

/// Sizes of a published network. `capacity` is how many tokens it has room for; a corpus may use fewer.
struct note_lstm_published_config {
    std::size_t first, second, third;  ///< hidden units of the three LSTMs
    std::size_t dense;
    note_lstm_head head;
    std::size_t window;  ///< N, tokens that are seen
    std::size_t capacity = 1024;
    nn::fraction dropout{3, 10};  ///< between steps of the first two LSTMs, and in the head
};
inline constexpr note_lstm_published_config note_lstm_001{512, 512, 256, 256, note_lstm_head::plain, 50};
inline constexpr note_lstm_published_config note_lstm_003{512, 512, 512, 256, note_lstm_head::normalised, 32};

/// A token as the networks read it: its number in the sorted vocabulary, divided by the vocabulary's size.
[[nodiscard]] constexpr double published_input(std::int32_t number, std::size_t vocabulary) {
    return static_cast<double>(number) / static_cast<double>(vocabulary);
}

/// The whole network. The sizes of its layers are static; `used` is how many tokens the corpus has, and logits beyond them are
/// held at -1e30, which is the softmax over those used, exactly, and leaves the weights of the others without gradient.
/// source: papers 001 and 003, which used Keras: one bias a gate, recurrent dropout of .3, batch norm of .99 and .001
template <note_lstm_published_config C, class Backend>
struct note_lstm_published {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t V = C.capacity, N = C.window, H = C.third, out_size = V;

    template <std::size_t In, std::size_t Hidden, class Dropout>
    using keras_lstm = nn::lstm<nn::lstm_config{.in = In,
                                                .hidden = Hidden,
                                                .biases = nn::biases::one,
                                                .recurrent_dropout = Dropout::value ? C.dropout : nn::fraction{}},
                                Backend>;
    using first = keras_lstm<1, C.first, std::true_type>;
    using second = keras_lstm<C.first, C.second, std::true_type>;
    using third = keras_lstm<C.second, C.third, std::false_type>;
    template <std::size_t Size>
    using keras_norm =
        nn::batch_norm<nn::batch_norm_config{
                           .size = Size, .momentum = {1, 100}, .epsilon = {1, 1000}, .running = nn::running_variance::biased},
                       Backend>;
    template <std::size_t Size>
    using drop = nn::dropout<nn::dropout_config{.size = Size, .rate = C.dropout}, Backend>;
    using wide = nn::dense<nn::dense_config{.in = H, .out = C.dense}, Backend>;
    using logits = nn::dense<nn::dense_config{.in = C.dense, .out = V}, Backend>;
    using head = std::conditional_t<
        C.head == note_lstm_head::plain, nn::sequence<wide, drop<C.dense>, logits>,
        nn::sequence<keras_norm<H>, drop<H>, wide, nn::relu<C.dense, Backend>, keras_norm<C.dense>, drop<C.dense>, logits>>;
    using net =
        nn::parts<nn::named<"first", first>, nn::named<"second", second>, nn::named<"third", third>, nn::named<"head", head>>;

    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = net::buffer_count;
    /// Parameters of the network as the papers have it, whose last layer is as wide as the vocabulary.
    [[nodiscard]] static constexpr std::size_t published_parameters(std::size_t used) {
        return parameter_count - (V - used) * (C.dense + 1);
    }

    template <class F>
    static void visit(params p, F&& f) {
        net::visit(p, f);
    }
    /// Draws first values as Keras does for a last layer of `used` tokens.
    static void initialise(params, random_stream&, std::size_t used);
    static void initialise(params p, random_stream& random, nn::scheme) { initialise(p, random, V); }

    /// Computes the logits of the token after each window.
    /// shapes: inputs (N*B), time-major; y (B,V)
    static void predict(Backend&, nn::context&, params, std::span<const real> inputs, std::size_t used, nn::columns<real, V> y);
    /// A cross_entropy_result, or on a device what becomes one when it is read.
    using loss_result =
        decltype(nn::cross_entropy(std::declval<Backend&>(), nn::columns<real, V>{}, std::span<const std::int32_t>{}));
    /// Computes the cross-entropy of the tokens after windows, and with `dp` the gradients of its mean.
    /// shapes: inputs (N*B), time-major; targets (B)
    /// writes: dp +=
    static loss_result loss(Backend&, nn::context&, params, std::span<const real> inputs, std::span<const std::int32_t> targets,
                            std::size_t used, const params* dp = nullptr);

private:
    struct tapes {
        typename first::tape t1;
        typename second::tape t2;
        typename third::tape t3;
        typename head::tape t4;
    };
    static void forward(Backend&, nn::context&, params, std::span<const real> inputs, std::size_t used, nn::columns<real, V> y,
                        tapes&);
};

// ---------------------------------------------------------------- bodies

template <note_lstm_published_config C, class Backend>
void note_lstm_published<C, Backend>::initialise(params p, random_stream& random, std::size_t used) {
    net::initialise(p, random, nn::scheme::keras);
    const auto last = std::get<head::layer_count - 1>(p.template get<"head">().all);
    const std::span<real> w = last.w.flat();
    nn::fill_uniform(w.first(used * C.dense), nn::glorot_bound(C.dense, used), random);
    std::fill(w.begin() + static_cast<std::ptrdiff_t>(used * C.dense), w.end(), real{0});
}

template <note_lstm_published_config C, class Backend>
void note_lstm_published<C, Backend>::forward(Backend& be, nn::context& ctx, params p, std::span<const real> inputs,
                                              std::size_t used, nn::columns<real, V> y, tapes& t) {
    const std::size_t B = y.count(), rows = inputs.size();  // rows = N*B
    LOFI_ASSERT(rows % B == 0 && used <= V, "windows lie time-major, and the vocabulary fits into the network");
    ctx.batch = B;
    ctx.lengths = {};
    const nn::columns<const real, 1> x(inputs.data(), rows);
    const nn::columns<real, C.first> h1 = ctx.scratch.template take_rows<real, C.first>(rows);
    const nn::columns<real, C.second> h2 = ctx.scratch.template take_rows<real, C.second>(rows);
    const nn::columns<real, H> last = ctx.scratch.template take_rows<real, H>(B);
    first::forward(be, ctx, p.template get<"first">(), x, h1, t.t1);
    second::forward(be, ctx, p.template get<"second">(), nn::constant(h1), h2, t.t2);
    third::forward(be, ctx, p.template get<"third">(), nn::constant(h2), {}, t.t3, {}, {last, {}});
    head::forward(be, ctx, p.template get<"head">(), nn::constant(last), y, t.t4);
    fill_beyond(be, used, real(-1e30), y);
}

template <note_lstm_published_config C, class Backend>
void note_lstm_published<C, Backend>::predict(Backend& be, nn::context& ctx, params p, std::span<const real> inputs,
                                              std::size_t used, nn::columns<real, V> y) {
    const nn::scratch_scope scope(ctx.scratch);
    tapes unused;
    forward(be, ctx, p, inputs, used, y, unused);
}

template <note_lstm_published_config C, class Backend>
auto note_lstm_published<C, Backend>::loss(Backend& be, nn::context& ctx, params p, std::span<const real> inputs,
                                           std::span<const std::int32_t> targets, std::size_t used, const params* dp)
    -> loss_result {
    const nn::scratch_scope scope(ctx.scratch);
    const std::size_t B = targets.size(), rows = inputs.size();
    tapes t;
    const nn::columns<real, V> y = ctx.scratch.template take_rows<real, V>(B);
    forward(be, ctx, p, inputs, used, y, t);
    if (dp == nullptr) return nn::cross_entropy(be, y, targets);
    const nn::columns<real, V> dy = ctx.scratch.template take_rows<real, V>(B);
    const auto result = nn::cross_entropy(be, y, targets, dy, {.scale = real(1) / static_cast<real>(B)});
    const nn::columns<real, H> dlast = ctx.scratch.template take_rows<real, H>(B);
    const nn::columns<real, C.second> dh2 = ctx.scratch.template take_rows<real, C.second>(rows);
    const nn::columns<real, C.first> dh1 = ctx.scratch.template take_rows<real, C.first>(rows);
    head::backward(be, ctx, p.template get<"head">(), dp->template get<"head">(), t.t4, nn::constant(dy), dlast);
    third::backward(be, ctx, p.template get<"third">(), dp->template get<"third">(), t.t3, {}, dh2, {nn::constant(dlast), {}});
    second::backward(be, ctx, p.template get<"second">(), dp->template get<"second">(), t.t2, nn::constant(dh2), dh1);
    first::backward(be, ctx, p.template get<"first">(), dp->template get<"first">(), t.t1, nn::constant(dh1), {});
    return result;
}

}  // namespace lofi::inline LOFI_ABI::model
