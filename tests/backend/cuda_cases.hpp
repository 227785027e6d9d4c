#pragma once
// The cases of the CUDA kernels, written once: the emulator runs them in ordinary tests, cuda_device.cu on a device. References are
// plain loops in double; outputs start as not-a-number; errors are relative to the norm. Needs neither BLAS nor Catch2.
//
// A world has `machine`, `put(vector)` (a pointer in the machine's memory), `get(pointer, n)` and `expect(bool, text)`.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include <lofi/backend/cuda/operations.hpp>

namespace lofi::test::cuda_cases {

using namespace lofi::backend;

template <class Real>
std::vector<Real> numbers(std::size_t n, std::uint64_t seed, double deviation = 1) {
    random_stream random{random_key{seed}};
    std::vector<Real> v(n);
    // Never 0, where some functions have two slopes.
    for (Real& x : v) x = static_cast<Real>(static_cast<double>(normal_q16(random) | 1) * 0x1p-16 * deviation);
    return v;
}
template <class Real>
std::vector<Real> poison(std::size_t n) {
    return std::vector<Real>(n, std::numeric_limits<Real>::quiet_NaN());
}
template <class A, class B>
double error_of(const A& got, const B& want) {
    double difference = 0, norm = 1e-300;
    for (std::size_t i = 0; i < want.size(); ++i) {
        const double d = static_cast<double>(got[i]) - static_cast<double>(want[i]);
        difference += d * d, norm += static_cast<double>(want[i]) * static_cast<double>(want[i]);
    }
    const double e = std::sqrt(difference / norm);
    return std::isnan(e) ? std::numeric_limits<double>::infinity() : e;
}
template <class Real>
inline constexpr double tolerance = sizeof(Real) == 4 ? 1e-5 : 1e-12;

template <class Real, class World, class Want>
void near(World& w, const std::string& what, const Real* at, const Want& want, double allowed = tolerance<Real>) {
    const double e = error_of(w.get(at, want.size()), want);
    w.expect(e <= allowed, what + " (" + (sizeof(Real) == 4 ? "float" : "double") + "): error " + std::to_string(e));
}
template <class Real, class World>
auto backend_of(World& w) {
    return kernel_backend<Real, decltype(w.machine)>{w.machine};
}
inline double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

// ---------------------------------------------------------------- products

template <class Real, std::size_t O, std::size_t I, class World>
void products_of(World& w, std::size_t N) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t gap = 3;  // rows lie further apart than they are wide
    const auto x = numbers<Real>(N * (I + gap), 1), m = numbers<Real>(O * I, 2), dy = numbers<Real>(N * (O + gap), 3);
    std::vector<double> y(N * O), sum(N * O), dx(N * I), dw(O * I);
    for (std::size_t n = 0; n < N; ++n)
        for (std::size_t o = 0; o < O; ++o)
            for (std::size_t i = 0; i < I; ++i) {
                y[n * O + o] += double(x[n * (I + gap) + i]) * double(m[o * I + i]);
                dx[n * I + i] += double(dy[n * (O + gap) + o]) * double(m[o * I + i]);
                dw[o * I + i] += double(dy[n * (O + gap) + o]) * double(x[n * (I + gap) + i]);
            }
    const Real *px = w.put(x), *pdy = w.put(dy);
    Real *const pm = w.put(m), *const py = w.put(poison<Real>(N * O)), *const pdx = w.put(poison<Real>(N * I));
    const auto old = numbers<Real>(O * I, 4);
    Real* const pdw = w.put(old);
    for (std::size_t i = 0; i < O * I; ++i) dw[i] += double(old[i]);
    const columns<const Real, I> cx(px, N, I + gap);
    const columns<const Real, O> cdy(pdy, N, O + gap);
    product(be, cx, matrix<Real, O, I>{pm}, columns<Real, O>(py, N), into::set);
    near(w, "product", py, y);
    product(be, cx, matrix<Real, O, I>{pm}, columns<Real, O>(py, N), into::add);
    for (double& v : y) v *= 2;
    near(w, "product, added", py, y);
    product_dx(be, cdy, matrix<Real, O, I>{pm}, columns<Real, I>(pdx, N), into::set);
    near(w, "product_dx", pdx, dx);
    product_dw(be, cdy, cx, matrix<Real, O, I>{pdw});
    near(w, "product_dw", pdw, dw);
    // The portable body beside whatever the machine's own product is.
    Real* const tiled = w.put(poison<Real>(N * O));
    w.machine.launch(kernels::tiled_product<Real>{px, I + gap, 1, pm, 1, I, tiled, O, N, O, I, Real{0}},
                     kernels::tiled_product<Real>::launch(N, O));
    for (double& v : y) v /= 2;
    near(w, "tiled product", tiled, y);
}
template <class Real, class World>
void products(World& w) {
    products_of<Real, 3, 7>(w, 5);
    products_of<Real, 40, 65>(w, 33);
    products_of<Real, 64, 16>(w, 1);
}

// ---------------------------------------------------------------- number by number

template <class Real, class World>
void elementwise(World& w) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t N = 9, W = 70, wide = 75;
    const auto x = numbers<Real>(N * wide, 1), m = numbers<Real>(N * wide, 2), b = numbers<Real>(W, 3);
    const Real *px = w.put(x), *pm = w.put(m), *pb = w.put(b);
    const auto start = numbers<Real>(N * wide, 4);
    // Each operation writes columns 2..71 of a wider matrix; what lies beside them must stay.
    const auto run = [&](const char* what, auto operation, auto value, double allowed = tolerance<Real>) {
        std::vector<Real> want = start;
        for (std::size_t n = 0; n < N; ++n)
            for (std::size_t c = 0; c < W; ++c) want[n * wide + 2 + c] = value(n * wide + c, c, want[n * wide + 2 + c]);
        Real* const py = w.put(start);
        operation(columns<Real, W>(py + 2, N, wide));
        near(w, what, py, want, allowed);
    };
    const columns<const Real, W> cx(px, N, wide), cm(pm, N, wide);
    run(
        "spread", [&](auto y) { spread(be, pb, y); }, [&](auto, auto c, Real) { return b[c]; });
    run(
        "copy", [&](auto y) { copy(be, cx, y); }, [&](auto i, auto, Real) { return x[i]; });
    run(
        "add", [&](auto y) { add(be, cx, y); }, [&](auto i, auto, Real old) { return old + x[i]; });
    run(
        "multiply", [&](auto y) { multiply(be, cx, cm, y); }, [&](auto i, auto, Real) { return x[i] * m[i]; });
    run(
        "fill", [&](auto y) { fill(be, Real{7}, y); }, [&](auto, auto, Real) { return Real{7}; });
    const auto f = [](function kind, double v) {
        switch (kind) {
            case function::relu: return v > 0 ? v : 0;
            case function::leaky_relu: return v > 0 ? v : 0.01 * v;
            case function::elu: return v > 0 ? v : std::exp(v) - 1;
            case function::tanh: return std::tanh(v);
            case function::sigmoid: return sigmoid_of(v);
            case function::softplus: return std::log(1 + std::exp(v));
            default: return v;
        }
    };
    for (const function kind : {function::identity, function::relu, function::leaky_relu, function::elu, function::tanh,
                                function::sigmoid, function::softplus}) {
        const std::string name = "map " + std::to_string(static_cast<int>(kind));
        run(
            name.c_str(), [&](auto y) { map(be, kind, cx, y); },
            [&](auto i, auto, Real) { return static_cast<Real>(f(kind, double(x[i]))); });
        std::vector<Real> values(x.size());
        for (std::size_t i = 0; i < x.size(); ++i) values[i] = static_cast<Real>(f(kind, double(x[i])));
        const Real* const pv = w.put(values);
        run((name + " backward").c_str(), [&](auto y) { map_backward(be, kind, columns<const Real, W>(pv, N, wide), cm, y); },
            [&](auto i, auto, Real) {
                const double at = double(x[i]), h = 1e-6, slope = (f(kind, at + h) - f(kind, at - h)) / (2 * h);
                return static_cast<Real>(slope * double(m[i]));
            },
            std::max(tolerance<Real>, 1e-8));  // slopes as differences
    }
}

