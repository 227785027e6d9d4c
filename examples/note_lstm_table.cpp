// Measures the note networks, published and improved, beside n-grams and the data, and prints the tables of docs/models/note_lstm.md.
#include <cstdio>
#include <exception>

#if LOFI_HAVE_TRAIN
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/core/file.hpp>
#include <lofi/pretrained/note_lstm.hpp>
#include <lofi/recipe/note_lstm.hpp>
#include <lofi/recipe/note_lstm_published.hpp>
#include <lofi/recipe/note_lstm_table.hpp>

namespace {

namespace fs = std::filesystem;
using namespace lofi;
using corpus::split;
constexpr auto sizes = pretrained::note_lstm_sizes;
using network = recipe::note_lstm_trainee<sizes>::network;
using sequences = std::vector<std::vector<std::int32_t>>;

struct options {
    fs::path data, weights, first, third, out;
    std::size_t pieces = 100, tokens = 3000;
    std::int32_t bars = 100;
    int style = 6;
    std::uint64_t seed = 11;
};

/// The key of a mode whose scale has no accidentals, as the corpora of tokens are transposed.
score::key white(score::mode m) {
    constexpr int tonics[] = {0, 2, 4, 5, 7, 9, 11};
    return {score::pitch_class(tonics[static_cast<int>(m) - 1]), m};
}

recipe::keyed_piece keyed(score::piece piece, const score::key& key) {
    recipe::keyed_piece out{std::move(piece), key, {}};
    out.tokens = recipe::notechords_of(out.piece);
    return out;
}

sequences tokens_of(const corpus::hands_corpus& all, split which, std::string_view set = {}) {
    sequences out;
    for (const corpus::hands_song& s : all.songs)
        if (s.split == which && (set.empty() || all.sets[s.set] == set)) out.push_back(s.tokens);
    return out;
}

std::string price_line(const std::string& name, const recipe::token_price& p) {
    char text[200];
    std::snprintf(text, sizeof text, "| %s | %zu songs, %zu tokens | %zu | %.3f | %.3f | %.3f (%.3f to %.3f) |\n", name.c_str(),
                  p.songs, p.tokens, p.order, p.ngram, p.network, p.gain.mean, p.gain.low, p.gain.high);
    return text;
}

std::string price_tables(const corpus::hands_corpus& all, typename network::params p) {
    std::string text =
        "| improved, tokens of two hands | test | order | n-gram | network | gain (95 %) |\n| --- | --- | --- | --- | --- | "
        "--- |\n";
    const sequences train = tokens_of(all, split::train);
    for (const std::string_view set : recipe::note_lstm_corpora) {
        const sequences valid = tokens_of(all, split::valid, set), test = tokens_of(all, split::test, set);
        if (valid.empty() || test.empty()) continue;
        const std::size_t order = recipe::best_order(train, valid, token::hands_id::count);
        const auto pieces = recipe::note_pieces(all, split::test, set);
        std::vector<analysis::code_length> costs;
        for (const model::note_cost& c : recipe::note_costs<network>(p, pieces))
            costs.push_back({c.nats / std::log(2.0), c.tokens});
        auto price = recipe::price_of(analysis::token_ngram(train, token::hands_id::count, order), test, costs, random_key{5});
        price.order = order;
        text += price_line(std::string(set), price);
    }
    return text + "\n";
}

/// The files of note/chord tokens of a set, as far as they are there.
std::vector<fs::path> token_files(const fs::path& folder, std::string_view set) {
    std::vector<fs::path> out;
    for (const char* s : {"train", "valid", "test"}) {
        fs::path file = folder / ("tokens_" + std::string(set) + "." + s + ".txt");
        if (fs::exists(file)) out.push_back(std::move(file));
    }
    return out;
}

/// Both kinds of tokens on one scale. Two hands decide the note/chord tokens of a song, but for the octave it was moved to: so what they
/// cost is a bound on what the network makes note/chord tokens cost, rhythm, voicing and hands paid for in it.
std::string bound_table(const options& o, const corpus::hands_corpus& all, typename network::params p) {
    std::string text =
        "| note/chord tokens | test | order | n-gram | improved, at most | gain, at least (95 %) |\n"
        "| --- | --- | --- | --- | --- | --- |\n";
    const double octave = std::log2(3.0);  // up, down, or as it is: bits a song
    for (const std::string_view set : recipe::note_lstm_corpora) {
        const auto files = token_files(o.data, set);
        if (files.size() != 3) continue;
        const corpus::note_corpus notes = corpus::read_note_corpus(files);
        const token::notechord_vocabulary vocabulary(notes.all_tokens());
        sequences train, valid, test;
        std::vector<model::note_piece> pieces;
        std::size_t songs = 0;
        for (const corpus::note_song& s : notes.songs) {
            std::vector<std::int32_t> numbers = vocabulary.encode(s.tokens).value();
            if (s.split == split::train)
                train.push_back(std::move(numbers));
            else if (s.split == split::valid)
                valid.push_back(std::move(numbers));
            else {
                ++songs;
                std::string name = s.name;
                if (set == "loops") std::replace(name.begin(), name.end(), '/', '_'), name = "loops/" + name;
                for (const corpus::hands_song& h : all.songs) {
                    if (h.name != name) continue;
                    // Only songs that both kinds tell alike, token for token.
                    const auto played = token::decode_hands(h.tokens, h.key).value();
                    if (recipe::transposed(recipe::onset_tokens(played), s.transposition) != s.tokens) continue;
                    test.push_back(numbers);
                    // The n-gram knows which corpus it is, and how long the song.
                    model::note_conditions c;
                    c.style = recipe::note_style_of(h);
                    pieces.push_back(model::to_note_piece(c, h.tokens));
                }
            }
        }
        if (test.empty()) continue;
        std::vector<analysis::code_length> costs;
        const auto told = recipe::note_costs<network>(p, pieces, recipe::note_told::all);
        for (std::size_t i = 0; i < told.size(); ++i) costs.push_back({told[i].nats / std::log(2.0) + octave, test[i].size()});
        const std::size_t order = recipe::best_order(train, valid, vocabulary.size());
        const auto price = recipe::price_of(analysis::token_ngram(train, vocabulary.size(), order), test, costs, random_key{5});
        char line[240];
        std::snprintf(line, sizeof line, "| %s | %zu of %zu songs, %zu tokens | %zu | %.3f | %.3f | %.3f (%.3f to %.3f) |\n",
                      std::string(set).c_str(), test.size(), songs, price.tokens, order, price.ngram, price.network,
                      price.gain.mean, price.gain.low, price.gain.high);
        text += line;
    }
    return text + "\n";
}

/// Loops as they were played, with a melody: what the networks are held beside.
std::vector<recipe::keyed_piece> played(const corpus::hands_corpus& all, split which, std::string_view set, bool melody) {
    std::vector<recipe::keyed_piece> out;
    for (const corpus::hands_song& s : all.songs)
        if (s.split == which && (set.empty() || all.sets[s.set] == set) && (!melody || s.melody))
            out.push_back(keyed(token::decode_hands(s.tokens, white(s.key.scale)).value(), white(s.key.scale)));
    return out;
}

analysis::copy_finder finder_of(const std::vector<recipe::keyed_piece>& train) {
    sequences ids;
    for (const recipe::keyed_piece& p : train) {
        ids.emplace_back();
        for (const token::notechord t : p.tokens) ids.back().push_back(t.id);
    }
    return analysis::copy_finder(std::move(ids));
}

enum class sampler { raw, shipped };
std::vector<recipe::keyed_piece> written(typename network::params p, const options& o, sampler how,
                                         const analysis::copy_finder& finder) {
    std::vector<recipe::keyed_piece> out;
    for (std::size_t i = 0; i < o.pieces; ++i) {
        const score::mode mode = i % 2 == 0 ? score::mode::ionian : score::mode::aeolian;
        model::note_conditions c;
        c.style = static_cast<std::uint8_t>(o.style), c.scale = mode, c.tempo = 80000, c.bars = o.bars;
        model::note_sampling sampling;
        if (how == sampler::shipped) sampling.scale = score::mask(mode);
        for (std::uint64_t draw = 0;; ++draw) {
            model::note_writer<sizes, backend::cpu<float>> writer({}, p, c, sampling, random_key{o.seed}.child(i).child(draw));
            std::vector<std::int32_t> ids;
            for (std::int32_t id = writer.step(); id >= 0; id = writer.step()) ids.push_back(id);
            recipe::keyed_piece made = keyed(token::decode_hands(ids, white(mode)).value(), white(mode));
            std::vector<std::int32_t> tokens;
            for (const token::notechord t : made.tokens) tokens.push_back(t.id);
            const analysis::copy_report copies = finder.find(tokens);
            // A piece that copies too much is written anew: what is left certainly does not.
            if (how == sampler::shipped && (copies.longest > 12 || copies.share > .1) && draw < 1000) continue;
            out.push_back(std::move(made));
            break;
        }
    }
    return out;
}

template <model::note_lstm_published_config C>
recipe::note_column published(const options& o, const fs::path& weights, const char* name, std::string& prices) {
    using trainee = recipe::note_lstm_published_trainee<C>;
    using net = typename trainee::network;
    auto from = recipe::read_note_lstm_published<C>(weights);
    const corpus::note_corpus all = corpus::thinned(corpus::read_note_corpus(token_files(o.data, "loops")), o.tokens);
    const auto stream = [&](split which) {
        std::vector<std::int32_t> out;
        for (const corpus::note_song& s : all.songs)
            if (s.split == which)
                for (const token::notechord t : s.tokens)
                    if (const std::int32_t n = from.vocabulary.find(t); n >= 0) out.push_back(n);
        return out;
    };
    const std::vector<std::int32_t> train = stream(split::train), valid = stream(split::valid), test = stream(split::test);
    const std::size_t V = from.vocabulary.size();
    const sequences learned = {train};
    const std::size_t order = recipe::best_order(learned, sequences{valid}, V);
    const analysis::token_ngram ngram(learned, V, order);
    const auto bits = recipe::published_bits<net>(from.weights.view(), test, V);
    const double whole = ngram.measure(test).bits, seen = ngram.measure(std::span(test).first(C.window)).bits;
    char text[200];
    std::snprintf(text, sizeof text, "| %s | %zu tokens | %zu | %.3f | %.3f | %.3f |\n", name, bits.tokens, order,
                  (whole - seen) / static_cast<double>(bits.tokens), bits.per_token(),
                  (whole - seen) / static_cast<double>(bits.tokens) - bits.per_token());
    prices += text;

    sequences songs;
    for (const corpus::note_song& s : all.songs)
        if (s.split == split::train) {
            songs.emplace_back();
            for (const token::notechord t : s.tokens) songs.back().push_back(t.id);
        }
    const analysis::copy_finder finder(std::move(songs));
    std::vector<recipe::keyed_piece> made;
    random_stream random(random_key{o.seed}.child("published"));
    const std::size_t length = C.head == model::note_lstm_head::plain ? 500 : 200;
    std::vector<std::span<const std::int32_t>> starts;
    for (std::size_t i = 0; i < o.pieces; ++i)
        starts.push_back(
            std::span(train).subspan(uniform_below(random, static_cast<std::uint32_t>(train.size() - C.window + 1)), C.window));
    std::fprintf(stderr, "%s writes\n", name);
    for (const auto& numbers : recipe::write_published<net>(from.weights.view(), starts, V, length)) {
        std::vector<token::notechord> tokens;
        for (const std::int32_t n : numbers) tokens.push_back(from.vocabulary[static_cast<std::size_t>(n)]);
        made.push_back({token::decode_notechords(tokens), score::key{}, tokens});
    }
    return recipe::measure_column(name, made, finder);
}

void run(const options& o) {
    const fs::path folders[] = {o.data};
    const auto all = corpus::read_hands_corpus(folders, recipe::note_lstm_corpora);
    auto weights = recipe::read_note_lstm<sizes>(o.weights);
    std::string text = price_tables(all, weights.view());
    text += bound_table(o, all, weights.view());
    if (o.pieces == 0) {
        std::fputs(text.c_str(), stdout);
        return;
    }
    const analysis::copy_finder finder = finder_of(played(all, split::train, {}, false));
    std::vector<recipe::note_column> columns;
    std::string prices =
        "| published, note/chord tokens | test | order | n-gram | network | gain |\n| --- | --- | --- | --- | --- | --- |\n";
    if (!o.first.empty()) columns.push_back(published<model::note_lstm_001>(o, o.first, "published 001", prices));
    if (!o.third.empty()) columns.push_back(published<model::note_lstm_003>(o, o.third, "published 003", prices));
    if (!columns.empty()) text += prices + "\n";
    const auto raw = written(weights.view(), o, sampler::raw, finder);
    columns.push_back(recipe::measure_column("improved, raw", raw, finder));
    columns.push_back(
        recipe::measure_column("improved, shipped", written(weights.view(), o, sampler::shipped, finder), finder));
    columns.push_back(recipe::measure_column("loops with a melody, test", played(all, split::test, "loops", true), finder));
    columns.push_back(recipe::measure_column("lead sheets, test", played(all, split::test, "ewld", true), finder));
    text += recipe::note_table(columns);
    std::fputs(text.c_str(), stdout);
    if (!o.out.empty()) write_file(o.out, std::as_bytes(std::span(text))).value();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Measures the note networks beside n-grams and the data."};
    options o;
    app.add_option("--data", o.data, "The folder with index.tsv, MIDI files, and tokens_loops.*.txt")->required();
    app.add_option("--weights", o.weights, "Weights of the improved setting")->required();
    app.add_option("--published-001", o.first, "Weights of the setting published-001");
    app.add_option("--published-003", o.third, "Weights of the setting published-003");
    app.add_option("--tokens", o.tokens, "How many tokens the published settings learned from")->capture_default_str();
    app.add_option("--pieces", o.pieces, "Pieces a column")->capture_default_str();
    app.add_option("--bars", o.bars, "Bars of a piece")->capture_default_str();
    app.add_option("--style", o.style, "The style that is asked for")->capture_default_str();
    app.add_option("--seed", o.seed, "Of what is drawn")->capture_default_str();
    app.add_option("--out", o.out, "Writes the tables there too");
    CLI11_PARSE(app, argc, argv);
    try {
        run(o);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "note_lstm_table: %s\n", e.what());
        return 1;
    }
    return 0;
}

#else

int main() {
    std::fputs("note_lstm_table: needs the train build, which is the default: configure with -DLOFI_TRAIN=ON\n", stderr);
    return 1;
}

#endif
