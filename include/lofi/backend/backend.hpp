#pragma once
// What a backend is: a type whose value carries threads, streams and workspace, and a short list of operations over views.
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/backend/columns.hpp>
#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::backend {

/// Whether an operation overwrites its output or adds to it.
enum class into { set, add };

/// Functions of one number whose slope follows from their value, so that backward needs no input.
enum class function { identity, relu, leaky_relu, elu, tanh, sigmoid, softplus };

/// Distances between a prediction and a target, d = y - target.
enum class distance {
    absolute,  ///< |d|
    square,    ///< d^2
    huber,     ///< d^2/2 for |d| <= 1, |d| - 1/2 beyond
    log_cosh   ///< log(cosh(d))
};

/// What a number that stands for the width of a Gaussian means.
enum class spread_form {
    log_variance,  ///< log of the variance
    softplus       ///< softplus of it is the standard deviation
};

/// Which variance the running statistic follows; the rows themselves are always normalised by the biased one.
enum class running_variance {
    unbiased,  ///< divided by N-1 (PyTorch)
    biased     ///< divided by N (Keras)
};

/// Order in which a recurrence walks through time.
enum class time_order { onward, reverse };

/// Where memory for views comes from: the host's, or that of a device.
struct memory_source {
    void* (*take)(std::size_t bytes);  ///< aligned to 64 bytes; throws where there is none
    void (*give)(void*) noexcept;
};

/// Hands out the numbers of a model's arena in order: those that are trained, and the statistics that are not.
/// A null arena gives null views.
template <class Real>
struct cursor {
    Real* trained = nullptr;
    Real* buffers = nullptr;

    constexpr Real* take(std::size_t n) { return advance(trained, n); }
    constexpr Real* take_buffer(std::size_t n) { return advance(buffers, n); }

private:
    static constexpr Real* advance(Real*& at, std::size_t n) {
        Real* const taken = at;
        if (at != nullptr) at += n;
        return taken;
    }
};

/// A matrix of static shape, rows contiguous, that somebody else owns.
template <class Real, std::size_t Rows, std::size_t Columns>
struct matrix {
    static constexpr std::size_t row_count = Rows, column_count = Columns, count = Rows * Columns;
    Real* data = nullptr;

    [[nodiscard]] constexpr std::span<Real> flat() const { return {data, count}; }
    /// Rows First, First+1, ..., First+N-1.
    template <std::size_t First, std::size_t N>
    [[nodiscard]] constexpr matrix<Real, N, Columns> part() const {
        static_assert(First + N <= Rows, "these rows go beyond the last row of the matrix");
        return {data + First * Columns};
    }
};

/// Weights of y = x W^T + b as real numbers: W (Out, In), then b (Out) unless it is left out.
template <class Real, std::size_t Out, std::size_t In, bool Bias = true>
struct affine {
    static constexpr std::size_t count = Out * In + (Bias ? Out : 0);
    matrix<Real, Out, In> w;
    Real* b = nullptr;

    static constexpr affine bind(cursor<Real>& at) {
        affine p{.w = {at.take(Out * In)}};
        if constexpr (Bias) p.b = at.take(Out);
        return p;
    }
};

/// The walk of a recurrence over N = T*B rows, row n = t*B + b.
struct sequence_walk {
    std::size_t steps = 0, batch = 0;
    std::span<const std::int32_t> lengths{};  ///< true length of each of the B sequences; empty: all T steps
    time_order order = time_order::onward;

    [[nodiscard]] constexpr std::size_t at(std::size_t nth) const {
        return order == time_order::onward ? nth : steps - 1 - nth;
    }
    [[nodiscard]] constexpr bool inside(std::size_t t, std::size_t b) const {
        return lengths.empty() || static_cast<std::int32_t>(t) < lengths[b];
    }
    /// States have T+1 slots of B rows; the state before step t and the one after it lie in these.
    [[nodiscard]] constexpr std::size_t before(std::size_t t) const { return order == time_order::onward ? t : t + 1; }
    [[nodiscard]] constexpr std::size_t after(std::size_t t) const { return order == time_order::onward ? t + 1 : t; }
};

/// What the forward of an LSTM leaves for its backward. Gates in PyTorch's order i, f, g, o.
template <class Real, std::size_t H>
struct lstm_record {
    rows<Real, 4 * H> gates;  ///< (N) on entry x W^T + b, afterwards the gates' values
    rows<Real, H> h, c;       ///< (N+B) slots of sequence_walk; the first state lies there on entry
    rows<Real, H> tanh_c;     ///< (N)
    rows<Real, H> mask;       ///< (4B) by gate, then sequence: factors of h on its way into the gates; empty: none
};

/// What the forward of a GRU leaves for its backward. Gates in PyTorch's order r, z, n.
template <class Real, std::size_t H>
struct gru_record {
    rows<Real, 3 * H> gates;  ///< (N) on entry x W^T + b, afterwards the gates' values
    rows<Real, H> h;          ///< (N+B) slots of sequence_walk; the first state lies there on entry
    rows<Real, H> hn;         ///< (N) h U_n^T + b_n, which the gate r scales
};

