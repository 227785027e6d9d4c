#include "lead_network.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include <lofi/core/file.hpp>

#if LOFI_HAVE_TRAIN
#include <lofi/recipe/lofi2lofi_files.hpp>
#include <lofi/recipe/lofi2lofi_published_files.hpp>
#endif

namespace program {
namespace {

constexpr auto& sizes = lofi::pretrained::lofi2lofi_sizes;

/// Writes a sheet with the improved network in a backend's numbers.
template <class Backend>
lofi::score::lead_sheet write_sheet(typename lofi::model::lofi2lofi_decoder<sizes, Backend>::params params,
                                    const lofi::model::lead_conditions& told, const latent& z,
                                    const lofi::model::lead_sampling& sampling, lofi::random_key key) {
    lofi::model::phrase_writer<sizes, Backend> writer({}, params, told, z, sampling, key);
    const lofi::model::lead_phrase& phrase = writer.generate();
    lofi::score::lead_sheet sheet;
    for (std::size_t i = 0; i < phrase.rows; ++i) {
        lofi::score::lead_row& row = sheet.rows.emplace_back();
        row.chord = phrase.chords[i];
        std::copy_n(phrase.melody.begin() + static_cast<std::ptrdiff_t>(8 * i), 8, row.melody.begin());
    }
    return sheet;
}

lead_network of_fixed(lofi::pretrained::lofi2lofi network) {
    lead_network out;
    out.write = [n = std::move(network)](const auto& told, const latent& z, const auto& sampling, lofi::random_key key) {
        return write_sheet<lofi::backend::fixed>(n.params(), told, z, sampling, key);
    };
    return out;
}

#if LOFI_HAVE_TRAIN

constexpr lofi::model::published_config published_sizes{};
static_assert(published_sizes.latent == latent_size);

lead_network of_improved(const std::filesystem::path& path) {
    using weights = lofi::recipe::improved_weights<sizes>;
    const auto w = std::make_shared<weights>(lofi::recipe::read_improved<sizes>(path));
    lead_network out;
    out.write = [w](const auto& told, const latent& z, const auto& sampling, lofi::random_key key) {
        return write_sheet<lofi::backend::cpu<float>>(w->view().decode, told, z, sampling, key);
    };
    out.encode = [w](const lofi::score::lead_sheet& sheet) {
        const auto found = lofi::recipe::encode_phrases<sizes>(*w, std::span(&sheet, 1)).front();
        return place{found.mean, found.log_variance};
    };
    return out;
}

lead_network of_published(const std::filesystem::path& path, bool whole) {
    const auto decoder = std::make_shared<lofi::recipe::published_decoder_weights<published_sizes>>(
        lofi::recipe::read_published_decoder<published_sizes>(path));
    lead_network out;
    out.takes_wishes = false;
    out.write = [decoder](const auto&, const latent& q, const auto&, lofi::random_key) {
        std::array<float, latent_size> z;
        std::transform(q.begin(), q.end(), z.begin(), [](std::int32_t v) { return static_cast<float>(v) / 65536; });
        return lofi::recipe::decode_latents<published_sizes>(*decoder, lofi::rows<const float, latent_size>(z.data(), 1))
            .front()
            .sheet;
    };
    if (!whole) return out;
    const auto w = std::make_shared<lofi::nn::parameters<lofi::recipe::published_network<published_sizes>>>(
        lofi::recipe::read_published<published_sizes>(path));
    out.encode = [w](const lofi::score::lead_sheet& sheet) {
        const auto found = lofi::recipe::encode_sheets<published_sizes>(*w, std::span(&sheet, 1)).front();
        return place{found.mean, found.log_variance};
    };
    return out;
}

lead_network of_safetensors(const std::filesystem::path& path) {
    const lofi::nn::safetensors file = lofi::nn::read_safetensors(path);
    const auto format = file.metadata().find("format");
    if (format != file.metadata().end() && format->second == "lofi") {
        const auto header = lofi::nn::read_header(file);
        if (header.config.value("setting", "") == "improved") return of_improved(path);
    }
    const auto& tensors = file.tensors();
    return of_published(
        path, std::any_of(tensors.begin(), tensors.end(), [](const auto& t) { return t.first.rfind("encoder.", 0) == 0; }));
}

#else

lead_network of_safetensors(const std::filesystem::path& path) {
    throw lofi::error(path.string(), "safetensors need the train build, which is the default: configure with -DLOFI_TRAIN=ON");
}

#endif

}  // namespace

lead_network open_network(const std::filesystem::path& weights) {
    if (weights == "builtin") return of_fixed(lofi::pretrained::lofi2lofi::builtin());
    if (weights.extension() == ".safetensors") return of_safetensors(weights);
    const std::vector<std::byte> bytes = lofi::read_file(weights, std::uintmax_t{1} << 26).value();
    auto network = lofi::pretrained::lofi2lofi::read(std::span<const std::byte>(bytes));
    if (!network) throw network.error().at(weights.string());
    return of_fixed(std::move(*network));
}

}  // namespace program
