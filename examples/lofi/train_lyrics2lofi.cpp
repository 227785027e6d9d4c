// lofi train lyrics2lofi: a network that writes music to a text.
#include "training.hpp"

#if LOFI_HAVE_TRAIN
#include <lofi/corpus/lyrics_corpus.hpp>
#include <lofi/recipe/lyrics2lofi.hpp>
#include <lofi/recipe/lyrics2lofi_published.hpp>

namespace program {
namespace {

/// Texts and lead sheets in a folder: the corpora of clean licence where these are among them, else whatever is there.
std::vector<fs::path> texts_in(const fs::path& folder) {
    std::vector<fs::path> texts, sheets, known;
    for (const fs::path& p : lines_in(folder, "texts or lead sheets")) {
        const std::string name = p.filename().string();
        const auto& names = lofi::recipe::lofi2lofi_corpora;
        if (lofi::corpus::holds_texts(p))
            texts.push_back(p);
        else if (std::find(names.begin(), names.end(), name.substr(0, name.find('.'))) != names.end())
            known.push_back(p);
        else
            sheets.push_back(p);
    }
    const auto& music = known.empty() ? sheets : known;
    texts.insert(texts.end(), music.begin(), music.end());
    return texts;
}

void train_lyrics2lofi(train_options& o, const fs::path& vectors) {
    namespace recipe = lofi::recipe;
    using lofi::corpus::split;
    choose_places(o);
    const auto all = lofi::corpus::read_lyrics_corpus(files_of(o.data, texts_in));
    auto train = recipe::lyrics_examples(all, split::train), valid = recipe::lyrics_examples(all, split::valid);
    std::fprintf(stderr, "%zu texts to train, %zu to validate; %zu phrases; %zu texts whose music is not there\n", train.size(),
                 valid.size(), all.music.phrases.size(), all.without_music);
    if (o.setting == "improved") {
        if (!vectors.empty())
            throw lofi::error("--vectors", "is for the published setting: the improved one trains vectors of its own");
        recipe::lyrics2lofi_trainee<> net(recipe_of<recipe::lyrics2lofi_recipe>(o), std::move(train),
                                          recipe::silent_examples(all, split::train), std::move(valid));
        run(net, o);
    } else {
        recipe::published_lyrics_trainee<> net(recipe_of<recipe::published_recipe>(o), recipe::published_lyrics(train, vectors),
                                               recipe::published_lyrics(valid, vectors));
        run(net, o);
    }
}

}  // namespace

void add_train_lyrics2lofi(CLI::App& train) {
    CLI::App* c = add_command(train, "lyrics2lofi", "Lead sheets to a text",
                              "lofi train lyrics2lofi --data texts/ --data sheets/ --out mine.safetensors");
    const auto o = add_training_options(
        *c,
        "Texts with their music, and lead sheets, as JSON Lines or folders of them: NAME.train.jsonl, NAME.valid.jsonl, ...");
    c->add_option("--setting", o->setting, "improved, or exactly as published")
        ->check(CLI::IsMember({"improved", "published"}))
        ->capture_default_str();
    const auto vectors = std::make_shared<fs::path>();
    c->add_option(
        "--vectors", *vectors,
        "Published setting: the texts' vectors, of tools/text_vectors.py; vectors of hashed words are drawn, if not given");
    c->callback([o, vectors] { train_lyrics2lofi(*o, *vectors); });
}

}  // namespace program

#endif
