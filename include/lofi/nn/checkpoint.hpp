#pragma once
// Checkpoints: a network's weights by name, what it is, and where its training stood, in one safetensors file.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <lofi/nn/safetensors.hpp>

namespace lofi::inline LOFI_ABI::nn {

/// A part of an arena that has a name: one parameter tensor of a layer, or one of its buffers.
template <class Real>
struct named_tensor {
    std::string name;
    tensor_shape shape;
    std::span<Real> values;
};

/// Lists the tensors of a layer or model, parameters and buffers, under the names that its `visit` gives.
template <class L>
[[nodiscard]] std::vector<named_tensor<typename L::real>> tensors_of(const typename L::params& p);

/// Number of the header's layout. A file of a later version is refused with a sentence.
inline constexpr std::uint64_t checkpoint_version = 1;

/// What a file says about itself beside its tensors. Stands in the metadata as text:
/// "format" = "lofi", "version", "model", "config" and "training" (JSON; empty in a file of weights alone).
struct checkpoint_header {
    std::string model;               ///< which network: "lofi2lofi", "musicvae", ...
    json config = json::object();    ///< its sizes and settings
    json training = json::object();  ///< step, epoch, seed, optimiser, history: what the training loop needs
};

/// Writes tensors under a header.
/// errors: as `write_safetensors`
void write_checkpoint(const std::filesystem::path&, const checkpoint_header&, std::span<const tensor_source>);

/// Reads the header of a checkpoint.
/// errors: no lofi checkpoint, a later version, text that is not JSON
[[nodiscard]] checkpoint_header read_header(const safetensors&);

/// Checks that a checkpoint belongs to a network.
/// errors: "x.safetensors: holds a \"musicvae\", not a \"lofi2lofi\"", "x.safetensors: its config differs at /hidden: 256, not 100"
void check_header(const safetensors&, const checkpoint_header& found, const std::string& model, const json& config);
/// The same for a file that may come from elsewhere and is known by its tensors alone. One that was trained here says what it is.
void check_header_if_ours(const safetensors&, const std::string& model, const json& config);

/// What to do with tensors of the file that nobody asked for.
enum class extra_tensors : std::uint8_t { refuse, ignore };

/// How names in a file come from names in the network: given ours, returns the file's.
using rename = std::function<std::string(const std::string&)>;

/// Loads weights by name, all or nothing: where one tensor does not fit, none is changed.
/// errors: a tensor missing, of another shape, not finite, or (where refused) not asked for
template <class Real>
void load_weights(const safetensors&, std::span<const named_tensor<Real>>, extra_tensors extra = extra_tensors::refuse,
                  const rename& file_name = {});

/// Lists an arena's tensors for writing.
template <class Real>
[[nodiscard]] std::vector<tensor_source> sources(std::span<const named_tensor<Real>>);

// ---------------------------------------------------------------- bodies

template <class L>
std::vector<named_tensor<typename L::real>> tensors_of(const typename L::params& p) {
    std::vector<named_tensor<typename L::real>> list;
    L::visit(p, [&](std::string_view name, std::span<const std::size_t> shape, auto values) {
        list.push_back({std::string(name), tensor_shape(shape.begin(), shape.end()), {values.data(), values.size()}});
    });
    return list;
}

inline void write_checkpoint(const std::filesystem::path& path, const checkpoint_header& header,
                             std::span<const tensor_source> tensors) {
    text_map metadata{{"format", "lofi"}, {"version", std::to_string(checkpoint_version)}, {"model", header.model}};
    try {
        metadata["config"] = header.config.dump();
        if (!header.training.empty()) metadata["training"] = header.training.dump();
    } catch (const json::exception&) {
        raise(error(path.string(), "cannot be written: a text in its config is not UTF-8"));
    }
    write_safetensors(path, tensors, metadata);
}

inline checkpoint_header read_header(const safetensors& file) {
    const auto text = [&](const std::string& key) {
        const auto found = file.metadata().find(key);
        if (found == file.metadata().end())
            raise(error(file.place(), "metadata: has no " + detail::show_name(key) + ": not a lofi checkpoint"));
        return found->second;
    };
    if (text("format") != "lofi")
        raise(error(file.place(), "metadata: its format is " + detail::show_name(text("format")) + ", not \"lofi\""));
    if (text("version") != std::to_string(checkpoint_version))
        raise(error(file.place(), "metadata: has version " + detail::show_name(text("version")) +
                                      " of the checkpoint format; this library reads version " +
                                      std::to_string(checkpoint_version)));
    const auto object = [&](const std::string& key) {
        json j = json::parse(text(key), nullptr, false);
        if (!j.is_object()) raise(error(file.place(), "metadata: its " + detail::show_name(key) + " is not a JSON object"));
        return j;
    };
    checkpoint_header header{text("model"), object("config"), json::object()};
    if (file.metadata().count("training") != 0) header.training = object("training");
    return header;
}

inline void check_header(const safetensors& file, const checkpoint_header& found, const std::string& model,
                         const json& config) {
    if (found.model != model)
        raise(error(file.place(), "holds a " + detail::show_name(found.model) + ", not a " + detail::show_name(model)));
    // A patch from one to the other names the first place where they differ.
    const nlohmann::json was = nlohmann::json::parse(found.config.dump()), is = nlohmann::json::parse(config.dump());
    const nlohmann::json patch = nlohmann::json::diff(was, is);
    if (patch.empty()) return;
    const auto at = patch[0]["path"].get<std::string>();
    const nlohmann::json::json_pointer pointer(at);
    const auto shown = [&](const nlohmann::json& j) {
        return j.contains(pointer) ? j[pointer].dump() : std::string("nothing");
    };
    raise(error(file.place(), "its config differs at " + at + ": " + shown(was) + ", not " + shown(is)));
}

inline void check_header_if_ours(const safetensors& file, const std::string& model, const json& config) {
    const auto format = file.metadata().find("format");
    if (format != file.metadata().end() && format->second == "lofi") check_header(file, read_header(file), model, config);
}

template <class Real>
void load_weights(const safetensors& file, std::span<const named_tensor<Real>> tensors, extra_tensors extra,
                  const rename& file_name) {
    const auto in_file = [&](const std::string& name) { return file_name ? file_name(name) : name; };
    std::set<std::string> asked;
    for (const auto& t : tensors) {
        file.check<Real>(in_file(t.name), t.shape);
        asked.insert(in_file(t.name));
    }
    if (extra == extra_tensors::refuse)
        for (const auto& [name, t] : file.tensors())
            if (asked.count(name) == 0)
                raise(error(file.place(), "tensor " + detail::show_name(name) + " has no place in this network"));
    for (const auto& t : tensors) file.copy<Real>(in_file(t.name), t.shape, t.values);
}

template <class Real>
std::vector<tensor_source> sources(std::span<const named_tensor<Real>> tensors) {
    std::vector<tensor_source> list;
    list.reserve(tensors.size());
    for (const auto& t : tensors) list.emplace_back(t.name, t.shape, std::span<const Real>(t.values));
    return list;
}

}  // namespace lofi::inline LOFI_ABI::nn
