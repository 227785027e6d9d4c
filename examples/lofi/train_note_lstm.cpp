// lofi train note-lstm: a network of notes and chords, improved and in the settings of two papers; its weights for the play door.
#include "training.hpp"

#if LOFI_HAVE_TRAIN
#include <lofi/corpus/hands_corpus.hpp>
#include <lofi/corpus/note_corpus.hpp>
#include <lofi/pretrained/note_lstm.hpp>
#include <lofi/recipe/note_lstm_published.hpp>
#include <lofi/recipe/note_lstm_quantise.hpp>
#include <lofi/recipe/note_lstm_resident.hpp>

#include "on_cuda.hpp"

namespace program {
namespace {

namespace recipe = lofi::recipe;
using lofi::corpus::split;

struct note_lstm_options {
    std::shared_ptr<train_options> common;
    std::vector<fs::path> also;
    std::optional<std::size_t> tokens;
    fs::path from;
    std::size_t frozen = 0;
};

/// Tokens in a folder, else the MIDI files in it and below.
std::vector<fs::path> songs_in(const fs::path& folder) {
    std::vector<fs::path> tokens, files;
    for (const fs::directory_entry& e : fs::recursive_directory_iterator(folder)) {
        if (!e.is_regular_file()) continue;
        const std::string name = e.path().filename().string();
        if (name.ends_with(".txt") && name.starts_with("tokens_")) tokens.push_back(e.path());
        if (lofi::corpus::is_midi_name(e.path())) files.push_back(e.path());
    }
    std::vector<fs::path>& found = tokens.empty() ? files : tokens;
    if (found.empty()) throw lofi::error(folder.string(), "has neither tokens_NAME.train.txt nor MIDI files");
    std::sort(found.begin(), found.end());
    return found;
}

template <lofi::model::note_lstm_published_config C>
void train_published(const note_lstm_options& o) {
    using trainee = recipe::note_lstm_published_trainee<C>;
    recipe::note_lstm_published_recipe r;
    r.epochs = o.common->epochs.value_or(C.head == lofi::model::note_lstm_head::plain ? 100 : 200);
    r.batch = o.common->batch.value_or(r.batch);
    r.rate = o.common->rate.value_or(r.rate);
    r.seed = o.common->seed;
    r.frozen = o.frozen;
    lofi::corpus::note_corpus all = lofi::corpus::read_note_corpus(files_of(o.common->data, songs_in));
    auto known = all.all_tokens();
    if (!o.also.empty()) {
        const auto more = lofi::corpus::read_note_corpus(files_of(o.also, songs_in)).all_tokens();
        known.insert(known.end(), more.begin(), more.end());
    }
    if (o.tokens) all = lofi::corpus::thinned(std::move(all), *o.tokens);
    lofi::token::notechord_vocabulary vocabulary(known);
    std::optional<recipe::note_lstm_published_weights<C>> from;
    if (!o.from.empty()) from = recipe::read_note_lstm_published<C>(o.from), vocabulary = from->vocabulary;
    std::fprintf(stderr, "%zu tokens of %zu songs to train, %zu to validate; %zu different ones, %zu parameters\n",
                 all.tokens(split::train), all.count(split::train), all.tokens(split::valid), vocabulary.size(),
                 trainee::network::published_parameters(vocabulary.size()));
    auto train = recipe::joined(all, split::train, vocabulary), valid = recipe::joined(all, split::valid, vocabulary);
    trainee net(r, vocabulary, train, valid);
    if (from) net.start_from(from->weights.flat(), from->weights.buffers());
    if (o.common->backend == "cpu") return run(net, *o.common);
    auto data = recipe::resident_data(r, C.window, vocabulary.size(), std::move(train), std::move(valid));
    auto steps = C.head == lofi::model::note_lstm_head::plain ? note_lstm_001_on_cuda(std::move(data))
                                                              : note_lstm_003_on_cuda(std::move(data));
    lofi::train::on_device<trainee> there(std::move(net), std::move(steps));
    run(there, *o.common);
}

/// Songs as tokens of two hands: of folders that have them the sets of clean licence, else whatever is there.
lofi::corpus::hands_corpus read_hands(const std::vector<fs::path>& data) {
    try {
        return lofi::corpus::read_hands_corpus(data, recipe::note_lstm_corpora);
    } catch (const lofi::error&) {
        return lofi::corpus::read_hands_corpus(data);
    }
}

void train_improved(const note_lstm_options& o) {
    if (o.tokens || !o.also.empty() || !o.from.empty() || o.frozen != 0)
        throw lofi::error("lofi train note-lstm", "--tokens, --also, --from and --freeze are for the published settings");
    recipe::note_lstm_recipe r;
    r.epochs = o.common->epochs.value_or(r.epochs);
    r.batch = o.common->batch.value_or(r.batch);
    r.rate = o.common->rate.value_or(r.rate);
    r.seed = o.common->seed;
    const auto all = read_hands(o.common->data);
    for (const auto& [why, files] : all.left_out) std::fprintf(stderr, "left out %zu files: %s\n", files, why.c_str());
    std::fprintf(stderr, "%zu songs to train, %zu to validate, %zu to test\n", all.count(split::train), all.count(split::valid),
                 all.count(split::test));
    using trainee = recipe::note_lstm_trainee<lofi::pretrained::note_lstm_sizes>;
    const auto train = recipe::note_pieces(all, split::train), valid = recipe::note_pieces(all, split::valid);
    trainee net(r, train, valid, recipe::note_style_names(all));
    if (o.common->backend == "cpu") return run(net, *o.common);
    lofi::train::on_device<trainee> there(std::move(net), note_lstm_on_cuda(recipe::resident_data(r, train, valid)));
    run(there, *o.common);
}

void train_note_lstm(const note_lstm_options& o) {
    choose_places(*o.common);
    if (o.common->setting == "improved") return train_improved(o);
    if (o.common->setting == "published-001")
        train_published<lofi::model::note_lstm_001>(o);
    else
        train_published<lofi::model::note_lstm_003>(o);
}

}  // namespace

lofi::backend::fixed_arena quantise_note_lstm(const quantise_options& o) {
    constexpr auto& sizes = lofi::pretrained::note_lstm_sizes;
    auto weights = recipe::read_note_lstm<sizes>(o.weights);
    lofi::backend::fixed_arena arena = recipe::quantise_note_lstm<sizes>(weights.view());
    if (!o.data.empty()) {
        const auto test = recipe::note_pieces(read_hands(o.data), split::test);
        lofi::backend::fixed_cursor cursor(arena);
        const auto fixed = lofi::pretrained::note_lstm::network::params::bind(cursor);
        const auto mean = [](const std::vector<lofi::model::note_cost>& costs) {
            lofi::model::note_cost sum;
            for (const auto& c : costs) sum += c;
            return sum.bits();
        };
        using network = recipe::note_lstm_trainee<sizes>::network;
        print({{"pieces", test.size()},
               {"bits_a_token", mean(recipe::note_costs<network>(weights.view(), test, recipe::note_told::all))},
               {"in_whole_numbers", mean(recipe::stepped_costs<sizes, lofi::backend::fixed>(fixed, test))}});
    }
    return arena;
}

void add_train_note_lstm(CLI::App& train) {
    CLI::App* c = add_command(train, "note-lstm", "Notes and chords, one after the other",
                              "lofi train note-lstm --data midi/ --out mine.safetensors");
    auto o = std::make_shared<note_lstm_options>();
    o->common = add_training_options(*c, "Songs as tokens or as MIDI files, or folders of them");
    c->add_option("--setting", o->common->setting, "improved, or as one of two papers: published-001, published-003")
        ->check(CLI::IsMember({"improved", "published-001", "published-003"}))
        ->capture_default_str();
    c->add_option("--backend", o->common->backend, "Where it trains; either goes on with the other's run")
        ->check(CLI::IsMember({"cpu", "cuda"}))
        ->capture_default_str();
    c->add_option("--tokens", o->tokens, "Learns from about so many tokens, songs left out evenly; all, if not given")
        ->check(whole_number() & number(1, 1e12));
    c->add_option("--also", o->also, "Songs whose tokens the vocabulary has room for too: those of a later --from");
    c->add_option("--from", o->from, "Trained weights to go on from: their vocabulary holds");
    c->add_option("--freeze", o->frozen, "How many LSTMs, from the first on, stay as they are")
        ->check(whole_number() & number(0, 3))
        ->capture_default_str();
    c->callback([o] { train_note_lstm(*o); });
}

}  // namespace program

#endif
