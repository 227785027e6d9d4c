#pragma once
// Convolution as products of rows: each tap's with the rows that it sees, or of windows that were gathered where rows are narrow.
#include <algorithm>
#include <cstddef>
#include <span>

#include <lofi/backend/convolution.hpp>
#include <lofi/backend/cpu_gemm.hpp>

namespace lofi::inline LOFI_ABI::backend::detail {

template <class Real>
class conv_direct {
public:
    conv_direct(int threads, const conv_plan& plan, std::span<Real> work)
        : threads_(threads), p_(plan), w_(plan.walk), window_(work.data()), width_(w_.kernel * plan.in) {}

    static constexpr std::size_t rows_at_once = 256;
    static std::size_t work_count(const conv_plan& p) {
        return p.shifted ? 0 : std::min(rows_at_once, p.walk.rows()) * p.walk.kernel * p.in;
    }

    void forward(const Real* x, std::size_t x_stride, const Real* w, Real* y, std::size_t y_stride) {
        if (p_.shifted) {
            each_tap([&](std::size_t j, std::size_t out, std::size_t in, std::size_t n) {
                gemm(threads_, transposed::no, transposed::yes, n, p_.out, p_.in, x + in * x_stride, x_stride, w + j * p_.in,
                     width_, Real{1}, y + out * y_stride, y_stride);
            });
            return;
        }
        each_part([&](std::size_t first, std::size_t n) {
            gather(first, n, x, x_stride);
            gemm(threads_, transposed::no, transposed::yes, n, p_.out, width_, window_, width_, w, width_, Real{1},
                 y + first * y_stride, y_stride);
        });
    }

    void backward(const Real* x, std::size_t x_stride, const Real* w, const Real* dy, std::size_t dy_stride, Real* dx,
                  std::size_t dx_stride, Real* dw) {
        if (p_.shifted) {
            each_tap([&](std::size_t j, std::size_t out, std::size_t in, std::size_t n) {
                const Real* const d = dy + out * dy_stride;
                gemm(threads_, transposed::yes, transposed::no, p_.out, p_.in, n, d, dy_stride, x + in * x_stride, x_stride,
                     Real{1}, dw + j * p_.in, width_);
                if (dx != nullptr)
                    gemm(threads_, transposed::no, transposed::no, n, p_.in, p_.out, d, dy_stride, w + j * p_.in, width_,
                         Real{1}, dx + in * dx_stride, dx_stride);
            });
            return;
        }
        each_part([&](std::size_t first, std::size_t n) {
            const Real* const d = dy + first * dy_stride;
            gather(first, n, x, x_stride);
            gemm(threads_, transposed::yes, transposed::no, p_.out, width_, n, d, dy_stride, window_, width_, Real{1}, dw,
                 width_);
            if (dx == nullptr) return;
            gemm(threads_, transposed::no, transposed::no, n, width_, p_.out, d, dy_stride, w, width_, Real{0}, window_,
                 width_);
            scatter(first, n, dx, dx_stride);
        });
    }

private:
    /// Calls f(tap, first output row, first input row, rows) for the rows whose tap lies inside.
    template <class F>
    void each_tap(F&& f) {
        const auto all = static_cast<std::ptrdiff_t>(w_.rows());
        for (std::size_t j = 0; j < w_.kernel; ++j) {
            const std::ptrdiff_t shift = offset(j);
            const std::ptrdiff_t first = std::max<std::ptrdiff_t>(0, -shift), last = std::min(all, all - shift);
            if (first < last)
                f(j, static_cast<std::size_t>(first), static_cast<std::size_t>(first + shift),
                  static_cast<std::size_t>(last - first));
        }
    }
    template <class F>
    void each_part(F&& f) {
        for (std::size_t first = 0; first < w_.rows(); first += rows_at_once)
            f(first, std::min(rows_at_once, w_.rows() - first));
    }
    /// Rows from an output to what tap j sees.
    [[nodiscard]] std::ptrdiff_t offset(std::size_t j) const {
        return (static_cast<std::ptrdiff_t>(j * w_.dilation) - static_cast<std::ptrdiff_t>(w_.left)) *
               static_cast<std::ptrdiff_t>(w_.batch);
    }
    void gather(std::size_t first, std::size_t n, const Real* x, std::size_t stride) {
        each_place(first, n, [&](Real* place, std::ptrdiff_t row, bool inside) {
            if (inside)
                std::copy_n(x + static_cast<std::size_t>(row) * stride, p_.in, place);
            else
                std::fill_n(place, p_.in, Real{0});
        });
    }
    void scatter(std::size_t first, std::size_t n, Real* dx, std::size_t stride) {
        each_place(first, n, [&](const Real* place, std::ptrdiff_t row, bool inside) {
            if (!inside) return;
            Real* const to = dx + static_cast<std::size_t>(row) * stride;
            for (std::size_t i = 0; i < p_.in; ++i) to[i] += place[i];
        });
    }
    template <class F>
    void each_place(std::size_t first, std::size_t n, F&& f) {
        const auto all = static_cast<std::ptrdiff_t>(w_.rows());
        for (std::size_t r = 0; r < n; ++r) {
            Real* place = window_ + r * width_;
            for (std::size_t j = 0; j < w_.kernel; ++j, place += p_.in) {
                const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(first + r) + offset(j);
                f(place, row, row >= 0 && row < all);
            }
        }
    }

    int threads_;
    const conv_plan& p_;
    const conv_walk& w_;
    Real* window_;
    std::size_t width_;
};

}  // namespace lofi::inline LOFI_ABI::backend::detail
