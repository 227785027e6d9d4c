#pragma once
// Files of named tensors: read without trusting a byte of them, written beside their target and renamed.
#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include <lofi/core/bytes.hpp>
#include <lofi/core/error.hpp>
#include <lofi/core/file.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// JSON whose members keep the order in which they were added, so that equal contents are equal bytes.
using json = nlohmann::ordered_json;

/// How the numbers of a tensor are stored. All can be listed; the four kinds of real number can be read.
enum class dtype : std::uint8_t { f64, f32, f16, bf16, i64, i32, i16, i8, u64, u32, u16, u8, boolean };

/// Gives the number of bytes of one element.
[[nodiscard]] constexpr std::size_t size_of(dtype);
/// Gives the name that the format uses: "F32", "BF16", ...
[[nodiscard]] constexpr std::string_view name_of(dtype);

using tensor_shape = std::vector<std::size_t>;
using text_map = std::map<std::string, std::string>;

/// Writes a shape as people do: "[128, 100]".
[[nodiscard]] std::string to_string(const tensor_shape&);

/// Bounds on what a file may ask of us.
struct safetensors_limits {
    std::uint64_t header_bytes = std::uint64_t{16} << 20;  ///< a header of that size names some 100,000 tensors
    std::uint64_t file_bytes = std::uint64_t{16} << 30;
};

/// A safetensors file in memory. All that can be wrong with the file itself was found when it was made.
/// source: github.com/huggingface/safetensors, "Format"
class safetensors {
public:
    struct tensor {
        dtype type;
        tensor_shape shape;
        std::span<const std::byte> bytes;  ///< little-endian, last index fastest
    };

    /// Takes the bytes of a file; `place` names it in errors.
    /// errors: "x.safetensors: header: is 12 bytes long, but only 3 bytes follow", "x.safetensors: tensor \"w\": ..."
    safetensors(std::vector<std::byte> bytes, std::string place, safetensors_limits limits = {});
    safetensors(const safetensors&) = delete;
    safetensors& operator=(const safetensors&) = delete;
    safetensors(safetensors&&) noexcept = default;  // a moved vector keeps its storage, so views stay true
    safetensors& operator=(safetensors&&) noexcept = default;

    [[nodiscard]] const std::string& place() const { return place_; }
    [[nodiscard]] const text_map& metadata() const { return metadata_; }
    [[nodiscard]] const std::map<std::string, tensor>& tensors() const { return tensors_; }
    [[nodiscard]] bool contains(const std::string& name) const { return tensors_.count(name) != 0; }

    /// Finds a tensor and checks its shape, its type (a real number) and that every element is finite in Real.
    /// errors: no such tensor (naming those there are), "has shape [3, 4], not [4, 3]", "element 17 is not a finite number"
    template <std::floating_point Real>
    const tensor& check(const std::string& name, const tensor_shape& shape) const;
    /// Copies a tensor's numbers, converted, after `check`.
    template <std::floating_point Real>
    void copy(const std::string& name, const tensor_shape& shape, std::span<Real> out) const;

private:
    std::vector<std::byte> bytes_;
    std::string place_;
    text_map metadata_;
    std::map<std::string, tensor> tensors_;
};

/// Reads a safetensors file.
/// errors: as `safetensors`; a file that cannot be opened, is empty, a folder or a device
[[nodiscard]] safetensors read_safetensors(const std::filesystem::path&, safetensors_limits limits = {});

/// One tensor to write. The view must live until the file is written.
struct tensor_source {
    std::string name;
    tensor_shape shape;
    dtype type;
    const void* data;
    std::size_t count;

    template <std::floating_point Real>
    tensor_source(std::string tensor_name, tensor_shape tensor_extents, std::span<const Real> values)
        : name(std::move(tensor_name)),
          shape(std::move(tensor_extents)),
          type(sizeof(Real) == 8 ? dtype::f64 : dtype::f32),
          data(values.data()),
          count(values.size()) {
        static_assert(sizeof(Real) == 4 || sizeof(Real) == 8, "tensors are written as float or double");
    }
};

/// Writes a safetensors file. Wider elements come first, so that every tensor is aligned; otherwise the order is kept.
/// errors: a name twice or reserved, a shape that does not fit its numbers, text that is not UTF-8, a disk that is full
void write_safetensors(const std::filesystem::path&, std::span<const tensor_source>, const text_map& metadata = {});

// ---------------------------------------------------------------- bodies

