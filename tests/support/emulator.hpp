#pragma once
// Runs kernel bodies without a device: each thread is a fibre, and a barrier parks it. The order in which fibres run between
// barriers is shuffled from a seed, so that a missing barrier changes results from seed to seed; shared memory is one block of
// exactly the size that the launch asked for, so that AddressSanitizer sees what goes beyond it.
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <random>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include <ucontext.h>

#include <lofi/backend/cuda/operations.hpp>
#include <lofi/nn/context.hpp>

#if defined(__SANITIZE_ADDRESS__)
#define LOFI_FIBRE_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define LOFI_FIBRE_ASAN 1
#endif
#endif
#if defined(LOFI_FIBRE_ASAN)
#include <sanitizer/common_interface_defs.h>
#endif

namespace lofi::test {

/// Runs one launch after the other.
class emulator {
public:
    explicit emulator(unsigned seed = 1) : random_(seed) {}

    template <class Kernel>
    void launch(const Kernel& kernel, backend::kernels::dims d) {
        dims_ = d;
        if constexpr (requires { Kernel::independent; }) return run_alone(kernel);
        const std::function<void(emulator&, std::size_t)> body = [&kernel](emulator& e, std::size_t i) {
            context c{e, i};
            kernel(c);
        };
        if (d.cooperative) {
            run(body, 0, d.grid);
        } else {
            for (unsigned b = 0; b < d.grid; ++b) run(body, b, b + 1);
        }
    }

private:
    enum class state { ready, at_warp, at_block, at_grid, done };
    struct fibre {
        ucontext_t registers{};
        unsigned bid = 0, tid = 0;
        state now = state::ready;
        void* fake_stack = nullptr;
        alignas(16) unsigned char lane[2][16]{};
        unsigned shuffles = 0;
    };
    /// What a kernel body may ask of the machine.
    struct context {
        emulator& e;
        std::size_t at;

        [[nodiscard]] int tid() const { return static_cast<int>(e.fibres_[at].tid); }
        [[nodiscard]] int bid() const { return static_cast<int>(e.fibres_[at].bid); }
        [[nodiscard]] int block_dim() const { return static_cast<int>(e.dims_.block); }
        [[nodiscard]] int grid_dim() const { return static_cast<int>(e.dims_.grid); }
        void sync() const { e.park(at, state::at_block); }
        void warp_sync() const { e.park(at, state::at_warp); }
        void grid_sync() const {
            if (!e.dims_.cooperative) throw std::logic_error("grid_sync in a launch that is not cooperative");
            e.park(at, state::at_grid);
        }
        template <class T>
        [[nodiscard]] T* shared() const {
            return reinterpret_cast<T*>(e.shared_[e.fibres_[at].bid - e.first_].get());
        }
        template <class T>
        T shfl_xor(T v, int mask) const {
            static_assert(sizeof(T) <= 16);
            // Two slots in turn: who writes the next value cannot disturb who still reads this one, so one barrier is enough.
            const std::size_t mine = static_cast<std::size_t>(tid() % 32), first = at - mine,
                              slot = e.fibres_[at].shuffles++ % 2;
            std::memcpy(e.fibres_[at].lane[slot], &v, sizeof v);
            warp_sync();
            T other;
            std::memcpy(&other, e.fibres_[first + (mine ^ static_cast<std::size_t>(mask))].lane[slot], sizeof other);
            return other;
        }
        template <class T>
        [[nodiscard]] T load_fresh(const T* p) const {
            return *p;
        }
        template <class T>
        [[nodiscard]] backend::kernels::quad<T> load_fresh_quad(const T* p) const {
            if (reinterpret_cast<std::uintptr_t>(p) % 16 != 0)
                throw std::logic_error("sixteen bytes at once from a place between");
            backend::kernels::quad<T> q;
            std::memcpy(&q, p, sizeof q);
            return q;
        }
        void count_up(std::uint32_t* counter) const { ++*counter; }
        /// Lets everybody else go on before it looks.
        [[nodiscard]] std::uint32_t look(const std::uint32_t* counter) const {
            e.park(at, state::ready);
            return *counter;
        }
        void store(std::uint32_t* p, std::uint32_t v) const { *p = v; }
    };
    static constexpr std::size_t stack_bytes = std::size_t{64} << 10;

    /// Threads that never wait need no fibre, only an order; one that waits all the same is a fault.
    template <class Kernel>
    void run_alone(const Kernel& kernel) {
        std::vector<unsigned> order(dims_.block);
        std::iota(order.begin(), order.end(), 0U);
        std::shuffle(order.begin(), order.end(), random_);
        fibres_.assign(1, {});
        alone_ = true;
        context c{*this, 0};
        for (unsigned b = 0; b < dims_.grid; ++b) {
            for (const unsigned t : order) {
                fibres_[0].bid = b, fibres_[0].tid = t;
                kernel(c);
            }
        }
        alone_ = false;
    }

