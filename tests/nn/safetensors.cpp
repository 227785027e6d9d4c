#include <lofi/nn/safetensors.hpp>

#include "support/test.hpp"

#include <array>
#include <cstring>
#include <limits>
#include <numeric>

#include <lofi/core/random.hpp>

using namespace lofi;
using namespace lofi::test;

namespace {

// A file from a header's text, data of so many bytes, and a length that may lie.
std::vector<std::byte> file_of(const std::string& header, std::size_t data, std::uint64_t claimed = UINT64_MAX) {
    byte_writer out;
    out.u64_le(claimed == UINT64_MAX ? header.size() : claimed);
    out.text(header);
    for (std::size_t i = 0; i < data; ++i) out.u8(0);
    return std::move(out).take();
}

std::string why(const std::vector<std::byte>& bytes, nn::safetensors_limits limits = {}) {
    try {
        const nn::safetensors file(bytes, "x.safetensors", limits);
        return "";
    } catch (const error& e) {
        return e.message();
    }
}

std::string tensor(const std::string& name, const std::string& dtype, const std::string& shape, const std::string& offsets) {
    return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

}  // namespace

TEST_CASE("tensors come back as they were written") {
    const temporary_folder folder;
    const std::vector<float> w{1.5F, -2.25F, 1e-38F, 3e38F, 0.0F, -0.0F};
    const std::vector<double> v{1.0 / 3.0, -1e300};
    const std::vector<float> nothing;
    const std::vector<nn::tensor_source> list{{"w", {2, 3}, std::span<const float>(w)},
                                              {"caf\xc3\xa9 \"q\"\n", {2}, std::span<const double>(v)},
                                              {"empty", {0, 4}, std::span<const float>(nothing)},
                                              {"scalar", {}, std::span<const float>(w).first(1)}};
    nn::write_safetensors(folder / "a.safetensors", list, {{"format", "lofi"}, {"text", "a\nb"}});
    const nn::safetensors file = nn::read_safetensors(folder / "a.safetensors");
    CHECK(file.tensors().size() == 4);
    CHECK(file.metadata() == nn::text_map{{"format", "lofi"}, {"text", "a\nb"}});
    std::vector<float> w2(6);
    file.copy<float>("w", {2, 3}, w2);
    CHECK(std::memcmp(w.data(), w2.data(), 24) == 0);  // the sign of zero too
    std::vector<double> v2(2);
    file.copy<double>("caf\xc3\xa9 \"q\"\n", {2}, v2);
    CHECK(v == v2);
    std::vector<float> one(1);
    file.copy<float>("scalar", {}, one);
    CHECK(one[0] == 1.5F);
    CHECK(file.tensors().at("empty").bytes.empty());
    CHECK(!std::filesystem::exists(folder / "a.safetensors.part"));
}

TEST_CASE("weights that PyTorch saved load by name, in every kind of real number") {
    const nn::safetensors file = nn::read_safetensors(data("train/weights.safetensors"));
    for (const char* kind : {"half", "brain"}) {
        std::vector<float> ours(9), theirs(9);
        file.copy<float>(kind, {9}, ours);
        file.copy<float>(std::string(kind) + "_as_float", {9}, theirs);
        CHECK(std::memcmp(ours.data(), theirs.data(), 36) == 0);
    }
    std::vector<double> transposed(6);
    file.copy<double>("transposed", {3, 2}, transposed);
    CHECK(transposed == std::vector<double>{0, 3, 1, 4, 2, 5});
    std::vector<float> gates(24);
    file.copy<float>("lstm.weight_ih_l0", {8, 3}, gates);
    CHECK(std::any_of(gates.begin(), gates.end(), [](float x) { return x != 0; }));
    std::vector<float> one(1);
    CHECK_THROWS_WITH(file.copy<float>("norm.num_batches_tracked", {}, one),
                      contains("\"norm.num_batches_tracked\": holds I64, not real numbers"));
}

TEST_CASE("what does not fit the caller's wish is an error that says so") {
    const nn::safetensors file = nn::read_safetensors(data("train/weights.safetensors"));
    std::vector<float> out(24);
    CHECK_THROWS_WITH(file.copy<float>("lstm.weight_ih_l0", {3, 8}, out), contains("has shape [8, 3], not [3, 8]"));
    CHECK_THROWS_WITH(file.copy<float>("nobody", {3, 8}, out),
                      contains("tensor \"nobody\": is missing; the file has \"brain\""));
    const temporary_folder folder;
    for (const double bad : {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity(), 1e300}) {
        const std::vector<double> v{1, 2, bad};
        const nn::tensor_source t("v", {3}, std::span<const double>(v));
        nn::write_safetensors(folder / "bad.safetensors", {&t, 1});
        const nn::safetensors damaged = nn::read_safetensors(folder / "bad.safetensors");
        std::vector<float> f(3, 7);
        CHECK_THROWS_WITH(damaged.copy<float>("v", {3}, f),
                          contains("bad.safetensors: tensor \"v\": element 2 is not a finite number"));
        CHECK(f == std::vector<float>{7, 7, 7});
    }
}

TEST_CASE("hostile headers") {
    const auto one = [](const std::string& t, std::size_t data) { return why(file_of("{" + t + "}", data)); };
    CHECK(one(tensor("w", "F32", "[2]", "[0,8]"), 8).empty());
    CHECK(why(file_of("{}", 0)).empty());
    CHECK(why(file_of("{}   ", 0)).empty());
    CHECK_THAT(why({}), contains("x.safetensors: is empty"));
    CHECK_THAT(why({std::byte{1}, std::byte{0}}), contains("ends inside its first 8 bytes"));
    CHECK_THAT(why(file_of("{}", 0, 3)), contains("is 3 bytes long, but only 2 follow"));
    CHECK_THAT(why(file_of("{}", 0, UINT64_MAX - 8)), contains("more than the 16777216 allowed"));
    CHECK_THAT(why(file_of("{\"a\":1}", 0), {.header_bytes = 6}), contains("claims 7 bytes, more than the 6 allowed"));
    CHECK_THAT(why(file_of("", 0)), contains("does not begin with '{'"));
    CHECK_THAT(why(file_of(" {}", 0)), contains("does not begin with '{'"));
    CHECK_THAT(why(file_of("{\"a\":}", 0)), contains("header: is not JSON from byte 13"));
    CHECK_THAT(why(file_of("{\"a\xff\":1}", 0)), contains("is not JSON"));
    CHECK_THAT(why(file_of("{} {}", 0)), contains("is not JSON"));
    CHECK_THAT(one("\"w\":1", 0), contains("tensor \"w\": needs dtype, shape and data_offsets"));
    CHECK_THAT(one("\"w\":{}", 0), contains("needs dtype"));
    CHECK_THAT(one("\"w\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4],\"more\":1}", 4), contains("nothing else"));
    CHECK_THAT(one(tensor("w", "F33", "[2]", "[0,8]"), 8), contains("has the dtype \"F33\", which is unknown"));
    CHECK_THAT(one("\"w\":{\"dtype\":4,\"shape\":[],\"data_offsets\":[0,4]}", 4), contains("its dtype is not text"));
    for (const char* shape : {"2", "[-2]", "[2.0]", "[\"2\"]", "[null]", "{}", "[18446744073709551616]"})
        CHECK_THAT(one(tensor("w", "F32", shape, "[0,8]"), 8), contains("its shape is not a list of whole numbers"));
    for (const char* offsets : {"[0]", "[0,8,8]", "[-1,7]", "[0,8.0]", "8", "[\"0\",\"8\"]"})
        CHECK_THAT(one(tensor("w", "F32", "[2]", offsets), 8), contains("its data_offsets are not two whole numbers"));
    CHECK_THAT(one(tensor("w", "F32", "[2]", "[8,0]"), 8), contains("lies at bytes 8 to 0 of the data, which has 8 bytes"));
    CHECK_THAT(one(tensor("w", "F32", "[2]", "[4,12]"), 8), contains("lies at bytes 4 to 12"));
    CHECK_THAT(one(tensor("w", "F32", "[2]", "[18446744073709551608,18446744073709551615]"), 8), contains("lies at bytes"));
    CHECK_THAT(one(tensor("w", "F32", "[3]", "[0,8]"), 8), contains("has bytes 0 to 8, but F32 [3] takes 12 bytes"));
    // Products that come back to a small number when they overflow.
    CHECK_THAT(one(tensor("w", "F32", "[4294967296,4294967296]", "[0,0]"), 0), contains("too large for any file"));
    CHECK_THAT(one(tensor("w", "F64", "[2305843009213693952]", "[0,0]"), 0), contains("too large for any file"));
    CHECK(one(tensor("w", "F32", "[18446744073709551615,0]", "[0,0]"), 0).empty());
    CHECK_THAT(one(tensor("a", "F32", "[2]", "[0,8]") + "," + tensor("b", "F32", "[2]", "[4,12]"), 12),
               contains("tensor \"b\": overlaps the tensor before it by 4 bytes"));
    CHECK_THAT(one(tensor("a", "F32", "[2]", "[0,8]") + "," + tensor("b", "F32", "[1]", "[12,16]"), 16),
               contains("tensor \"b\": follows a hole of 4 bytes"));
    CHECK_THAT(one(tensor("a", "F32", "[1]", "[4,8]"), 8), contains("follows a hole of 4 bytes"));
    CHECK_THAT(one(tensor("a", "F32", "[1]", "[0,4]"), 9), contains("has 5 bytes after its last tensor"));
    CHECK_THAT(one(tensor("a", "F32", "[1]", "[0,4]") + "," + tensor("a", "F32", "[1]", "[0,4]"), 4),
               contains("names \"a\" twice"));
    CHECK_THAT(one("\"w\":{\"dtype\":\"F32\",\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}", 4),
               contains("names \"dtype\" twice"));
    CHECK_THAT(one("\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}", 0), contains("names \"a\" twice"));
    CHECK_THAT(one("\"__metadata__\":{\"a\":1}", 0), contains("metadata \"a\" is not text"));
    CHECK_THAT(one("\"__metadata__\":[]", 0), contains("__metadata__ is not an object"));
    CHECK_THAT(one(tensor("w", "F32", "[[2]]", "[0,8]"), 8), contains("deeper than the format allows"));
    CHECK_THAT(one("\"w\":" + std::string(1000000, '['), 0), contains("deeper than the format allows"));
    CHECK_THAT(one(tensor("w", "F32", "[1e400]", "[0,8]"), 8), contains("number out of range"));
    // A name that would clear a terminal, and one without an end.
    const std::string shown = one(tensor(std::string("\\u001b[2J") + std::string(5000, 'x'), "F33", "[]", "[0,4]"), 4);
    CHECK(shown.find('\x1b') == std::string::npos);
    CHECK(shown.size() < 250);
}

TEST_CASE("a file cut anywhere, or with any bit turned, is an error or a file, never a crash") {
    std::vector<std::byte> whole = read_file(data("train/weights.safetensors")).value();
    for (std::size_t n = 0; n < whole.size(); ++n)
        CHECK(!why({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n)}).empty());
    random_stream random(random_key{5});
    std::size_t errors = 0;
    for (int i = 0; i < 3000; ++i) {
        auto damaged = whole;
        damaged[uniform_below(random, 1400)] ^= static_cast<std::byte>(1U << uniform_below(random, 8));
        errors += why(damaged).empty() ? 0U : 1U;
    }
    CHECK(errors > 1000);  // the header is most of those bytes
}

