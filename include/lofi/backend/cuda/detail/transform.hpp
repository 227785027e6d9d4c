#pragma once
// Kernel bodies of convolutions by overlap-save: Fourier transforms in shared memory, and where their samples come from and go to.
#include <cstdint>

#include <lofi/backend/convolution.hpp>
#include <lofi/backend/cuda/detail/language.hpp>

namespace lofi::inline LOFI_ABI::backend::kernels {

/// Real sequences that a block transforms side by side, two in one complex transform: 32 bytes of neighbouring channels.
template <class Real>
inline constexpr std::size_t transform_width = 32 / sizeof(Real);
/// Transforms are no longer than shared memory holds.
inline constexpr std::size_t longest_transform = 4096;

template <class Real>
inline dims over_transforms(std::size_t count, std::size_t length) {
    constexpr std::size_t width = transform_width<Real>;
    return {.grid = static_cast<unsigned>((count + width - 1) / width), .shared_bytes = width * length * sizeof(Real)};
}

/// table_2j, table_2j+1 = cos, sin of 2 pi j / length, for half a turn.
template <class Real>
struct turns_op {
    std::size_t length;
    Real* table;
    LOFI_KERNEL void operator()(std::size_t, std::size_t j) const {
        const double turn = 6.283185307179586476925 * static_cast<double>(j) / static_cast<double>(length);
        table[2 * j] = static_cast<Real>(std::cos(turn));
        table[2 * j + 1] = static_cast<Real>(std::sin(turn));
    }
};

/// The bits of n, of which there are so many, in reverse.
LOFI_KERNEL std::size_t reversed_bits(std::size_t n, unsigned bits) {
    auto v = static_cast<std::uint32_t>(n);
    v = (v >> 1U & 0x55555555U) | (v & 0x55555555U) << 1U;
    v = (v >> 2U & 0x33333333U) | (v & 0x33333333U) << 2U;
    v = (v >> 4U & 0x0F0F0F0FU) | (v & 0x0F0F0F0FU) << 4U;
    v = (v >> 8U & 0x00FF00FFU) | (v & 0x00FF00FFU) << 8U;
    v = v >> 16U | v << 16U;
    return v >> (32U - bits);
}

/// Fourier transforms of a block's sequences in place: data (length, width), the sequences 2p and 2p+1 being real and imaginary part of one;
/// samples lie at the reverse of their number's bits on entry. `turn` is -1 onward and 1 back.
/// source: Cooley, Tukey: An Algorithm for the Machine Calculation of Complex Fourier Series (1965)
template <class C, class Real>
LOFI_KERNEL void transform(C& c, Real* data, std::size_t length, const Real* table, Real turn) {
    constexpr std::size_t width = transform_width<Real>, pairs = width / 2;
    for (std::size_t half = 1; half < length; half *= 2) {
        const std::size_t apart = length / 2 / half;
        for (auto i = static_cast<std::size_t>(c.tid()); i < length / 2 * pairs; i += static_cast<std::size_t>(c.block_dim())) {
            const std::size_t k = i / pairs, j = k & (half - 1);
            Real *const a = data + (2 * k - j) * width + i % pairs * 2, *const b = a + half * width;
            const Real re = table[2 * j * apart], im = turn * table[2 * j * apart + 1];
            const Real x = re * b[0] - im * b[1], y = re * b[1] + im * b[0];
            b[0] = a[0] - x, b[1] = a[1] - y;
            a[0] += x, a[1] += y;
        }
        c.sync();
    }
}

/// Transforms `count` sequences of so many samples. Of the operation: `from(f)` and `to(f)` are a sequence's places, found once;
/// `load(place, sample)`, `store(place, bin, re, im)`.
template <class Real, class Op>
struct transform_onward {
    Op op;
    std::size_t count, samples, length;
    unsigned bits;
    const Real* table;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        constexpr std::size_t width = transform_width<Real>, pairs = width / 2;
        Real* const data = c.template shared<Real>();
        const std::size_t first = static_cast<std::size_t>(c.bid()) * width, t = static_cast<std::size_t>(c.tid()),
                          threads = static_cast<std::size_t>(c.block_dim()), f = first + t % width;
        const auto source = op.from(f < count ? f : 0);
        for (std::size_t n = t / width; n < length; n += threads / width)
            data[reversed_bits(n, bits) * width + t % width] = f < count && n < samples ? op.load(source, n) : Real(0);
        c.sync();
        transform(c, data, length, table, Real(-1));
        const std::size_t pair = t % pairs * 2, a = first + pair;
        if (a >= count) return;
        const auto one = op.to(a), two = op.to(a + 1 < count ? a + 1 : a);
        for (std::size_t k = t / pairs; k <= length / 2; k += threads / pairs) {
            const Real *const u = data + k * width + pair, *const v = data + (length - k) % length * width + pair;
            op.store(one, k, (u[0] + v[0]) / 2, (u[1] - v[1]) / 2);
            if (a + 1 < count) op.store(two, k, (u[1] + v[1]) / 2, (v[0] - u[0]) / 2);
        }
    }
};

