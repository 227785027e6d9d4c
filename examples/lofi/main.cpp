// The program `lofi`: composes and renders, reads MIDI files, trains and measures the models.
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>

#include "command.hpp"

int main(int argc, char** argv) {
    CLI::App app{"Composes, plays and renders lo-fi music with small neural networks.", "lofi"};
    app.require_subcommand(1);
    app.set_version_flag("--version", "lofi 0.1.0");
    app.footer("Example:\n  lofi render --seed 7 --minutes 2 --mood rain --out rain");
    program::add_render(app);
    program::add_play(app);
    program::add_moods(app);
    program::add_generate(app);
    program::add_interpolate(app);
    program::add_midi(app);
    program::add_tokenize(app);
    program::add_detokenize(app);
    program::add_corpus(app);
    program::add_train(app);
    program::add_experiment(app);
    program::add_decode(app);
    program::add_encode(app);
    program::add_eval(app);
    program::add_quantise(app);
    try {
        app.parse(argc, argv);
        if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
            throw lofi::error("standard output", std::string("cannot be written: ") + std::strerror(errno));
    } catch (const CLI::ParseError& e) {
        if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
        const auto named = [&](const CLI::App* c) { return c->get_name() == argv[1]; };
        const bool unknown = argc > 1 && argv[1][0] != '-' && app.get_subcommands(named).empty();
        std::fprintf(stderr, "lofi: %s\n", unknown ? (std::string(argv[1]) + " is not a command").c_str() : e.what());
        std::fprintf(stderr, "--help shows what there is, and examples\n");
        return 2;
    } catch (const std::exception& e) {
        std::fprintf(stderr, "lofi: %s\n", e.what());
        return 1;
    }
    return 0;
}
