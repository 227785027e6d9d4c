#include <lofi/recipe/lofi2lofi_published_files.hpp>

#include <limits>
#include <string>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

namespace {

constexpr model::published_config tiny{.hidden = 6, .small = 3, .latent = 5};
using network = recipe::published_network<tiny>;
using tensor_list = std::vector<nn::named_tensor<float>>;

struct written {
    test::temporary_folder folder;
    nn::parameters<network> weights{random_key{6}, nn::scheme::pytorch};

    written() {
        for (float& v : weights.flat()) v *= 3;
        write("model", whole());
        write("decoder", decoder());
    }
    tensor_list whole() { return nn::tensors_of<network>(weights.view()); }
    tensor_list decoder() { return nn::tensors_of<network::decoder>(weights.view().get<"decoder">()); }
    std::filesystem::path path(const std::string& name) const { return folder / (name + ".safetensors"); }
    void write(const std::string& name, const tensor_list& tensors) const {
        nn::write_safetensors(path(name), nn::sources<float>(tensors));
    }
};

std::vector<float> latents(std::size_t count) {
    std::vector<float> z(5 * count);
    random_stream random(random_key{9});
    nn::fill_normal(std::span(z), 1.0, random);
    return z;
}

}  // namespace

TEST_CASE("latents decode with a decoder's file and a whole model's alike") {
    written files;
    const auto z = latents(12);
    const auto a = recipe::decode_latents<tiny>(files.path("decoder"), rows<const float, 5>(z.data(), 12));
    const auto b = recipe::decode_latents<tiny>(files.path("model"), rows<const float, 5>(z.data(), 12));
    REQUIRE(a.size() == 12);
    backend::cpu<float> be;
    for (std::size_t i = 0; i < 12; ++i) {
        CHECK(a[i].sheet == b[i].sheet);
        const auto direct = model::generate<tiny, backend::cpu<float>>(be, files.weights.view().get<"decoder">(),
                                                                       frame<const float, 5>(z.data() + 5 * i, 5));
        CHECK(a[i].sheet == direct.sheet);
        CHECK(a[i].tempo == direct.tempo);
    }
    CHECK_FALSE(a[0].sheet == a[1].sheet);
}

TEST_CASE("a latent that is not finite is named") {
    written files;
    auto z = latents(3);
    z[7] = std::numeric_limits<float>::quiet_NaN();
    CHECK_THROWS_WITH(recipe::decode_latents<tiny>(files.path("decoder"), rows<const float, 5>(z.data(), 3)),
                      "latent 2: number 3 is not finite");
}

TEST_CASE("files that are no published Lofi2Lofi are refused with a reason") {
    written files;
    const auto z = latents(1);
    const auto decode = [&](const std::string& name) {
        return recipe::decode_latents<tiny>(files.path(name), rows<const float, 5>(z.data(), 1));
    };
    auto tensors = files.decoder();
    tensors.erase(tensors.begin() + 3);
    files.write("short", tensors);
    CHECK_THROWS_WITH(decode("short"), test::contains("chords_lstm.bias_hh"));

    tensors = files.decoder();
    std::vector<float> more(4);
    tensors.push_back({"voice.weight", {4}, more});
    files.write("long", tensors);
    CHECK_THROWS_WITH(decode("long"), test::contains("voice.weight"));

    // The published sizes are not these.
    CHECK_THROWS_WITH(recipe::read_published_decoder<>(files.path("decoder")), test::contains("not [400, 100]"));
    // A decoder alone cannot encode.
    CHECK_THROWS_WITH(recipe::read_published<tiny>(files.path("decoder")), test::contains("encoder.chord_embeddings.weight"));

    *std::get<2>(files.weights.view().get<"decoder">().energy.all).b = std::numeric_limits<float>::infinity();
    files.write("broken", files.decoder());
    CHECK_THROWS_WITH(decode("broken"), test::contains("energy_linear.2.bias"));
    CHECK_THROWS_AS(decode("absent"), error);
}

TEST_CASE("checkpoints of the training loop are read, those of other settings are not") {
    written files;
    const auto tensors = files.whole();
    const auto write = [&](const char* model, const nn::json& config) {
        nn::write_checkpoint(files.path("best"), {model, config, nn::json::object()}, nn::sources<float>(tensors));
    };
    const auto z = latents(2);
    const auto decode = [&] { return recipe::decode_latents<tiny>(files.path("best"), rows<const float, 5>(z.data(), 2)); };
    write("lofi2lofi", {{"setting", "published"}, {"hidden", 6}, {"small", 3}, {"latent", 5}});
    CHECK(decode()[1].sheet == recipe::decode_latents<tiny>(files.path("decoder"), rows<const float, 5>(z.data(), 2))[1].sheet);
    auto read = recipe::read_published<tiny>(files.path("best"));
    CHECK(std::equal(read.flat().begin(), read.flat().end(), files.weights.flat().begin()));
    write("lofi2lofi", {{"setting", "improved"}, {"hidden", 6}, {"small", 3}, {"latent", 5}});
    CHECK_THROWS_WITH(decode(), test::contains("/setting"));
    write("musicvae", nn::json::object());
    CHECK_THROWS_WITH(decode(), test::contains("musicvae"));
}

TEST_CASE("sheets are encoded one by one as in a batch, and what cannot be is named") {
    written files;
    std::vector<score::lead_sheet> sheets(3);
    for (std::size_t i = 0; i < 3; ++i) {
        sheets[i].rows.resize(2 + 3 * i);
        for (std::size_t r = 0; r < sheets[i].rows.size(); ++r) sheets[i].rows[r].chord = static_cast<std::uint8_t>(r % 7 + 1);
        sheets[i].tempo = bpm(90 + 20 * static_cast<double>(i));
    }
    sheets[1].rows[0].melody.fill(15);
    const auto all = recipe::encode_sheets<tiny>(files.path("model"), sheets);
    REQUIRE(all.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        const auto one = recipe::encode_sheets<tiny>(files.path("model"), std::span(sheets).subspan(i, 1));
        for (std::size_t d = 0; d < 5; ++d) {
            CHECK(all[i].mean[d] == Approx(one[0].mean[d]).epsilon(1e-4).margin(1e-5));
            CHECK(all[i].log_variance[d] == Approx(one[0].log_variance[d]).epsilon(1e-4).margin(1e-5));
        }
    }
    CHECK(all[0].mean != all[1].mean);
    CHECK(recipe::encode_sheets<tiny>(files.path("model"), {}).empty());

    const auto fails = [&](auto&& change) {
        auto bad = sheets;
        change(bad[2]);
        return [&files, bad] { return recipe::encode_sheets<tiny>(files.path("model"), bad); };
    };
    CHECK_THROWS_WITH(fails([](auto& s) { s.rows.clear(); })(), "sheet 3: has no rows");
    CHECK_THROWS_WITH(fails([](auto& s) { s.has_melody = false; })(), "sheet 3: has no melody");
    CHECK_THROWS_WITH(fails([](auto& s) { s.rows[1].chord = 9; })(), test::contains("sheet 3: row 2: chord 9"));
    CHECK_THROWS_WITH(fails([](auto& s) { s.energy = 2; })(), test::contains("sheet 3: energy"));
}
