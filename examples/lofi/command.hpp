#pragma once
// What the commands of `lofi` share.
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <lofi/core/error.hpp>

#ifndef LOFI_HAVE_TRAIN
#define LOFI_HAVE_TRAIN 0
#endif

namespace program {

using json = nlohmann::ordered_json;

/// Each adds its command to the program; the command throws what went wrong.
void add_render(CLI::App& app);
void add_play(CLI::App& app);
void add_moods(CLI::App& app);
void add_midi(CLI::App& app);
void add_generate(CLI::App& app);
void add_train(CLI::App& app);
void add_experiment(CLI::App& app);
void add_decode(CLI::App& app);
void add_encode(CLI::App& app);
void add_eval(CLI::App& app);
void add_corpus(CLI::App& app);
void add_quantise(CLI::App& app);
void add_tokenize(CLI::App& app);
void add_detokenize(CLI::App& app);
void add_interpolate(CLI::App& app);

/// Each adds a kind of network to `lofi generate`.
void add_generate_lofi2lofi(CLI::App& generate_command);
void add_generate_lyrics2lofi(CLI::App& generate_command);
void add_generate_music_vae(CLI::App& generate_command);
void add_generate_note_lstm(CLI::App& generate_command);
void add_generate_lofigen(CLI::App& generate_command);
void add_generate_stft(CLI::App& generate_command);
void add_generate_tcn(CLI::App& generate_command);
void add_generate_wavenet(CLI::App& generate_command);
void add_generate_lstm_wave(CLI::App& generate_command);

/// Adds a command with its example.
inline CLI::App* add_command(CLI::App& app, const std::string& name, const std::string& says, const std::string& example) {
    CLI::App* command = app.add_subcommand(name, says);
    command->footer("Example:\n  " + example);
    return command;
}

/// Prints JSON on stdout.
inline void print(const json& j, int indent = 2) {
    std::fputs((j.dump(indent, ' ', false, json::error_handler_t::replace) + "\n").c_str(), stdout);
}

/// Parses JSON from outside.
/// errors: "night.json: byte 17: is not JSON: ..."
inline json parse_json(std::string_view text, const std::string& place) {
    try {
        return json::parse(text);
    } catch (const json::parse_error& e) {
        const std::string what = e.what();
        const std::size_t plain = what.find("syntax error");
        throw lofi::error(place,
                          "byte " + std::to_string(e.byte) + ": is not JSON: " + what.substr(plain == what.npos ? 0 : plain));
    } catch (const json::exception& e) {
        throw lofi::error(place, e.what());
    }
}

/// The value, or the error with the option's name in front.
template <class T>
T of_option(const char* name, lofi::result<T> r) {
    if (!r) throw r.error().at(name);
    return *std::move(r);
}

/// Checks that an option is a whole number that 64 bits hold; "-1" is none.
inline CLI::Validator whole_number() {
    return CLI::Validator(
        [](std::string& text) {
            std::uint64_t v = 0;
            const char* last = text.data() + text.size();
            const auto [end, problem] = std::from_chars(text.data(), last, v);
            return problem == std::errc() && end == last ? std::string() : text + " is not a whole number from 0 to 2^64 - 1";
        },
        "");
}

/// Checks that an option is a number in a range, both ends included; "nan" is none.
inline CLI::Validator number(double low, double high) {
    char range_text[64];
    std::snprintf(range_text, sizeof range_text, "from %g to %g", low, high);
    const std::string range = range_text;
    return CLI::Validator(
        [=](std::string& text) {
            double v = 0;
            if (CLI::detail::lexical_cast(text, v) && v >= low && v <= high) return std::string();
            return text + " is not a number " + range;
        },
        range);
}

/// Adds a command that this build does not have, and that says so whatever it is given.
inline void add_missing(CLI::App& app, const std::string& name, const std::string& says) {
    CLI::App* command = app.add_subcommand(name, says + " (needs the train build)");
    command->allow_extras();
    command->callback([name] {
        throw lofi::error(
            "lofi " + name,
            "needs the train build, which is the default: configure with -DLOFI_TRAIN=ON, or run scripts/test once");
    });
}

}  // namespace program
