#pragma once
// Streams, and memory that comes and goes in the order of one.
#include <cstddef>
#include <memory>
#include <span>
#include <utility>

#include <lofi/backend/cuda/error.cuh>

namespace lofi::inline LOFI_ABI::backend::device {

/// A queue of work on the device; copies are the same queue.
class stream {
public:
    stream();
    [[nodiscard]] cudaStream_t get() const { return handle_.get(); }
    /// Waits for everything in it. Errors of kernels surface here at the latest.
    void wait() const { check(cudaStreamSynchronize(get()), "cudaStreamSynchronize"); }

private:
    struct destroy {
        void operator()(cudaStream_t s) const { cudaStreamDestroy(s); }
    };
    std::shared_ptr<CUstream_st> handle_;
};

/// Owns numbers on the device; the memory is taken and given back in the order of a stream.
template <class T>
class buffer {
public:
    buffer() = default;
    /// Takes n numbers, all zero.
    buffer(const stream& s, std::size_t n);
    buffer(const stream& s, std::span<const T> host) : buffer(s, host.size()) { upload(host); }
    buffer(buffer&& o) noexcept
        : stream_(o.stream_), data_(std::exchange(o.data_, nullptr)), count_(std::exchange(o.count_, 0)) {}
    buffer& operator=(buffer&& o) noexcept {
        std::swap(stream_, o.stream_), std::swap(data_, o.data_), std::swap(count_, o.count_);
        return *this;
    }
    buffer(const buffer&) = delete;
    buffer& operator=(const buffer&) = delete;
    ~buffer() {
        if (data_ != nullptr) cudaFreeAsync(data_, stream_.get());
    }

    [[nodiscard]] T* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return count_; }
    [[nodiscard]] std::span<T> span() const { return {data_, count_}; }
    /// Copies from the host, and waits until its memory may be used again.
    void upload(std::span<const T> host);
    /// Copies to the host, and waits.
    void download(std::span<T> host) const;

private:
    stream stream_;
    T* data_ = nullptr;
    std::size_t count_ = 0;
};

// ---------------------------------------------------------------- bodies

inline stream::stream() {
    cudaStream_t s = nullptr;
    check(cudaStreamCreateWithFlags(&s, cudaStreamNonBlocking), "cudaStreamCreateWithFlags");
    handle_.reset(s, destroy{});
}

template <class T>
buffer<T>::buffer(const stream& s, std::size_t n) : stream_(s), count_(n) {
    if (n == 0) return;
    check(cudaMallocAsync(reinterpret_cast<void**>(&data_), n * sizeof(T), s.get()), "cudaMallocAsync");
    check(cudaMemsetAsync(data_, 0, n * sizeof(T), s.get()), "cudaMemsetAsync");
}

template <class T>
void buffer<T>::upload(std::span<const T> host) {
    LOFI_ASSERT(host.size() <= count_, "more numbers than the buffer holds");
    if (host.empty()) return;
    check(cudaMemcpyAsync(data_, host.data(), host.size_bytes(), cudaMemcpyHostToDevice, stream_.get()), "cudaMemcpyAsync");
    stream_.wait();
}

template <class T>
void buffer<T>::download(std::span<T> host) const {
    LOFI_ASSERT(host.size() <= count_, "more numbers than the buffer holds");
    if (host.empty()) return;
    check(cudaMemcpyAsync(host.data(), data_, host.size_bytes(), cudaMemcpyDeviceToHost, stream_.get()), "cudaMemcpyAsync");
    stream_.wait();
}

}  // namespace lofi::inline LOFI_ABI::backend::device
