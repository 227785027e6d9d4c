// lofi train groove: a network of drums, and its weights for the play door.
#include "training.hpp"

#if LOFI_HAVE_TRAIN
#include <lofi/corpus/groove_corpus.hpp>
#include <lofi/pretrained/groove.hpp>
#include <lofi/recipe/groove.hpp>
#include <lofi/recipe/groove_quantise.hpp>

namespace program {
namespace {

lofi::corpus::groove_corpus read_grooves(const std::vector<fs::path>& named) {
    return lofi::corpus::read_groove_corpus(files_of(named, [](const fs::path& p) { return lines_in(p, "grooves"); }));
}

void train_groove(train_options& o) {
    namespace recipe = lofi::recipe;
    using lofi::corpus::split;
    choose_places(o);
    const auto all = read_grooves(o.data);
    std::fprintf(stderr, "%zu windows: %zu to train, %zu to validate, %zu to test\n", all.windows.size(),
                 all.count(split::train), all.count(split::valid), all.count(split::test));
    recipe::groove_trainee<> net(recipe_of<recipe::groove_recipe>(o), recipe::examples_of(all, split::train),
                                 recipe::examples_of(all, split::valid));
    run(net, o);
}

json mean_bits(const std::vector<lofi::model::groove_cost>& costs) {
    lofi::model::groove_cost sum;
    for (const auto& c : costs) sum += c;
    const double n = static_cast<double>(std::max<std::size_t>(costs.size(), 1));
    return {{"hits", sum.hits / n}, {"force", sum.forces / n}, {"timing", sum.offsets / n}, {"sum", sum.sum() / n}};
}

}  // namespace

lofi::backend::fixed_arena quantise_groove(const quantise_options& o) {
    constexpr auto& sizes = lofi::pretrained::groove_sizes;
    auto weights = lofi::recipe::read_groove<sizes>(o.weights);
    lofi::backend::fixed_arena arena = lofi::recipe::quantise_groove<sizes>(weights.view());
    if (!o.data.empty()) {
        using trainee = lofi::recipe::groove_trainee<sizes>;
        const auto test = lofi::recipe::examples_of(read_grooves(o.data), lofi::corpus::split::test);
        lofi::backend::fixed_cursor cursor(arena);
        const auto fixed = lofi::pretrained::groove::network::params::bind(cursor);
        print({{"grooves", test.size()},
               {"bits_a_groove", mean_bits(lofi::recipe::groove_bits<trainee::network>(weights.view(), test))},
               {"in_whole_numbers", mean_bits(lofi::recipe::stepped_bits<sizes, lofi::backend::fixed>(fixed, test))}});
    }
    return arena;
}

void add_train_groove(CLI::App& train) {
    CLI::App* c = add_command(train, "groove", "Two bars of drums: hits, force and timing",
                              "lofi train groove --data grooves/ --out mine.safetensors");
    const auto o =
        add_training_options(*c, "Grooves as JSON Lines, or folders of them: NAME.train.jsonl, NAME.valid.jsonl, ...");
    c->callback([o] { train_groove(*o); });
}

}  // namespace program

#endif
