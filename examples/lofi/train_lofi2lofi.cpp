// lofi train lofi2lofi: a network of lead sheets, and its weights for the play door.
#include "training.hpp"

#if LOFI_HAVE_TRAIN
#include <lofi/corpus/lead_sheet_corpus.hpp>
#include <lofi/pretrained/lofi2lofi.hpp>
#include <lofi/recipe/lofi2lofi_files.hpp>
#include <lofi/recipe/lofi2lofi_improved.hpp>
#include <lofi/recipe/lofi2lofi_published.hpp>
#include <lofi/recipe/lofi2lofi_quantise.hpp>

namespace program {
namespace {

/// Lead sheets in a folder: the corpora of clean licence that the shipped network learned from, else whatever is there.
std::vector<fs::path> sheets_in(const fs::path& folder) {
    const std::vector<fs::path> any = lines_in(folder, "lead sheets");
    std::vector<fs::path> known;
    for (const fs::path& p : any) {
        const std::string name = p.filename().string();
        const auto& names = lofi::recipe::lofi2lofi_corpora;
        if (std::find(names.begin(), names.end(), name.substr(0, name.find('.'))) != names.end()) known.push_back(p);
    }
    return known.empty() ? any : known;
}

lofi::corpus::lead_sheet_corpus read_data(const std::vector<fs::path>& named) {
    return lofi::corpus::read_lead_sheet_corpus(files_of(named, sheets_in));
}
void train_lofi2lofi(train_options& o) {
    namespace recipe = lofi::recipe;
    using lofi::corpus::split;
    choose_places(o);
    const auto all = read_data(o.data);
    std::fprintf(stderr, "%zu phrases of %zu songs: %zu to train, %zu to validate, %zu to test\n", all.phrases.size(),
                 all.songs.size(), all.count(split::train), all.count(split::valid), all.count(split::test));
    if (o.setting == "improved") {
        recipe::lofi2lofi_trainee<> net(recipe_of<recipe::lofi2lofi_recipe>(o), recipe::examples_of(all, split::train),
                                        recipe::examples_of(all, split::valid).melodic);
        run(net, o);
    } else {
        recipe::published_trainee<> net(recipe_of<recipe::published_recipe>(o), recipe::split_by_files(all));
        run(net, o);
    }
}

json compared(double divergence, double agreement, std::size_t steps) {
    return {{"steps", steps}, {"divergence_bits", divergence}, {"agreement", agreement}};
}

}  // namespace

lofi::backend::fixed_arena quantise_lofi2lofi(const quantise_options& o) {
    constexpr auto& sizes = lofi::pretrained::lofi2lofi_sizes;
    auto weights = lofi::recipe::read_improved<sizes>(o.weights);
    lofi::backend::fixed_arena arena = lofi::recipe::quantise<sizes>(weights.view().decode);
    if (!o.data.empty()) {
        const auto test = lofi::recipe::examples_of(read_data(o.data), lofi::corpus::split::test);
        lofi::backend::fixed_cursor cursor(arena);
        const auto fixed = lofi::model::lofi2lofi_decoder<sizes, lofi::backend::fixed>::params::bind(cursor);
        const auto r = lofi::recipe::compare<sizes>(weights.view().decode, fixed, test.melodic, lofi::random_key{1});
        print({{"chords", compared(r.chord_divergence, r.chord_agreement, r.chords)},
               {"slots", compared(r.slot_divergence, r.slot_agreement, r.slots)},
               {"bars", compared(r.bar_divergence, r.bar_agreement, r.bars)}});
    }
    return arena;
}

void add_train_lofi2lofi(CLI::App& train) {
    CLI::App* c = add_command(train, "lofi2lofi", "Lead sheets: chords with a melody",
                              "lofi train lofi2lofi --data corpora/ --out mine.safetensors --epochs 24");
    const auto o =
        add_training_options(*c, "Lead sheets as JSON Lines, or folders of them: NAME.train.jsonl, NAME.valid.jsonl, ...");
    c->add_option("--setting", o->setting, "improved, or exactly as published")
        ->check(CLI::IsMember({"improved", "published"}))
        ->capture_default_str();
    c->callback([o] { train_lofi2lofi(*o); });
}

}  // namespace program

#endif
