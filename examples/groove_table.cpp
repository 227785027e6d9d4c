// Measures the groove network beside its yardsticks and the data, and prints the tables of docs/models/groove.md.
#include <cstdio>
#include <exception>

#if LOFI_HAVE_TRAIN
#include <filesystem>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include <lofi/pretrained/groove.hpp>
#include <lofi/recipe/groove.hpp>
#include <lofi/recipe/groove_quantise.hpp>
#include <lofi/recipe/groove_table.hpp>
#include <lofi/recipe/groove_yardsticks.hpp>
#include <lofi/song/drummer.hpp>

namespace {

namespace fs = std::filesystem;
using namespace lofi;
constexpr auto sizes = pretrained::groove_sizes;
using trainee = recipe::groove_trainee<sizes>;
using examples = std::vector<model::groove_example>;

struct options {
    fs::path data, weights, out, picture;
    std::size_t samples = 2000;
    std::uint64_t seed = 11;
};

constexpr std::array<const char*, 3> sets = {"lofi_beats", "other_beats", "fills"};

std::vector<std::string> performances_of(const corpus::groove_corpus& all, std::string_view set) {
    std::vector<std::string> out;
    for (const corpus::groove_window& w : all.windows)
        if (w.split == corpus::split::test && all.sets[w.set] == set) out.push_back(w.performance);
    return out;
}

recipe::groove_price price_of(const recipe::groove_counts& counts, const recipe::groove_smoothing& s, const char* name,
                              const examples& test) {
    recipe::groove_price out{name, {}};
    for (const model::groove_example& e : test) out.costs.push_back(counts.bits(e, s));
    return out;
}

std::string price_tables(const corpus::groove_corpus& all, recipe::groove_weights<sizes>& weights,
                         const pretrained::groove::network::params& fixed, const options& o) {
    using recipe::groove_yardstick;
    const examples train = recipe::examples_of(all, corpus::split::train),
                   valid = recipe::examples_of(all, corpus::split::valid, sets[0]);
    const recipe::groove_counts table(groove_yardstick::table, train), trigram(groove_yardstick::trigram, train),
        both(groove_yardstick::trigram_and_table, train);
    std::fprintf(stderr, "smoothing the yardsticks\n");
    const auto table_smoothing = table.tune(valid), trigram_smoothing = trigram.tune(valid), both_smoothing = both.tune(valid);
    std::string text;
    for (const char* set : sets) {
        const examples test = recipe::examples_of(all, corpus::split::test, set);
        std::fprintf(stderr, "%s: %zu test grooves\n", set, test.size());
        const std::vector<recipe::groove_price> prices = {
            price_of(table, table_smoothing, "table", test),
            price_of(trigram, trigram_smoothing, "trigram", test),
            price_of(both, both_smoothing, "trigram over table", test),
            {"network", recipe::groove_bits<trainee::network>(weights.view(), test)},
            {"network, in whole numbers", recipe::stepped_bits<sizes, backend::fixed>(fixed, test)},
            {"network, told tempo and style",
             recipe::groove_bits<trainee::network>(weights.view(), test, recipe::groove_told::beforehand)}};
        text += recipe::price_table(std::string(set) + ", " + std::to_string(test.size()) + " test windows", prices);
        for (std::size_t i = 0; i < 3; ++i) {
            const auto d = recipe::price_difference(prices[i], prices[4], performances_of(all, set), random_key{o.seed});
            char line[160];
            std::snprintf(line, sizeof line,
                          "\nin whole numbers below the %s: %.1f bits (95 %% by performance: %.1f to %.1f)\n",
                          prices[i].name.c_str(), d.mean, d.low, d.high);
            text += line;
        }
        text += "\n";
    }
    return text;
}

std::string sample_table(const corpus::groove_corpus& all, const pretrained::groove::network::params& fixed,
                         const pretrained::groove& network, const options& o) {
    using writer = model::groove_writer<sizes, backend::fixed>;
    const auto patterns_of = [](const examples& from) {
        std::vector<model::groove_pattern> out;
        for (const model::groove_example& e : from) out.push_back(e.pattern);
        return out;
    };
    const examples train = recipe::examples_of(all, corpus::split::train),
                   lofi_train = recipe::examples_of(all, corpus::split::train, sets[0]),
                   lofi_test = recipe::examples_of(all, corpus::split::test, sets[0]);
    const auto test_patterns = patterns_of(lofi_test);
    const auto test_shares = recipe::measure_column("", test_patterns, {}, {}).measures.onsets;
    std::vector<recipe::groove_column> columns;
    columns.push_back(recipe::measure_column("data, train", patterns_of(lofi_train), {}, test_shares));
    columns.push_back(recipe::measure_column("data, test", test_patterns, train, test_shares));

    std::fprintf(stderr, "raw samples\n");
    const random_key key{o.seed};
    random_stream random(key.child("asked"));
    std::vector<model::groove_pattern> made;
    std::vector<std::int32_t> asked;
    for (std::size_t i = 0; i < o.samples; ++i) {
        const auto& told = lofi_train[uniform_below(random, static_cast<std::uint32_t>(lofi_train.size()))].conditions;
        asked.push_back(*told.hits);
        made.push_back(writer({}, fixed, told, {}, key.child(i)).generate());
    }
    columns.push_back(recipe::measure_column("raw, told what a training window was", made, train, test_shares, asked));
    for (const auto& [name, energy] :
         {std::pair("shipped, energy .1", 26), {"shipped, energy .5", 128}, {"shipped, energy .9", 230}}) {
        std::fprintf(stderr, "%s\n", name);
        made.clear(), asked.clear();
        for (std::size_t i = 0; i < o.samples; ++i) {
            const song::drum_request request{static_cast<std::uint8_t>(energy), 78000};
            song::drummer drummer(network, request, key.child(i), 0);
            drummer.generate();
            asked.push_back(*song::drum_conditions(request, key.child(i)).hits);
            model::groove_pattern groove;
            for (const score::drum_hit& h : drummer.groove()) groove.push_back(h);
            made.push_back(groove);
        }
        columns.push_back(recipe::measure_column(name, made, train, test_shares, asked));
    }
    if (!o.picture.empty()) {
        std::array<recipe::groove_column, 2> drawn = {columns[0], columns[2]};
        drawn[1].name = "made";
        plot::write(o.picture, recipe::onset_picture(drawn, "Where drums fall: drummers, and the network told what they were"))
            .value();
    }
    return recipe::groove_table(columns);
}

void measure(const options& o) {
    std::vector<fs::path> files;
    for (const char* set : sets)
        for (const char* split : {"train", "valid", "test"})
            files.push_back(o.data / (std::string(set) + "." + split + ".jsonl"));
    const auto all = corpus::read_groove_corpus(files);
    auto weights = recipe::read_groove<sizes>(o.weights);
    const auto arena = recipe::quantise_groove<sizes>(weights.view());
    const auto network = pretrained::groove::read(std::span<const std::byte>(arena.write())).value();
    const std::string text = price_tables(all, weights, network.params(), o) + sample_table(all, network.params(), network, o);
    std::fputs(text.c_str(), stdout);
    if (!o.out.empty()) write_file(o.out, text).value();
}

}  // namespace

int main(int argc, char** argv) {
    options o;
    CLI::App app{"Measures the groove network beside its yardsticks and the data, and prints tables in Markdown.",
                 "groove_table"};
    app.footer("Example:\n  groove_table --data grooves/ --weights groove.safetensors --picture groove.png");
    app.add_option("--data", o.data, "The folder of the grooves")->required()->check(CLI::ExistingDirectory);
    app.add_option("--weights", o.weights, "Weights of `lofi train groove`")->required()->check(CLI::ExistingFile);
    app.add_option("--samples", o.samples, "Grooves to write for each column")
        ->capture_default_str()
        ->check(CLI::PositiveNumber);
    app.add_option("--seed", o.seed, "Of the samples")->capture_default_str();
    app.add_option("--out", o.out, "Also writes the tables into a file");
    app.add_option("--picture", o.picture, "Draws where the drums fall into an SVG or PNG file");
    CLI11_PARSE(app, argc, argv);
    try {
        measure(o);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "groove_table: %s\n", e.what());
        return 1;
    }
    return 0;
}

#else

int main() {
    std::fputs("groove_table: needs the train build, which is the default: configure with -DLOFI_TRAIN=ON\n", stderr);
    return 1;
}

#endif
