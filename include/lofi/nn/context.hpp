#pragma once
// What varies from call to call of a layer: training or inference, randomness, batch and lengths, and scratch memory.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <vector>

#include <lofi/backend/backend.hpp>
#include <lofi/core/random.hpp>
#include <lofi/core/views.hpp>

namespace lofi::inline LOFI_ABI::nn {

enum class mode { training, inference };

/// A share such as 3/10, exact, so that it may stand in a config.
struct fraction {
    std::uint32_t numerator = 0, denominator = 1;

    [[nodiscard]] constexpr double value() const { return static_cast<double>(numerator) / denominator; }
    [[nodiscard]] constexpr bool is_zero() const { return numerator == 0; }
};

namespace detail {
// Functions, not lambdas: nvcc 13 loses lambdas among designated initialisers.
inline void* take_from_host(std::size_t bytes) { return ::operator new[](bytes, std::align_val_t{64}); }
inline void give_to_host(void* p) noexcept { ::operator delete[](p, std::align_val_t{64}); }
}  // namespace detail

/// The host's own memory.
[[nodiscard]] constexpr backend::memory_source host_memory() { return {detail::take_from_host, detail::give_to_host}; }

/// Memory for tapes and intermediate results, handed out in order and given back all at once. It grows in large chunks and
/// never moves what it handed out; once it has seen the largest step it allocates no more.
class scratch {
public:
    struct mark {
        std::size_t chunk = 0, used = 0;
    };

    explicit scratch(std::size_t chunk_bytes = std::size_t{1} << 22, backend::memory_source source = host_memory())
        : chunk_bytes_(chunk_bytes), source_(source) {}
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;
    scratch(scratch&&) = default;
    scratch& operator=(scratch&&) = default;
    ~scratch() = default;

    /// Returns n values, not initialised, aligned to 64 bytes.
    template <class T>
    [[nodiscard]] std::span<T> take(std::size_t n) {
        static_assert(std::is_trivially_copyable_v<T>, "scratch memory holds plain numbers: nothing in it is destroyed");
        return {static_cast<T*>(bytes(n * sizeof(T))), n};
    }
    /// Returns `count` rows of N values, not initialised.
    template <class T, std::size_t N>
    [[nodiscard]] rows<T, N> take_rows(std::size_t count) {
        return {take<T>(count * N).data(), count};
    }

    [[nodiscard]] mark top() const { return top_; }
    /// Gives back everything taken since `to` was the top.
    void rewind(mark to) { top_ = to; }

    /// Bytes that the chunks hold together.
    [[nodiscard]] std::size_t capacity() const;

private:
    struct free_chunk {
        void (*give)(void*) noexcept = nullptr;
        void operator()(std::byte* p) const { give(p); }
    };
    struct chunk {
        std::unique_ptr<std::byte[], free_chunk> data;
        std::size_t size = 0;
    };
    void* bytes(std::size_t n);

    std::vector<chunk> chunks_;
    mark top_;
    std::size_t chunk_bytes_;
    backend::memory_source source_;
};

/// Gives back, at the end of a block, what was taken in it.
class scratch_scope {
public:
    explicit scratch_scope(scratch& s) : scratch_(s), mark_(s.top()) {}
    scratch_scope(const scratch_scope&) = delete;
    scratch_scope& operator=(const scratch_scope&) = delete;
    ~scratch_scope() { scratch_.rewind(mark_); }

private:
    scratch& scratch_;
    scratch::mark mark_;
};

/// Stands in the place of a tape where no backward will follow.
struct no_tape {};

/// What varies from call to call. One context serves a whole model: set `batch` and `lengths` before each recurrent layer.
/// Sequences are time-major: row n = t*B + b.
struct context {
    nn::mode mode = nn::mode::training;
    std::size_t batch = 1;  ///< B
    std::span<const std::int32_t>
        lengths{};  ///< true lengths of the B sequences, within T; empty: all T. Must outlive backward.
    nn::scratch scratch{};

    /// Starts a step: gives back all scratch memory and takes the key of this step's dropout and noise.
    void begin(random_key key) {
        scratch.rewind({});
        key_ = key;
        draws_ = 0;
    }
    /// Returns a key that no earlier call of this step got. Equal sequences of calls get equal keys.
    [[nodiscard]] random_key draw() { return key_.child(draws_++); }

    [[nodiscard]] bool training() const { return mode == nn::mode::training; }
    /// Returns the walk over N rows of B sequences.
    [[nodiscard]] backend::sequence_walk walk(std::size_t row_count, backend::time_order order) const {
        LOFI_ASSERT(batch > 0 && row_count % batch == 0, "a sequence needs T*B rows: set context.batch before the layer");
        LOFI_ASSERT(lengths.empty() || lengths.size() == batch, "context.lengths needs one length for each of the B sequences");
        return {.steps = row_count / batch, .batch = batch, .lengths = lengths, .order = order};
    }

private:
    random_key key_{};
    std::uint64_t draws_ = 0;
};

// ---------------------------------------------------------------- bodies

namespace detail {

/// Sets the context to sequences of one step for the length of a call.
class one_step {
public:
    one_step(context& ctx, std::size_t batch) : ctx_(ctx), batch_(ctx.batch), lengths_(ctx.lengths) {
        ctx.batch = batch;
        ctx.lengths = {};
    }
    one_step(const one_step&) = delete;
    one_step& operator=(const one_step&) = delete;
    ~one_step() {
        ctx_.batch = batch_;
        ctx_.lengths = lengths_;
    }
    operator context&() const { return ctx_; }  // NOLINT: stands in the context's place

private:
    context& ctx_;
    std::size_t batch_;
    std::span<const std::int32_t> lengths_;
};

}  // namespace detail

inline std::size_t scratch::capacity() const {
    std::size_t sum = 0;
    for (const chunk& c : chunks_) sum += c.size;
    return sum;
}

inline void* scratch::bytes(std::size_t n) {
    n = (n + 63) / 64 * 64;
    while (top_.chunk < chunks_.size() && top_.used + n > chunks_[top_.chunk].size) top_ = {top_.chunk + 1, 0};
    if (top_.chunk == chunks_.size()) {
        // Each chunk is as large as all before it, so that their number stays small whatever a model needs.
        const std::size_t size = std::max({n, chunk_bytes_, capacity()});
        auto* const memory = static_cast<std::byte*>(source_.take(size));
        chunks_.push_back({std::unique_ptr<std::byte[], free_chunk>(memory, free_chunk{source_.give}), size});
    }
    void* const at = chunks_[top_.chunk].data.get() + top_.used;
    top_.used += n;
    return at;
}

}  // namespace lofi::inline LOFI_ABI::nn
