#pragma once
// Named numbers that a step or a validation gives, and the history of them.
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <lofi/core/error.hpp>
#include <lofi/nn/safetensors.hpp>

namespace lofi::inline LOFI_ABI::train {

struct metric {
    std::string name;
    double value = 0;
};

/// Named numbers; the first is the loss that training goes by.
using metrics = std::vector<metric>;

/// Finds a number by name, or gives NaN.
[[nodiscard]] double value_of(const metrics&, std::string_view name);

/// Means of metrics over steps, each summed in the order of the steps.
class running_means {
public:
    void add(const metrics&);
    void clear() { *this = {}; }
    [[nodiscard]] bool empty() const { return count_ == 0; }
    [[nodiscard]] metrics means() const;
    [[nodiscard]] nn::json to_json() const;
    /// errors: "training: ... is not a list of numbers by name"
    [[nodiscard]] static running_means from_json(const nn::json&);

private:
    metrics sums_;
    std::uint64_t count_ = 0;
};

/// What is known at one validation.
struct history_entry {
    std::uint64_t step = 0;  ///< steps done
    double rate = 0;         ///< the learning rate of the last step
    metrics train, valid;    ///< means since the entry before; the validation's own (empty where there is none)

    /// The number by which entries are compared: of the validation, or of training where nothing is validated.
    [[nodiscard]] double measure(std::string_view name) const { return value_of(valid.empty() ? train : valid, name); }
};

[[nodiscard]] nn::json to_json(const std::vector<history_entry>&);
[[nodiscard]] std::vector<history_entry> history_from_json(const nn::json&);

// ---------------------------------------------------------------- bodies

namespace detail {

// JSON has no NaN: it is written as null and read back as NaN.
inline nn::json metrics_json(const metrics& m) {
    nn::json j = nn::json::object();
    for (const auto& [name, value] : m) j[name] = std::isfinite(value) ? nn::json(value) : nn::json();
    return j;
}

inline double number_from(const nn::json& j) {
    if (j.is_null()) return std::nan("");
    if (!j.is_number()) raise(error("training", "holds " + j.dump() + " where a number belongs"));
    return j.get<double>();
}

inline std::string member_place(const char* name) {
    std::string place("training: ");
    place.append(name);
    return place;
}

inline const nn::json& member(const nn::json& j, const char* name) {
    if (!j.is_object() || !j.contains(name)) raise(error(member_place(name), "is missing"));
    return j.at(name);
}

inline std::uint64_t count_from(const nn::json& j, const char* name) {
    const nn::json& n = member(j, name);
    if (!n.is_number_unsigned()) raise(error(member_place(name), "is not a whole number"));
    return n.get<std::uint64_t>();
}

inline metrics metrics_from(const nn::json& j) {
    if (!j.is_object()) raise(error("training", "holds " + j.dump().substr(0, 40) + " where numbers by name belong"));
    metrics m;
    for (const auto& [name, value] : j.items()) m.push_back({name, number_from(value)});
    return m;
}

}  // namespace detail

inline double value_of(const metrics& m, std::string_view name) {
    for (const auto& entry : m)
        if (entry.name == name) return entry.value;
    return std::nan("");
}

inline void running_means::add(const metrics& m) {
    ++count_;
    for (const auto& entry : m) {
        auto* found = static_cast<metric*>(nullptr);
        for (auto& sum : sums_)
            if (sum.name == entry.name) found = &sum;
        if (found == nullptr) found = &sums_.emplace_back(metric{entry.name, 0});
        found->value += entry.value;
    }
}

inline metrics running_means::means() const {
    metrics m = sums_;
    for (auto& entry : m) entry.value /= static_cast<double>(count_);
    return m;
}

inline nn::json running_means::to_json() const { return {{"count", count_}, {"sums", detail::metrics_json(sums_)}}; }

inline running_means running_means::from_json(const nn::json& j) {
    running_means r;
    r.count_ = detail::count_from(j, "count");
    r.sums_ = detail::metrics_from(detail::member(j, "sums"));
    return r;
}

inline nn::json to_json(const std::vector<history_entry>& history) {
    nn::json list = nn::json::array();
    for (const auto& h : history)
        list.push_back({{"step", h.step},
                        {"rate", h.rate},
                        {"train", detail::metrics_json(h.train)},
                        {"valid", detail::metrics_json(h.valid)}});
    return list;
}

inline std::vector<history_entry> history_from_json(const nn::json& j) {
    if (!j.is_array()) raise(error("training", "its history is not a list"));
    std::vector<history_entry> history;
    for (const auto& h : j)
        history.push_back({detail::count_from(h, "step"), detail::number_from(detail::member(h, "rate")),
                           detail::metrics_from(detail::member(h, "train")), detail::metrics_from(detail::member(h, "valid"))});
    return history;
}

}  // namespace lofi::inline LOFI_ABI::train
