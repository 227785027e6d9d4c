#pragma once
// The training loop: steps, validations, checkpoints, and a resume that continues bit for bit after any kind of end.
#include <chrono>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <lofi/core/random.hpp>
#include <lofi/core/units.hpp>
#include <lofi/nn/checkpoint.hpp>
#include <lofi/train/clip.hpp>
#include <lofi/train/early_stopping.hpp>
#include <lofi/train/ema.hpp>
#include <lofi/train/interrupt.hpp>
#include <lofi/train/metrics.hpp>
#include <lofi/train/optimiser.hpp>
#include <lofi/train/pictures.hpp>
#include <lofi/train/progress.hpp>
#include <lofi/train/resident.hpp>
#include <lofi/train/schedule.hpp>

namespace lofi::inline LOFI_ABI::train {

/// What the loop trains: a network with its data and its losses.
/// `train_step` adds gradients (they are zero before) and gives its metrics, the loss first. It must depend on nothing but
/// parameters, buffers, step and key: then a resumed run is the same run. `tensors` names all parameters and buffers.
template <class T>
concept trainee = std::floating_point<typename T::real> && requires(T& t, std::uint64_t step, random_key key) {
    { t.kind() } -> std::convertible_to<std::string>;
    { t.config() } -> std::convertible_to<nn::json>;
    { t.parameters() } -> std::convertible_to<std::span<typename T::real>>;
    { t.gradients() } -> std::convertible_to<std::span<typename T::real>>;
    { t.buffers() } -> std::convertible_to<std::span<typename T::real>>;
    { t.tensors() } -> std::convertible_to<std::vector<nn::named_tensor<typename T::real>>>;
    { t.train_step(step, key) } -> std::convertible_to<metrics>;
    { t.validate() } -> std::convertible_to<metrics>;
};

/// A trainee may treat parts of its parameters differently.
template <class T>
concept grouped_trainee = trainee<T> && requires(T& t) {
    { t.groups() } -> std::convertible_to<std::vector<parameter_group>>;
};

/// A trainee may run its steps whole on a device: see `train/resident.hpp`.
template <class T>
concept resident_trainee = trainee<T> && requires(T& t, const backend::resident_run& run) {
    t.begin(run);
    t.advance();
    { t.collect() } -> std::convertible_to<std::vector<backend::resident_result>>;
    t.fetch();
};

enum class start : std::uint8_t {
    fresh,   ///< begins; refuses a folder that holds a run
    resume,  ///< continues; refuses a folder that holds none
    either,  ///< continues where there is a run, begins where there is none
};

enum class pictures : std::uint8_t { off, on };

struct loop_config {
    std::filesystem::path folder = {};  ///< last.safetensors, best.safetensors and the plots go here
    start from = start::fresh;
    std::uint64_t seed = 1;
    std::uint64_t steps = 0;  ///< of the whole run
    std::uint64_t steps_per_epoch = 1;
    std::uint64_t validate_every = 0;  ///< steps; 0: every epoch
    std::uint64_t save_every = 0;      ///< steps; 0: by time alone
    seconds save_interval{60};         ///< saves when that long has passed since the last time
    optimiser_config optimiser = adam_config{};
    schedule rate = constant{};
    double clip = 0;         ///< largest global norm of the gradient; 0: any
    double average = 0;      ///< decay of the moving average of weights; 0: none
    std::string watch = {};  ///< the metric that decides what is best; empty: the loss
    early_stopping_config stopping = {};
    pictures plots = pictures::on;
    std::filesystem::path out = {};  ///< the finished weights; empty: not written
    progress_style show = progress_style::automatic;
    std::FILE* stream = stderr;
};

enum class ending : std::uint8_t {
    finished,       ///< all steps are done
    stopped_early,  ///< nothing got better for as long as patience lasts
    interrupted,    ///< SIGINT or SIGTERM; all is saved, resume to go on
};

struct outcome {
    ending how = ending::finished;
    std::uint64_t step = 0;  ///< steps done
    double best = 0;         ///< the watched metric of best.safetensors
    std::vector<history_entry> history = {};
};

/// Trains.
/// writes: the folder's files, each beside its target and renamed; the trainee's parameters, which end as the last step's
/// errors: a loss or gradient that is not finite ("step 512: ..."), a checkpoint of another network, seed or optimiser, a disk
template <trainee T>
outcome train(T& net, const loop_config& config);

// ---------------------------------------------------------------- bodies

namespace detail {

template <trainee T>
class training {
public:
    using real = typename T::real;