namespace detail {

struct dtype_entry {
    dtype type;
    std::string_view name;
    std::size_t size;
};
inline constexpr dtype_entry dtype_entries[] = {
    {dtype::f64, "F64", 8},      {dtype::f32, "F32", 4}, {dtype::f16, "F16", 2}, {dtype::bf16, "BF16", 2},
    {dtype::i64, "I64", 8},      {dtype::i32, "I32", 4}, {dtype::i16, "I16", 2}, {dtype::i8, "I8", 1},
    {dtype::u64, "U64", 8},      {dtype::u32, "U32", 4}, {dtype::u16, "U16", 2}, {dtype::u8, "U8", 1},
    {dtype::boolean, "BOOL", 1},
};

// Text from outside, made safe to show on a terminal: quoted, escaped, and of bounded length.
inline std::string show_name(std::string_view text) {
    constexpr std::size_t longest = 80;
    const std::string shown(text.substr(0, longest));
    return json(shown).dump(-1, ' ', true, json::error_handler_t::replace) + (text.size() > longest ? "..." : "");
}

// Numbers of a shape, or nothing where their product does not fit.
inline bool element_count(const tensor_shape& shape, std::size_t element_size, std::size_t& count) {
    count = 1;
    bool overflow = false;
    for (const std::size_t n : shape) {
        if (n == 0) return count = 0, true;
        if (count > std::numeric_limits<std::size_t>::max() / element_size / n) overflow = true;
        count *= n;
    }
    return !overflow;
}

/// source: IEEE 754-2019, binary16
inline float from_f16(std::uint16_t h) {
    const std::uint32_t sign = std::uint32_t{h & 0x8000U} << 16, exponent = (h >> 10) & 31U, mantissa = h & 0x3ffU;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000U | mantissa << 13);
    if (exponent == 0) {
        const float small = static_cast<float>(mantissa) * 0x1p-24F;
        return sign != 0 ? -small : small;
    }
    return std::bit_cast<float>(sign | (exponent + 112) << 23 | mantissa << 13);
}

inline double real_at(dtype type, const std::byte* element) {
    const auto number = [element]<class T>(T) {
        return byte_reader({element, sizeof(T)}).template number<T, byte_order::little>();
    };
    switch (type) {
        case dtype::f64: return std::bit_cast<double>(number(std::uint64_t{}));
        case dtype::f32: return static_cast<double>(std::bit_cast<float>(number(std::uint32_t{})));
        case dtype::f16: return static_cast<double>(from_f16(number(std::uint16_t{})));
        default: return static_cast<double>(std::bit_cast<float>(std::uint32_t{number(std::uint16_t{})} << 16));
    }
}

// Parses the header and refuses, while parsing, what a JSON tree would hide: a name twice (the tree keeps one of them) and
// depth (which costs memory before anybody can look).
inline json parse_header(std::string_view text, const std::string& place) {
    std::vector<std::set<std::string, std::less<>>> seen;
    const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
        if (event == json::parse_event_t::object_start || event == json::parse_event_t::array_start) {
            if (depth > 2) raise(error(place, "header: has lists inside lists, deeper than the format allows"));
            seen.resize(static_cast<std::size_t>(depth) + 1);
            seen.back().clear();
        } else if (event == json::parse_event_t::key) {
            const auto& name = parsed.get_ref<const std::string&>();
            seen.resize(static_cast<std::size_t>(depth));
            if (!seen.back().insert(name).second) raise(error(place, "header: names " + show_name(name) + " twice"));
        }
        return true;
    };
    try {
        return json::parse(text, watch);
    } catch (const json::parse_error& e) {
        raise(error(place, "header: is not JSON from byte " + std::to_string(7 + e.byte)));
    } catch (const json::exception&) {  // a number beyond a double
        raise(error(place, "header: holds a number out of range"));
    }
}