template <class Real, class World>
void tables(World& w) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t V = 11, E = 37, N = 4200;  // more ids than a block looks at between two barriers
    const auto table = numbers<Real>(V * E, 1), dy = numbers<Real>(N * E, 2), start = numbers<Real>(V * E, 3);
    std::vector<std::int32_t> ids(N);
    random_stream random{random_key{4}};
    for (auto& id : ids) id = static_cast<std::int32_t>(uniform_below(random, V)) - (chance(random, 1, 9) ? 100 : 0);
    Real* const pt = w.put(table);
    const std::int32_t* const pi = w.put(ids);
    std::vector<Real> y(N * E), bag(N / 3 * E, Real{1});
    std::vector<Real> dw = start, dbag = start;
    for (std::size_t n = 0; n < N; ++n)
        for (std::size_t e = 0; e < E && ids[n] >= 0; ++e) {
            const auto v = static_cast<std::size_t>(ids[n]);
            y[n * E + e] = table[v * E + e];
            dw[v * E + e] += dy[n * E + e];
            bag[n / 3 * E + e] += table[v * E + e];
            dbag[v * E + e] += dy[n / 3 * E + e];
        }
    Real *const py = w.put(poison<Real>(N * E)), *const pdw = w.put(start), *const pdbag = w.put(start);
    Real* const pbag = w.put(std::vector<Real>(N / 3 * E, Real{1}));
    const Real* const pdy = w.put(dy);
    const std::span<const std::int32_t> all(pi, N);
    gather(be, matrix<Real, V, E>{pt}, all, columns<Real, E>(py, N));
    w.expect(w.get(py, N * E) == y, "gather copies bit for bit");
    scatter_add(be, columns<const Real, E>(pdy, N), all, matrix<Real, V, E>{pdw});
    w.expect(w.get(pdw, V * E) == dw, "scatter_add sums in the order of the rows, bit for bit");
    gather_sum(be, matrix<Real, V, E>{pt}, all, columns<Real, E>(pbag, N / 3));
    w.expect(w.get(pbag, N / 3 * E) == bag, "gather_sum sums in order");
    scatter_sum(be, columns<const Real, E>(pdy, N / 3), all, matrix<Real, V, E>{pdbag});
    w.expect(w.get(pdbag, V * E) == dbag, "scatter_sum sums in order");
    const std::int32_t* const beyond = w.put(std::vector<std::int32_t>{static_cast<std::int32_t>(V)});
    gather(be, matrix<Real, V, E>{pt}, std::span<const std::int32_t>(beyond, 1), columns<Real, E>(py, 1));
    w.expect(std::isnan(w.get(py, 1)[0]), "an id beyond the table shows as not-a-number");
}

template <class Real, class World>
void random_numbers(World& w) {
    auto be = backend_of<Real>(w);
    const random_key key = random_key{5}.child("mask");
    constexpr std::size_t n = 777;
    Real *const mask = w.put(poison<Real>(n)), *const noise = w.put(poison<Real>(n));
    dropout_mask(be, key, 0.3, std::span<Real>(mask, n));
    normal_noise(be, key, std::span<Real>(noise, n));
    random_stream a(key), b(key);
    std::vector<Real> masks(n), normals(n);
    for (Real& v : masks) v = a.next() < static_cast<std::uint32_t>(0.3 * 4294967296.0) ? Real{0} : static_cast<Real>(1 / 0.7);
    for (Real& v : normals) v = static_cast<Real>(normal_q16(b)) * static_cast<Real>(0x1p-16);
    const auto got = w.get(mask, n);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < n; ++i) wrong += (got[i] == 0) != (masks[i] == 0);
    w.expect(wrong == 0, "dropout_mask drops what the CPU drops");
    near(w, "dropout_mask", mask, masks, 1e-6);
    w.expect(w.get(noise, n) == normals, "normal_noise has the CPU's numbers bit for bit");
}

// ---------------------------------------------------------------- reductions

template <class Real, class World>
void column_reductions(World& w) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t N = 77, W = 70;
    const auto x = numbers<Real>(N * W, 1), dy = numbers<Real>(N * W, 2), start = numbers<Real>(W, 3), g = numbers<Real>(W, 4),
               b = numbers<Real>(W, 5);
    std::vector<double> sums(W), mean(W), scale(W), run_mean(W), run_var(W), y(N * W), dx(N * W), both(2 * W);
    for (std::size_t c = 0; c < W; ++c) {
        double var = 0;
        for (std::size_t n = 0; n < N; ++n) mean[c] += double(x[n * W + c]) / N;
        for (std::size_t n = 0; n < N; ++n) var += std::pow(double(x[n * W + c]) - mean[c], 2);
        scale[c] = 1 / std::sqrt(var / N + 1e-5);
        run_mean[c] = double(start[c]) + 0.1 * (mean[c] - double(start[c]));
        run_var[c] = double(start[c]) + 0.1 * (var / (N - 1) - double(start[c]));
        sums[c] = double(start[c]);
        for (std::size_t n = 0; n < N; ++n) {
            const double normal = (double(x[n * W + c]) - mean[c]) * scale[c];
            sums[c] += double(dy[n * W + c]);
            both[c] += double(dy[n * W + c]), both[W + c] += double(dy[n * W + c]) * normal;
            y[n * W + c] = normal * double(g[c]) + double(b[c]);
        }
        for (std::size_t n = 0; n < N; ++n) {
            const double normal = (double(x[n * W + c]) - mean[c]) * scale[c];
            dx[n * W + c] = double(g[c]) * scale[c] * (double(dy[n * W + c]) - (both[c] + normal * both[W + c]) / double(N));
        }
    }
    const Real *px = w.put(x), *pdy = w.put(dy), *pg = w.put(g), *pb = w.put(b);
    Real *const ps = w.put(start), *const stat = w.put(poison<Real>(2 * W)), *const rm = w.put(start), *const rv = w.put(start);
    Real *const normal = w.put(poison<Real>(N * W)), *const py = w.put(poison<Real>(N * W)),
                *const two = w.put(poison<Real>(2 * W)), *const pdx = w.put(poison<Real>(N * W));
    const columns<const Real, W> cx(px, N), cdy(pdy, N);
    sum_rows(be, cdy, ps);
    near(w, "sum_rows", ps, sums);
    Real* const again = w.put(start);
    sum_rows(be, cdy, again);
    w.expect(w.get(ps, W) == w.get(again, W), "sum_rows gives the same bits twice");
    const rows<Real, W> statistics(stat, 2), pair(two, 2);
    batch_statistics(be, cx, 1e-5, statistics, std::span<Real, W>(rm, W), std::span<Real, W>(rv, W), 0.1,
                     running_variance::unbiased);
    near(w, "mean", stat, mean);
    near(w, "scale", stat + W, scale);
    near(w, "running mean", rm, run_mean);
    near(w, "running variance", rv, run_var);
    normalise(be, cx, statistics, columns<Real, W>(normal, N));
    scale_shift(be, columns<const Real, W>(normal, N), pg, pb, columns<Real, W>(py, N));
    near(w, "batch norm", py, y);
    normalise_sums(be, cdy, columns<const Real, W>(normal, N), pair);
    near(w, "sums of batch norm", two, both);
    normalise_backward(be, cdy, columns<const Real, W>(normal, N), pg, rows<const Real, W>(stat + W, 1), pair,
                       columns<Real, W>(pdx, N));
    near(w, "batch norm backward", pdx, dx);
    running_statistics(be, 1e-5, frame<const Real, W>(rm, W), frame<const Real, W>(rv, W), statistics);
    near(w, "running statistics", stat, run_mean);
}