TEST_CASE("files that are none") {
    const temporary_folder folder;
    CHECK_THROWS_WITH(nn::read_safetensors(folder / "none.safetensors"), contains("none.safetensors: cannot be opened"));
    CHECK_THROWS_WITH(nn::read_safetensors(folder.path()), contains("is a folder"));
    write_text(folder / "big.safetensors", std::string(100, ' '));
    CHECK_THROWS_WITH(nn::read_safetensors(folder / "big.safetensors", {.file_bytes = 99}),
                      contains("larger than the 99 bytes"));
#if defined(__linux__)
    CHECK_THROWS_WITH(nn::read_safetensors("/dev/zero"), contains("is a device or a pipe"));
#endif
}

TEST_CASE("what cannot be written leaves what was there") {
    const temporary_folder folder;
    const auto path = folder / "a.safetensors";
    const std::vector<float> w(3);
    const std::span<const float> view(w);
    const nn::tensor_source good("w", {3}, view);
    nn::write_safetensors(path, {&good, 1});
    const std::string before = read_text(path);
    const auto refuse = [&](const std::vector<nn::tensor_source>& list, const nn::text_map& metadata,
                            const std::string& sentence) {
        CHECK_THROWS_WITH(nn::write_safetensors(path, list, metadata), contains(sentence));
        CHECK(read_text(path) == before);
        CHECK(!std::filesystem::exists(folder / "a.safetensors.part"));
    };
    refuse({good, good}, {}, "its name is used twice");
    refuse({{"__metadata__", {3}, view}}, {}, "its name is used twice");
    refuse({{"w", {4}, view}}, {}, "3 numbers do not fill the shape [4]");
    refuse({good}, {{"a", "\xff"}}, "is not UTF-8");
    refuse({{"\xc3", {3}, view}}, {}, "is not UTF-8");
#if defined(__linux__)
    std::filesystem::create_symlink("/dev/full", folder / "a.safetensors.part");  // a disk without room
    refuse({good}, {}, "a.safetensors: cannot be written: No space left on device");
#endif
    CHECK_THROWS_AS(nn::write_safetensors(path / "inside.safetensors", {&good, 1}), error);  // a file is no folder
    CHECK(read_text(path) == before);
}
