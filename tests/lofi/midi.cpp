// lofi midi: numbers of small files written by hand, and copies.
#include "run.hpp"

using namespace lofi::test;

namespace {

std::string bytes(std::initializer_list<int> values) {
    std::string s;
    for (const int v : values) s += static_cast<char>(v);
    return s;
}
std::string chunk(const std::string& id, const std::string& body) {
    const auto n = static_cast<int>(body.size());
    return id + bytes({n >> 24, n >> 16 & 255, n >> 8 & 255, n & 255}) + body;
}

/// Format 1, 96 ticks a quarter. Tempo 250,000 from tick 96 on, 3/4 from the start; a note that is closed by velocity 0, one that is
/// never closed, and an End of Track 96 ticks after the last event.
std::string small_file() {
    const std::string head = chunk("MThd", bytes({0, 1, 0, 2, 0, 96}));
    const std::string conductor = chunk("MTrk", bytes({0, 0xFF, 0x58, 4, 3, 2, 24, 8,        //
                                                       96, 0xFF, 0x51, 3, 0x03, 0xD0, 0x90,  //
                                                       0, 0xFF, 0x2F, 0}));
    const std::string notes =
        chunk("MTrk", bytes({0, 0x90, 60, 100, 96, 60, 0, 0, 64, 90, 96, 0xB0, 7, 100, 96, 0xFF, 0x2F, 0}));
    return head + conductor + notes;
}

}  // namespace

TEST_CASE("a file is told in numbers") {
    const temporary_folder f;
    write_text(f / "x.mid", small_file());
    const run_result r = lofi_in(f.path(), {"midi", "info", "x.mid", "--mode", "strict"});
    INFO(r.err << r.out);
    REQUIRE(r.status == 0);
    CHECK(r.err.empty());
    for (const char* line : {"\"format\": 1,", "\"division\": 96,", "\"tracks\": 2,", "\"note_ons\": 2,", "\"notes\": 1,",
                             "\"end_tick\": 288,", "\"seconds\": 1.0,", "\"tick\": 96,",
                             "\"microseconds_per_quarter\": 250000,", "\"numerator\": 3,", "\"diagnostics\": []"})
        CHECK_THAT(r.out, contains(line));
}

TEST_CASE("what is odd is told with its byte, and what is lost is told too") {
    const temporary_folder f;
    const std::string whole = small_file();
    write_text(f / "cut.mid", whole.substr(0, whole.size() - 4));
    CHECK(lofi_in(f.path(), {"midi", "info", "cut.mid", "--mode", "strict"}).status != 0);
    for (const char* mode : {"tolerant", "salvage"}) {
        const run_result r = lofi_in(f.path(), {"midi", "info", "cut.mid", "--mode", mode});
        REQUIRE(r.status == 0);
        CHECK_THAT(r.out, contains("\"note_ons\": 2,"));
        CHECK_THAT(r.out, contains("\"byte "));
    }
}

TEST_CASE("formats and divisions of other kinds") {
    const temporary_folder f;
    const std::string track = chunk("MTrk", bytes({0, 0x90, 60, 100, 50, 0x80, 60, 0, 0, 0xFF, 0x2F, 0}));
    write_text(f / "smpte.mid", chunk("MThd", bytes({0, 0, 0, 1, 0xE7, 40})) + track);
    const run_result smpte = lofi_in(f.path(), {"midi", "info", "smpte.mid"});
    CHECK_THAT(smpte.out, contains("\"smpte_frames_per_second\": 25"));
    CHECK_THAT(smpte.out, contains("\"ticks_per_frame\": 40"));
    CHECK_THAT(smpte.out, contains("\"seconds\": 0.05,"));
    write_text(f / "patterns.mid", chunk("MThd", bytes({0, 2, 0, 2, 0, 96})) + track + track);
    const run_result patterns = lofi_in(f.path(), {"midi", "info", "patterns.mid"});
    CHECK(patterns.status == 0);
    CHECK_THAT(patterns.out, contains("\"patterns\": ["));
}

TEST_CASE("a copy says the same, and a copy of a copy is the copy") {
    const temporary_folder f;
    write_text(f / "x.mid", small_file());
    REQUIRE(lofi_in(f.path(), {"midi", "copy", "x.mid", "y.mid"}).status == 0);
    REQUIRE(lofi_in(f.path(), {"midi", "copy", "y.mid", "z.mid"}).status == 0);
    CHECK(read_text(f / "y.mid") == read_text(f / "z.mid"));
    CHECK(lofi_in(f.path(), {"midi", "info", "x.mid"}).out == lofi_in(f.path(), {"midi", "info", "y.mid"}).out);
    REQUIRE(lofi_in(f.path(), {"midi", "copy", "x.mid", "x.mid"}).status == 0);
    CHECK(read_text(f / "x.mid") == read_text(f / "y.mid"));
    // A link stays a link; what it leads to is written.
    std::filesystem::create_symlink("z.mid", f / "link.mid");
    write_text(f / "z.mid", "old");
    REQUIRE(lofi_in(f.path(), {"midi", "copy", "x.mid", "link.mid"}).status == 0);
    CHECK(std::filesystem::is_symlink(f / "link.mid"));
    CHECK(read_text(f / "z.mid") == read_text(f / "x.mid"));
}
