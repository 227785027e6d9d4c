#pragma once
// The improved network of sound: frames of 16 samples steer a small network of the next sample, whose answer is a density.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include <lofi/nn/conv1d.hpp>
#include <lofi/nn/density.hpp>
#include <lofi/nn/wavenet.hpp>

namespace lofi::inline LOFI_ABI::model {

/// What the network hears beside the sound.
enum class frame_net_hearing {
    fixed,    ///< what a fixed linear prediction leaves: nothing adapts, so that what it makes can be fed back
    adaptive  ///< and what two adaptive filters say: better bits, for scoring alone
};

struct frame_net_config {
    frame_net_hearing hearing = frame_net_hearing::fixed;
    std::size_t frame = 16;     ///< samples
    std::size_t channels = 96;  ///< of the frame part
    std::size_t layers = 9;     ///< dilations 1 to 256: with 16 samples, a second at 8 kHz
    std::size_t gates = 64;     ///< of the sample part
    std::size_t window = 32;    ///< samples that the sample part sees
    std::size_t components = 6;
    std::size_t condition = 38;  ///< features a frame, see wave_sheet.hpp
};

/// Numbers that come from the corpus and are not trained.
/// shapes: lpc (32), scale (1): weights of the fixed prediction, newest sample first, and its mean absolute error;
///         profile (2,8,64,2): without and with drums, of eight clips each, by 64ths of the bar: logarithms of level and residual level
template <class Real>
struct frame_net_statistics {
    using real = Real;
    static constexpr std::size_t order = 32, clips = 8, steps = 64, profile_count = 2 * clips * steps * 2, parameter_count = 0,
                                 buffer_count = order + 1 + profile_count;
    struct params {
        Real *lpc = nullptr, *scale = nullptr, *profile = nullptr;
        static constexpr params bind(backend::cursor<Real>& at) {
            params p;
            p.lpc = at.take_buffer(order), p.scale = at.take_buffer(1), p.profile = at.take_buffer(profile_count);
            return p;
        }
    };
    template <class F>
    static void visit(params p, F&& f) {
        if (p.lpc == nullptr) return;
        f("lpc", std::array<std::size_t, 1>{order}, std::span<Real>(p.lpc, order));
        f("scale", std::array<std::size_t, 1>{1}, std::span<Real>(p.scale, 1));
        f("profile", std::array<std::size_t, 1>{profile_count}, std::span<Real>(p.profile, profile_count));
    }
    static void initialise(params p, random_stream&, nn::scheme) {
        if (p.lpc == nullptr) return;
        std::fill_n(p.lpc, order, Real{0}), *p.scale = 1, std::fill_n(p.profile, profile_count, Real{0});
    }
};

/// The layers. Units: sound in full scales; residuals in units of the statistics' scale.
///
///     frame t:   features of its samples, condition of frame t+1 -> gated layers -> c
///     c:         what steers each of the 16 samples of frame t+1, and weights of a correction of the linear prediction
///     sample n:  window of the last 32, predictions of n, c -> gate -> mixture of logistics around the prediction
template <frame_net_config C, class Backend>
struct frame_net {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr bool adaptive = C.hearing == frame_net_hearing::adaptive;
    static constexpr std::size_t H = C.frame, W = C.window, S = C.gates, K = C.components, A = C.channels;
    static constexpr std::size_t per_sample = adaptive ? 4 : 3, heard = adaptive ? 3 : 2, predictions = adaptive ? 3 : 1;
    static constexpr std::size_t frame_size = H * per_sample;            ///< features of a frame
    static constexpr std::size_t sample_size = W * heard + predictions;  ///< features of a sample
    static constexpr std::size_t out_size = 3 * K + (adaptive ? 2 : 0);
    using density = nn::logistic_mixture<K>;

