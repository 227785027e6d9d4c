#pragma once
// What reports are made of: pictures with names, numbers and cells of Markdown tables.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <string_view>

#include <lofi/plot/figure.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// A picture of a report.
struct report_picture {
    std::string name, title;  ///< name: of a file, without ending
    plot::figure sheet;
};

namespace detail {

inline std::string report_number(double v) {
    if (!std::isfinite(v)) return std::isnan(v) ? "–" : "∞";
    char text[40];
    std::snprintf(text, sizeof text,
                  std::abs(v) >= 1000  ? "%.0f"
                  : std::abs(v) >= 100 ? "%.1f"
                  : std::abs(v) >= 10  ? "%.2f"
                                       : "%.3f",
                  v);
    return text;
}

// Text for a cell of a table.
inline std::string cell(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '|' || c == '<' || c == '`' || c == '\\') out += '\\';
        out += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    return out;
}

inline std::string file_name(std::string_view title) {
    std::string out(title);
    std::replace(out.begin(), out.end(), ' ', '_');
    return out;
}

}  // namespace detail

}  // namespace lofi::inline LOFI_ABI::recipe
