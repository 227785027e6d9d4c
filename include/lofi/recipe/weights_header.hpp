#pragma once
// Quantised weights as a header, for the room pretrained.
#include <cstddef>
#include <cstdio>
#include <string>
#include <vector>

#include <lofi/backend/fixed.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// Writes quantised weights as a header of 64-bit words, which compile quickly.
[[nodiscard]] std::string header_text(const backend::fixed_arena& arena, const std::string& name, const std::string& origin);

// ---------------------------------------------------------------- bodies

inline std::string header_text(const backend::fixed_arena& arena, const std::string& name, const std::string& origin) {
    std::vector<std::byte> bytes = arena.write();
    bytes.resize((bytes.size() + 7) / 8 * 8);
    byte_reader in(bytes);
    std::string text =
        "#pragma once\n// Quantised weights; written by `lofi quantise` from " + origin +
        ".\n#include <cstdint>\n\n#include <lofi/core/config.hpp>\n\nnamespace lofi::inline LOFI_ABI::pretrained::detail {\n\n"
        "// clang-format off\ninline constexpr std::uint64_t " +
        name + "[] = {";
    for (std::size_t i = 0; i < bytes.size() / 8; ++i) {
        char word[24];
        std::snprintf(word, sizeof word, "%s0x%llx", i % 8 == 0 ? (i == 0 ? "\n" : ",\n") : ",",
                      static_cast<unsigned long long>(in.u64_le()));
        text += word;
    }
    return text + "};\n// clang-format on\n\n}  // namespace lofi::inline LOFI_ABI::pretrained::detail\n";
}

}  // namespace lofi::inline LOFI_ABI::recipe
