#pragma once
// The note network: the next token of two hands, for any backend.
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include <lofi/model/note_lstm_features.hpp>
#include <lofi/nn/bag_lstm.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Sizes of the network.
struct note_lstm_config {
    std::size_t hidden = 128;
};

inline constexpr std::size_t note_symbols = token::hands_id::count;
/// Outputs of the head: of each symbol; of a right note by its step from the one before; of a left note by its step from the one below it
/// in its group, or from the bass before; of the symbol that goes on as one, two and four bars ago; of a note in the scale that was told.
namespace note_output {
inline constexpr int leap = 24;  // semitones; what leaps further counts as that far
inline constexpr std::size_t right = note_symbols, above = right + 2 * leap + 1, left = above + leap + 1,
                             copy = left + 2 * leap + 1, scale = copy + 3, count = scale + 1;
}  // namespace note_output

/// Calls f(output) for each network output whose sum is the logit of a symbol. The model's probabilities are the softmax over the symbols
/// that the grammar allows.
template <class F>
constexpr void note_terms(const note_context& s, std::int32_t symbol, F&& f);

template <note_lstm_config C, class Backend>
struct note_lstm {
    using backend_type = Backend;
    using real = typename Backend::real;
    using activation = typename Backend::activation;
    using sum = typename Backend::sum;
    static constexpr std::size_t H = C.hidden, Z = note_condition_size;
    using lstm =
        nn::bag_lstm<nn::bag_lstm_config{.vocabulary = note_table, .ids = note_feature::count, .constant = Z, .hidden = H},
                     Backend>;
    using head = typename Backend::template weights<note_output::count, H>;

    struct params {
        typename lstm::params notes;
        head notes_out;
        static constexpr params bind(auto& at) { return {lstm::params::bind(at), head::bind(at)}; }
    };

    /// What crosses time, for one piece.
    struct state {
        std::array<sum, 4 * H> still{};  ///< b + W_z z
        std::array<activation, H> h{};
        std::array<sum, H> c{};
    };

    /// Starts from conditions, a vector of `told`.
    static void reset(Backend& be, params p, state& s, frame<const activation, Z> z) noexcept {
        s = {};
        linear_step(be, z, p.notes.zh, frame<sum, 4 * H>(s.still));
    }
    /// realtime: yes
    static void step(Backend& be, params p, state& s, const note_state::ids& ids, frame<sum, note_output::count> y) noexcept {
        std::array<sum, 4 * H> gates = s.still;
        gather_sum_step(be, p.notes.table, std::span<const std::int32_t>(ids), frame<sum, 4 * H>(gates));
        lstm_gates_step(be, p.notes.hh, frame<sum, 4 * H>(gates), frame<activation, H>(s.h), frame<sum, H>(s.c));
        linear_step(be, frame<const activation, H>(s.h), p.notes_out, y);
    }
};

// ---------------------------------------------------------------- bodies

template <class F>
constexpr void note_terms(const note_context& s, std::int32_t symbol, F&& f) {
    // Ids alone, no table: a device runs this too.
    using namespace note_output;
    namespace id = token::hands_id;
    f(static_cast<std::size_t>(symbol));
    const bool in_right = symbol >= id::right && symbol < id::duration, in_left = symbol >= id::left && symbol < id::right;
    const auto step = [](int from, int to) {
        const int d = to - from;
        return static_cast<std::size_t>((d < -leap ? -leap : d > leap ? leap : d) + leap);
    };
    const int pitch = symbol - (in_right ? id::right : id::left);
    if (in_right && s.sung >= 0) f(right + step(s.sung, pitch));
    if (in_left) {
        if (s.in_group >= 0)
            f(above + step(s.in_group, pitch) - leap);  // always above
        else if (s.bass >= 0)
            f(left + step(s.bass, pitch));
    }
    if ((in_left || in_right) && (s.scale >> ((pitch + token::hands_lowest + 36) % 12) & 1U) != 0) f(std::size_t{scale});
    for (std::size_t k = 0; k < 3; ++k)
        if (s.expected[k] == symbol) f(copy + k);
}

}  // namespace lofi::inline LOFI_ABI::model