template <class Real, std::size_t V, class World>
void cross_entropy_of(World& w, std::size_t N, bool inside) {
    auto be = backend_of<Real>(w);
    auto x = numbers<Real>(N * V, 1, 3);
    const auto weights = numbers<Real>(N, 2);
    x[0] = x[V - 1] = Real{50};  // the first of two greatest counts
    std::vector<std::int32_t> targets(N);
    random_stream random{random_key{3}};
    for (auto& t : targets) t = chance(random, 1, 5) ? -1 : static_cast<std::int32_t>(uniform_below(random, V));
    targets[0] = 0;
    cross_entropy_result want;
    std::vector<double> dx(N * V);
    for (std::size_t n = 0; n < N; ++n) {
        if (targets[n] < 0) continue;
        const Real* const p = &x[n * V];
        const double top = double(*std::max_element(p, p + V)), wn = double(weights[n]);
        double sum = 0;
        for (std::size_t v = 0; v < V; ++v) sum += std::exp(double(p[v]) - top);
        for (std::size_t v = 0; v < V; ++v)
            dx[n * V + v] = 0.25 * wn * (std::exp(double(p[v]) - top) / sum - (static_cast<std::int32_t>(v) == targets[n]));
        want += {wn * (std::log(sum) + top - double(p[targets[n]])), wn, 1,
                 std::max_element(p, p + V) - p == targets[n] ? std::size_t{1} : std::size_t{0}};
    }
    Real* const px = w.put(x);
    Real* const pdx = inside ? px : w.put(poison<Real>(N * V));
    const std::span<const Real> pw(w.put(weights), N);
    const std::span<const std::int32_t> pt(w.put(targets), N);
    const cross_entropy_result got =
        softmax_cross_entropy(be, columns<const Real, V>(px, N), pt, pw, Real(0.25), columns<Real, V>(pdx, N));
    near(w, "gradient of cross-entropy", pdx, dx);
    w.expect(std::abs(got.sum - want.sum) <= tolerance<Real> * (1 + std::abs(want.sum)), "cross-entropy's sum");
    w.expect(std::abs(got.weight - want.weight) <= tolerance<Real> * double(N), "cross-entropy's weight");
    w.expect(got.count == want.count && got.correct == want.correct, "cross-entropy counts");
}
template <class Real, class World>
void cross_entropy(World& w) {
    cross_entropy_of<Real, 50>(w, 9, false);
    cross_entropy_of<Real, 3>(w, 30, false);
    cross_entropy_of<Real, 65>(w, 6, true);
    // More rows than the grid has warps, which takes the emulator a second.
    if constexpr (sizeof(Real) == 4) cross_entropy_of<Real, 3>(w, 1030, true);
    auto be = backend_of<Real>(w);
    const Real* const one = w.put(numbers<Real>(4, 1));
    const std::int32_t* const bad = w.put(std::vector<std::int32_t>{4});
    const cross_entropy_result r =
        softmax_cross_entropy(be, columns<const Real, 4>(one, 1), std::span<const std::int32_t>(bad, 1),
                              std::span<const Real>{}, Real{1}, columns<Real, 4>{});
    w.expect(std::isnan(r.sum), "a target beyond the vocabulary shows as not-a-number");
}

template <class Real, class World>
void distances(World& w) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t N = 41, W = 9;
    const auto y = numbers<Real>(N * W, 1), t = numbers<Real>(N * W, 2);
    auto weights = numbers<Real>(N, 3);
    weights[4] = 0;
    const Real *py = w.put(y), *pt = w.put(t), *pw = w.put(weights);
    for (const distance kind : {distance::absolute, distance::square, distance::huber, distance::log_cosh}) {
        double sum = 0;
        std::vector<double> dy(N * W);
        for (std::size_t i = 0; i < N * W; ++i) {
            const double e = double(y[i]) - double(t[i]), a = std::abs(e), k = double(weights[i / W]), s = e > 0 ? 1 : -1;
            const bool small = a <= 1;
            const double value = kind == distance::absolute ? a
                                 : kind == distance::square ? e * e
                                 : kind == distance::huber  ? (small ? e * e / 2 : a - 0.5)
                                                            : std::log(std::cosh(e));
            const double slope = kind == distance::absolute ? s
                                 : kind == distance::square ? 2 * e
                                 : kind == distance::huber  ? (small ? e : s)
                                                            : std::tanh(e);
            sum += k * value, dy[i] = 0.5 * k * slope;
        }
        Real* const pdy = w.put(poison<Real>(N * W));
        const double got = sum_distances(be, kind, columns<const Real, W>(py, N), columns<const Real, W>(pt, N),
                                         std::span<const Real>(pw, N), Real(0.5), columns<Real, W>(pdy, N));
        w.expect(std::abs(got - sum) <= tolerance<Real> * 100, "sum of distances");
        near(w, "slopes of distances", pdy, dy);
    }
}

template <class Real, class World>
void gaussians(World& w) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t N = 20, Z = 35;
    const auto mean = numbers<Real>(N * Z, 1), spread_ = numbers<Real>(N * Z, 2), noise = numbers<Real>(N * Z, 3),
               dz = numbers<Real>(N * Z, 4), factors = numbers<Real>(Z, 5);
    const columns<const Real, Z> cm(w.put(mean), N), cs(w.put(spread_), N), cn(w.put(noise), N), cdz(w.put(dz), N);
    const std::span<const Real> pf(w.put(factors), Z);
    for (const spread_form form : {spread_form::log_variance, spread_form::softplus}) {
        const auto deviation = [form](double s) {
            return form == spread_form::log_variance ? std::exp(s / 2) : std::log1p(std::exp(s));
        };
        const auto divergence = [&](double m, double s) {
            const double d = deviation(s);
            return 0.5 * (m * m + d * d - 1) - std::log(d);
        };
        std::vector<double> z(N * Z), dspread(N * Z), by(Z), dm(N * Z, 1), ds(N * Z, 1);
        for (std::size_t i = 0; i < N * Z; ++i) {
            const double m = double(mean[i]), s = double(spread_[i]), h = 1e-6, k = double(factors[i % Z]);
            z[i] = m + deviation(s) * double(noise[i]);
            dspread[i] = double(dz[i]) * double(noise[i]) * (deviation(s + h) - deviation(s - h)) / (2 * h);
            by[i % Z] += divergence(m, s) / N;
            dm[i] += k * m, ds[i] += k * (divergence(m, s + h) - divergence(m, s - h)) / (2 * h);
        }
        Real *const pz = w.put(poison<Real>(N * Z)), *const pds = w.put(poison<Real>(N * Z));
        Real *const one = w.put(std::vector<Real>(N * Z, Real{1})), *const two = w.put(std::vector<Real>(N * Z, Real{1}));
        double* const pby = w.put(poison<double>(Z));
        const double difference = std::max(tolerance<Real>, 1e-8);
        gaussian_sample(be, form, cm, cs, cn, columns<Real, Z>(pz, N));
        near(w, "gaussian_sample", pz, z);
        gaussian_sample_backward(be, form, cs, cn, cdz, columns<Real, Z>(pds, N));
        near(w, "gaussian_sample_backward", pds, dspread, difference);
        gaussian_divergence(be, form, cm, cs, std::span<double>(pby, Z));
        near(w, "gaussian_divergence", pby, by, 1e-6);
        gaussian_divergence_backward(be, form, cm, cs, pf, columns<Real, Z>(one, N), columns<Real, Z>(two, N));
        near(w, "gaussian_divergence_backward, mean", one, dm);
        near(w, "gaussian_divergence_backward, spread", two, ds, difference);
    }
}

