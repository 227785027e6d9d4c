#include <lofi/recipe/wave_resident.hpp>

#include <cmath>
#include <vector>

#include <lofi/recipe/wave_networks.hpp>
#include <lofi/recipe/wave_recipes.hpp>

#include "support/emulator.hpp"
#include "support/test.hpp"

namespace lofi::inline LOFI_ABI::model {
/// A LofiGen that an emulator runs through: a long kernel, which goes through spectra, and a short one.
template <class Backend>
struct lofigen_layers<2, Backend> {
    using type = nn::sequence<lofigen_conv<1, 3, 70, Backend>, nn::relu<3, Backend>, lofigen_conv<3, 1, 4, Backend>>;
};
}  // namespace lofi::inline LOFI_ABI::model

using namespace lofi;

namespace {

using small = recipe::lofigen_model<2>;
constexpr std::size_t heard = 90;

recipe::wave_recipe settings() {
    recipe::wave_recipe r = recipe::lofigen_recipe();
    r.epochs = 1, r.batch = 3, r.rate = 1e-2, r.valid_windows = 2, r.sample = seconds(0.0);
    return r;
}

/// Two files of a tone and its octave, each cut into splits.
void write_tones(const std::filesystem::path& folder) {
    for (const int file : {1, 2}) {
        std::vector<float> x(2400);
        for (std::size_t t = 0; t < x.size(); ++t)
            x[t] = static_cast<float>(0.5 * std::sin(0.21 * file * static_cast<double>(t)));
        recipe::write_sound(folder / ("tone" + std::to_string(file) + ".wav"), x, hertz(8000));
    }
}

std::vector<train::history_entry> trained(const std::filesystem::path& sounds, const std::filesystem::path& folder,
                                          std::uint64_t until, test::emulated_machine* machine) {
    const std::vector<std::filesystem::path> files{sounds};
    corpus::sound_corpus sound(files, {.rate = hertz(8000), .gap = seconds(0.02)});
    small net(hertz(8000), random_key{4}, heard);
    using trainee = recipe::wave_trainee<small>;
    trainee host(settings(), net, sound);
    const auto quiet = [&](auto& what) {
        train::loop_config c = what.loop(folder);
        c.plots = train::pictures::off, c.show = train::progress_style::silent;
        c.from = train::start::either, c.steps = until, c.validate_every = 2;
        return train::train(what, c).history;
    };
    if (machine == nullptr) return quiet(host);
    auto data = recipe::resident_data(settings(), net.window(), sound, "");
    train::on_device<trainee> there(
        std::move(host), std::make_unique<model::lofigen_resident<2, test::emulated_machine>>(*machine, std::move(data)));
    return quiet(there);
}

void same(const std::vector<train::history_entry>& a, const std::vector<train::history_entry>& b) {
    REQUIRE(a.size() == b.size());
    for (std::size_t i = 0; i < a.size(); ++i)
        for (std::size_t m = 0; m < a[i].train.size(); ++m) {
            INFO("entry " << i << ", " << a[i].train[m].name);
            CHECK(b[i].train[m].value == Approx(a[i].train[m].value).epsilon(2e-4).margin(1e-4));
            CHECK(b[i].valid[m].value == Approx(a[i].valid[m].value).epsilon(2e-4).margin(1e-4));
        }
}

}  // namespace

TEST_CASE("LofiGen trained on emulated kernels and on the CPU: one history, and each goes on with the other's checkpoint") {
    const test::temporary_folder folder, sounds;
    write_tones(sounds / "");
    const auto wanted = trained(sounds / "", folder / "cpu", 4, nullptr);
    CHECK(wanted.back().train[0].value < wanted.front().train[0].value);
    test::emulated_machine machine(5), other(6), third(7);
    same(wanted, trained(sounds / "", folder / "kernels", 4, &machine));
    CHECK(machine.launches() > 0);
    trained(sounds / "", folder / "first_cpu", 2, nullptr);
    same(wanted, trained(sounds / "", folder / "first_cpu", 4, &other));
    trained(sounds / "", folder / "first_kernels", 2, &third);
    same(wanted, trained(sounds / "", folder / "first_kernels", 4, nullptr));
}