/// Transforms spectra of `count` sequences back, times `factor`. Of the operation: `from(f)`, `to(f)`, `fetch(place, bin, part)` with part 0
/// real and 1 imaginary, `put(place, sample, value)` for the first samples.
template <class Real, class Op>
struct transform_back {
    Op op;
    std::size_t count, samples, length;
    unsigned bits;
    const Real* table;
    Real factor;

    template <class C>
    LOFI_KERNEL void operator()(C& c) const {
        constexpr std::size_t width = transform_width<Real>, pairs = width / 2;
        Real* const data = c.template shared<Real>();
        const std::size_t first = static_cast<std::size_t>(c.bid()) * width, t = static_cast<std::size_t>(c.tid()),
                          threads = static_cast<std::size_t>(c.block_dim()), f = first + t % width;
        const std::size_t pair = t % pairs * 2, a = first + pair;
        const bool have = a < count, both = a + 1 < count;
        const auto one = op.from(have ? a : 0), two = op.from(both ? a + 1 : 0);
        for (std::size_t k = t / pairs; k <= length / 2; k += threads / pairs) {
            const Real re = have ? factor * op.fetch(one, k, 0) : Real(0), im = have ? factor * op.fetch(one, k, 1) : Real(0),
                       more = both ? factor * op.fetch(two, k, 0) : Real(0),
                       turned = both ? factor * op.fetch(two, k, 1) : Real(0);
            Real* const u = data + reversed_bits(k, bits) * width + pair;
            Real* const v = data + reversed_bits((length - k) % length, bits) * width + pair;
            // At no frequency and at the highest both are one number, and what is imaginary of it is nothing.
            const bool real = u == v;
            u[0] = real ? re : re - turned, u[1] = real ? more : im + more;
            if (!real) v[0] = re + turned, v[1] = more - im;
        }
        c.sync();
        transform(c, data, length, table, Real(1));
        if (f >= count) return;
        const auto sink = op.to(f);
        for (std::size_t n = t / width; n < samples; n += threads / width) op.put(sink, n, data[n * width + t % width]);
    }
};

// ---------------------------------------------------------------- what is transformed

/// The kernel (O,K,I) as O*I sequences; its spectrum (bins,O,2,I). Lag l is tap l of the oldest-first order: a correlation, whose spectrum is
/// the conjugate.
template <class Real>
struct kernel_spectrum_op {
    const Real* w;
    Real* spectrum;
    std::size_t kernel, in, out;

    LOFI_KERNEL const Real* from(std::size_t f) const { return w + f / in * kernel * in + f % in; }
    LOFI_KERNEL Real load(const Real* at, std::size_t n) const { return at[n * in]; }
    LOFI_KERNEL Real* to(std::size_t f) const { return spectrum + f / in * 2 * in + f % in; }
    LOFI_KERNEL void store(Real* at, std::size_t k, Real re, Real im) const {
        at[k * 2 * out * in] = re;
        at[k * 2 * out * in + in] = -im;
    }
};

/// dw += the kernel whose spectrum that is.
template <class Real>
struct kernel_gradient_op {
    const Real* spectrum;
    Real* dw;
    std::size_t kernel, in, out;