/// What a classification loss finds.
struct cross_entropy_result {
    double sum = 0;           ///< sum over rows of weight * -log p(target), nats
    double weight = 0;        ///< sum of the weights of the rows that count
    std::size_t count = 0;    ///< rows that count
    std::size_t correct = 0;  ///< of these, rows whose greatest logit is the target's

    constexpr cross_entropy_result& operator+=(const cross_entropy_result& o) {
        sum += o.sum, weight += o.weight, count += o.count, correct += o.correct;
        return *this;
    }
};

/// A backend for training: the operations that layers are written against, each found by its first argument.
///
/// | operation | shape equation |
/// | --- | --- |
/// | `product(be, x, w, y, into)` | y_no (+)= x_ni w_oi |
/// | `product_dx(be, dy, w, dx, into)` | dx_ni (+)= dy_no w_oi |
/// | `product_dw(be, dy, x, dw)` | dw_oi += dy_no x_ni |
/// | `spread(be, b, y)` | y_no = b_o |
/// | `sum_rows(be, y, b)` | b_o += sum_n y_no |
/// | `copy(be, x, y)`, `add(be, x, y)`, `multiply(be, x, m, y)` | y_nc = x_nc, y_nc += x_nc, y_nc = x_nc m_nc |
/// | `fill(be, v, y)` | y_nc = v |
/// | `map(be, f, x, y)`, `map_backward(be, f, y, dy, dx)` | y_nc = f(x_nc), dx_nc = f'(x_nc) dy_nc |
/// | `gather(be, w, ids, y)`, `scatter_add(be, dy, ids, dw)` | y_ne = w_{id(n) e}, dw_{id(n) e} += dy_ne |
/// | `lstm_forward(be, walk, u, record, y)`, `lstm_backward(be, walk, u, record, dy, dgates, dh, dc, work)` | sequences |
/// | `gru_forward(...)`, `gru_backward(...)` | the same for GRU |
/// | `dropout_mask(be, key, rate, mask)`, `normal_noise(be, key, noise)` | random numbers by counter |
/// | `batch_norm_forward(...)`, `batch_norm_backward(...)` | statistics over rows |
/// | `gaussian_sample(...)`, `gaussian_divergence(...)` and their backwards | z_nd = mean_nd + deviation_nd noise_nd |
/// | `sum_distances(be, distance, y, target, weights, scale, dy)` | loss and dy_nc |
/// | `linear_step(be, x, p, y)`, `lstm_step(...)`, `gru_step(...)` | one frame, real-time safe |
/// | `softmax_cross_entropy(be, logits, ids, weights, scale, dlogits)` | loss and dlogits_nv |
///
/// Operations allocate nothing: layers hand them workspace from the context's arena.
template <class B>
concept trainable_backend = std::floating_point<typename B::real> && std::copyable<B> &&
    requires(B& be, columns<const typename B::real, 3> x, columns<typename B::real, 2> y, columns<typename B::real, 3> dx,
             matrix<typename B::real, 2, 3> w, typename B::real* v, std::span<const std::int32_t> ids, sequence_walk walk,
             matrix<typename B::real, 8, 2> u, lstm_record<typename B::real, 2> record, rows<typename B::real, 8> dgates) {
    typename B::template weights<2, 3>;
    product(be, x, w, y, into::set);
    product_dx(be, columns<const typename B::real, 2>(y), w, dx, into::set);
    product_dw(be, columns<const typename B::real, 2>(y), x, w);
    spread(be, v, y);
    sum_rows(be, x, v);
    copy(be, x, dx);
    add(be, x, dx);
    multiply(be, x, x, dx);
    fill(be, typename B::real{}, y);
    map(be, function::tanh, x, dx);
    map_backward(be, function::tanh, x, x, dx);
    gather(be, w, ids, dx);
    scatter_add(be, x, ids, w);
    lstm_forward(be, walk, u, record, y);
    lstm_backward(be, walk, u, record, columns<const typename B::real, 2>(y), dgates, y, y, y);
    softmax_cross_entropy(be, x, ids, std::span<const typename B::real>{}, typename B::real{}, dx);
};

// ---------------------------------------------------------------- bodies

/// Computes y = x W^T + b.
/// shapes: x (N,I), p.w (O,I), p.b (O), y (N,O)
template <class B, class Real, std::size_t O, std::size_t I, bool Bias>
void linear(B& be, columns<const Real, I> x, affine<Real, O, I, Bias> p, columns<Real, O> y) {
    if constexpr (Bias) {
        spread(be, p.b, y);
        product(be, x, p.w, y, into::add);
    } else {
        product(be, x, p.w, y, into::set);
    }
}

/// Adds the gradients of y = x W^T + b to dp, and writes that of x unless dx is empty.
/// shapes: dy (N,O), x (N,I), dx (N,I)
/// writes: dp +=, dx =
template <class B, class Real, std::size_t O, std::size_t I, bool Bias>
void linear_backward(B& be, affine<Real, O, I, Bias> p, affine<Real, O, I, Bias> dp, columns<const Real, I> x,
                     columns<const Real, O> dy, columns<Real, I> dx) {
    product_dw(be, dy, x, dp.w);
    if constexpr (Bias) sum_rows(be, dy, dp.b);
    if (!dx.empty()) product_dx(be, dy, p.w, dx, into::set);
}

}  // namespace lofi::inline LOFI_ABI::backend