    training(T& net, const loop_config& config)
        : net_(net), c_(config), optimiser_(config.optimiser, net.parameters().size()), stopping_(config.stopping) {
        if (c_.steps == 0 || c_.steps_per_epoch == 0)
            raise(error("training", "needs at least one step, and one step in an epoch"));
        LOFI_ASSERT(net_.parameters().size() == net_.gradients().size(), "a trainee has a gradient for each parameter");
        std::size_t named = 0;
        for (const auto& t : net_.tensors()) named += t.values.size();
        if (named != net_.parameters().size() + net_.buffers().size())
            raise(error("training", "the tensors that the network names are not all of its parameters and buffers"));
        std::error_code ec;
        std::filesystem::create_directories(c_.folder, ec);
        if (ec) raise(error(c_.folder.string(), "cannot be made: " + ec.message()));

        const bool there = std::filesystem::exists(last_path(), ec);
        if (there && c_.from == start::fresh)
            raise(error(last_path().string(), "already holds a run: resume it, or choose another folder"));
        if (!there && c_.from == start::resume) raise(error(last_path().string(), "does not exist: there is no run to resume"));
        if (c_.average != 0) average_.emplace(c_.average, net_.parameters());
        if (there) resume();
        if constexpr (resident_trainee<T>) net_.begin(resident());
    }

    outcome run() {
        const interrupt_guard interrupt;
        progress shown(c_.show, c_.stream, step_, c_.steps, c_.steps_per_epoch);
        if (step_ != 0) shown.say("continues after step " + std::to_string(step_) + " of " + last_path().string());
        outcome result;
        auto saved = clock::now();
        bool unsaved = step_ == 0;
        while (step_ < c_.steps && !stopping_.exhausted()) {
            if (interrupt.stop_asked()) {
                result.how = ending::interrupted;
                break;
            }
            one_step(shown);
            unsaved = true;
            const std::uint64_t every = c_.validate_every != 0 ? c_.validate_every : c_.steps_per_epoch;
            const bool due = step_ % every == 0 || step_ == c_.steps;
            if (due) validate(shown);
            const bool by_count = c_.save_every != 0 && step_ % c_.save_every == 0;
            if (due || by_count || clock::now() - saved >= std::chrono::duration<double>(c_.save_interval.value)) {
                save_last(shown);
                saved = clock::now();
                unsaved = false;
            }
        }
        if (unsaved) save_last(shown);
        if (result.how != ending::interrupted) {
            if (step_ < c_.steps) result.how = ending::stopped_early;
            if (!c_.out.empty()) write_file(c_.out, read_file(best_path()).value()).value();
        } else {
            shown.say("stopped after step " + std::to_string(step_) + "; all is saved in " + last_path().string());
        }
        result.step = step_;
        result.best = stopping_.best();
        result.history = history_;
        return result;
    }

private:
    using clock = std::chrono::steady_clock;
    static constexpr std::uint64_t read_every = 16;  // steps on a device

    [[nodiscard]] std::filesystem::path last_path() const { return c_.folder / "last.safetensors"; }
    [[nodiscard]] std::filesystem::path best_path() const { return c_.folder / "best.safetensors"; }

