// lofi corpus: a folder of MIDI files as lead sheets to learn from.
#include "command.hpp"

#if LOFI_HAVE_TRAIN
#include <cstdio>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include <lofi/core/file.hpp>
#include <lofi/recipe/corpus_report.hpp>
#include <lofi/train/progress.hpp>

#include "staged_files.hpp"

namespace program {
namespace {

namespace fs = std::filesystem;
namespace corpus = lofi::corpus;

struct corpus_options {
    fs::path folder, out;
    bool keys_as_found = false, png = false;
    std::uint32_t valid = 10, test = 10;
};

/// Shows how far the reading is: a line that moves on a terminal, one every thousand files elsewhere.
corpus::corpus_progress shown() {
    return [terminal = lofi::train::detail::is_terminal(stderr)](std::size_t done, std::size_t of) {
        if (terminal && (done == of || done % 8 == 0)) std::fprintf(stderr, "\r%zu of %zu files", done, of);
        if (terminal ? done == of : done % 1000 == 0) std::fprintf(stderr, terminal ? "\n" : "%zu of %zu files\n", done, of);
    };
}

void write_report(const corpus::midi_corpus_report& r, const fs::path& name, const staged_files& files, bool png) {
    std::vector<std::pair<std::string, std::string>> pictures;
    for (const lofi::recipe::report_picture& p : lofi::recipe::corpus_pictures(r)) {
        const std::string ending = "." + p.name + (png ? ".png" : ".svg");
        write(files.path(ending), p.sheet).value();
        pictures.emplace_back(name.filename().concat(ending).string(), p.title);
    }
    lofi::write_file(files.path(".report.md"), lofi::recipe::corpus_markdown(r, pictures)).value();
}

void make_corpus(const corpus_options& o) {
    if (o.valid + o.test > 90) throw lofi::error("--valid and --test", "leave less than a tenth to learn from");
    std::error_code ec;
    if (!fs::exists(o.folder, ec)) throw lofi::error(o.folder.string(), "is not there");
    if (!fs::is_directory(o.folder, ec))
        throw lofi::error(o.folder.string(), "is a file: a corpus is made of a folder of MIDI files");
    staged_files files(o.out);
    corpus::midi_corpus_config config;
    config.keys = o.keys_as_found ? corpus::key_balance::as_found : corpus::key_balance::balanced;
    config.valid_share = o.valid, config.test_share = o.test;
    const corpus::midi_corpus_report r = corpus::make_midi_corpus(o.folder, files.path(""), config, shown());
    write_report(r, o.out, files, o.png);
    std::size_t dropped = 0;
    for (const auto& [why, these] : r.files_dropped) dropped += these.count;
    std::printf("%zu files: %zu songs of %zu families, %zu left out\n", r.files, r.songs, r.families, dropped);
    for (const auto& [why, these] : r.files_dropped)
        std::printf("  %zu: %s (%s%s)\n", these.count, why.c_str(), these.first.front().c_str(),
                    these.count > 1 ? ", ..." : "");
    constexpr const char* names[] = {"train", "valid", "test"};
    for (std::size_t k = 0; k < r.splits.size(); ++k)
        std::printf("%s: %zu phrases of %zu songs, %zu rows\n", names[k], r.splits[k].phrases, r.splits[k].songs,
                    r.splits[k].rows);
    if (r.divided_files) std::printf("all songs are versions of one another, so files were divided one by one\n");
    if (r.nothing_to_validate) std::printf("one song alone: there is nothing to validate on\n");
    for (const fs::path& f : files.commit()) std::printf("  %s\n", f.string().c_str());
}

}  // namespace

void add_corpus(CLI::App& app) {
    auto o = std::make_shared<corpus_options>();
    CLI::App* c = add_command(app, "corpus", "Makes lead sheets to learn from of a folder of MIDI files",
                              "lofi corpus music/ --out mine\n"
                              "  lofi train lofi2lofi --data mine.train.jsonl mine.valid.jsonl --out mine.safetensors");
    c->add_option("FOLDER", o->folder, "Folder of MIDI files; folders in it are looked through, too")->required();
    c->add_option("--out", o->out, "NAME: NAME.train.jsonl, .valid. and .test., NAME.report.md and its pictures are written")
        ->required();
    c->add_flag("--keys-as-found", o->keys_as_found,
                "Leaves songs to learn from in their keys, instead of all keys equally often");
    c->add_option("--valid", o->valid, "Families to validate on, of 100")->check(CLI::Range(1, 90))->capture_default_str();
    c->add_option("--test", o->test, "Families to test on, of 100")->check(CLI::Range(0, 89))->capture_default_str();
    c->add_flag("--png", o->png, "Pictures as PNG instead of SVG");
    c->callback([o] { make_corpus(*o); });
}

}  // namespace program

#else

namespace program {
void add_corpus(CLI::App& app) { add_missing(app, "corpus", "Makes lead sheets to learn from of a folder of MIDI files"); }
}  // namespace program

#endif
