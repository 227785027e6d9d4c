#pragma once
// The published Lofi2Lofi's encoder: a whole lead sheet into one vector.
#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

#include <lofi/model/lofi2lofi_published_batch.hpp>
#include <lofi/nn/lstm.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Reads chords and melody in both directions, each phrase at its true length, and joins what is left of them with the rest of
/// the sheet.
/// shapes: y (B,hidden)
template <published_config C, class Backend>
struct published_encoder {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, S = C.small;
    template <std::size_t V, std::size_t Width>
    using table = nn::embedding<nn::embedding_config{.vocabulary = V, .width = Width}, Backend>;
    using recur = nn::bidirectional<nn::lstm_config{.in = H, .hidden = H}, Backend>;
    using number = nn::dense<nn::dense_config{.in = 1, .out = S}, Backend>;
    using downsample = nn::dense<nn::dense_config{.in = 4 * H + 5 * S, .out = H}, Backend>;
    using chord_table = table<token::chord_ids, H>;
    using melody_table = table<token::published_melody_ids, H>;
    using key_table = table<token::key_ids, S>;
    using mode_table = table<token::mode_ids, S>;
    using net = nn::parts<nn::named<"chord_embeddings", chord_table>, nn::named<"chords_lstm", recur>,
                          nn::named<"melody_embeddings", melody_table>, nn::named<"melody_lstm", recur>,
                          nn::named<"tempo_embedding", number>, nn::named<"key_embedding", key_table>,
                          nn::named<"mode_embedding", mode_table>, nn::named<"valence_embedding", number>,
                          nn::named<"energy_embedding", number>, nn::named<"downsample", downsample>>;
    using params = typename net::params;
    static constexpr std::size_t parameter_count = net::parameter_count, buffer_count = 0;

    template <class Table>
    struct reader_tape {
        typename Table::tape table;
        typename recur::tape lstm;
    };
    struct tape {
        reader_tape<chord_table> chords;
        reader_tape<melody_table> melody;
        typename number::tape tempo, valence, energy;
        typename key_table::tape key;
        typename mode_table::tape mode;
        typename downsample::tape down;
    };

    static void forward(Backend&, nn::context&, params, const published_batch&, nn::columns<real, H> y, tape&);
    /// writes: dp +=
    static void backward(Backend&, nn::context&, params, params dp, const tape&, nn::columns<const real, H> dy);

    template <class F>
    static void visit(const params& p, F&& f) {
        net::visit(p, f);
    }
    static void initialise(const params& p, random_stream& random, nn::scheme s) { net::initialise(p, random, s); }

private:
    // Where each part stands in the joined row; of the two directions the reverse one comes first.
    static constexpr std::size_t chords_at = 0, melody_at = 2 * H, tempo_at = 4 * H, key_at = tempo_at + S,
                                 mode_at = key_at + S, valence_at = mode_at + S, energy_at = valence_at + S,
                                 joined_size = energy_at + S;

    template <class Table, class T, std::size_t N>
    static nn::both_states<T, H> both(nn::columns<T, N> two) {
        return {{nn::part<H, H>(two), {}}, {nn::part<0, H>(two), {}}};
    }
    template <class Table>
    static void read(Backend&, nn::context&, typename Table::params, typename recur::params,
                     std::span<const std::int32_t> tokens, std::span<const std::int32_t> lengths, nn::columns<real, 2 * H> last,
                     reader_tape<Table>&);
    template <class Table>
    static void read_backward(Backend&, nn::context&, typename Table::params, typename Table::params dtable,
                              typename recur::params, typename recur::params dlstm, const reader_tape<Table>&,
                              nn::columns<const real, 2 * H> dlast);
    static void put(Backend&, nn::context&, typename number::params, std::span<const double> values, nn::columns<real, S> y,
                    typename number::tape&);
};

// ---------------------------------------------------------------- bodies

template <published_config C, class Backend>
template <class Table>
void published_encoder<C, Backend>::read(Backend& be, nn::context& ctx, typename Table::params p_table,
                                         typename recur::params p_lstm, std::span<const std::int32_t> tokens,
                                         std::span<const std::int32_t> lengths, nn::columns<real, 2 * H> last,
                                         reader_tape<Table>& tape) {
    ctx.batch = lengths.size();
    ctx.lengths = lengths;
    const nn::columns<real, H> x = ctx.scratch.template take_rows<real, H>(tokens.size());
    Table::forward(be, ctx, p_table, tokens, x, tape.table);
    recur::forward(be, ctx, p_lstm, nn::constant(x), {}, tape.lstm, both<Table>(last));
}