    void one_step(progress& shown) {
        rate_ = value_at(c_.rate, step_);
        if constexpr (resident_trainee<T>) {
            net_.advance();
            ++step_;
            // Whoever asks for every step's loss at once makes the device wait.
            if (step_ % read_every == 0) take_results(shown);
            return;
        }
        const std::span<real> gradients = net_.gradients();
        std::fill(gradients.begin(), gradients.end(), real(0));
        // Everything random follows from seed and step, so that a resumed run draws what an unbroken one would have drawn.
        const metrics m = net_.train_step(step_, random_key{c_.seed}.child("train").child(step_));
        check(step_, m,
              [&] { return c_.clip != 0 ? clip_global_norm<real>(gradients, c_.clip) : global_norm<real>(gradients); });
        std::vector<parameter_group> groups;
        if constexpr (grouped_trainee<T>) groups = net_.groups();
        optimiser_.update(net_.parameters(), gradients, rate_, groups);
        if (average_) average_->update(net_.parameters());
        ++step_;
        means_.add(m);
        shown.step(step_, m[0]);
    }

    template <class Norm>
    void check(std::uint64_t step, const metrics& m, Norm norm) {
        if (m.empty() || !std::isfinite(m[0].value)) fail(step, "the loss is not a finite number");
        if (!std::isfinite(norm())) fail(step, "the gradient is not finite");
    }

    // What a device has found since the last time.
    void take_results(progress& shown) {
        if constexpr (resident_trainee<T>) {
            for (const backend::resident_result& r : net_.collect()) {
                const metrics m = T::metrics_of(r.sum, r.count, r.correct);
                check(r.step, m, [&] { return r.norm; });
                means_.add(m);
                shown.step(r.step + 1, m[0]);
            }
        }
    }

    [[nodiscard]] backend::resident_run resident() {
        backend::resident_run run{.seed = c_.seed, .step = step_, .steps = c_.steps};
        run.rule = rule_of(c_.optimiser);
        std::vector<parameter_group> groups{{.first = 0, .count = net_.parameters().size()}};
        if constexpr (grouped_trainee<T>) groups = net_.groups();
        for (const parameter_group& g : groups) {
            if (g.rate_scale != 1)
                raise(error("training on a device", "has no parts of the parameters with rates of their own"));
            run.parts.push_back({g.first, g.count, g.decay_scale});
        }
        run.clip = c_.clip, run.average = c_.average;
        run.rate = [this](std::uint64_t step) { return value_at(c_.rate, step); };
        run.parameters = net_.parameters(), run.buffers = net_.buffers();
        if (average_) run.averaged = average_->values();
        for (auto& slot : optimiser_.state()) run.slots.push_back(slot.values);
        return run;
    }

    [[noreturn]] void fail(const std::string& what) { fail(step_, what); }
    [[noreturn]] void fail(std::uint64_t step, const std::string& what) {
        std::error_code ec;
        const std::string saved = std::filesystem::exists(last_path(), ec)
                                      ? "what was saved before is in " + last_path().string()
                                      : "nothing was saved before";
        raise(error("step " + std::to_string(step), what + "; " + saved + ". A lower rate or a clip of the gradient may help"));
    }

    void validate(progress& shown) {
        settle(shown);
        history_entry entry{step_, rate_, means_.means(), {}};
        const swapped guard(*this);  // the average, where there is one, is what is measured and kept
        entry.valid = net_.validate();
        const std::string watch = c_.watch.empty() ? (entry.valid.empty() ? entry.train : entry.valid)[0].name : c_.watch;
        const double measure = entry.measure(watch);
        if (!std::isfinite(measure)) fail("the validation gives no finite \"" + watch + "\"");
        means_.clear();
        history_.push_back(entry);
        const bool best = stopping_.add(measure);
        // The best goes to disk before the step that made it does: whoever is killed between the two makes it again.
        if (best) {
            const nn::checkpoint_header header{
                net_.kind(),
                net_.config(),
                {{"step", step_}, {"epoch", step_ / c_.steps_per_epoch}, {"measure", {{watch, measure}}}}};
            const std::vector<nn::named_tensor<real>> tensors = net_.tensors();
            nn::write_checkpoint(best_path(), header, nn::sources<real>(tensors));
        }
        shown.entry(entry, best);
        if (c_.plots == pictures::on) write_pictures(c_.folder, history_, c_.steps_per_epoch);
    }

