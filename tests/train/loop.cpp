#include <lofi/train/loop.hpp>

#include "support/test.hpp"

#include <chrono>
#include <cmath>
#include <csignal>
#include <functional>
#include <limits>
#include <map>

#include <lofi/train/batches.hpp>

#if !defined(_WIN32)
#include <sys/wait.h>
#include <unistd.h>
#endif

using namespace lofi;
using namespace lofi::test;

namespace {

// Logistic regression on points around a hidden plane: dropout of inputs, random batches, and a buffer that training moves
// (the running mean of the inputs, which is taken off them), so that each thing a resume could forget is there.
struct logistic {
    using real = float;
    static constexpr std::size_t width = 12, examples = 400;
    std::vector<float> w = std::vector<float>(width + 1), dw = w, mean = std::vector<float>(width), x, y;
    train::batches order{{.size = 16}, random_key{77}, examples * 3 / 4};
    std::function<void(std::uint64_t)> at_step;  // what a test does to a step
    std::string name = "logistic";

    logistic() {
        random_stream random(random_key{5});
        const auto normal = [&] { return static_cast<float>(normal_q16(random)) / 65536; };
        std::vector<float> plane(width);
        for (float& v : plane) v = normal();
        for (std::size_t i = 0; i < examples; ++i) {
            float sum = normal();
            for (std::size_t k = 0; k < width; ++k) sum += plane[k] * x.emplace_back(normal());
            y.push_back(sum > 0 ? 1.0F : 0.0F);
        }
    }
    std::string kind() const { return name; }
    nn::json config() const { return {{"width", width}}; }
    std::span<float> parameters() { return w; }
    std::span<float> gradients() { return dw; }
    std::span<float> buffers() { return mean; }
    std::vector<nn::named_tensor<float>> tensors() {
        return {{"out.weight", {1, width}, std::span(w).first(width)},
                {"out.bias", {1}, std::span(w).last(1)},
                {"mean", {width}, mean}};
    }
    float logit(std::size_t i, const std::vector<float>& kept) const {
        float z = w[width];
        for (std::size_t k = 0; k < width; ++k) z += w[k] * kept[k] * (x[i * width + k] - mean[k]);
        return z;
    }
    train::metrics train_step(std::uint64_t step, random_key key) {
        if (at_step) at_step(step);
        random_stream random(key.child("dropout"));
        double loss = 0;
        const auto batch = order.at(step);
        for (const std::uint32_t i : batch) {
            std::vector<float> kept(width);
            for (float& v : kept) v = chance(random, 9, 10) ? 1.0F : 0.0F;
            const float z = logit(i, kept), p = 1 / (1 + std::exp(-z)), d = (p - y[i]) / static_cast<float>(batch.size());
            loss += std::log1p(std::exp(static_cast<double>(y[i] > 0 ? -z : z))) / static_cast<double>(batch.size());
            for (std::size_t k = 0; k < width; ++k) {
                dw[k] += d * kept[k] * (x[i * width + k] - mean[k]);
                mean[k] += 0.01F * (x[i * width + k] - mean[k]);
            }
            dw[width] += d;
        }
        return {{"loss", loss}};
    }
    train::metrics validate() {
        double loss = 0, right = 0;
        const double n = examples / 4;
        for (std::size_t i = examples * 3 / 4; i < examples; ++i) {
            const double z = static_cast<double>(logit(i, std::vector<float>(width, 1.0F)));
            loss += std::log1p(std::exp(y[i] > 0 ? -z : z)) / n;
            right += (z > 0) == (y[i] > 0) ? 1 / n : 0;
        }
        return {{"loss", loss}, {"accuracy", right}};
    }
};
static_assert(train::trainee<logistic> && !train::grouped_trainee<logistic>);

train::loop_config settings(const std::filesystem::path& folder) {
    return {.folder = folder,
            .seed = 11,
            .steps = 300,
            .steps_per_epoch = 19,
            .validate_every = 60,
            .save_every = 7,
            .optimiser = train::adamw_config{},
            .rate = train::warm_up_cosine{.peak = 0.02, .floor = 0.001, .warm_up = 10, .total = 300},
            .clip = 0.2,
            .average = 0.95,
            .plots = train::pictures::off,
            .out = folder / "done.safetensors",
            .show = train::progress_style::silent};
}

std::map<std::string, std::string> contents(const std::filesystem::path& folder) {
    std::map<std::string, std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        files[entry.path().filename().string()] = read_text(entry.path());
    return files;
}

}  // namespace