// ---------------------------------------------------------------- sequences

/// One walk of an LSTM or a GRU in double, as the equations stand in the papers; the slopes are differences of its loss.
struct recurrence {
    bool lstm;
    std::size_t T, B, H;
    std::vector<std::int32_t> lengths{};
    bool reverse;
    std::vector<double> u{}, bias{}, mask{};      // bias of GRU's U; mask (4,B,H) of the LSTM or empty
    std::vector<double> gates{}, h{}, c{};        // x W^T + b, first states
    std::vector<double> dy{}, dh{}, dc{};         // what the loss multiplies
    std::vector<double> y{}, last_h{}, last_c{};  // results

    double run() {
        const std::size_t G = lstm ? 4 : 3;
        std::vector<double> hs = h, cs = c;
        y.assign(T * B * H, 0);
        for (std::size_t nth = 0; nth < T; ++nth) {
            const std::size_t t = reverse ? T - 1 - nth : nth;
            std::vector<double> hn = hs, cn = cs;
            for (std::size_t b = 0; b < B; ++b) {
                if (!lengths.empty() && static_cast<std::int32_t>(t) >= lengths[b]) continue;
                for (std::size_t j = 0; j < H; ++j) {
                    double x[4] = {}, r[4] = {};
                    for (std::size_t g = 0; g < G; ++g) {
                        x[g] = gates[(t * B + b) * G * H + g * H + j];
                        for (std::size_t k = 0; k < H; ++k)
                            r[g] += u[(g * H + j) * H + k] * hs[b * H + k] * (mask.empty() ? 1 : mask[(g * B + b) * H + k]);
                        if (!lstm) r[g] += bias[g * H + j];
                    }
                    if (lstm) {
                        const double next =
                            sigmoid_of(x[1] + r[1]) * cs[b * H + j] + sigmoid_of(x[0] + r[0]) * std::tanh(x[2] + r[2]);
                        cn[b * H + j] = next, hn[b * H + j] = sigmoid_of(x[3] + r[3]) * std::tanh(next);
                    } else {
                        const double z = sigmoid_of(x[1] + r[1]);
                        hn[b * H + j] = (1 - z) * std::tanh(x[2] + sigmoid_of(x[0] + r[0]) * r[2]) + z * hs[b * H + j];
                    }
                    y[(t * B + b) * H + j] = hn[b * H + j];
                }
            }
            hs = hn, cs = cn;
        }
        last_h = hs, last_c = cs;
        double loss = 0;
        for (std::size_t i = 0; i < y.size(); ++i) loss += dy[i] * y[i];
        for (std::size_t i = 0; i < hs.size(); ++i) loss += dh[i] * hs[i] + (lstm ? dc[i] * cs[i] : 0);
        return loss;
    }
    std::vector<double> slopes(std::vector<double>& of) {
        std::vector<double> d(of.size());
        for (std::size_t i = 0; i < of.size(); ++i) {
            const double keep = of[i], step = 1e-5;
            of[i] = keep + step;
            const double up = run();
            of[i] = keep - step;
            d[i] = (up - run()) / (2 * step);
            of[i] = keep;
        }
        return d;
    }
};

template <class Real>
std::vector<Real> as(const std::vector<double>& v) {
    return std::vector<Real>(v.begin(), v.end());
}
// What the kernels get is what Real holds, so the reference must start from the same numbers.
template <class Real>
std::vector<double> rounded(std::size_t n, std::uint64_t seed, double deviation = 1) {
    const auto v = numbers<Real>(n, seed, deviation);
    return {v.begin(), v.end()};
}

template <class Real, class World>
void lstm_of(World& w, kernel_tuning tuning, std::vector<std::int32_t> lengths, bool reverse, bool masked) {
    auto be = backend_of<Real>(w);
    be.tuning = tuning;
    constexpr std::size_t T = 4, B = 3, H = 5, N = T * B;
    recurrence r{.lstm = true,
                 .T = T,
                 .B = B,
                 .H = H,
                 .lengths = lengths,
                 .reverse = reverse,
                 .u = rounded<Real>(4 * H * H, 1, .5),
                 .gates = rounded<Real>(N * 4 * H, 2),
                 .h = rounded<Real>(B * H, 3),
                 .c = rounded<Real>(B * H, 4),
                 .dy = rounded<Real>(N * H, 5),
                 .dh = rounded<Real>(B * H, 6),
                 .dc = rounded<Real>(B * H, 7)};
    if (masked) r.mask = rounded<Real>(4 * B * H, 8);
    if (tuning.lstm == kernel_tuning::recurrence::persistent)
        for (double& m : r.mask) m = m < 0 ? 0 : 1.25;  // as dropout makes them
    static_cast<void>(r.run());
    const auto y = r.y, last_h = r.last_h, last_c = r.last_c;
    const std::size_t first = (reverse ? T : 0) * B * H, last = (reverse ? 0 : T) * B * H;
    std::vector<Real> states_h = poison<Real>((N + B) * H), states_c = states_h;
    std::copy_n(r.h.begin(), B * H, states_h.begin() + static_cast<std::ptrdiff_t>(first));
    std::copy_n(r.c.begin(), B * H, states_c.begin() + static_cast<std::ptrdiff_t>(first));
    lstm_record<Real, H> record{.gates = rows<Real, 4 * H>(w.put(as<Real>(r.gates)), N),
                                .h = rows<Real, H>(w.put(states_h), N + B),
                                .c = rows<Real, H>(w.put(states_c), N + B),
                                .tanh_c = rows<Real, H>(w.put(poison<Real>(N * H)), N),
                                .mask = {}};
    if (masked) record.mask = rows<Real, H>(w.put(as<Real>(r.mask)), 4 * B);
    const sequence_walk walk{
        .steps = T, .batch = B, .lengths = {}, .order = reverse ? time_order::reverse : time_order::onward};
    sequence_walk with = walk;
    if (!lengths.empty()) with.lengths = {w.put(lengths), B};
    const matrix<Real, 4 * H, H> u{w.put(as<Real>(r.u))};
    Real *const py = w.put(poison<Real>(N * H)), *const pdg = w.put(poison<Real>(N * 4 * H)),
                *const pdh = w.put(as<Real>(r.dh)), *const pdc = w.put(as<Real>(r.dc));
    const columns<Real, H> work(w.put(poison<Real>(B * H)), B);
    lstm_forward(be, with, u, record, columns<Real, H>(py, N), work);
    near(w, "lstm_forward", py, y);
    near(w, "lstm_forward, last h", record.h.data() + last, last_h);
    near(w, "lstm_forward, last c", record.c.data() + last, last_c);
    lstm_backward(be, with, u, record, columns<const Real, H>(w.put(as<Real>(r.dy)), N), rows<Real, 4 * H>(pdg, N),
                  columns<Real, H>(pdh, B), columns<Real, H>(pdc, B), work);
    const double difference = std::max(tolerance<Real>, 1e-8);
    near(w, "lstm_backward, gates", pdg, r.slopes(r.gates), difference);
    near(w, "lstm_backward, first h", pdh, r.slopes(r.h), difference);
    near(w, "lstm_backward, first c", pdc, r.slopes(r.c), difference);
}
template <class Real, class World>
void lstm(World& w) {
    for (const auto body : {kernel_tuning::recurrence::stepwise, kernel_tuning::recurrence::persistent}) {
        const kernel_tuning tuning{.lstm = body, .most_blocks = 2};
        lstm_of<Real>(w, tuning, {}, false, false);
        lstm_of<Real>(w, tuning, {2, 4, 1}, false, false);
        lstm_of<Real>(w, tuning, {2, 4, 1}, true, true);
    }
}

