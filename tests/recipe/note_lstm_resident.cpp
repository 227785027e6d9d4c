#include <lofi/recipe/note_lstm_resident.hpp>

#include "recipe/note_habit.hpp"
#include "support/emulator.hpp"
#include "support/test.hpp"

using namespace lofi;

namespace {

constexpr model::note_lstm_config small{.hidden = 8};
constexpr model::note_lstm_published_config plain{6, 6, 5, 7, model::note_lstm_head::plain, 5, 24},
    normalised{6, 6, 5, 7, model::note_lstm_head::normalised, 4, 24};

recipe::note_lstm_recipe improved_recipe() {
    recipe::note_lstm_recipe r;
    r.epochs = 3, r.batch = 2, r.rate = 1e-2;
    return r;
}
using improved = recipe::note_lstm_trainee<small>;
improved on_cpu() { return {improved_recipe(), test::habit(4, 1, 2), test::habit(2, 2, 2), {"ours"}}; }
train::on_device<improved> on_kernels(test::emulated_machine machine) {
    auto data = recipe::resident_data(improved_recipe(), test::habit(4, 1, 2), test::habit(2, 2, 2));
    return {on_cpu(), std::make_unique<model::note_lstm_resident<small, test::emulated_machine>>(machine, std::move(data))};
}

template <model::note_lstm_published_config C>
struct published {
    using trainee = recipe::note_lstm_published_trainee<C>;
    static recipe::note_lstm_published_recipe settings() {
        recipe::note_lstm_published_recipe r;
        r.epochs = 1, r.batch = 4, r.rate = 1e-2;
        return r;
    }
    static std::vector<std::int32_t> tokens(std::size_t n) {
        std::vector<std::int32_t> out;
        for (std::size_t i = 0; i < n; ++i) out.push_back(static_cast<std::int32_t>(i * i % 7));
        return out;
    }
    static token::notechord_vocabulary vocabulary() {
        std::vector<token::notechord> all;
        for (std::uint16_t id = 40; id < 47; ++id) all.emplace_back().id = id;
        return token::notechord_vocabulary(all);
    }
    static trainee on_cpu() { return {settings(), vocabulary(), tokens(23), tokens(12)}; }
    static train::on_device<trainee> on_kernels(test::emulated_machine machine) {
        auto data = recipe::resident_data(settings(), C.window, vocabulary().size(), tokens(23), tokens(12));
        return {on_cpu(),
                std::make_unique<model::note_lstm_published_resident<C, test::emulated_machine>>(machine, std::move(data))};
    }
};

template <class Net>
train::loop_config quiet(Net& net, const std::filesystem::path& folder, std::uint64_t steps) {
    train::loop_config c = net.loop(folder);
    c.plots = train::pictures::off, c.show = train::progress_style::silent;
    c.from = train::start::either, c.steps = steps, c.validate_every = 2;
    // The rate hangs on the length of the whole run.
    if (auto* w = std::get_if<train::warm_up_cosine>(&c.rate)) w->warm_up = 2, w->total = 9;
    return c;
}

void same(const std::vector<train::history_entry>& a, const std::vector<train::history_entry>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t m = 0; m < a[i].train.size(); ++m) {
            INFO("entry " << i << ", " << a[i].train[m].name);
            CHECK(b[i].train[m].value == Approx(a[i].train[m].value).epsilon(2e-4));
            CHECK(b[i].valid[m].value == Approx(a[i].valid[m].value).epsilon(2e-4));
        }
}

/// Trains on both, and begins on each what the other ends: all four must have one history.
template <class Cpu, class Kernels>
void check_both(Cpu cpu, Kernels kernels, std::uint64_t steps) {
    const test::temporary_folder folder;
    const auto run = [&](auto net, const char* name, std::uint64_t until) {
        return train::train(net, quiet(net, folder / name, until)).history;
    };
    const auto wanted = run(cpu(), "cpu", steps);
    test::emulated_machine machine(5);
    same(wanted, run(kernels(machine), "kernels", steps));
    CHECK(machine.launches() > 0);
    run(cpu(), "first_cpu", steps / 2);
    same(wanted, run(kernels(test::emulated_machine(6)), "first_cpu", steps));
    run(kernels(test::emulated_machine(7)), "first_kernels", steps / 2);
    same(wanted, run(cpu(), "first_kernels", steps));
}

}  // namespace

TEST_CASE("note network recipe: trained on emulated kernels and on the CPU, each goes on with the other's checkpoint") {
    check_both(on_cpu, on_kernels, 4);
}

TEST_CASE("published note networks: trained on emulated kernels and on the CPU, each goes on with the other's checkpoint") {
    SECTION("of paper 001") { check_both(published<plain>::on_cpu, published<plain>::on_kernels, 4); }
    SECTION("of paper 003") { check_both(published<normalised>::on_cpu, published<normalised>::on_kernels, 4); }
}
