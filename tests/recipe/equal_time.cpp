#include <lofi/recipe/equal_time.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;

namespace {

/// Two numbers that go to nought, a millisecond of processor time a step.
struct slow {
    using real = float;
    std::vector<float> w{1.0F, -2.0F}, dw{0.0F, 0.0F}, seen{0.0F};
    std::uint64_t steps_made = 0;

    static std::string kind() { return "slow"; }
    static nn::json config() { return {{"width", 2}}; }
    std::span<float> parameters() { return w; }
    std::span<float> gradients() { return dw; }
    std::span<float> buffers() { return seen; }
    std::vector<nn::named_tensor<float>> tensors() { return {{"w", {2}, w}, {"seen", {1}, seen}}; }
    train::metrics train_step(std::uint64_t, random_key) {
        const double begin = recipe::processor_minutes();
        while (recipe::processor_minutes() - begin < 1e-3 / 60) {
        }
        ++steps_made, seen[0] += 1;
        for (std::size_t i = 0; i < 2; ++i) dw[i] += w[i];
        return validate();
    }
    train::metrics validate() { return {{"loss", static_cast<double>(w[0] * w[0] + w[1] * w[1])}}; }
    train::loop_config loop(std::filesystem::path folder, std::uint64_t steps) {
        train::loop_config c;
        c.folder = std::move(folder), c.steps = steps, c.steps_per_epoch = 10;
        c.rate = train::warm_up_cosine{.peak = .01, .floor = 0, .warm_up = 1, .total = steps};
        return c;
    }
};

}  // namespace

TEST_CASE("equal time: as many steps as fit, timed and taken back") {
    slow net;
    const slow before = net;
    const std::uint64_t steps = recipe::steps_within(net, net.loop({}, 1000), .005, 2);  // 300 ms
    CHECK(net.w == before.w);
    CHECK(net.seen == before.seen);
    CHECK(steps <= 300);
    CHECK(steps >= 100);
    // At least one, however little time there is.
    CHECK(recipe::steps_within(net, net.loop({}, 1000), 1e-9, 6) == 1);
}

TEST_CASE("equal time: trains once, keeps what it took, and refuses other minutes") {
    const test::temporary_folder folder;
    recipe::equal_time time{.out = folder / "runs", .minutes = .002, .validations = 3};
    time.plots = train::pictures::off, time.show = train::progress_style::silent;
    slow net;
    const recipe::time_taken first = recipe::train_for(time, "net", net);
    CHECK(first.steps >= 30);
    CHECK(first.minutes > 0);
    CHECK(first.epochs == Approx(static_cast<double>(first.steps) / 10));
    const auto file = nn::read_safetensors(recipe::weights_of(time, "net"));
    CHECK(nn::read_header(file).training.at("step").get<std::uint64_t>() <= first.steps);

    slow again;
    const recipe::time_taken second = recipe::train_for(time, "net", again);
    CHECK(again.steps_made == 0);
    CHECK(second.steps == first.steps);
    CHECK(second.minutes == first.minutes);
    const recipe::time_taken both[] = {first, second};
    CHECK_THAT(recipe::times_line(both), test::contains("net: " + std::to_string(first.steps) + " steps, "));

    time.minutes = 1;
    CHECK_THROWS_WITH(recipe::train_for(time, "net", again), test::contains("net.time: is of a run of 0.002"));
    write_file(folder / "runs" / "net.time", "{}").value();
    CHECK_THROWS_WITH(recipe::train_for(time, "net", again), test::contains("net.time: says no \"asked\""));
}