/// The persistent kernels against the stepwise ones, at sizes whose derivatives nobody takes by differences.
template <class Real, std::size_t H, class World>
void persistent_beside_stepwise(World& w, std::size_t T, std::size_t B, std::size_t most_blocks, bool masked, bool reverse,
                                double allowed = tolerance<Real>) {
    const std::size_t N = T * B;
    const double scale = 1 / std::sqrt(double(H));
    std::vector<Real> mask;
    if (masked)
        for (const Real m : numbers<Real>(4 * B * H, 8)) mask.push_back(m < 0 ? Real{0} : Real{1.25});
    std::vector<std::int32_t> lengths(B);
    for (std::size_t b = 0; b < B; ++b) lengths[b] = static_cast<std::int32_t>(1 + b * 7 % T);
    const matrix<Real, 4 * H, H> u{w.put(numbers<Real>(4 * H * H, 1, scale))};
    const Real* const dy = w.put(numbers<Real>(N * H, 5));
    sequence_walk walk{.steps = T, .batch = B, .lengths = {}, .order = reverse ? time_order::reverse : time_order::onward};
    if (masked) walk.lengths = {w.put(lengths), B};
    Real* const factors = masked ? w.put(mask) : nullptr;
    struct out {
        std::vector<Real> y, h, c, dgates, dh, dc;
    };
    const auto run = [&](kernel_tuning::recurrence body) {
        auto be = backend_of<Real>(w);
        be.tuning.lstm = body, be.tuning.most_blocks = most_blocks;
        std::vector<Real> states(B * H * (T + 1));
        const auto first = numbers<Real>(B * H, 3);
        std::copy(first.begin(), first.end(), states.begin() + static_cast<std::ptrdiff_t>((reverse ? T : 0) * B * H));
        const lstm_record<Real, H> r{.gates = rows<Real, 4 * H>(w.put(numbers<Real>(N * 4 * H, 2)), N),
                                     .h = rows<Real, H>(w.put(states), N + B),
                                     .c = rows<Real, H>(w.put(states), N + B),
                                     .tanh_c = rows<Real, H>(w.put(poison<Real>(N * H)), N),
                                     .mask = rows<Real, H>(factors, masked ? 4 * B : 0)};
        Real *const y = w.put(poison<Real>(N * H)), *const dgates = w.put(poison<Real>(N * 4 * H)),
                    *const dh = w.put(numbers<Real>(B * H, 6)), *const dc = w.put(numbers<Real>(B * H, 7));
        const columns<Real, H> work(w.put(poison<Real>(B * H)), B);
        lstm_forward(be, walk, u, r, columns<Real, H>(y, N), work);
        lstm_backward(be, walk, u, r, columns<const Real, H>(dy, N), rows<Real, 4 * H>(dgates, N), columns<Real, H>(dh, B),
                      columns<Real, H>(dc, B), work);
        be.machine.wait();
        return out{w.get(y, N * H),
                   w.get(r.h.data(), (N + B) * H),
                   w.get(r.c.data(), (N + B) * H),
                   w.get(dgates, N * 4 * H),
                   w.get(dh, B * H),
                   w.get(dc, B * H)};
    };
    const out want = run(kernel_tuning::recurrence::stepwise), got = run(kernel_tuning::recurrence::persistent),
              again = run(kernel_tuning::recurrence::persistent);
    const auto same = [&](const char* what, const std::vector<Real>& a, const std::vector<Real>& b) {
        const double e = error_of(a, b);
        w.expect(e <= allowed, "persistent LSTM of " + std::to_string(H) + ", " + what + ": error " + std::to_string(e));
    };
    same("y", got.y, want.y);
    same("h", got.h, want.h);
    same("c", got.c, want.c);
    same("gradients of gates", got.dgates, want.dgates);
    same("gradient of the first h", got.dh, want.dh);
    same("gradient of the first c", got.dc, want.dc);
    w.expect(got.y == again.y && got.dgates == again.dgates && got.dh == again.dh,
             "a persistent LSTM gives the same bits twice");
}
template <class Real, class World>
void persistent_lstm(World& w) {
    persistent_beside_stepwise<Real, 40>(w, 3, 5, 6, true, true);  // three blocks of units, the last not full; two of sequences
    persistent_beside_stepwise<Real, 64>(w, 2, 18, 4, false, false);  // more sequences than lie in shared memory at a time
}

/// Four rows of weights in a warp, as wide layers have.
template <class Real>
struct narrow_products {
    struct shape {
        static constexpr int rows = 4, per_lane = 3, units = 8, side_by_side = 4;
    };
    const Real *w, *x;
    const std::uint32_t* bits;
    Real *plain, *masked;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        Real held[4][3];
        for (int r = 0; r < 4; ++r)
            for (int i = 0; i < 3; ++i) held[r][i] = w[r * 96 + c.tid() + 32 * i];
        kernels::warp_products<shape, false>(c, held, x, 96, 8, nullptr, 0, Real(1), plain);
        kernels::warp_products<shape, true>(c, held, x, 96, 8, bits, 32, Real(2), masked);
    }
};
template <class Real, class World>
void warp_products(World& w) {
    const auto m = numbers<Real>(4 * 96, 1), x = numbers<Real>(8 * 96, 2);
    std::vector<std::uint32_t> bits(8 * 32);
    random_stream random{random_key{3}};
    for (auto& b : bits) b = uniform_below(random, 8);
    std::vector<double> plain(8 * 8, -1), masked(8 * 8, -1);  // what belongs to another half of the units stays
    for (std::size_t s = 0; s < 8; ++s)
        for (std::size_t r = 0; r < 4; ++r) {
            double all = 0, some = 0;
            for (std::size_t k = 0; k < 96; ++k) {
                const double v = double(m[r * 96 + k]) * double(x[s * 96 + k]);
                all += v, some += (bits[s * 32 + k % 32] >> (k / 32) & 1U) != 0 ? v : 0;
            }
            plain[s * 8 + r] = all, masked[s * 8 + r] = 2 * some;
        }
    Real *const p = w.put(std::vector<Real>(64, Real{-1})), *const q = w.put(std::vector<Real>(64, Real{-1}));
    w.machine.launch(narrow_products<Real>{w.put(m), w.put(x), w.put(bits), p, q}, {.grid = 1, .block = 32});
    near(w, "products of a warp", p, plain);
    near(w, "products of a warp, some numbers left out", q, masked);
}