inline safetensors::tensor parse_tensor(const json& entry, std::span<const std::byte> data, const std::string& where) {
    const auto whole = [](const json& j) { return j.is_number_unsigned(); };
    if (!entry.is_object() || !entry.contains("dtype") || !entry.contains("shape") || !entry.contains("data_offsets") ||
        entry.size() != 3)
        raise(error(where, "needs dtype, shape and data_offsets, and nothing else"));
    const json &type = entry["dtype"], &shape = entry["shape"], &offsets = entry["data_offsets"];
    if (!type.is_string()) raise(error(where, "its dtype is not text"));
    const auto& type_name = type.get_ref<const std::string&>();
    const auto* known =
        std::find_if(std::begin(dtype_entries), std::end(dtype_entries), [&](const auto& e) { return e.name == type_name; });
    if (known == std::end(dtype_entries))
        raise(error(where, "has the dtype " + show_name(type_name) + ", which is unknown here"));
    if (!shape.is_array() || !std::all_of(shape.begin(), shape.end(), whole))
        raise(error(where, "its shape is not a list of whole numbers"));
    if (!offsets.is_array() || offsets.size() != 2 || !whole(offsets[0]) || !whole(offsets[1]))
        raise(error(where, "its data_offsets are not two whole numbers"));

    safetensors::tensor t{known->type, shape.get<tensor_shape>(), {}};
    std::size_t count = 0;
    if (!element_count(t.shape, known->size, count))
        raise(error(where, "its shape " + to_string(t.shape) + " is too large for any file"));
    const auto begin = offsets[0].get<std::uint64_t>(), end = offsets[1].get<std::uint64_t>();
    const std::string range = "bytes " + std::to_string(begin) + " to " + std::to_string(end);
    if (begin > end || end > data.size())
        raise(error(where, "lies at " + range + " of the data, which has " + std::to_string(data.size()) + " bytes"));
    if (end - begin != count * known->size)
        raise(error(where, "has " + range + ", but " + type_name + " " + to_string(t.shape) + " takes " +
                               std::to_string(count * known->size) + " bytes"));
    t.bytes = data.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
    return t;
}

}  // namespace detail

constexpr std::size_t size_of(dtype type) { return detail::dtype_entries[static_cast<std::size_t>(type)].size; }
constexpr std::string_view name_of(dtype type) { return detail::dtype_entries[static_cast<std::size_t>(type)].name; }

inline std::string to_string(const tensor_shape& shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (i == 8) return text + ", ...]";
        text += (i == 0 ? "" : ", ") + std::to_string(shape[i]);
    }
    return text + "]";
}

inline safetensors::safetensors(std::vector<std::byte> bytes, std::string place, safetensors_limits limits)
    : bytes_(std::move(bytes)), place_(std::move(place)) {
    if (bytes_.empty()) raise(error(place_, "is empty"));
    byte_reader reader(bytes_);
    const std::uint64_t length = reader.u64_le();
    if (reader.failed()) raise(error(place_, "ends inside its first 8 bytes, the length of the header"));
    if (length > limits.header_bytes)
        raise(error(place_, "header: claims " + std::to_string(length) + " bytes, more than the " +
                                std::to_string(limits.header_bytes) + " allowed: not a safetensors file, or a damaged one"));
    if (length > reader.left())
        raise(error(place_, "header: is " + std::to_string(length) + " bytes long, but only " + std::to_string(reader.left()) +
                                " follow"));
    const std::string_view text = reader.text(static_cast<std::size_t>(length));
    if (!text.starts_with('{')) raise(error(place_, "header: does not begin with '{': not a safetensors file"));
    const auto data = std::span<const std::byte>(bytes_).subspan(reader.position());

    const json header = detail::parse_header(text, place_);
    std::vector<std::pair<const tensor*, const std::string*>> in_order;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__") {
            if (!entry.is_object()) raise(error(place_, "header: its __metadata__ is not an object"));
            for (const auto& [key, value] : entry.items()) {
                if (!value.is_string()) raise(error(place_, "header: metadata " + detail::show_name(key) + " is not text"));
                metadata_.emplace(key, value.get<std::string>());
            }
        } else {
            const auto [at, fresh] =
                tensors_.emplace(name, detail::parse_tensor(entry, data, place_ + ": tensor " + detail::show_name(name)));
            in_order.emplace_back(&at->second, &at->first);
        }
    }

    // Every byte of the data belongs to exactly one tensor.
    const auto first = [&](const tensor* t) { return static_cast<std::size_t>(t->bytes.data() - data.data()); };
    std::sort(in_order.begin(), in_order.end(), [&](const auto& a, const auto& b) {
        return std::pair(first(a.first), a.first->bytes.size()) < std::pair(first(b.first), b.first->bytes.size());
    });
    std::size_t covered = 0;
    for (const auto& [t, name] : in_order) {
        const std::string where = place_ + ": tensor " + detail::show_name(*name);
        if (first(t) < covered)
            raise(error(where, "overlaps the tensor before it by " + std::to_string(covered - first(t)) + " bytes"));
        if (first(t) > covered) raise(error(where, "follows a hole of " + std::to_string(first(t) - covered) + " bytes"));
        covered += t->bytes.size();
    }
    if (covered != data.size())
        raise(error(place_, "has " + std::to_string(data.size() - covered) + " bytes after its last tensor"));
}