    template <std::size_t In, std::size_t Out>
    using point = nn::conv1d<nn::conv1d_config{.in = In, .out = Out, .kernel = 1}, Backend>;
    using input = point<frame_size, A>;
    using stack = nn::wavenet_stack<
        nn::wavenet_config{
            .residual = A, .gates = A, .skip = A, .layers = C.layers, .cycle = C.layers, .condition = C.condition},
        Backend>;
    using up = point<A, H * 2 * S>;
    using fir = point<A, W>;
    using look = point<sample_size, 2 * S>;
    using deep = point<S, S>;
    using out = point<S, out_size>;
    using statistics = frame_net_statistics<real>;
    using net =
        nn::parts<nn::named<"input", input>, nn::named<"stack", stack>, nn::named<"up", up>, nn::named<"fir", fir>,
                  nn::named<"look", look>, nn::named<"deep", deep>, nn::named<"out", out>, nn::named<"statistics", statistics>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = net::buffer_count;
    /// Samples, of which the last frame is not heard whole.
    static constexpr std::size_t receptive_field = stack::receptive_field * H;

    template <class F>
    static void visit(const params& p, F&& f) {
        net::visit(p, f);
    }
    /// It begins as the linear prediction with a density around it.
    static void initialise(const params& p, random_stream& random, nn::scheme s) {
        net::initialise(p, random, s);
        const auto f = p.template get<"fir">();
        std::fill(f.w.flat().begin(), f.w.flat().end(), real{0});
        std::fill_n(f.b, W, real{0});
        const auto o = p.template get<"out">();
        std::fill(o.w.flat().begin(), o.w.flat().end(), real{0});
        std::fill_n(o.b, out_size, real{0});
        for (std::size_t k = 0; k < K; ++k) {
            const double at = K == 1 ? 0.5 : static_cast<double>(k) / static_cast<double>(K - 1);
            o.b[K + k] = static_cast<real>(-0.3 + 0.6 * at);
            o.b[2 * K + k] = static_cast<real>(-2.5 + 2.5 * at);
        }
        if constexpr (adaptive) o.b[3 * K] = real{1};
    }
};

/// Puts the features of a sample where they belong: what frames and windows see of it.
/// params: e1: the residual of the fixed prediction; e2: of the adaptive one, which is e1 where there is none
template <class Net>
void frame_net_features(typename Net::real x, typename Net::real e1, typename Net::real e2, typename Net::real* frame_place,
                        typename Net::real* window_place) {
    using real = typename Net::real;
    const real a = std::asinh(x / real(0.1)), b = std::asinh(e1);
    if constexpr (Net::adaptive) {
        const real c = std::asinh(e2);
        window_place[0] = a, window_place[1] = b, window_place[2] = c;
        frame_place[0] = a, frame_place[1] = b, frame_place[2] = c, frame_place[3] = std::log(std::abs(e2) + real(0.02));
    } else {
        static_cast<void>(e2);
        window_place[0] = a, window_place[1] = b;
        frame_place[0] = a, frame_place[1] = b, frame_place[2] = std::log(std::abs(e1) + real(0.02));
    }
}

/// Runs a network of fixed hearing sample by sample: `mixture` says what the next one may be, `push` tells it which it was.
template <class Net>
class frame_net_stream {
public:
    using real = typename Net::real;
    using backend_type = typename Net::backend_type;
    static_assert(!Net::adaptive, "what adapts to its own output runs away: only networks of fixed hearing are streamed");

    frame_net_stream(backend_type& be, const typename Net::params& p) : be_(be), p_(p) {}

    /// Tells the condition of the frame that begins now; called before `mixture` where `frame_begins()`.
    /// realtime: yes
    void condition(const real* c) noexcept;
    [[nodiscard]] bool frame_begins() const { return at_ == 0; }
    /// Outputs of the density of the next sample, in units of the statistics' scale, around `centre()`.
    /// realtime: yes
    const real* mixture() noexcept;
    /// What the density lies around, in the same units.
    [[nodiscard]] real centre() const { return prediction_ + correction_; }
    /// realtime: yes
    void push(real sample) noexcept;

private:
    using statistics = typename Net::statistics;
    static constexpr std::size_t W = Net::W, H = Net::H;