struct waits_in_vain {
    kernels::meeting meet;
    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        meet.arrive(c, 0);
        static_cast<void>(meet.wait(c, 0, 3, c.template shared<std::uint32_t>()));
    }
};
/// Two blocks wait for a third: the host hears of it, once.
template <class Real, class World>
void meetings(World& w) {
    auto be = backend_of<Real>(w);
    std::uint32_t* const words = w.machine.meeting_words();
    using kernels::meeting;
    backend::detail::launch_each(be, 1, meeting::line, kernels::clear_meeting_op{words});
    w.machine.launch(waits_in_vain{{words, words + meeting::line * meeting::most_groups, 1000}},
                     {.grid = 2, .block = 32, .shared_bytes = sizeof(std::uint32_t), .cooperative = true});
    const auto complaint = [&] {
        try {
            w.machine.wait();
        } catch (const error& e) {
            return std::string(e.what());
        }
        return std::string();
    };
    w.expect(complaint().find("in vain") != std::string::npos, "blocks that wait in vain end with an error");
    w.expect(complaint().empty(), "and it is told once");
}

template <class Real, class World>
void gru_of(World& w, std::vector<std::int32_t> lengths, bool reverse) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t T = 4, B = 3, H = 5, N = T * B;
    recurrence r{.lstm = false,
                 .T = T,
                 .B = B,
                 .H = H,
                 .lengths = lengths,
                 .reverse = reverse,
                 .u = rounded<Real>(3 * H * H, 1, .5),
                 .bias = rounded<Real>(3 * H, 9),
                 .gates = rounded<Real>(N * 3 * H, 2),
                 .h = rounded<Real>(B * H, 3),
                 .c = std::vector<double>(B * H),
                 .dy = rounded<Real>(N * H, 5),
                 .dh = rounded<Real>(B * H, 6)};
    static_cast<void>(r.run());
    const auto y = r.y;
    std::vector<Real> states = poison<Real>((N + B) * H);
    std::copy_n(r.h.begin(), B * H, states.begin() + static_cast<std::ptrdiff_t>((reverse ? T : 0) * B * H));
    const gru_record<Real, H> record{.gates = rows<Real, 3 * H>(w.put(as<Real>(r.gates)), N),
                                     .h = rows<Real, H>(w.put(states), N + B),
                                     .hn = rows<Real, H>(w.put(poison<Real>(N * H)), N)};
    sequence_walk walk{.steps = T, .batch = B, .lengths = {}, .order = reverse ? time_order::reverse : time_order::onward};
    if (!lengths.empty()) walk.lengths = {w.put(lengths), B};
    const affine<Real, 3 * H, H> u{.w = {w.put(as<Real>(r.u))}, .b = w.put(as<Real>(r.bias))};
    Real *const py = w.put(poison<Real>(N * H)), *const pdx = w.put(poison<Real>(N * 3 * H)),
                *const pdu = w.put(poison<Real>(N * 3 * H)), *const pdh = w.put(as<Real>(r.dh));
    gru_forward(be, walk, u, record, columns<Real, H>(py, N), rows<Real, 3 * H>(w.put(poison<Real>(B * 3 * H)), B));
    near(w, "gru_forward", py, y);
    gru_backward(be, walk, u, record, columns<const Real, H>(w.put(as<Real>(r.dy)), N), rows<Real, 3 * H>(pdx, N),
                 rows<Real, 3 * H>(pdu, N), columns<Real, H>(pdh, B));
    const double difference = std::max(tolerance<Real>, 1e-8);
    near(w, "gru_backward, gates", pdx, r.slopes(r.gates), difference);
    near(w, "gru_backward, first h", pdh, r.slopes(r.h), difference);
    // The gradients of h U^T + b, summed over all rows, are those of the bias.
    std::vector<double> sums(3 * H);
    const auto du = w.get(pdu, N * 3 * H);
    for (std::size_t i = 0; i < du.size(); ++i) sums[i % (3 * H)] += double(du[i]);
    w.expect(error_of(sums, r.slopes(r.bias)) <= difference, "gru_backward, recurrent gates");
}
template <class Real, class World>
void gru(World& w) {
    gru_of<Real>(w, {}, false);
    gru_of<Real>(w, {2, 4, 1}, true);
}

// ---------------------------------------------------------------- optimisers

template <class Real, class World>
void optimisers(World& w) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t n = 600;
    constexpr double rate = 0.01, b1 = 0.9, b2 = 0.99, eps = 1e-3, decay = 0.1, most = 4;
    for (int kind = 0; kind < 5; ++kind) {  // Adam (three places of epsilon), AdamW, RMSprop
        const int place = kind < 3 ? kind : 0;
        std::vector<double> x = rounded<Real>(n, 1), m(n), v(n), u(n);
        Real *const px = w.put(as<Real>(x)), *const pm = w.put(std::vector<Real>(n)), *const pv = w.put(std::vector<Real>(n)),
                    *const pu = w.put(std::vector<Real>(n));
        auto* const clock = w.put(std::vector<kernels::update_clock>{{.rate = rate}});
        double norm = 0;
        for (int t = 1; t <= 3; ++t) {
            const auto g = rounded<Real>(n, 10 + static_cast<std::uint64_t>(t), t == 2 ? 0.01 : 1);
            norm = 0;
            for (const double d : g) norm += d * d;
            norm = std::sqrt(norm);
            const double clip = norm > most ? most / norm : 1, one = 1 - std::pow(b1, t), two = 1 - std::pow(b2, t);
            for (std::size_t i = 0; i < n; ++i) {
                const double d = clip * g[i] + (kind == 3 ? 0 : decay * x[i]);
                if (kind == 4) {
                    v[i] = b2 * v[i] + (1 - b2) * d * d, m[i] = b2 * m[i] + (1 - b2) * d;
                    u[i] = 0.5 * u[i] + d / (std::sqrt(v[i] - m[i] * m[i]) + eps);
                    x[i] -= rate * u[i];
                    continue;
                }
                m[i] = b1 * m[i] + (1 - b1) * d, v[i] = b2 * v[i] + (1 - b2) * d * d;
                if (kind == 3) x[i] *= 1 - rate * decay;
                const double root = place == 0   ? std::sqrt(v[i] / two) + eps
                                    : place == 1 ? std::sqrt((v[i] + eps) / two)
                                                 : (std::sqrt(v[i]) + eps) / std::sqrt(two);
                x[i] -= rate * (m[i] / one) / root;
            }
            const Real* const pg = w.put(as<Real>(g));
            begin_update(be, std::span<const Real>(pg, n), most, clock);
            if (kind == 4) {
                w.machine.launch(kernels::rmsprop_update<Real>{n, px, pg, pv, pu, pm, clock, b2, eps, 0.5, decay, false, false},
                                 kernels::rmsprop_update<Real>::launch(n));
            } else {
                w.machine.launch(kernels::adam_update<Real>{n, px, pg, pm, pv, clock, b1, b2, eps, decay, place, kind == 3},
                                 kernels::adam_update<Real>::launch(n));
            }
        }
        near(w, "optimiser " + std::to_string(kind), px, x);
        const auto seen = w.get(clock, 1)[0];
        w.expect(seen.updates == 3 && std::abs(seen.norm - norm) < 1e-4 * norm, "the clock counts and keeps the norm");
    }
}

