#pragma once
// Networks that are compared are trained for as long each: in processor time, found before the first step, so that schedules know their end.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/train/loop.hpp>

namespace lofi::inline LOFI_ABI::recipe {

/// How long each network of a table is trained, and where its run is kept: NAME.run, NAME.safetensors and NAME.time in `out`.
struct equal_time {
    std::filesystem::path out;
    double minutes = 4;             ///< of processor time, of all threads together
    std::uint64_t validations = 6;  ///< in the whole run; their time counts
    train::pictures plots = train::pictures::on;
    train::progress_style show = train::progress_style::automatic;
};

/// What a training took. `minutes` are those of the run up to its end, whatever was begun again after a stop among them.
struct time_taken {
    std::string name;
    std::uint64_t steps = 0;
    double epochs = 0, minutes = 0;
};

/// Processor time of this process.
[[nodiscard]] inline double processor_minutes() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC / 60; }

/// How many steps, with so many validations among them, fit into minutes of this machine: some are made, timed and taken back.
/// The trainee's parameters and buffers end as they were.
template <train::trainee T>
[[nodiscard]] std::uint64_t steps_within(T& net, const train::loop_config& c, double minutes, std::uint64_t validations);

/// Trains a network for the time of a table, unless that was done before; a run that was stopped goes on, with as many steps as were
/// found to fit when it began. The finished weights, of the best validation, are `weights_of(time, name)`.
/// params: net: has `loop(folder, steps)`
/// errors: throws where the run was stopped, and where it was begun with other minutes
template <train::trainee T>
time_taken train_for(const equal_time& time, const std::string& name, T& net);

[[nodiscard]] inline std::filesystem::path weights_of(const equal_time& time, const std::string& name) {
    return time.out / (name + ".safetensors");
}

/// Says in a line what trainings took: "published 001: 312 steps, 6.9 epochs, 4.1 minutes; ...".
[[nodiscard]] std::string times_line(std::span<const time_taken> all);

// ---------------------------------------------------------------- bodies

namespace detail {

// What is known of a run beside its checkpoint.
struct run_time {
    double asked = 0, spent = 0;
    std::uint64_t steps = 0;
};

inline run_time read_run_time(const std::filesystem::path& path) {
    const auto bytes = read_file(path, 1000).value();
    const nn::json j =
        nn::json::parse(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), nullptr, false);
    const auto number = [&](const char* name) {
        if (!j.is_object() || !j.contains(name) || !j[name].is_number())
            raise(error(path.string(), "says no \"" + std::string(name) + "\""));
        return j[name].template get<double>();
    };
    return {number("asked"), number("minutes"), static_cast<std::uint64_t>(number("steps"))};
}

inline void write_run_time(const std::filesystem::path& path, const run_time& t) {
    write_file(path, nn::json{{"asked", t.asked}, {"minutes", t.spent}, {"steps", t.steps}}.dump()).value();
}

}  // namespace detail

template <train::trainee T>
std::uint64_t steps_within(T& net, const train::loop_config& c, double minutes, std::uint64_t validations) {
    using real = typename T::real;
    const std::vector<real> parameters(net.parameters().begin(), net.parameters().end()),
        buffers(net.buffers().begin(), net.buffers().end());
    train::optimiser<real> optimiser(c.optimiser, parameters.size());
    std::vector<train::parameter_group> groups;
    if constexpr (train::grouped_trainee<T>) groups = net.groups();
    const auto step = [&](std::uint64_t i) {
        std::fill(net.gradients().begin(), net.gradients().end(), real(0));
        (void)net.train_step(i, random_key{c.seed}.child("train").child(i));
        (void)train::global_norm<real>(net.gradients());
        optimiser.update(net.parameters(), net.gradients(), value_at(c.rate, i), groups);
    };
    step(0);  // the first one takes memory, and is slow
    const double begin = processor_minutes();
    std::uint64_t steps = 0;
    do step(++steps);
    while (steps < 3 || processor_minutes() - begin < .02 * minutes);
    const double each = (processor_minutes() - begin) / static_cast<double>(steps), before = processor_minutes();
    (void)net.validate();
    const double validation = processor_minutes() - before;
    const auto put_back = [](std::span<const real> from, std::span<real> to) {
        for (std::size_t i = 0; i < from.size(); ++i) to[i] = from[i];
    };
    put_back(parameters, net.parameters());
    put_back(buffers, net.buffers());
    const double left = minutes - validation * static_cast<double>(validations);
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::max(0.0, left / std::max(each, 1e-12))));
}

template <train::trainee T>
time_taken train_for(const equal_time& time, const std::string& name, T& net) {
    namespace fs = std::filesystem;
    const fs::path record = time.out / (name + ".time"), folder = time.out / (name + ".run"), weights = weights_of(time, name);
    std::error_code ec;
    fs::create_directories(time.out, ec);
    if (ec) raise(error(time.out.string(), "cannot be made: " + ec.message()));
    detail::run_time run;
    if (fs::exists(record, ec)) {
        run = detail::read_run_time(record);
        if (run.asked != time.minutes)
            raise(error(record.string(),
                        "is of a run of " + std::to_string(run.asked) + " minutes: give as many, or another folder"));
    } else {
        run.asked = time.minutes;
        run.steps = steps_within(net, net.loop(folder, 1000), time.minutes, time.validations);
        detail::write_run_time(record, run);
    }
    train::loop_config c = net.loop(folder, run.steps);
    if (!fs::exists(weights, ec)) {
        c.from = train::start::either, c.out = weights, c.plots = time.plots, c.show = time.show;
        c.validate_every = std::max<std::uint64_t>(1, c.steps / std::max<std::uint64_t>(1, time.validations));
        const double before = processor_minutes();
        const auto done = train::train(net, c);
        run.spent += processor_minutes() - before;
        detail::write_run_time(record, run);
        if (done.how == train::ending::interrupted) raise(error(name, "was stopped; the same command goes on"));
    }
    return {name, run.steps, static_cast<double>(run.steps) / static_cast<double>(c.steps_per_epoch), run.spent};
}

inline std::string times_line(std::span<const time_taken> all) {
    std::string text;
    for (const time_taken& t : all) {
        char one[200];
        std::snprintf(one, sizeof one, "%s%s: %llu steps, %.1f epochs, %.1f minutes", text.empty() ? "" : "; ", t.name.c_str(),
                      static_cast<unsigned long long>(t.steps), t.epochs, t.minutes);
        text += one;
    }
    return text;
}

}  // namespace lofi::inline LOFI_ABI::recipe