template <std::floating_point Real>
const safetensors::tensor& safetensors::check(const std::string& name, const tensor_shape& shape) const {
    const std::string where = place_ + ": tensor " + detail::show_name(name);
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) {
        std::string there;
        for (auto t = tensors_.begin(); t != tensors_.end() && there.size() < 200; ++t)
            there += (there.empty() ? "" : ", ") + detail::show_name(t->first);
        raise(error(where, "is missing; the file has " + (there.empty() ? "no tensors" : there)));
    }
    const tensor& t = found->second;
    if (t.type > dtype::bf16) raise(error(where, "holds " + std::string(name_of(t.type)) + ", not real numbers"));
    if (t.shape != shape) raise(error(where, "has shape " + to_string(t.shape) + ", not " + to_string(shape)));
    const std::size_t size = size_of(t.type);
    for (std::size_t i = 0; i < t.bytes.size() / size; ++i)
        if (!std::isfinite(static_cast<Real>(detail::real_at(t.type, t.bytes.data() + i * size))))
            raise(error(where, "element " + std::to_string(i) + " is not a finite number"));
    return t;
}

template <std::floating_point Real>
void safetensors::copy(const std::string& name, const tensor_shape& shape, std::span<Real> out) const {
    const tensor& t = check<Real>(name, shape);
    const std::size_t size = size_of(t.type);
    LOFI_ASSERT(out.size() == t.bytes.size() / size, "the span must have as many numbers as the shape says");
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<Real>(detail::real_at(t.type, t.bytes.data() + i * size));
}

inline safetensors read_safetensors(const std::filesystem::path& path, safetensors_limits limits) {
    std::error_code ec;
    const auto status = std::filesystem::status(path, ec);
    if (std::filesystem::is_other(status)) raise(error(path.string(), "is a device or a pipe, not a file"));
    return safetensors(read_file(path, limits.file_bytes).value(), path.string(), limits);
}

inline void write_safetensors(const std::filesystem::path& path, std::span<const tensor_source> tensors,
                              const text_map& metadata) {
    std::vector<const tensor_source*> in_order;
    for (const tensor_source& t : tensors) in_order.push_back(&t);
    std::stable_sort(in_order.begin(), in_order.end(), [](auto* a, auto* b) { return size_of(a->type) > size_of(b->type); });

    json header = json::object();
    if (!metadata.empty()) header["__metadata__"] = metadata;
    std::set<std::string> names{"__metadata__"};
    std::uint64_t at = 0;
    for (const tensor_source* t : in_order) {
        const std::string where = path.string() + ": tensor " + detail::show_name(t->name);
        std::size_t count = 0;
        if (!names.insert(t->name).second) raise(error(where, "cannot be written: its name is used twice"));
        if (!detail::element_count(t->shape, size_of(t->type), count) || count != t->count)
            raise(error(where, "cannot be written: " + std::to_string(t->count) + " numbers do not fill the shape " +
                                   to_string(t->shape)));
        const std::uint64_t end = at + t->count * size_of(t->type);
        header[t->name] = {{"dtype", name_of(t->type)}, {"shape", t->shape}, {"data_offsets", {at, end}}};
        at = end;
    }
    std::string text;
    try {
        text = header.dump();
    } catch (const json::exception&) {
        raise(error(path.string(), "cannot be written: a name or a metadata text is not UTF-8"));
    }
    text.resize((text.size() + 7) / 8 * 8, ' ');  // the data begins on a multiple of 8

    pending_file file(path);
    byte_writer length;
    length.u64_le(text.size());
    file.write(length.bytes());
    file.write(text);
    for (const tensor_source* t : in_order) {
        if (t->count == 0) continue;
        const std::span<const std::byte> bytes(static_cast<const std::byte*>(t->data), t->count * size_of(t->type));
        if constexpr (std::endian::native == std::endian::little) {
            file.write(bytes);
        } else {
            std::vector<std::byte> turned(bytes.begin(), bytes.end());
            for (std::size_t i = 0; i < turned.size(); i += size_of(t->type))
                std::reverse(turned.begin() + static_cast<std::ptrdiff_t>(i),
                             turned.begin() + static_cast<std::ptrdiff_t>(i + size_of(t->type)));
            file.write(turned);
        }
    }
    file.commit().value();
}

}  // namespace lofi::inline LOFI_ABI::nn