/// What begins and ends a step that is recorded: keys, the rate, the ring; and what an average and a filled end of a row need.
template <class Real, class World>
void whole_steps(World& w) {
    auto be = backend_of<Real>(w);
    std::vector<double> rates(kernels::step_block), result{1, 2, 3, 4};
    for (std::size_t i = 0; i < rates.size(); ++i) rates[i] = double(i) / 2;
    const std::uint64_t first = kernels::step_block + 70;
    auto* const step = w.put(std::vector<std::uint64_t>{first});
    auto* const keys = w.put(std::vector<std::uint64_t>(kernels::step_draws));
    auto* const clock = w.put(std::vector<kernels::update_clock>{{.norm = 9}});
    auto* const ring = w.put(std::vector<double>(kernels::step_ring * kernels::step_numbers, -1));
    const double *const at = w.put(rates), *const found = w.put(result);
    constexpr std::size_t n = 99;
    for (std::uint64_t s = first; s < first + 2; ++s) {
        w.machine.launch(kernels::begin_step{step, at, 11, keys, clock}, kernels::begin_step::launch());
        const random_key key = random_key{11}.child(s).child("network");
        be.keys = keys, be.drawn = 0;
        Real *const mask = w.put(poison<Real>(n)), *const noise = w.put(poison<Real>(n)),
                    *const want = w.put(poison<Real>(2 * n));
        dropout_mask(be, random_key{1}, 0.3, std::span<Real>(mask, n));
        normal_noise(be, random_key{1}, std::span<Real>(noise, n));
        be.keys = nullptr;
        dropout_mask(be, key.child(0), 0.3, std::span<Real>(want, n));
        normal_noise(be, key.child(1), std::span<Real>(want + n, n));
        w.expect(w.get(mask, n) == w.get(want, n) && w.get(noise, n) == w.get(want + n, n),
                 "draws of a step take the keys that lie in memory, in order");
        w.expect(w.get(keys, kernels::step_draws).back() == key.child(kernels::step_draws - 1).value, "all keys are there");
        w.expect(w.get(clock, 1)[0].rate == rates[s % kernels::step_block], "the rate is the step's");
        w.machine.launch(kernels::end_step{step, found, clock, ring}, kernels::end_step::launch());
        const auto kept = w.get(ring, kernels::step_ring * kernels::step_numbers);
        const auto row = kept.begin() + static_cast<std::ptrdiff_t>(s % kernels::step_ring * kernels::step_numbers);
        w.expect(std::vector<double>(row, row + 5) == std::vector<double>{1, 2, 3, 4, 9}, "the ring keeps what a step found");
        w.expect(w.get(step, 1)[0] == s + 1, "the step is counted");
    }
    const auto x = numbers<Real>(n, 1);
    std::vector<Real> average = numbers<Real>(n, 2), filled = x;
    Real *const pa = w.put(average), *const py = w.put(x);
    backend::detail::launch_each(be, 1, n, kernels::average_op<Real>{Real(0.75), Real(0.25), w.put(x), pa});
    for (std::size_t i = 0; i < n; ++i) {
        average[i] = Real(0.75) * average[i] + Real(0.25) * x[i];
        if (i % 11 >= 7) filled[i] = Real{-4};
    }
    near(w, "moving average", pa, average);
    fill_beyond(be, 7, Real{-4}, columns<Real, 11>(py, n / 11));
    w.expect(w.get(py, n) == filled, "fill_beyond fills the end of each row alone");
    constexpr std::size_t W = 3, B = 4, N = 12;
    std::vector<Real> sums(x.begin(), x.begin() + B * W), repeated(N * W);
    Real *const pr = w.put(poison<Real>(N * W)), *const ps = w.put(sums);
    for (std::size_t i = 0; i < N * W; ++i) repeated[i] = x[i % (B * W)];
    for (std::size_t i = 0; i < N * W; ++i) sums[i % (B * W)] += average[i];
    repeat_rows(be, columns<const Real, W>(w.put(x), B), columns<Real, W>(pr, N));
    w.expect(w.get(pr, N * W) == repeated, "repeat_rows copies bit for bit");
    sum_repeated(be, columns<const Real, W>(w.put(average), N), columns<Real, W>(ps, B));
    w.expect(w.get(ps, B * W) == sums, "sum_repeated sums in the order of the rows, bit for bit");
}

// ---------------------------------------------------------------- convolutions

/// One convolution by one way, beside plain loops; x and y are columns of wider matrices.
template <class Real, std::size_t I, std::size_t O, std::size_t K, class World>
void convolution_of(World& w, conv_walk walk, conv_method how, std::size_t spectrum_bytes = std::size_t{1} << 20) {
    auto be = backend_of<Real>(w);
    be.tuning.conv = how == conv_method::fft ? kernel_tuning::convolution::fft : kernel_tuning::convolution::direct;
    be.tuning.spectrum_bytes = spectrum_bytes;
    walk.kernel = K;
    constexpr std::size_t gap = 2;
    const std::size_t N = walk.rows(), B = walk.batch;
    const auto x = numbers<Real>(N * (I + gap), 1), m = numbers<Real>(O * K * I, 2), dy = numbers<Real>(N * (O + gap), 3),
               old = numbers<Real>(O * K * I, 4), start = numbers<Real>(N * O, 5);
    std::vector<double> y(start.begin(), start.end()), dx(N * I), dw(old.begin(), old.end());
    for (std::size_t t = 0; t < walk.steps; ++t)
        for (std::size_t j = 0; j < K; ++j) {
            const std::ptrdiff_t from = std::ptrdiff_t(t + j * walk.dilation) - std::ptrdiff_t(walk.left);
            if (from < 0 || from >= std::ptrdiff_t(walk.steps)) continue;
            for (std::size_t b = 0; b < B; ++b)
                for (std::size_t o = 0; o < O; ++o)
                    for (std::size_t i = 0; i < I; ++i) {
                        const std::size_t n = t * B + b, s = std::size_t(from) * B + b, at = (o * K + j) * I + i;
                        y[n * O + o] += double(x[s * (I + gap) + i]) * double(m[at]);
                        dx[s * I + i] += double(dy[n * (O + gap) + o]) * double(m[at]);
                        dw[at] += double(dy[n * (O + gap) + o]) * double(x[s * (I + gap) + i]);
                    }
        }
    const conv_plan plan = plan_convolution(be, walk, I, O);
    w.expect(plan.how == how, "the tuning chooses the way");
    const std::span<Real> spectrum(w.put(poison<Real>(plan.spectrum_count)), plan.spectrum_count);
    const auto work = [&] { return std::span<Real>(w.put(poison<Real>(plan.work_count)), plan.work_count); };
    const columns<const Real, I> cx(w.put(x), N, I + gap);
    const columns<const Real, O> cdy(w.put(dy), N, O + gap);
    const matrix<Real, O, K * I> cm{w.put(m)}, cdw{w.put(old)}, again{w.put(old)};
    Real *const py = w.put(start), *const pdx = w.put(poison<Real>(N * I));
    const std::string name = (how == conv_method::fft ? "spectra of " : "taps of ") + std::to_string(K) + " ";
    conv_spectrum(be, plan, cm, spectrum, work());
    convolve(be, plan, cx, cm, std::span<const Real>(spectrum), columns<Real, O>(py, N), work());
    near(w, name + "forward", py, y);
    convolve_backward(be, plan, cx, cm, std::span<const Real>(spectrum), cdy, columns<Real, I>(pdx, N), cdw, work());
    near(w, name + "dx", pdx, dx);
    near(w, name + "dw", cdw.data, dw);
    convolve_backward(be, plan, cx, cm, std::span<const Real>(spectrum), cdy, columns<Real, I>{}, again, work());
    w.expect(w.get(again.data, dw.size()) == w.get(cdw.data, dw.size()),
             name + "dw has the same bits twice, dx asked for or not");
}
template <class Real, class World>
void convolutions(World& w) {
    using enum conv_method;
    for (const conv_method how : {direct, fft}) {
        convolution_of<Real, 3, 5, 4>(w, {.steps = 19, .batch = 3, .dilation = 2, .left = 6}, how);  // causal
        convolution_of<Real, 2, 3, 5>(w, {.steps = 23, .batch = 2, .dilation = 3, .left = 6}, how);  // in the middle
        convolution_of<Real, 1, 9, 3>(w, {.steps = 40, .batch = 1, .dilation = 1, .left = 2}, how);
        convolution_of<Real, 9, 1, 12>(w, {.steps = 5, .batch = 2, .dilation = 1, .left = 11},
                                       how);  // longer than the sequence
        convolution_of<Real, 4, 2, 1>(w, {.steps = 6, .batch = 2, .dilation = 4}, how);
    }
    convolution_of<Real, 2, 3, 6>(w, {.steps = 90, .batch = 2, .dilation = 1, .left = 5}, fft, 1);  // a block at a time
    convolution_of<Real, 2, 3, 6>(w, {.steps = 90, .batch = 2, .dilation = 1, .left = 5}, fft, 5000);
    auto be = backend_of<Real>(w);
    const auto chosen = [&](std::size_t kernel) {
        return plan_convolution(be, {.steps = 4096, .batch = 2, .kernel = kernel, .left = kernel - 1}, 8, 8).how;
    };
    w.expect(chosen(2) == direct && chosen(256) == fft && chosen(5000) == direct, "long kernels go through spectra");
}