template <published_config C, class Backend>
template <class Table>
void published_encoder<C, Backend>::read_backward(Backend& be, nn::context& ctx, typename Table::params p_table,
                                                  typename Table::params dtable, typename recur::params p_lstm,
                                                  typename recur::params dlstm, const reader_tape<Table>& tape,
                                                  nn::columns<const real, 2 * H> dlast) {
    const nn::scratch_scope scope(ctx.scratch);
    const nn::columns<real, H> dx = ctx.scratch.template take_rows<real, H>(tape.table.ids.size());
    recur::backward(be, ctx, p_lstm, dlstm, tape.lstm, {}, dx, both<Table>(dlast));
    Table::backward(be, ctx, p_table, dtable, tape.table, nn::constant(dx));
}

template <published_config C, class Backend>
void published_encoder<C, Backend>::put(Backend& be, nn::context& ctx, typename number::params p,
                                        std::span<const double> values, nn::columns<real, S> y, typename number::tape& tape) {
    const auto x = ctx.scratch.template take_rows<real, 1>(values.size());
    std::transform(values.begin(), values.end(), x.data(), [](double v) { return static_cast<real>(v); });
    number::forward(be, ctx, p, nn::constant(x), y, tape);
}

template <published_config C, class Backend>
void published_encoder<C, Backend>::forward(Backend& be, nn::context& ctx, params p, const published_batch& b,
                                            nn::columns<real, H> y, tape& tape) {
    const nn::columns<real, joined_size> joined = ctx.scratch.template take_rows<real, joined_size>(b.size);
    read<chord_table>(be, ctx, p.template get<"chord_embeddings">(), p.template get<"chords_lstm">(), b.chords, b.chord_lengths,
                      nn::part<chords_at, 2 * H>(joined), tape.chords);
    read<melody_table>(be, ctx, p.template get<"melody_embeddings">(), p.template get<"melody_lstm">(), b.melody,
                       b.melody_lengths, nn::part<melody_at, 2 * H>(joined), tape.melody);
    put(be, ctx, p.template get<"tempo_embedding">(), b.tempo, nn::part<tempo_at, S>(joined), tape.tempo);
    key_table::forward(be, ctx, p.template get<"key_embedding">(), b.key, nn::part<key_at, S>(joined), tape.key);
    mode_table::forward(be, ctx, p.template get<"mode_embedding">(), b.mode, nn::part<mode_at, S>(joined), tape.mode);
    put(be, ctx, p.template get<"valence_embedding">(), b.valence, nn::part<valence_at, S>(joined), tape.valence);
    put(be, ctx, p.template get<"energy_embedding">(), b.energy, nn::part<energy_at, S>(joined), tape.energy);
    downsample::forward(be, ctx, p.template get<"downsample">(), nn::constant(joined), y, tape.down);
}

template <published_config C, class Backend>
void published_encoder<C, Backend>::backward(Backend& be, nn::context& ctx, params p, params dp, const tape& tape,
                                             nn::columns<const real, H> dy) {
    const nn::scratch_scope scope(ctx.scratch);
    const nn::columns<real, joined_size> whole = ctx.scratch.template take_rows<real, joined_size>(dy.count());
    downsample::backward(be, ctx, p.template get<"downsample">(), dp.template get<"downsample">(), tape.down, dy, whole);
    const auto d = nn::constant(whole);
    read_backward<chord_table>(be, ctx, p.template get<"chord_embeddings">(), dp.template get<"chord_embeddings">(),
                               p.template get<"chords_lstm">(), dp.template get<"chords_lstm">(), tape.chords,
                               nn::part<chords_at, 2 * H>(d));
    read_backward<melody_table>(be, ctx, p.template get<"melody_embeddings">(), dp.template get<"melody_embeddings">(),
                                p.template get<"melody_lstm">(), dp.template get<"melody_lstm">(), tape.melody,
                                nn::part<melody_at, 2 * H>(d));
    number::backward(be, ctx, p.template get<"tempo_embedding">(), dp.template get<"tempo_embedding">(), tape.tempo,
                     nn::part<tempo_at, S>(d), {});
    key_table::backward(be, ctx, p.template get<"key_embedding">(), dp.template get<"key_embedding">(), tape.key,
                        nn::part<key_at, S>(d));
    mode_table::backward(be, ctx, p.template get<"mode_embedding">(), dp.template get<"mode_embedding">(), tape.mode,
                         nn::part<mode_at, S>(d));
    number::backward(be, ctx, p.template get<"valence_embedding">(), dp.template get<"valence_embedding">(), tape.valence,
                     nn::part<valence_at, S>(d), {});
    number::backward(be, ctx, p.template get<"energy_embedding">(), dp.template get<"energy_embedding">(), tape.energy,
                     nn::part<energy_at, S>(d), {});
}

}  // namespace lofi::inline LOFI_ABI::model
