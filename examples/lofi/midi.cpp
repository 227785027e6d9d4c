// lofi midi: what a MIDI file holds, and a canonical copy of it.
#include <cstdio>
#include <filesystem>
#include <map>
#include <string>

#include <lofi/midi/read.hpp>
#include <lofi/midi/summary.hpp>
#include <lofi/midi/time_map.hpp>
#include <lofi/midi/write.hpp>

#include "command.hpp"

namespace program {
namespace {

namespace midi = lofi::midi;

struct midi_options {
    std::filesystem::path in, out;
    midi::read_mode mode = midi::read_mode::tolerant;
};

/// Tempo and metre of a file, or of one pattern of a file whose tracks stand alone.
json changes(const midi::time_map& m) {
    json tempi = json::array(), meters = json::array();
    for (const auto& t : m.tempo_changes())
        tempi.push_back({{"tick", t.at.value},
                         {"microseconds_per_quarter", t.microseconds_per_quarter},
                         {"bpm", 60e6 / t.microseconds_per_quarter}});
    for (const auto& t : m.meters())
        meters.push_back({{"tick", t.at.value}, {"numerator", t.numerator}, {"denominator", t.denominator}});
    return {{"tempo_changes", std::move(tempi)}, {"meter_changes", std::move(meters)}};
}

json describe(midi::division d) {
    if (!d.is_smpte()) return d.ticks_per_quarter();
    return {{"smpte_frames_per_second", d.smpte_rate()}, {"ticks_per_frame", d.ticks_per_frame()}};
}

void info(const midi_options& o) {
    const midi::read_result read = midi::read_file(o.in, {.mode = o.mode}).value();
    const midi::file& f = read.file;
    const midi::summary s = midi::summarise(f);
    json j = {{"format", static_cast<int>(s.format)},
              {"division", describe(s.division)},
              {"tracks", s.tracks},
              {"events", s.events},
              {"note_ons", s.note_ons},
              {"notes", s.notes},
              {"end_tick", s.end_tick.value},
              {"seconds", s.duration.value}};
    if (f.format != midi::format::patterns) {
        j.update(changes(midi::time_map(f)));
    } else {
        j["patterns"] = json::array();
        for (std::size_t i = 0; i < f.tracks.size(); ++i) j["patterns"].push_back(changes(midi::time_map(f, i)));
    }
    j["diagnostics"] = json::array();
    for (const midi::diagnostic& d : read.diagnostics.kept) j["diagnostics"].push_back(to_string(d));
    if (read.diagnostics.count > read.diagnostics.kept.size())
        j["diagnostics"].push_back("and " + std::to_string(read.diagnostics.count - read.diagnostics.kept.size()) + " more");
    print(j);
}

void copy(const midi_options& o) {
    const midi::read_result read = midi::read_file(o.in, {.mode = o.mode}).value();
    for (const midi::diagnostic& d : read.diagnostics.kept)
        std::fprintf(stderr, "%s: %s\n", o.in.c_str(), to_string(d).c_str());
    midi::write_file(o.out, read.file).value();
}

void add_mode(CLI::App& command, midi_options& o) {
    static const std::map<std::string, midi::read_mode> modes = {
        {"strict", midi::read_mode::strict}, {"tolerant", midi::read_mode::tolerant}, {"salvage", midi::read_mode::salvage}};
    command
        .add_option_function<std::string>(
            "--mode", [&o](const std::string& name) { o.mode = modes.at(name); },
            "What to do about a file that departs from the standard: strict refuses it, tolerant reads on where it is plain "
            "what was "
            "meant, salvage keeps what can be kept; tolerant, if not given")
        ->check(CLI::IsMember({"strict", "tolerant", "salvage"}));
}

}  // namespace

void add_midi(CLI::App& app) {
    CLI::App* c = add_command(app, "midi", "Reads and copies Standard MIDI Files", "lofi midi info night.mid");
    c->require_subcommand(1);
    auto o = std::make_shared<midi_options>();

    CLI::App* i = add_command(*c, "info", "Prints what a file holds as JSON", "lofi midi info old.mid --mode salvage");
    i->add_option("FILE", o->in, "A Standard MIDI File, bare or in RMID")->required();
    add_mode(*i, *o);
    i->callback([o] { info(*o); });

    CLI::App* p =
        add_command(*c, "copy", "Reads a file and writes it canonically", "lofi midi copy old.mid new.mid --mode salvage");
    p->add_option("IN", o->in, "A Standard MIDI File, bare or in RMID")->required();
    p->add_option("OUT", o->out, "The copy")->required();
    add_mode(*p, *o);
    p->callback([o] { copy(*o); });
}

}  // namespace program