    // Puts the averaged weights in the network's place while it lives.
    class swapped {
    public:
        explicit swapped(training& t) : t_(t) { swap(); }
        ~swapped() { swap(); }
        swapped(const swapped&) = delete;
        swapped& operator=(const swapped&) = delete;

    private:
        void swap() {
            if (t_.average_) t_.average_->swap(t_.net_.parameters());
        }
        training& t_;
    };

    [[nodiscard]] std::vector<nn::named_tensor<real>> training_tensors() {
        std::vector<nn::named_tensor<real>> list = net_.tensors();
        for (auto& slot : optimiser_.state()) list.push_back({"training.optimiser." + slot.name, slot.shape, slot.values});
        if (average_) list.push_back({"training.average", {average_->values().size()}, average_->values()});
        return list;
    }

    // What must be the same when a run is resumed. The rate, the clip, the length and the patience may be changed on purpose.
    [[nodiscard]] nn::json identity() const {
        return {{"seed", c_.seed},
                {"steps_per_epoch", c_.steps_per_epoch},
                {"optimiser", optimiser_.description()},
                {"average", c_.average}};
    }

    // Brings what lies on a device to where it is measured and saved from.
    void settle(progress& shown) {
        if constexpr (resident_trainee<T>) {
            take_results(shown);
            net_.fetch();
        }
    }

    void save_last(progress& shown) {
        settle(shown);
        const nn::checkpoint_header header{net_.kind(),
                                           net_.config(),
                                           {{"step", step_},
                                            {"epoch", step_ / c_.steps_per_epoch},
                                            {"settings", identity()},
                                            {"random", {{"seed", c_.seed}, {"position", step_}}},
                                            {"rate", rate_},
                                            {"means", means_.to_json()},
                                            {"history", to_json(history_)}}};
        const auto tensors = training_tensors();
        nn::write_checkpoint(last_path(), header, nn::sources<real>(tensors));
    }

    void resume() {
        const nn::safetensors file = nn::read_safetensors(last_path());
        const nn::checkpoint_header header = nn::read_header(file);
        nn::check_header(file, header, net_.kind(), net_.config());
        if (header.training.empty()) raise(error(file.place(), "holds finished weights, and no training to resume"));
        std::uint64_t step = 0;
        try {
            const nn::json& t = header.training;
            const nn::json &was = member(t, "settings"), is = identity();
            for (const auto& [name, value] : is.items())
                if (member(was, name.c_str()) != value)
                    raise(error("training", "was begun with " + name + " = " + was[name].dump() + ", not " + value.dump()));
            step = count_from(t, "step");
            rate_ = number_from(member(t, "rate"));
            means_ = running_means::from_json(member(t, "means"));
            history_ = history_from_json(member(t, "history"));
        } catch (const error& e) {
            throw e.at(file.place());
        }
        nn::load_weights<real>(file, training_tensors());
        step_ = step;
        optimiser_.set_updates(step);
        for (const auto& h : history_) {
            const metrics& m = h.valid.empty() ? h.train : h.valid;
            if (!m.empty()) stopping_.add(h.measure(c_.watch.empty() ? m[0].name : c_.watch));
        }
    }

    T& net_;
    const loop_config& c_;
    optimiser<real> optimiser_;
    std::optional<weight_average<real>> average_;
    early_stopping stopping_;
    std::uint64_t step_ = 0;
    double rate_ = 0;
    running_means means_;
    std::vector<history_entry> history_;
};

}  // namespace detail

template <trainee T>
outcome train(T& net, const loop_config& config) {
    return detail::training<T>(net, config).run();
}

}  // namespace lofi::inline LOFI_ABI::train