TEST_CASE("a run learns, and leaves what it promises") {
    const temporary_folder folder;
    logistic net;
    const auto result = train::train(net, settings(folder.path()));
    CHECK(result.how == train::ending::finished);
    CHECK(result.step == 300);
    REQUIRE(result.history.size() == 5);
    CHECK(result.history[0].step == 60);
    CHECK(train::value_of(result.history.back().valid, "accuracy") > 0.85);
    CHECK(result.best < 0.45);  // chance is ln 2 = 0.69
    CHECK(result.best == train::value_of(result.history.back().valid, "loss"));

    const auto last = nn::read_safetensors(folder / "last.safetensors"),
               best = nn::read_safetensors(folder / "best.safetensors");
    const auto header = nn::read_header(last);
    CHECK(header.training.at("step") == 300);
    CHECK(header.training.at("epoch") == 15);
    CHECK(header.training.at("settings").at("optimiser").at("kind") == "adamw");
    CHECK(header.training.at("random") == nn::json{{"seed", 11}, {"position", 300}});
    CHECK(last.contains("training.optimiser.square"));
    CHECK(last.contains("training.average"));
    // The finished file is the best averaged weights under PyTorch-like names, and nothing of training.
    CHECK(read_text(folder / "done.safetensors") == read_text(folder / "best.safetensors"));
    CHECK(best.tensors().size() == 3);
    logistic loaded;
    nn::load_weights<float>(best, loaded.tensors());
    CHECK(train::value_of(loaded.validate(), "loss") == result.best);
    CHECK(loaded.w != net.w);  // the average is not the last step
}

TEST_CASE("runs are the same bits: whole, with another interval of saving, and interrupted by a signal") {
    const temporary_folder a, b, c;
    logistic net;
    train::train(net, settings(a.path()));

    auto other = settings(b.path());
    other.save_every = 0;
    logistic net2;
    train::train(net2, other);
    CHECK(contents(a.path()) == contents(b.path()));
    CHECK(net.w == net2.w);

    // SIGTERM inside step 33 and SIGINT inside step 200: the step is finished, all is saved, the next run goes on.
    auto resumed = settings(c.path());
    resumed.from = train::start::either;
    std::vector<std::uint64_t> ended;
    for (const auto& [step, signal] : {std::pair<std::uint64_t, int>{33, SIGTERM}, {200, SIGINT}, {UINT64_MAX, 0}}) {
        logistic part;
        part.at_step = [step = step, signal = signal](std::uint64_t s) {
            if (s == step) std::raise(signal);
        };
        const auto result = train::train(part, resumed);
        ended.push_back(result.step);
        CHECK(result.how == (signal != 0 ? train::ending::interrupted : train::ending::finished));
        CHECK(std::filesystem::exists(c / "done.safetensors") == (signal == 0));
    }
    CHECK(ended == std::vector<std::uint64_t>{34, 201, 300});
    CHECK(contents(a.path()) == contents(c.path()));
    // A finished run that is resumed is finished.
    logistic again;
    CHECK(train::train(again, resumed).history.size() == 5);
    CHECK(contents(a.path()) == contents(c.path()));
}

