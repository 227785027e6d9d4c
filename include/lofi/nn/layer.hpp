#pragma once
// What a layer is, who owns its weights, and how named parts make a model.
#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include <lofi/backend/backend.hpp>
#include <lofi/nn/context.hpp>
#include <lofi/nn/initialise.hpp>

namespace lofi::inline LOFI_ABI::nn {

using backend::columns;
using backend::constant;
using backend::part;

namespace detail {
struct ignore_tensor {
    void operator()(std::string_view, std::span<const std::size_t>, auto) const {}
};
}  // namespace detail

/// Something with weights: a layer, parts, a model.
/// `params::bind(cursor)` takes its numbers from an arena in a fixed order; `visit(params, f)` calls
/// `f(name, shape, span)` for each of its tensors under PyTorch's name.
template <class L>
concept has_weights = requires(backend::cursor<typename L::real>& at, typename L::params p) {
    { L::params::bind(at) } -> std::same_as<typename L::params>;
    { L::parameter_count } -> std::convertible_to<std::size_t>;
    { L::buffer_count } -> std::convertible_to<std::size_t>;
    L::visit(p, detail::ignore_tensor{});
};

/// A layer that can be trained: y = forward(x), and backward adds to dp and writes dx.
template <class L, class B = typename L::backend_type>
concept trainable_layer = has_weights<L> &&
    requires(B& be, context& ctx, typename L::params p, typename L::tape& tape, columns<const typename L::real, L::in_size> x,
             columns<typename L::real, L::out_size> y, columns<const typename L::real, L::out_size> dy,
             columns<typename L::real, L::in_size> dx) {
    L::forward(be, ctx, p, x, y, tape);
    L::backward(be, ctx, p, p, std::as_const(tape), dy, dx);
};

/// A layer that can run one frame after the other; what crosses time is in its state.
template <class L, class B = typename L::backend_type>
concept streaming_layer = has_weights<L> &&
    requires(B& be, typename L::params p, typename L::state& state, frame<const typename L::real, L::in_size> x,
             frame<typename L::real, L::out_size> y) {
    { L::step(be, p, state, x, y) }
    noexcept;
};

/// Frames that a streaming layer takes in one go; longer blocks are cut.
inline constexpr std::size_t block_frames = 64;

/// Steps over a block of frames: by the layer's own `process` where it has one, else frame by frame.
/// realtime: yes
template <streaming_layer L>
void process(typename L::backend_type& be, const typename L::params& p, typename L::state& state,
             columns<const typename L::real, L::in_size> x, columns<typename L::real, L::out_size> y) noexcept {
    if constexpr (requires { L::process(be, p, state, x, y); })
        L::process(be, p, state, x, y);
    else
        for (std::size_t n = 0; n < x.count(); ++n) L::step(be, p, state, x[n], y[n]);
}

namespace detail {

/// Memory that begins with a cache line: a register that is read across two lines takes twice the time.
/// measured: one step of LSTM(1 -> 256), 7900 ns without, 5900 with (Zen 5)
template <class T>
struct line_allocator {
    using value_type = T;

    constexpr line_allocator() = default;
    template <class U>
    constexpr line_allocator(const line_allocator<U>&) {}  // NOLINT: all are alike
    [[nodiscard]] T* allocate(std::size_t n) { return static_cast<T*>(take_from_host(n * sizeof(T))); }
    void deallocate(T* p, std::size_t) noexcept { give_to_host(p); }
    friend constexpr bool operator==(const line_allocator&, const line_allocator&) { return true; }
};

}  // namespace detail

/// Owns the numbers of one layer, parts or model: one arena for what is trained, one for what is not. Gradients and the
/// moments of an optimiser are parameters too.
template <has_weights L>
class parameters {
public:
    using real = typename L::real;

    parameters() : trained_(L::parameter_count), buffers_(L::buffer_count) {}
    /// Draws first values.
    parameters(random_key key, scheme s) : parameters() {
        random_stream random(key);
        L::initialise(view(), random, s);
    }

