#pragma once
// A figure: boxes, lines, letters and pictures in order, written as SVG or PNG.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/core/file.hpp>
#include <lofi/plot/color.hpp>
#include <lofi/plot/png.hpp>
#include <lofi/plot/raster.hpp>

namespace lofi::inline LOFI_ABI::plot {

struct box {
    double x = 0, y = 0, width = 0, height = 0;
    color fill{};
};

struct polyline {
    std::vector<point> points;
    color stroke{};
    double width = 1;
};

enum class anchor : std::uint8_t { start, middle, end };
enum class turn : std::uint8_t { none, left };  ///< left: read from below upward

struct label {
    double x = 0, y = 0;  ///< of the line that the letters stand on
    std::string text;
    double size = 12;
    color fill = ink;
    anchor at = anchor::start;
    turn turned = turn::none;
};

/// A picture stretched over a box, each of its pixels a sharp cell.
struct picture {
    double x = 0, y = 0, width = 0, height = 0;
    image cells;
};

using mark = std::variant<box, polyline, label, picture>;

/// Marks on a white sheet, later ones over earlier ones. Units are points, y downward.
struct figure {
    double width = 720, height = 440;
    std::vector<mark> marks;
};

/// Draws a figure as SVG text.
/// source: Scalable Vector Graphics 1.1
[[nodiscard]] std::string to_svg(const figure&);
/// Draws a figure as PNG bytes, `scale` pixels to a point.
[[nodiscard]] std::vector<std::uint8_t> to_png(const figure&, double scale = 2);

/// Writes a figure; the ending of the name, .svg or .png, says how.
/// errors: another ending; as `write_file`
[[nodiscard]] result<void> write(const std::filesystem::path&, const figure&);

// ---------------------------------------------------------------- bodies

namespace detail {

// A number with up to `decimals` digits behind a point, whatever the program's locale.
inline std::string fixed(double v, int decimals) {
    const double scale = std::pow(10.0, decimals);
    if (!std::isfinite(v) || std::abs(v) * scale > 9e15) return "0";
    const long long n = std::llround(std::abs(v) * scale), unit = std::llround(scale);
    std::string text = std::to_string(n / unit);
    if (decimals > 0) {
        std::string rest = std::to_string(n % unit);
        text += "." + std::string(static_cast<std::size_t>(decimals) - rest.size(), '0') + rest;
    }
    return (v < 0 && n != 0 ? "-" : "") + text;
}

inline std::string coordinate(double v) {
    std::string text = fixed(v, 2);
    if (text.find('.') == std::string::npos) return text;
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
}

inline std::string svg_color(color c) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text = "#";
    for (const std::uint8_t v : {c.r, c.g, c.b}) text += {digits[v >> 4U], digits[v & 15U]};
    return text;
}

// Text for XML: the five signs it keeps for itself, no control letters, and only bytes that are UTF-8.
inline std::string xml_text(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size();) {
        const auto c = static_cast<unsigned char>(text[i]);
        const std::size_t more = c < 0x80                ? 0
                                 : c >= 0xC2 && c < 0xE0 ? 1
                                 : c >= 0xE0 && c < 0xF0 ? 2
                                 : c >= 0xF0 && c < 0xF5 ? 3
                                                         : 9;
        bool whole = more != 9 && i + more < text.size();
        for (std::size_t k = 1; whole && k <= more; ++k) whole = (static_cast<unsigned char>(text[i + k]) & 0xC0U) == 0x80;
        const std::string_view sign = text.substr(i, whole ? more + 1 : 1);
        const auto second = whole && more > 0 ? static_cast<unsigned char>(text[i + 1]) : 0U;
        const bool surrogate_or_long = (c == 0xE0 && second < 0xA0) || (c == 0xED && second > 0x9F) ||
                                       (c == 0xF0 && second < 0x90) || (c == 0xF4 && second > 0x8F);
        if (!whole || surrogate_or_long || c < 0x20 || c == 0x7F || sign == "\xEF\xBF\xBE" || sign == "\xEF\xBF\xBF")
            out += '?';
        else if (c == '&')
            out += "&amp;";
        else if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '"')
            out += "&quot;";
        else
            out += sign;
        i += sign.size();
    }
    return out;
}

