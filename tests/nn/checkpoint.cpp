#include <lofi/nn/checkpoint.hpp>

#include "support/test.hpp"

#include <array>

using namespace lofi;
using namespace lofi::test;

namespace {

struct small_net {
    using real = float;
    struct params {
        std::span<float> weight, bias;
    };
    template <class F>
    static void visit(const params& p, F&& f) {
        f("out.weight", std::array<std::size_t, 2>{4, 2}, p.weight);
        f("out.bias", std::array<std::size_t, 1>{4}, p.bias);
    }
    std::vector<float> numbers = std::vector<float>(12);
    std::vector<nn::named_tensor<float>> tensors() {
        return nn::tensors_of<small_net>({std::span(numbers).first(8), std::span(numbers).last(4)});
    }
};

void save(const std::filesystem::path& path, small_net& net, const nn::checkpoint_header& header) {
    const auto list = net.tensors();
    nn::write_checkpoint(path, header, nn::sources<float>(list));
}

}  // namespace

TEST_CASE("a checkpoint says what it is and gives back its weights") {
    const temporary_folder folder;
    small_net net;
    for (std::size_t i = 0; i < 12; ++i) net.numbers[i] = static_cast<float>(i) / 3;
    save(folder / "a.safetensors", net, {"small", {{"hidden", 2}, {"name", "caf\xc3\xa9"}}, {{"step", 7}}});
    const auto file = nn::read_safetensors(folder / "a.safetensors");
    const auto header = nn::read_header(file);
    CHECK(header.model == "small");
    CHECK(header.config == nn::json{{"hidden", 2}, {"name", "caf\xc3\xa9"}});
    CHECK(header.training == nn::json{{"step", 7}});
    nn::check_header(file, header, "small", {{"name", "caf\xc3\xa9"}, {"hidden", 2}});  // the order of settings means nothing
    small_net other;
    const auto into = other.tensors();
    nn::load_weights<float>(file, into);
    CHECK(other.numbers == net.numbers);
}

TEST_CASE("a checkpoint of another network or version is refused with a sentence") {
    const temporary_folder folder;
    small_net net;
    const auto path = folder / "a.safetensors";
    save(path, net, {"small", {{"sizes", {{"hidden", 2}, {"latent", {1, 2}}}}}, {}});
    const auto file = nn::read_safetensors(path);
    const auto header = nn::read_header(file);
    CHECK_THROWS_WITH(nn::check_header(file, header, "musicvae", header.config),
                      contains("a.safetensors: holds a \"small\", not a \"musicvae\""));
    CHECK_THROWS_WITH(nn::check_header(file, header, "small", {{"sizes", {{"hidden", 3}, {"latent", {1, 2}}}}}),
                      contains("differs at /sizes/hidden: 2, not 3"));
    CHECK_THROWS_WITH(nn::check_header(file, header, "small", {{"sizes", {{"hidden", 2}, {"latent", {1, 2}}}}, {"more", 1}}),
                      contains("differs at /more: nothing, not 1"));
    CHECK_THROWS_WITH(nn::check_header(file, header, "small", nn::json::object()), contains("differs at /sizes: {"));

    const auto list = net.tensors();
    const auto with = [&](const nn::text_map& metadata) {
        nn::write_safetensors(path, nn::sources<float>(list), metadata);
        return nn::read_safetensors(path);
    };
    CHECK_THROWS_WITH(nn::read_header(with({})), contains("metadata: has no \"format\": not a lofi checkpoint"));
    CHECK_THROWS_WITH(nn::read_header(with({{"format", "pt"}})), contains("its format is \"pt\", not \"lofi\""));
    CHECK_THROWS_WITH(nn::read_header(with({{"format", "lofi"}, {"version", "2"}})),
                      contains("has version \"2\" of the checkpoint format; this library reads version 1"));
    CHECK_THROWS_WITH(nn::read_header(with({{"format", "lofi"}, {"version", "1"}, {"model", "m"}})),
                      contains("has no \"config\""));
    for (const char* bad : {"", "{", "[1]", "7"})
        CHECK_THROWS_WITH(nn::read_header(with({{"format", "lofi"}, {"version", "1"}, {"model", "m"}, {"config", bad}})),
                          contains("\"config\" is not a JSON object"));
    CHECK_THROWS_WITH(
        nn::read_header(with({{"format", "lofi"}, {"version", "1"}, {"model", "m"}, {"config", "{}"}, {"training", "no"}})),
        contains("\"training\" is not a JSON object"));
}

TEST_CASE("weights load all or nothing") {
    const auto file = nn::read_safetensors(data("train/weights.safetensors"));  // has out.weight, out.bias and more
    small_net net;
    const std::vector<float> before = net.numbers;
    CHECK_THROWS_WITH(nn::load_weights<float>(file, net.tensors()), contains("has no place in this network"));
    CHECK(net.numbers == before);
    auto wrong = net.tensors();
    wrong[1].shape = {2, 2};
    CHECK_THROWS_WITH(nn::load_weights<float>(file, wrong, nn::extra_tensors::ignore),
                      contains("\"out.bias\": has shape [4], not [2, 2]"));
    CHECK(net.numbers == before);
    nn::load_weights<float>(file, net.tensors(), nn::extra_tensors::ignore);
    CHECK(net.numbers != before);

    small_net other;
    auto list = other.tensors();
    for (auto& t : list) t.name = "decoder." + t.name.substr(4);  // other names here than in the file
    nn::load_weights<float>(file, list, nn::extra_tensors::ignore,
                            [](const std::string& name) { return "out." + name.substr(8); });
    CHECK(other.numbers == net.numbers);
}