template <class Real, class World>
void gates_and_rows(World& w) {
    auto be = backend_of<Real>(w);
    constexpr std::size_t N = 11, C = 37, gap = 3;
    const auto z = numbers<Real>(N * 2 * C, 1), dy = numbers<Real>(N * C, 2), x = numbers<Real>(N * (C + gap), 3),
               g = numbers<Real>(C, 4), old = numbers<Real>(C, 5);
    std::vector<double> values(N * 2 * C), y(N * C), dz(N * 2 * C), normal(N * C), scale(N), dx(N * C),
        dw(old.begin(), old.end()), db(old.begin(), old.end());
    for (std::size_t n = 0; n < N; ++n) {
        double mean = 0, squares = 0, sum = 0, product = 0;
        for (std::size_t c = 0; c < C; ++c) {
            const std::size_t a = n * 2 * C + c, b = a + C, i = n * C + c;
            const double t = std::tanh(double(z[a])), s = sigmoid_of(double(z[b]));
            values[a] = t, values[b] = s, y[i] = t * s;
            dz[a] = double(dy[i]) * s * (1 - t * t), dz[b] = double(dy[i]) * t * s * (1 - s);
            mean += double(x[n * (C + gap) + c]) / C;
        }
        for (std::size_t c = 0; c < C; ++c) squares += std::pow(double(x[n * (C + gap) + c]) - mean, 2);
        scale[n] = 1 / std::sqrt(squares / C + 1e-3);
        for (std::size_t c = 0; c < C; ++c) {
            const std::size_t i = n * C + c;
            normal[i] = (double(x[n * (C + gap) + c]) - mean) * scale[n];
            dw[c] += double(dy[i]) * normal[i], db[c] += double(dy[i]);
            sum += double(g[c]) * double(dy[i]) / C, product += double(g[c]) * double(dy[i]) * normal[i] / C;
        }
        for (std::size_t c = 0; c < C; ++c) {
            const std::size_t i = n * C + c;
            dx[i] = scale[n] * (double(g[c]) * double(dy[i]) - sum - normal[i] * product);
        }
    }
    Real *const pz = w.put(z), *const py = w.put(poison<Real>(N * C)), *const pn = w.put(poison<Real>(N * C)),
                *const ps = w.put(poison<Real>(N)), *const pdx = w.put(poison<Real>(N * C)), *const pdw = w.put(old),
                *const pdb = w.put(old);
    const columns<const Real, C> cdy(w.put(dy), N);
    gate(be, columns<Real, 2 * C>(pz, N), columns<Real, C>(py, N));
    near(w, "gate", py, y);
    near(w, "gate, both halves", pz, values);
    gate_backward(be, columns<const Real, 2 * C>(pz, N), cdy, columns<Real, 2 * C>(pz, N));
    near(w, "gate backward in place", pz, dz);
    normalise_rows(be, columns<const Real, C>(w.put(x), N, C + gap), 1e-3, columns<Real, C>(pn, N), std::span<Real>(ps, N));
    near(w, "normalised rows", pn, normal);
    near(w, "scales of rows", ps, scale);
    normalise_rows_backward(be, cdy, columns<const Real, C>(pn, N), std::span<const Real>(ps, N), w.put(g), pdw, pdb,
                            columns<Real, C>(pdx, N));
    near(w, "layer norm backward", pdx, dx);
    near(w, "layer norm, dw", pdw, dw);
    near(w, "layer norm, db", pdb, db);

    std::vector<double> lengths(N), scaled(N * C), dg(old.begin(), old.begin() + N), dv(N * C);
    const auto v = numbers<Real>(N * C, 6), start = numbers<Real>(N * C, 7);
    for (std::size_t o = 0; o < N; ++o) {
        double along = 0;
        for (std::size_t i = o * C; i < (o + 1) * C; ++i)
            lengths[o] += double(v[i]) * double(v[i]), along += double(v[i]) * double(dy[i]);
        lengths[o] = std::sqrt(lengths[o]), along /= lengths[o];
        dg[o] += along;
        for (std::size_t i = o * C; i < (o + 1) * C; ++i) {
            scaled[i] = double(g[o]) / lengths[o] * double(v[i]);
            dv[i] = double(start[i]) + double(g[o]) / lengths[o] * (double(dy[i]) - double(v[i]) * along / lengths[o]);
        }
    }
    const matrix<Real, N, C> cv{w.put(v)}, cw{w.put(poison<Real>(N * C))}, cdw{w.put(dy)}, cdv{w.put(start)};
    Real *const pl = w.put(poison<Real>(N)), *const pdg = w.put(std::vector<Real>(old.begin(), old.begin() + N));
    row_lengths(be, cv, frame<Real, N>(pl, N));
    near(w, "lengths of rows", pl, lengths);
    scale_rows(be, cv, static_cast<const Real*>(w.put(g)), frame<const Real, N>(pl, N), cw);
    near(w, "weight norm", cw.data, scaled);
    scale_rows_backward(be, cv, static_cast<const Real*>(w.put(g)), frame<const Real, N>(pl, N), cdw, pdg, cdv);
    near(w, "weight norm, dg", pdg, dg);
    near(w, "weight norm, dv", cdv.data, dv);
}

// ---------------------------------------------------------------- all of them

template <class World>
struct named_case {
    const char* name;
    std::function<void(World&)> run;
};
template <class World>
std::vector<named_case<World>> all() {
#define LOFI_CASE(f)                                     \
    {                                                    \
#f, [](World & w) { f<float>(w), f<double>(w); } \
    }
    return {LOFI_CASE(products),
            LOFI_CASE(elementwise),
            LOFI_CASE(tables),
            LOFI_CASE(random_numbers),
            LOFI_CASE(column_reductions),
            LOFI_CASE(cross_entropy),
            LOFI_CASE(distances),
            LOFI_CASE(gaussians),
            LOFI_CASE(lstm),
            LOFI_CASE(persistent_lstm),
            LOFI_CASE(warp_products),
            LOFI_CASE(meetings),
            LOFI_CASE(gru),
            LOFI_CASE(convolutions),
            LOFI_CASE(gates_and_rows),
            LOFI_CASE(optimisers),
            LOFI_CASE(whole_steps)};
#undef LOFI_CASE
}

}  // namespace lofi::test::cuda_cases