    void run(const std::function<void(emulator&, std::size_t)>& body, unsigned first, unsigned last) {
        const std::size_t n = std::size_t{last - first} * dims_.block;
        body_ = &body, first_ = first, failure_ = nullptr, running() = this;
        fibres_.assign(n, {});
        while (stacks_.size() < n) stacks_.emplace_back(new char[stack_bytes]);
        shared_.clear();
        for (unsigned b = first; b < last; ++b) {
            shared_.emplace_back(new unsigned char[dims_.shared_bytes]);
            std::memset(shared_.back().get(), 0xCD, dims_.shared_bytes);
        }
        std::vector<std::size_t> order(n);
        for (std::size_t i = 0; i < n; ++i) {
            order[i] = i;
            fibre& f = fibres_[i];
            f.bid = first + static_cast<unsigned>(i / dims_.block), f.tid = static_cast<unsigned>(i % dims_.block);
            prepare(f.registers, stacks_[i].get());
        }
        // Blocks that live together, and their warps, are not equally fast: otherwise nobody would see that one does not wait for another.
        std::vector<unsigned> pace(last - first, 1);
        if (dims_.cooperative)
            for (unsigned& p : pace) p = 1U << random_() % 3;
        for (;;) {
            bool moved = false;
            const std::size_t warps = (dims_.block + 31) / 32;
            std::vector<bool> rests(pace.size() * warps);
            for (std::size_t w = 0; w < rests.size() && dims_.cooperative; ++w)
                rests[w] = w % warps == 0 ? random_() % pace[w / warps] != 0 : rests[w - w % warps] || random_() % 4 == 0;
            std::shuffle(order.begin(), order.end(), random_);
            for (const std::size_t i : order) {
                if (fibres_[i].now != state::ready) continue;
                moved = true;
                if (rests[i / dims_.block * warps + i % dims_.block / 32]) continue;
                resume(i);
                if (failure_) std::rethrow_exception(failure_);
            }
            if (std::all_of(fibres_.begin(), fibres_.end(), [](const fibre& f) { return f.now == state::done; })) return;
            for (std::size_t b = 0; b < n; b += dims_.block) {
                for (std::size_t w = b; w < b + dims_.block; w += 32)
                    release(w, std::min<std::size_t>(w + 32, b + dims_.block), state::at_warp);
                release(b, b + dims_.block, state::at_block);
            }
            release(0, n, state::at_grid);
            if (!moved && std::none_of(fibres_.begin(), fibres_.end(), [](const fibre& f) { return f.now == state::ready; }))
                throw std::logic_error("deadlock: threads of one group wait at different barriers");
        }
    }
    // Apart from the loop above: getcontext returns like setjmp, and g++ warns of what it might clobber there.
    static void prepare(ucontext_t& registers, char* stack) {
        getcontext(&registers);
        registers.uc_stack.ss_sp = stack;
        registers.uc_stack.ss_size = stack_bytes;
        registers.uc_link = nullptr;
        makecontext(&registers, &enter, 0);
    }
    void release(std::size_t from, std::size_t to, state s) {
        bool any = false;
        for (std::size_t i = from; i < to; ++i) {
            any |= fibres_[i].now == s;
            if (fibres_[i].now != s && fibres_[i].now != state::done) return;
        }
        if (!any) return;
        for (std::size_t i = from; i < to; ++i)
            if (fibres_[i].now == s) fibres_[i].now = state::ready;
    }
    void resume(std::size_t i) {
        current_ = i;
#if defined(LOFI_FIBRE_ASAN)
        void* save = nullptr;
        __sanitizer_start_switch_fiber(&save, stacks_[i].get(), stack_bytes);
        swapcontext(&main_, &fibres_[i].registers);
        __sanitizer_finish_switch_fiber(save, nullptr, nullptr);
#else
        swapcontext(&main_, &fibres_[i].registers);
#endif
    }
    void park(std::size_t i, state s) {
        if (alone_) throw std::logic_error("a thread waits in a kernel that says it is independent");
        fibre& f = fibres_[i];
        f.now = s;
#if defined(LOFI_FIBRE_ASAN)
        __sanitizer_start_switch_fiber(s == state::done ? nullptr : &f.fake_stack, main_stack_, main_stack_bytes_);
        swapcontext(&f.registers, &main_);
        __sanitizer_finish_switch_fiber(f.fake_stack, &main_stack_, &main_stack_bytes_);
#else
        swapcontext(&f.registers, &main_);
#endif
    }
    static emulator*& running() {
        static thread_local emulator* e = nullptr;
        return e;
    }
    static void enter() {
        emulator& e = *running();
        const std::size_t i = e.current_;
#if defined(LOFI_FIBRE_ASAN)
        __sanitizer_finish_switch_fiber(nullptr, &e.main_stack_, &e.main_stack_bytes_);
#endif
        try {
            (*e.body_)(e, i);
        } catch (...) {
            e.failure_ = std::current_exception();
        }
        e.park(i, state::done);
    }