#if !defined(_WIN32)
TEST_CASE("a run killed at any moment goes on bit for bit") {
    const temporary_folder whole;
    auto config = settings(whole.path());
    config.plots = train::pictures::on;  // to be killed inside these too
    config.save_every = 3;
    const auto begin = std::chrono::steady_clock::now();
    logistic net;
    train::train(net, config);
    auto longest = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begin).count() / 4;
    const auto expected = contents(whole.path());

    std::minstd_rand random(std::random_device{}());
    config.from = train::start::either;
    // Each round kills the run after random times until it is done. Where the machine was quicker than it had been, and few
    // kills found the run alive, the next round kills sooner.
    int kills = 0;
    for (int round = 0; round < 20 && kills < 8; ++round, longest = std::max<decltype(longest)>(longest / 2, 1000)) {
        const temporary_folder killed;
        config.folder = killed.path();
        config.out = killed / "done.safetensors";
        int status = 0;
        for (int attempt = 0; attempt < 41; ++attempt) {
            std::fflush(nullptr);
            const pid_t child = ::fork();
            REQUIRE(child >= 0);
            if (child == 0) {
                try {
                    logistic part;
                    train::train(part, config);
                    ::_exit(0);
                } catch (const std::exception& e) {
                    std::fprintf(stderr, "%s\n", e.what());
                    ::_exit(1);
                }
            }
            if (attempt < 40) {  // the last is left to finish
                ::usleep(static_cast<useconds_t>(random() % static_cast<unsigned long>(longest)));
                ::kill(child, SIGKILL);
            }
            ::waitpid(child, &status, 0);
            if (!WIFSIGNALED(status)) break;
            ++kills;
        }
        REQUIRE(WIFEXITED(status));
        CHECK(WEXITSTATUS(status) == 0);
        CHECK(contents(killed.path()) == expected);
    }
    CHECK(kills >= 8);
}
#endif

TEST_CASE("training ends when nothing gets better") {
    const temporary_folder folder;
    auto config = settings(folder.path());
    config.validate_every = 10;
    config.watch = "accuracy";
    config.stopping = {.direction = train::better::higher, .patience = 3};
    config.steps = 3000;
    logistic net;
    const auto result = train::train(net, config);
    CHECK(result.how == train::ending::stopped_early);
    CHECK(result.step < 3000);
    double best = 0;
    for (const auto& h : result.history) best = std::max(best, h.measure("accuracy"));
    CHECK(result.best == best);
    const std::size_t n = result.history.size();
    for (std::size_t i = n - 3; i < n; ++i) CHECK(result.history[i].measure("accuracy") <= best);
    CHECK(result.history[n - 4].measure("accuracy") == best);
}

TEST_CASE("what is not finite stops the run with the step, and what was saved stays") {
    const temporary_folder folder;
    const auto config = settings(folder.path());
    logistic net;
    net.at_step = [&net](std::uint64_t step) {
        if (step == 100) net.w[0] = std::numeric_limits<float>::quiet_NaN();
    };
    CHECK_THROWS_WITH(train::train(net, config), contains("step 100: the loss is not a finite number; what was saved before"));
    CHECK(nn::read_header(nn::read_safetensors(folder / "last.safetensors")).training.at("step") == 98);
    logistic inf;
    auto resumed = config;
    resumed.from = train::start::resume;
    inf.at_step = [&inf](std::uint64_t step) {
        if (step == 110) inf.dw[3] = std::numeric_limits<float>::infinity();
    };
    CHECK_THROWS_WITH(train::train(inf, resumed), contains("step 110: the gradient is not finite"));
    logistic well;
    CHECK(train::train(well, resumed).how == train::ending::finished);
}

TEST_CASE("a run that is not finite before anything was saved says so") {
    const temporary_folder folder;
    logistic net;
    net.at_step = [&net](std::uint64_t) { net.w[0] = std::numeric_limits<float>::quiet_NaN(); };
    CHECK_THROWS_WITH(train::train(net, settings(folder.path())),
                      contains("step 0: the loss is not a finite number; nothing was saved"));
    CHECK_FALSE(std::filesystem::exists(folder / "last.safetensors"));
}