    backend_type& be_;
    typename Net::params p_;
    typename Net::stack::state stack_{};
    std::array<real, statistics::order> past_{};  // samples, newest first
    std::array<real, W * Net::heard> seen_{};     // features of the last W samples, oldest first
    std::array<real, W> residuals_{};             // newest first
    std::array<real, Net::frame_size> frame_{};
    std::array<real, H * 2 * Net::S> steer_{};
    std::array<real, W> fir_{};
    std::array<real, Net::out_size> out_{};
    real prediction_ = 0, correction_ = 0;
    std::size_t at_ = 0;
    bool begun_ = false;
};

// ---------------------------------------------------------------- bodies

template <class Net>
void frame_net_stream<Net>::condition(const real* c) noexcept {
    LOFI_ASSERT(at_ == 0, "conditions change between frames");
    // The first frame is told by nothing: no frame was heard yet.
    if (!std::exchange(begun_, true)) return;
    constexpr std::size_t A = Net::A, in = Net::stack::in_size;
    std::array<real, in> x;
    std::array<real, A> y;
    typename Net::input::state none;
    typename Net::up::state up_none;
    typename Net::fir::state fir_none;
    Net::input::step(be_, p_.template get<"input">(), none, frame<const real, Net::frame_size>(frame_),
                     frame<real, A>(x.data(), A));
    std::copy_n(c, in - A, x.data() + A);
    Net::stack::step(be_, p_.template get<"stack">(), stack_, frame<const real, in>(x), frame<real, A>(y));
    for (real& v : y) v = std::max(v, real{0});
    Net::up::step(be_, p_.template get<"up">(), up_none, frame<const real, A>(y), frame<real, H * 2 * Net::S>(steer_));
    Net::fir::step(be_, p_.template get<"fir">(), fir_none, frame<const real, A>(y), frame<real, W>(fir_));
}

template <class Net>
const typename Net::real* frame_net_stream<Net>::mixture() noexcept {
    constexpr std::size_t S = Net::S;
    const auto s = p_.template get<"statistics">();
    prediction_ = correction_ = 0;
    for (std::size_t i = 0; i < statistics::order; ++i) prediction_ += s.lpc[i] * past_[i];
    prediction_ /= *s.scale;
    for (std::size_t i = 0; i < W; ++i) correction_ += fir_[i] * residuals_[i];
    std::array<real, Net::sample_size> x;
    std::array<real, 2 * S> z;
    std::array<real, S> g, d;
    std::copy(seen_.begin(), seen_.end(), x.begin());
    x[W * Net::heard] = std::asinh(prediction_);
    typename Net::look::state look_none;
    typename Net::deep::state deep_none;
    typename Net::out::state out_none;
    Net::look::step(be_, p_.template get<"look">(), look_none, frame<const real, Net::sample_size>(x), frame<real, 2 * S>(z));
    for (std::size_t i = 0; i < 2 * S; ++i) z[i] += steer_[at_ * 2 * S + i];
    gate(be_, nn::columns<real, 2 * S>(z.data(), 1), nn::columns<real, S>(g.data(), 1));
    Net::deep::step(be_, p_.template get<"deep">(), deep_none, frame<const real, S>(g), frame<real, S>(d));
    for (std::size_t i = 0; i < S; ++i) g[i] += std::max(d[i], real{0});
    Net::out::step(be_, p_.template get<"out">(), out_none, frame<const real, S>(g), frame<real, Net::out_size>(out_));
    return out_.data();
}

template <class Net>
void frame_net_stream<Net>::push(real sample) noexcept {
    const auto s = p_.template get<"statistics">();
    real prediction = 0;
    for (std::size_t i = 0; i < statistics::order; ++i) prediction += s.lpc[i] * past_[i];
    const real e = (sample - prediction) / *s.scale;
    std::copy_backward(past_.begin(), past_.end() - 1, past_.end());
    past_[0] = sample;
    std::copy_backward(residuals_.begin(), residuals_.end() - 1, residuals_.end());
    residuals_[0] = e;
    std::copy(seen_.begin() + Net::heard, seen_.end(), seen_.begin());
    frame_net_features<Net>(sample, e, e, frame_.data() + at_ * Net::per_sample, seen_.data() + (W - 1) * Net::heard);
    at_ = (at_ + 1) % H;
}

}  // namespace lofi::inline LOFI_ABI::model
