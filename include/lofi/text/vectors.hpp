#pragma once
// Vectors of texts that were made elsewhere: arrays of NumPy, and the names of texts in files that hold many.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/bits.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/hash.hpp>

namespace lofi::inline LOFI_ABI::text {

/// A text as vectors, a token a row.
struct token_vectors {
    std::size_t width = 0;
    std::vector<float> values{};  ///< (tokens,width)
    [[nodiscard]] std::size_t tokens() const { return width == 0 ? 0 : values.size() / width; }
};

/// The name of a text's tensor in a file of many: "text-" and 16 digits of its hash, so that a file needs no order.
[[nodiscard]] inline std::string vectors_name(std::string_view text);

/// Reads an array of NumPy: one text (tokens,width), or many (texts,tokens,width), where rows of zeros at the end of a text are padding.
/// Real numbers of 16, 32 or 64 bits in little-endian order.
/// errors: "byte 6: version 9 of the format is not 1 to 3", "shape (3, 4): its last extent is not 768", "number 17 is not finite"
/// source: NumPy Enhancement Proposal 1
[[nodiscard]] inline result<std::vector<token_vectors>> read_npy(std::span<const std::byte> bytes, std::size_t width);

// ---------------------------------------------------------------- bodies

inline std::string vectors_name(std::string_view text) {
    std::uint64_t h = hasher().add(text).value();
    std::string digits(16, '0');
    for (auto at = digits.rbegin(); at != digits.rend(); ++at, h >>= 4) *at = "0123456789abcdef"[h & 15];
    return "text-" + digits;
}

namespace detail {

/// The text between a key of an array's header and the end of its value: "(3, 768)" of "{'shape': (3, 768), }".
inline std::string_view npy_value(std::string_view header, std::string_view key, char last) {
    const std::size_t at = header.find(key);
    if (at == std::string_view::npos) return {};
    header.remove_prefix(at + key.size());
    while (!header.empty() && (header.front() == ' ' || header.front() == ':')) header.remove_prefix(1);
    const std::size_t end = header.find(last, 1);
    return end == std::string_view::npos ? std::string_view{} : header.substr(0, end + (last == ',' ? 0 : 1));
}

inline float from_half(std::uint16_t h) {
    const int exponent = h >> 10 & 31, fraction = h & 1023;
    const float size = exponent == 0    ? std::ldexp(static_cast<float>(fraction), -24)
                       : exponent == 31 ? (fraction == 0 ? HUGE_VALF : NAN)
                                        : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    return (h >> 15) != 0 ? -size : size;
}

inline std::uint64_t little_endian(std::span<const std::byte> bytes) {
    std::uint64_t v = 0;
    for (std::size_t i = bytes.size(); i-- > 0;) v = v << 8 | static_cast<std::uint64_t>(bytes[i]);
    return v;
}

}  // namespace detail

inline result<std::vector<token_vectors>> read_npy(std::span<const std::byte> bytes, std::size_t width) {
    const std::string_view all(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (all.size() < 12 || all.substr(0, 6) != "\x93NUMPY") return error("byte 0", "is no array of NumPy");
    const int version = static_cast<unsigned char>(all[6]);
    if (version < 1 || version > 3)
        return error("byte 6", "version " + std::to_string(version) + " of the format is not 1 to 3");
    const std::size_t size_bytes = version == 1 ? 2 : 4, start = 8 + size_bytes;
    const std::uint64_t header_size = detail::little_endian(bytes.subspan(8, size_bytes));
    if (header_size > bytes.size() - start)
        return error("byte 8", "the header is " + std::to_string(header_size) + " bytes long, but only " +
                                   std::to_string(bytes.size() - start) + " follow");
    const std::string_view header = all.substr(start, static_cast<std::size_t>(header_size));
    const std::string type(detail::npy_value(header, "'descr'", '\''));
    const std::size_t real = type == "'<f2'" ? 2 : type == "'<f4'" ? 4 : type == "'<f8'" ? 8 : 0;
    if (real == 0) return error("descr", type + " is not '<f2', '<f4' or '<f8'");
    if (detail::npy_value(header, "'fortran_order'", ',') != "False")
        return error("fortran_order", "is not False: save numpy.ascontiguousarray of the array");
    const std::string shape(detail::npy_value(header, "'shape'", ')'));
    std::vector<std::uint64_t> extents;
    for (std::size_t at = 0; at < shape.size(); ++at) {
        if (shape[at] < '0' || shape[at] > '9') continue;
        std::uint64_t n = 0;
        for (; at < shape.size() && shape[at] >= '0' && shape[at] <= '9'; ++at)
            n = std::min<std::uint64_t>(n * 10 + static_cast<std::uint64_t>(shape[at] - '0'), 0xFFFFFFFFU);
        extents.push_back(n);
    }
    if (extents.size() < 2 || extents.size() > 3)
        return error("shape " + shape, "is not (tokens, width) or (texts, tokens, width)");
    if (extents.back() != width) return error("shape " + shape, "its last extent is not " + std::to_string(width));
    const std::uint64_t texts = extents.size() == 3 ? extents[0] : 1, tokens = extents[extents.size() - 2];
    const std::span<const std::byte> data = bytes.subspan(start + static_cast<std::size_t>(header_size));
    if (extents.size() == 3 && tokens == 0) return error("shape " + shape, "holds no tokens");
    // Extents are below 2^32 and the width is known: no product overflows before the comparison that refuses it.
    const std::uint64_t held = data.size() / real / width;
    if ((tokens != 0 && texts > held / tokens) || texts * tokens != held || data.size() % (real * width) != 0)
        return error("shape " + shape, "does not fit the " + std::to_string(data.size()) + " bytes that follow");

    const auto number = [&](std::size_t i) {
        const std::uint64_t bits = detail::little_endian(data.subspan(i * real, real));
        if (real == 2) return detail::from_half(static_cast<std::uint16_t>(bits));
        if (real == 4) return bits_as<float>(static_cast<std::uint32_t>(bits));
        return static_cast<float>(bits_as<double>(bits));
    };
    std::vector<token_vectors> out;
    for (std::size_t i = 0; i < texts; ++i) {
        token_vectors& t = out.emplace_back(token_vectors{width, {}});
        const std::size_t first = i * static_cast<std::size_t>(tokens) * width,
                          count = static_cast<std::size_t>(tokens) * width;
        for (std::size_t k = 0; k < count; ++k) {
            t.values.push_back(number(first + k));
            if (!std::isfinite(t.values.back())) return error("number " + std::to_string(first + k + 1), "is not finite");
        }
        if (extents.size() == 2) continue;
        const auto padding =
            std::find_if(t.values.rbegin(), t.values.rend(), [](float v) { return v != 0; }) - t.values.rbegin();
        t.values.resize(count - static_cast<std::size_t>(padding) / width * width);
    }
    return out;
}

}  // namespace lofi::inline LOFI_ABI::text