TEST_CASE("a run is resumed only as what it was") {
    const temporary_folder folder;
    auto config = settings(folder.path());
    config.steps = 20;
    logistic net;
    CHECK_THROWS_WITH(
        [&] {
            auto c = config;
            c.from = train::start::resume;
            train::train(net, c);
        }(),
        contains("there is no run to resume"));
    train::train(net, config);
    const auto before = contents(folder.path());
    CHECK_THROWS_WITH(train::train(net, config), contains("last.safetensors: already holds a run"));
    config.from = train::start::resume;
    const auto refuse = [&](const std::function<void(train::loop_config&, logistic&)>& change, const std::string& sentence) {
        auto c = config;
        logistic n;
        change(c, n);
        CHECK_THROWS_WITH(train::train(n, c), contains(sentence));
        CHECK(contents(folder.path()) == before);
    };
    refuse([](auto& c, auto&) { c.seed = 12; }, "last.safetensors: training: was begun with seed = 11, not 12");
    refuse([](auto& c, auto&) { c.optimiser = train::adamw_config{.beta1 = 0.8}; }, "was begun with optimiser");
    refuse([](auto& c, auto&) { c.average = 0; }, "was begun with average = 0.95, not 0");
    refuse([](auto& c, auto&) { c.steps_per_epoch = 20; }, "steps_per_epoch");
    refuse([](auto&, auto& n) { n.name = "another"; }, "holds a \"logistic\", not a \"another\"");
    refuse([](auto& c, auto&) { c.steps = 0; }, "at least one step");

    // Damage of every kind, each an error that names the file.
    const auto path = folder / "last.safetensors";
    const std::string good = read_text(path);
    const auto damage = [&](const std::string& from, const std::string& to) {
        std::string bad = good;
        const auto at = bad.find(from);
        REQUIRE(at != std::string::npos);
        REQUIRE(from.size() == to.size());
        bad.replace(at, from.size(), to);
        write_text(path, bad);
        logistic n;
        const auto w = n.w;
        CHECK_THROWS_WITH(train::train(n, config), contains("last.safetensors: "));
        CHECK(n.w == w);
        CHECK(read_text(path) == bad);
    };
    damage("\\\"step\\\":20", "\\\"step\\\":-2");
    damage("\\\"history\\\":[{", "\\\"history\\\":{{");
    damage("\\\"means\\\"", "\\\"meens\\\"");
    damage("\"version\":\"1\"", "\"version\":\"9\"");
    damage("training.average", "training.averaXe");
    damage("out.weight", "our.weight");
    write_text(path, good.substr(0, good.size() / 2));
    logistic n;
    CHECK_THROWS_WITH(train::train(n, config), contains("last.safetensors: "));
    write_text(path, read_text(folder / "best.safetensors"));
    CHECK_THROWS_WITH(train::train(n, config), contains("last.safetensors: "));
    // More steps may be asked for.
    write_text(path, good);
    config.steps = 25;
    CHECK(train::train(n, config).step == 25);
}

TEST_CASE("a folder that cannot be written, a disk that is full") {
    const temporary_folder folder;
    write_text(folder / "file", "x");
    logistic net;
    CHECK_THROWS_WITH(train::train(net, settings(folder / "file")), contains("file"));
    CHECK(read_text(folder / "file") == "x");
#if defined(__linux__)
    auto config = settings(folder / "run");
    config.steps = 20;
    train::train(net, config);
    const auto before = contents(folder / "run");
    config.from = train::start::resume;
    config.steps = 60;
    std::filesystem::create_symlink("/dev/full", folder / "run" / "last.safetensors.part");
    CHECK_THROWS_WITH(train::train(net, config), contains("last.safetensors: cannot be written: No space left on device"));
    CHECK(contents(folder / "run") == before);
#endif
}
