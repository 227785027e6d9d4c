#pragma once
// The published Lyrics2Lofi's decoder: the published Lofi2Lofi's, which hears besides what its own heads said of the latent.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include <lofi/model/lofi2lofi_published.hpp>

namespace lofi::inline LOFI_ABI::model {

/// Sizes of the published network. `hidden` is the width of what tempo, mode, valence and energy are fed back as, too.
/// source: github.com/jacbz/Lofi
inline constexpr published_config published_lyrics_sizes{.hidden = 100, .small = 100, .latent = 100};

/// The decoder. The heads read z; what they said of tempo, mode, valence and energy is joined with z into z', which both voices sing
/// from. Key is said, and not fed back.
template <published_config C, class Backend>
struct published_lyrics_decoder {
    using backend_type = Backend;
    using real = typename Backend::real;
    static constexpr std::size_t H = C.hidden, Z = C.latent, joined_size = Z + 4 * H;
    using sheet_decoder = published_decoder<C, Backend>;
    using number_way = nn::dense<nn::dense_config{.in = 1, .out = H}, Backend>;
    using mode_way = nn::dense<nn::dense_config{.in = token::mode_ids, .out = H}, Backend>;
    using join = nn::dense<nn::dense_config{.in = joined_size, .out = Z}, Backend>;

    struct params {
        typename sheet_decoder::params sheet;
        typename number_way::params tempo;
        typename mode_way::params mode;
        typename number_way::params valence, energy;
        typename join::params down;
        static constexpr params bind(auto& at) {
            return {sheet_decoder::params::bind(at), number_way::params::bind(at), mode_way::params::bind(at),
                    number_way::params::bind(at),    number_way::params::bind(at), join::params::bind(at)};
        }
    };
    static constexpr std::size_t parameter_count =
        sheet_decoder::parameter_count + 3 * number_way::parameter_count + mode_way::parameter_count + join::parameter_count;
    static constexpr std::size_t buffer_count = 0;

    template <class F>
    static void visit(params p, F&& f) {
        sheet_decoder::visit(p.sheet, f);
        nn::visit_as<number_way>("tempo_embedding", p.tempo, f);
        nn::visit_as<mode_way>("mode_embedding", p.mode, f);
        nn::visit_as<number_way>("valence_embedding", p.valence, f);
        nn::visit_as<number_way>("energy_embedding", p.energy, f);
        nn::visit_as<join>("downsample", p.down, f);
    }
    static void initialise(params p, random_stream& random, nn::scheme s) {
        sheet_decoder::initialise(p.sheet, random, s);
        number_way::initialise(p.tempo, random, s);
        mode_way::initialise(p.mode, random, s);
        number_way::initialise(p.valence, random, s);
        number_way::initialise(p.energy, random, s);
        join::initialise(p.down, random, s);
    }
};

/// Decodes a latent of a text: the likeliest token at each step, up to the first END, at most 50 rows.
template <published_config C, class Backend>
[[nodiscard]] published_sheet generate(Backend&, typename published_lyrics_decoder<C, Backend>::params,
                                       frame<const float, C.latent> z);

// ---------------------------------------------------------------- bodies

template <published_config C, class Backend>
published_sheet generate(Backend& be, typename published_lyrics_decoder<C, Backend>::params p,
                         frame<const float, C.latent> latent) {
    using decoder = published_lyrics_decoder<C, Backend>;
    using real = typename Backend::real;
    constexpr std::size_t H = C.hidden, Z = C.latent;
    std::array<real, decoder::joined_size> joined;
    std::transform(latent.begin(), latent.end(), joined.begin(), [](float v) { return static_cast<real>(v); });
    const auto said = detail::say<C>(be, p.sheet, frame<const real, Z>(joined.data(), Z));
    published_sheet out = detail::to_sheet(said);
    out.sheet.title = published_title(latent);

    std::size_t at = Z;
    const auto hear = [&]<class Way, std::size_t N>(const typename Way::params& weights, const std::array<real, N>& x, Way*) {
        typename Way::state none{};
        Way::step(be, weights, none, frame<const real, N>(x), frame<real, H>(joined.data() + at, H));
        at += H;
    };
    constexpr auto* number = static_cast<typename decoder::number_way*>(nullptr);
    hear(p.tempo, said.tempo, number);
    hear(p.mode, said.mode, static_cast<typename decoder::mode_way*>(nullptr));
    hear(p.valence, said.valence, number);
    hear(p.energy, said.energy, number);
    std::array<real, Z> z;
    typename decoder::join::state none{};
    decoder::join::step(be, p.down, none, frame<const real, decoder::joined_size>(joined), frame<real, Z>(z));
    detail::write_rows<C>(be, p.sheet, z, out.sheet);
    return out;
}

}  // namespace lofi::inline LOFI_ABI::model