    std::mt19937 random_;
    backend::kernels::dims dims_{};
    std::vector<fibre> fibres_;
    std::vector<std::unique_ptr<char[]>> stacks_;
    std::vector<std::unique_ptr<unsigned char[]>> shared_;
    ucontext_t main_{};
    std::size_t current_ = 0;
    unsigned first_ = 0;
    bool alone_ = false;
    const std::function<void(emulator&, std::size_t)>* body_ = nullptr;
    std::exception_ptr failure_;
    // Of the address sanitizer alone.
    [[maybe_unused]] const void* main_stack_ = nullptr;
    [[maybe_unused]] std::size_t main_stack_bytes_ = 0;
};

/// Owns numbers of the emulated machine, exactly as many as it says.
template <class T>
class emulated_buffer {
public:
    explicit emulated_buffer(std::size_t n) : count_(n), data_(new T[n]{}) {}
    [[nodiscard]] T* data() const { return data_.get(); }
    [[nodiscard]] std::size_t size() const { return count_; }
    void upload(std::span<const T> host) { std::copy(host.begin(), host.end(), data_.get()); }
    void download(std::span<T> host) const { std::copy_n(data_.get(), host.size(), host.data()); }

private:
    std::size_t count_;
    std::unique_ptr<T[]> data_;
};

/// The emulator as the machine of a backend: `backend::kernel_backend<float, emulated_machine>`.
class emulated_machine {
public:
    explicit emulated_machine(unsigned seed = 1) : state_(std::make_shared<state>(seed)) {}

    template <class Kernel>
    void launch(const Kernel& kernel, backend::kernels::dims d) {
        if (state_->recording != nullptr) {
            state_->recording->push_back([e = &state_->emulator, kernel, d] { e->launch(kernel, d); });
            return;
        }
        ++state_->launches;
        state_->emulator.launch(kernel, d);
    }
    template <class Real>
    void gemm(backend::transposed_operand ta, backend::transposed_operand tb, std::size_t m, std::size_t n, std::size_t k,
              const Real* a, std::size_t sa, const Real* b, std::size_t sb, Real beta, Real* c, std::size_t sc) {
        using tiled = backend::kernels::tiled_product<Real>;
        if (m == 0 || n == 0) return;
        const bool at = ta == backend::transposed_operand::yes, bt = tb == backend::transposed_operand::yes;
        launch(tiled{a, at ? 1 : sa, at ? sa : 1, b, bt ? 1 : sb, bt ? sb : 1, c, sc, m, n, k, beta}, tiled::launch(m, n));
    }
    template <class Real>
    void gemms(backend::transposed_operand ta, backend::transposed_operand tb, std::size_t m, std::size_t n, std::size_t k,
               std::size_t count, backend::matrices<const Real> a, backend::matrices<const Real> b, Real beta,
               backend::matrices<Real> c) {
        for (std::size_t i = 0; i < count; ++i)
            gemm(ta, tb, m, n, k, a.data + i * a.step, a.stride, b.data + i * b.step, b.stride, beta, c.data + i * c.step,
                 c.stride);
    }
    [[nodiscard]] double* partials() const { return state_->partials.data(); }
    [[nodiscard]] double* next_result() { return state_->results.data() + 4 * (state_->made++ % 64); }
    void read(const double* from, std::span<double> to) const {
        wait();
        std::copy_n(from, to.size(), to.data());
    }
    void wait() const {
        if (std::exchange(state_->meeting.back(), 0U) != 0) throw error("a kernel", backend::kernels::meeting::in_vain);
    }
    [[nodiscard]] std::size_t blocks_at_once() const { return state_->blocks_at_once; }
    /// How many blocks can wait for each other; none at first, which leaves recurrences to the stepwise kernels.
    void set_blocks_at_once(std::size_t n) { state_->blocks_at_once = n; }
    [[nodiscard]] std::uint32_t* meeting_words() const { return state_->meeting.data(); }
    [[nodiscard]] std::size_t launches() const { return state_->launches; }
    template <class T>
    [[nodiscard]] emulated_buffer<T> make_buffer(std::size_t n) const {
        return emulated_buffer<T>(n);
    }
    [[nodiscard]] static backend::memory_source source() { return nn::host_memory(); }
    /// Keeps launches for later, as a device's graph does: with the arguments that they have now.
    struct recording {
        std::shared_ptr<std::vector<std::function<void()>>> launches = std::make_shared<std::vector<std::function<void()>>>();
        void replay() const {
            for (const auto& l : *launches) l();
        }
    };
    template <class F>
    friend recording record(const emulated_machine& m, F&& f) {
        recording r;
        m.state_->recording = r.launches.get();
        f();
        m.state_->recording = nullptr;
        return r;
    }

private:
    struct state {
        explicit state(unsigned seed) : emulator(seed) {}
        test::emulator emulator;
        std::vector<double> partials = std::vector<double>(4 * backend::kernels::partial_count),
                            results = std::vector<double>(4 * 64);
        std::vector<std::uint32_t> meeting =
            std::vector<std::uint32_t>(backend::kernels::meeting::line * backend::kernels::meeting::most_groups + 1);
        std::size_t made = 0, launches = 0, blocks_at_once = 0;
        std::vector<std::function<void()>>* recording = nullptr;
    };
    std::shared_ptr<state> state_;
};

template <class Real>
using emulated = backend::kernel_backend<Real, emulated_machine>;

}  // namespace lofi::test