    /// Returns the views that the layer computes with. They stay good until the parameters are moved or destroyed.
    [[nodiscard]] typename L::params view() {
        backend::cursor<real> at{trained_.data(), buffers_.data()};
        return L::params::bind(at);
    }
    /// Everything that is trained, as one span.
    [[nodiscard]] std::span<real> flat() { return trained_; }
    [[nodiscard]] std::span<const real> flat() const { return trained_; }
    /// Everything that is not trained, as one span.
    [[nodiscard]] std::span<real> buffers() { return buffers_; }
    [[nodiscard]] std::span<const real> buffers() const { return buffers_; }
    void clear() { std::fill(trained_.begin(), trained_.end(), real{}); }

private:
    std::vector<real, detail::line_allocator<real>> trained_, buffers_;
};

/// A layer's params where it has no weights.
template <class Real>
struct no_params {
    static constexpr no_params bind(backend::cursor<Real>&) { return {}; }
};

/// Visits the tensors of a layer under longer names: "chords_lstm" and "weight_ih_l0" make "chords_lstm.weight_ih_l0".
template <class L, class F>
void visit_as(std::string_view prefix, typename L::params p, F&& f) {
    L::visit(p, [&](std::string_view name, std::span<const std::size_t> shape, auto values) {
        f(std::string_view(std::string(prefix).append(".").append(name)), shape, values);
    });
}

/// A name as a template argument.
template <std::size_t N>
struct part_name {
    char text[N]{};
    constexpr part_name(const char (&s)[N]) { std::copy_n(s, N, text); }  // NOLINT: a literal is a name
    [[nodiscard]] constexpr std::string_view view() const { return {text, N - 1}; }
};

/// A layer with a name.
template <part_name Name, class Layer>
struct named {
    static constexpr std::string_view name = Name.view();
    using layer = Layer;
};

/// Layers under names: the weights of a model. What flows between them is the model's own code.
///
///     using net = nn::parts<nn::named<"embeddings", embed>, nn::named<"lstm", recur>>;
///     nn::parameters<net> weights(key, nn::scheme::pytorch);
///     auto p = weights.view();
///     recur::forward(be, ctx, p.get<"lstm">(), x, y, tape);
template <class... Named>
struct parts {
    using real = std::common_type_t<typename Named::layer::real...>;
    static constexpr std::size_t parameter_count = (std::size_t{0} + ... + Named::layer::parameter_count);
    static constexpr std::size_t buffer_count = (std::size_t{0} + ... + Named::layer::buffer_count);

    /// Place of a name among the parts.
    template <part_name Name>
    static constexpr std::size_t index = [] {
        constexpr std::array<std::string_view, sizeof...(Named)> names{Named::name...};
        return static_cast<std::size_t>(std::find(names.begin(), names.end(), Name.view()) - names.begin());
    }();
    template <part_name Name>
    static constexpr bool has = index<Name> < sizeof...(Named);
    /// The layer of a name.
    template <part_name Name>
        requires(has<Name>)
    using layer = std::tuple_element_t<index<Name>, std::tuple<typename Named::layer...>>;

    struct params {
        std::tuple<typename Named::layer::params...> all;

        static constexpr params bind(backend::cursor<real>& at) {
            return {std::tuple<typename Named::layer::params...>{Named::layer::params::bind(at)...}};
        }
        template <part_name Name>
        [[nodiscard]] constexpr const auto& get() const {
            static_assert(has<Name>, "these parts have no layer of this name");
            return std::get<index<Name>>(all);
        }
    };

    template <class F>
    static void visit(const params& p, F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (visit_as<typename Named::layer>(Named::name, std::get<I>(p.all), f), ...);
        }
        (std::index_sequence_for<Named...>{});
    }
    static void initialise(const params& p, random_stream& random, scheme s) {
        [&]<std::size_t... I>(std::index_sequence<I...>) { (Named::layer::initialise(std::get<I>(p.all), random, s), ...); }
        (std::index_sequence_for<Named...>{});
    }
};

}  // namespace lofi::inline LOFI_ABI::nn