/// source: RFC 4648
inline std::string base64(std::span<const std::uint8_t> bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t three = 0;
        for (std::size_t k = 0; k < 3; ++k) three = three << 8 | (k < n ? bytes[i + k] : 0U);
        for (std::size_t k = 0; k < 4; ++k) text += k <= n ? digits[three >> (18 - 6 * k) & 63U] : '=';
    }
    return text;
}

struct svg_mark {
    std::string& out;

    static std::string at(const char* name, double v) { return std::string(" ") + name + "=\"" + coordinate(v) + "\""; }
    static std::string paint(const char* what, color c) {
        return std::string(" ") + what + "=\"" + svg_color(c) + "\"" +
               (c.a == 255 ? "" : std::string(" ") + what + "-opacity=\"" + coordinate(c.a / 255.0) + "\"");
    }
    void operator()(const box& b) const {
        out += "<rect" + at("x", b.x) + at("y", b.y) + at("width", b.width) + at("height", b.height) + paint("fill", b.fill) +
               "/>\n";
    }
    void operator()(const polyline& l) const {
        out += "<polyline fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\"" + paint("stroke", l.stroke) +
               at("stroke-width", l.width) + " points=\"";
        for (const point p : l.points) out += coordinate(p.x) + "," + coordinate(p.y) + " ";
        if (!l.points.empty()) out.pop_back();
        out += "\"/>\n";
    }
    void operator()(const label& l) const {
        constexpr std::string_view anchors[] = {"start", "middle", "end"};
        out += "<text" + at("x", l.x) + at("y", l.y) + at("font-size", l.size) + paint("fill", l.fill) + " text-anchor=\"" +
               std::string(anchors[static_cast<std::size_t>(l.at)]) + "\"";
        if (l.turned == turn::left) out += " transform=\"rotate(-90 " + coordinate(l.x) + " " + coordinate(l.y) + ")\"";
        out += ">" + xml_text(l.text) + "</text>\n";
    }
    void operator()(const picture& p) const {
        if (p.cells.rgb.empty()) return;
        out += "<image" + at("x", p.x) + at("y", p.y) + at("width", p.width) + at("height", p.height) +
               " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" xlink:href=\"data:image/png;base64," +
               base64(png_encode(p.cells)) + "\"/>\n";
    }
};

struct raster_mark {
    raster& out;

    void operator()(const box& b) const { out.fill(b.x, b.y, b.width, b.height, b.fill); }
    void operator()(const polyline& l) const { out.stroke(l.points, l.width, l.stroke); }
    void operator()(const label& l) const {
        const double wide = text_width(l.text, l.size), back = l.at == anchor::start    ? 0
                                                               : l.at == anchor::middle ? wide / 2
                                                                                        : wide;
        if (l.turned == turn::left)
            out.text({l.x, l.y + back}, l.text, l.size, l.fill, {0, -1});
        else
            out.text({l.x - back, l.y}, l.text, l.size, l.fill, {1, 0});
    }
    void operator()(const picture& p) const { out.paste(p.x, p.y, p.width, p.height, p.cells); }
};

}  // namespace detail

inline std::string to_svg(const figure& f) {
    using detail::coordinate;
    std::string out = "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"" +
                      coordinate(f.width) + "\" height=\"" + coordinate(f.height) + "\" viewBox=\"0 0 " + coordinate(f.width) +
                      " " + coordinate(f.height) +
                      "\" font-family=\"Helvetica, Arial, 'DejaVu Sans', sans-serif\">\n<rect width=\"100%\" height=\"100%\" "
                      "fill=\"#ffffff\"/>\n";
    for (const mark& m : f.marks) std::visit(detail::svg_mark{out}, m);
    return out + "</svg>\n";
}

inline std::vector<std::uint8_t> to_png(const figure& f, double scale) {
    raster sheet(f.width, f.height, scale);
    for (const mark& m : f.marks) std::visit(detail::raster_mark{sheet}, m);
    return png_encode(sheet.pixels());
}

inline result<void> write(const std::filesystem::path& path, const figure& f) {
    const std::string ending = path.extension().string();
    if (ending == ".svg") return write_file(path, to_svg(f));
    if (ending == ".png") return write_file(path, std::as_bytes(std::span<const std::uint8_t>(to_png(f))));
    return error(path.string(), "a figure is written as .svg or .png");
}

}  // namespace lofi::inline LOFI_ABI::plot
