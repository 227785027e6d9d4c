#include <lofi/recipe/lofi2lofi_published.hpp>

#include <set>
#include <string>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

namespace {

constexpr model::published_config tiny{.hidden = 12, .small = 4, .latent = 6};
using trainee = recipe::published_trainee<tiny>;

/// Songs of three phrases each, of two patterns that are easy to tell apart.
corpus::lead_sheet_corpus songs(std::size_t count, corpus::split split = corpus::split::train) {
    corpus::lead_sheet_corpus all;
    all.sets = {"toy"};
    for (std::size_t s = 0; s < count; ++s) {
        all.songs.push_back("toy/" + std::to_string(s));
        for (std::size_t i = 0; i < 3; ++i) {
            corpus::phrase p;
            p.song = static_cast<std::uint32_t>(s);
            p.split = split;
            p.sheet.title = "toy/" + std::to_string(s) + "-" + std::to_string(i);
            p.sheet.rows.resize(3 + s % 2);
            for (auto& row : p.sheet.rows) row.chord = s % 2 == 0 ? 1 : 5, row.melody.fill(s % 2 == 0 ? 3 : 15);
            all.phrases.push_back(p);
        }
    }
    return all;
}

train::metrics run(const recipe::published_recipe& settings, const std::filesystem::path& folder, std::uint64_t stop = 0) {
    trainee net(settings, recipe::split_by_songs(songs(20), random_key{4}));
    train::loop_config loop = net.loop(folder);
    loop.from = train::start::either;
    loop.plots = train::pictures::off;
    loop.show = train::progress_style::silent;
    if (stop != 0) loop.steps = stop;
    train::train(net, loop);
    return net.validate();
}

}  // namespace

TEST_CASE("a trainee of the published Lofi2Lofi has the published settings") {
    const trainee net({}, recipe::split_by_songs(songs(100), random_key{4}));
    const train::loop_config c = net.loop("somewhere");
    const auto& adam = std::get<train::adamw_config>(c.optimiser);
    CHECK(adam.weight_decay == 0.1);
    CHECK(adam.beta1 == 0.9);
    CHECK(adam.beta2 == 0.999);
    CHECK(train::value_at(c.rate, 12345) == 1e-3);
    CHECK(c.clip == 0);
    CHECK(c.average == 0);
    CHECK(net.steps_per_epoch() == 2);  // 255 phrases, 128 a batch
    const recipe::published_recipe r;
    CHECK(r.forcing == recipe::published_forcing::none);
    CHECK(r.share_of_truth(0) == Approx(0.1 + 0.4 * 30 / 31));
    CHECK(r.share_of_truth(60) == Approx(0.1 + 0.4 * 30 / (30 + std::exp(2.0))));
    static_assert(train::trainee<trainee>);
}

TEST_CASE("songs stay whole where phrases are split") {
    auto all = songs(100);
    for (std::size_t i = 0; i < 30; ++i) all.phrases[i].split = i < 15 ? corpus::split::test : corpus::split::hold_out;
    for (std::size_t i = 30; i < 60; ++i) all.phrases[i].split = corpus::split::valid;
    all.phrases[60].sheet.has_melody = false;
    for (std::size_t s = 0; s < 100; ++s)
        for (std::size_t i = 0; i < 3; ++i)
            all.phrases[3 * s + i].sheet.tempo = bpm(60 + static_cast<double>(s));  // tells songs apart
    const auto parts = recipe::split_by_songs(all, random_key{4});
    CHECK(parts.train.size() + parts.valid.size() == 269);
    std::set<double> train, valid;
    for (const auto& p : parts.train) train.insert(p.tempo.value);
    for (const auto& p : parts.valid) valid.insert(p.tempo.value);
    CHECK(train.size() == 76);  // .85 of 90
    CHECK(valid.size() == 14);
    for (const double song : valid) CHECK(train.count(song) == 0);
    CHECK(*std::min_element(train.begin(), train.end()) >= 70);  // nothing of test and hold-out
    CHECK(*std::min_element(valid.begin(), valid.end()) >= 70);
    CHECK(recipe::split_by_songs(all, random_key{5}).train != parts.train);
    CHECK(recipe::split_by_songs(all, random_key{4}).train == parts.train);

    const auto files = recipe::split_by_files(all);
    CHECK(files.valid.size() == 30);
    CHECK(files.train.size() == 239);
    // Fifteen is not a note of the published network.
    for (const auto& p : files.train) CHECK(*std::max_element(p.melody.begin(), p.melody.end()) <= 14);
}

TEST_CASE("the published Lofi2Lofi learns, free-running and forced") {
    for (const auto forcing : {recipe::published_forcing::none, recipe::published_forcing::scheduled}) {
        const test::temporary_folder folder;
        const train::metrics m = run({.epochs = 70, .batch = 16, .rate = 1e-2, .forcing = forcing}, folder.path());
        CHECK(train::value_of(m, "chord accuracy") > .8);  // .33 and .39 are what one token gives
        CHECK(train::value_of(m, "melody accuracy") > .8);
        CHECK(train::value_of(m, "loss") < 1.5);
    }
}

TEST_CASE("a training of the published Lofi2Lofi resumes bit for bit") {
    for (const auto forcing : {recipe::published_forcing::none, recipe::published_forcing::scheduled}) {
        const test::temporary_folder whole, broken;
        const recipe::published_recipe settings{.epochs = 4, .batch = 16, .forcing = forcing};
        const train::metrics m = run(settings, whole.path());
        run(settings, broken.path(), 7);  // in the middle of an epoch
        CHECK(train::value_of(run(settings, broken.path()), "loss") == train::value_of(m, "loss"));
    }
}

TEST_CASE("nothing to learn from or to validate on is an error that says so") {
    CHECK_THROWS_WITH(trainee({}, {}), test::contains("needs phrases with a melody to learn from"));
    auto parts = recipe::split_by_files(songs(2));
    CHECK_THROWS_WITH(trainee({}, parts), test::contains("needs phrases with a melody to validate on"));
}