    LOFI_KERNEL const Real* from(std::size_t f) const { return spectrum + f / in * 2 * in + f % in; }
    LOFI_KERNEL Real fetch(const Real* at, std::size_t k, int part) const {
        return part == 0 ? at[k * 2 * out * in] : -at[k * 2 * out * in + in];
    }
    LOFI_KERNEL Real* to(std::size_t f) const { return dw + f / in * kernel * in + f % in; }
    LOFI_KERNEL void put(Real* at, std::size_t n, Real value) const { at[n * in] += value; }
};

/// Where blocks of a dilated sequence lie among rows: of a line (phase, sequence), block i begins at output i * advance, and sample n of its
/// inputs is what the oldest tap of the output n later sees.
struct block_places {
    std::size_t steps, batch, dilation, left, advance, blocks_of_line;

    struct place {
        std::ptrdiff_t time;
        std::size_t batch, channel;
    };
    LOFI_KERNEL place at(std::size_t block, std::size_t channel) const {
        const std::size_t line = block / blocks_of_line, q = block % blocks_of_line * advance;
        return {static_cast<std::ptrdiff_t>(q * dilation + line / batch) - static_cast<std::ptrdiff_t>(left), line % batch,
                channel};
    }
    /// The row of a sample; -1 outside.
    LOFI_KERNEL std::ptrdiff_t row(place p, std::size_t n) const {
        const std::ptrdiff_t t = p.time + static_cast<std::ptrdiff_t>(n * dilation);
        if (t < 0 || t >= static_cast<std::ptrdiff_t>(steps)) return -1;
        return t * static_cast<std::ptrdiff_t>(batch) + static_cast<std::ptrdiff_t>(p.batch);
    }
};

/// Samples of blocks, as rows of real matrices at every frequency: (bins, 2*blocks, 2*channels), the upper half [re, -im], the lower [im, re],
/// so that a complex product is one of real matrices.
template <class Real>
struct block_spectra_op {
    block_places places;
    strided<const Real> x;
    Real* spectra;
    std::size_t first, blocks, channels;

    LOFI_KERNEL block_places::place from(std::size_t f) const { return places.at(first + f / channels, f % channels); }
    LOFI_KERNEL Real load(block_places::place at, std::size_t n) const {
        const std::ptrdiff_t row = places.row(at, n);
        return row < 0 ? Real(0) : x.at(static_cast<std::size_t>(row), at.channel);
    }
    LOFI_KERNEL Real* to(std::size_t f) const { return spectra + f / channels * 2 * channels + f % channels; }
    LOFI_KERNEL void store(Real* at, std::size_t k, Real re, Real im) const {
        Real *const upper = at + k * 4 * blocks * channels, *const lower = upper + 2 * blocks * channels;
        upper[0] = re, upper[channels] = -im;
        lower[0] = im, lower[channels] = re;
    }
};

/// Adds the samples of spectra (bins, 2*blocks, channels), real parts above, to rows: those of every `apart`-th block from `odd` on. Blocks that
/// overlap are not added in one launch, so that the order of a sum is always the same.
template <class Real>
struct block_samples_op {
    block_places places;
    const Real* spectra;
    strided<Real> y;
    std::size_t first, blocks, channels, apart, odd;

    LOFI_KERNEL std::size_t block(std::size_t f) const { return f / channels * apart + odd; }
    LOFI_KERNEL const Real* from(std::size_t f) const { return spectra + block(f) * channels + f % channels; }
    LOFI_KERNEL Real fetch(const Real* at, std::size_t k, int part) const {
        return at[(k * 2 + static_cast<std::size_t>(part)) * blocks * channels];
    }
    LOFI_KERNEL block_places::place to(std::size_t f) const { return places.at(first + block(f), f % channels); }
    LOFI_KERNEL void put(block_places::place at, std::size_t n, Real value) const {
        const std::ptrdiff_t row = places.row(at, n);
        if (row >= 0) y.at(static_cast<std::size_t>(row), at.channel) += value;
    }
};

}  // namespace lofi::inline LOFI_ABI::backend::kernels
