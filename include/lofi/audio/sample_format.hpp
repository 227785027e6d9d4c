#pragma once
// How samples lie in files: the formats, their bytes, and dither where precision is given up.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include <lofi/audio/mu_law.hpp>
#include <lofi/core/bytes.hpp>
#include <lofi/core/math.hpp>
#include <lofi/core/random.hpp>

namespace lofi::inline LOFI_ABI::audio {

/// u8 to s32 are whole numbers, full scale at the largest; u8 has its zero at 128.
enum class sample_format : std::uint8_t { u8, s16, s24, s32, f32, f64, mu_law, a_law };

[[nodiscard]] constexpr std::size_t bytes_per_sample(sample_format format);
[[nodiscard]] constexpr std::string_view name(sample_format format);

/// Whether noise is added before rounding to whole numbers. `tpdf` (triangular, two steps wide) turns the distortion of
/// rounding into steady noise; `none` keeps silence silent and gives back exactly what was read from such a file.
enum class dither : std::uint8_t { none, tpdf };

/// Noise of one channel: the same for the same key, whatever the blocks.
class dither_noise {
public:
    explicit dither_noise(dither kind, random_key key) : stream_(key), kind_(kind) {}

    /// The next value, in steps of the whole numbers that are written: within (-1, 1).
    [[nodiscard]] float tick() {
        if (kind_ == dither::none) return 0.0F;
        const std::uint32_t word = stream_.next();
        return static_cast<float>(static_cast<std::int32_t>(word >> 16) - static_cast<std::int32_t>(word & 0xffffU)) * 0x1p-16F;
    }

private:
    random_stream stream_;
    dither kind_;
};

/// Reads one little-endian sample, full scale at +-1.
[[nodiscard]] inline float decode_sample(sample_format format, byte_reader& in);

/// Rounds a sample to a whole number of so many bits, with noise added. Sound beyond full scale is clipped; what is not a
/// number becomes 0.
template <int Bits>
[[nodiscard]] constexpr std::int32_t quantise(float sample, float noise = 0.0F);

// ---------------------------------------------------------------- bodies

constexpr std::size_t bytes_per_sample(sample_format format) {
    switch (format) {
        case sample_format::s16: return 2;
        case sample_format::s24: return 3;
        case sample_format::s32:
        case sample_format::f32: return 4;
        case sample_format::f64: return 8;
        default: return 1;
    }
}

constexpr std::string_view name(sample_format format) {
    constexpr std::string_view names[] = {"8-bit",        "16-bit",       "24-bit", "32-bit",
                                          "32-bit float", "64-bit float", "mu-law", "A-law"};
    return names[static_cast<std::size_t>(format)];
}

inline float decode_sample(sample_format format, byte_reader& in) {
    switch (format) {
        case sample_format::u8: return static_cast<float>(static_cast<int>(in.u8()) - 128) * 0x1p-7F;
        case sample_format::s16: return static_cast<float>(static_cast<std::int16_t>(in.u16_le())) * 0x1p-15F;
        case sample_format::s24: {
            const auto raw = in.number<std::uint32_t, byte_order::little, 3>();
            return static_cast<float>(static_cast<std::int32_t>(raw << 8)) * 0x1p-31F;
        }
        case sample_format::s32: return static_cast<float>(static_cast<std::int32_t>(in.u32_le())) * 0x1p-31F;
        case sample_format::f32: return bits_as<float>(in.u32_le());
        case sample_format::f64: return static_cast<float>(bits_as<double>(in.u64_le()));
        case sample_format::mu_law: return static_cast<float>(decode_mu_law(in.u8())) * 0x1p-15F;
        case sample_format::a_law: return static_cast<float>(decode_a_law(in.u8())) * 0x1p-15F;
    }
    return 0.0F;
}

template <int Bits>
constexpr std::int32_t quantise(float sample, float noise) {
    static_assert(Bits > 1 && Bits <= 24, "a float holds 24 bits");
    constexpr double scale = static_cast<double>(std::int32_t{1} << (Bits - 1));
    const double x = static_cast<double>(sample) * scale + static_cast<double>(noise);
    if (!(x > -scale)) return x <= -scale ? static_cast<std::int32_t>(-scale) : 0;
    if (x >= scale - 1) return static_cast<std::int32_t>(scale) - 1;
    return math::floor_int(x + 0.5);
}

}  // namespace lofi::inline LOFI_ABI::audio
