#include <lofi/corpus/lead_sheet_json.hpp>

#include <fstream>
#include <map>
#include <random>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::corpus;
using score::lead_sheet;

namespace {

std::string message(const auto& call) {
    try {
        call();
    } catch (const error& e) {
        return e.message();
    }
    return "nothing was thrown";
}
void put(const std::filesystem::path& path, std::string_view text) { std::ofstream(path, std::ios::binary) << text; }

}  // namespace

TEST_CASE("the published sample format") {
    const lead_sheet s = read_lead_sheet(R"({"title":"a/b-01","key":3,"mode":6,"bpm":84.5,"energy":0.25,"valence":1,
        "chords":[1,0],"melodies":[[0,1,7,8,14,15,0,0],[1,2,3,4,5,6,7,8]],"more":{"of":["other","fields"]}})");
    CHECK(s.title == "a/b-01");
    CHECK(s.key == score::key{score::pitch_class(2), score::mode::aeolian});
    CHECK(s.tempo == bpm(84.5));
    CHECK(s.energy == 0.25);
    CHECK(s.valence == 1.0);
    REQUIRE(s.rows.size() == 2);
    CHECK(s.rows[0] == score::lead_row{1, {0, 1, 7, 8, 14, 15, 0, 0}});
    CHECK(s.has_melody);
}

TEST_CASE("a final END, missing fields and chords alone are understood") {
    const lead_sheet end =
        read_lead_sheet(R"({"chords":[2,5,8],"melodies":[[1,1,1,1,1,1,1,1],[2,2,2,2,2,2,2,2],[0,0,0,0,0,0,0,0]]})");
    CHECK(end.rows.size() == 2);
    CHECK(read_lead_sheet(R"({"chords":[2,8],"melodies":[[1,1,1,1,1,1,1,1]]})").rows.size() == 1);
    CHECK(end.key == score::key{});
    CHECK(end.tempo == lead_sheet{}.tempo);
    const lead_sheet chords = read_lead_sheet(R"({"chords":[2.0,5],"melodies":[]})");
    CHECK_FALSE(chords.has_melody);
    CHECK_FALSE(read_lead_sheet(R"({"chords":[2,5]})").has_melody);
    CHECK(read_lead_sheet(R"({"chords":[]})").rows.empty());
}

TEST_CASE("what is written is read back, bit for bit") {
    std::mt19937 rng(9);
    for (int i = 0; i < 200; ++i) {
        lead_sheet s;
        s.title = i % 2 != 0 ? "caf\xc3\xa9 \"late\" \n\\ \xF0\x9F\x8C\x99" : "";
        s.key = {score::pitch_class(static_cast<int>(rng() % 12)), static_cast<score::mode>(1 + rng() % 7)};
        s.tempo = bpm(std::uniform_real_distribution<>(1, 1000)(rng));
        s.energy = std::uniform_real_distribution<>(0, 1)(rng), s.valence = static_cast<double>(rng() % 2);
        s.rows.resize(rng() % 20);
        s.has_melody = s.rows.empty() || rng() % 2 != 0;
        for (score::lead_row& row : s.rows) {
            row.chord = static_cast<std::uint8_t>(rng() % 8);
            if (s.has_melody)
                for (std::uint8_t& v : row.melody) v = static_cast<std::uint8_t>(rng() % 16);
        }
        const std::string text = write_lead_sheet(s);
        REQUIRE(text.find('\n') == std::string::npos);
        REQUIRE(read_lead_sheet(text) == s);
    }
    lead_sheet wrong;
    wrong.energy = std::nan("");
    CHECK_THAT(message([&] { (void)write_lead_sheet(wrong); }), LOFI_CATCH_CONTAINS("energy"));
    lead_sheet bytes;
    bytes.title = "\xff\xfe";  // no UTF-8: written with the replacement character, not refused
    CHECK(read_lead_sheet(write_lead_sheet(bytes)).title == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("the public-domain fixture is written as it stands") {
    std::ifstream in(test::data("corpus/ewld.test.jsonl"));
    std::string line;
    int lines = 0;
    while (std::getline(in, line)) {
        CHECK(write_lead_sheet(read_lead_sheet(line)) == line);
        ++lines;
    }
    CHECK(lines == 24);
}

TEST_CASE("wrong samples are refused with field and place") {
    const std::map<std::string, std::string> bad = {
        {R"({"key":13,"chords":[1]})", "key: 13 is not 1 to 12"},
        {R"({"key":0,"chords":[1]})", "key: 0 is not 1 to 12"},
        {R"({"key":1.5,"chords":[1]})", "key: 1.5 is not 1 to 12"},
        {R"({"key":"C","chords":[1]})", "key: \"C\" is not 1 to 12"},
        {R"({"key":null,"chords":[1]})", "key: null is not 1 to 12"},
        {R"({"key":[[1]],"chords":[1]})", "key: array is not 1 to 12"},
        {R"({"key":1e300,"chords":[1]})", "key: 1e+300 is not 1 to 12"},
        {R"({"mode":8,"chords":[1]})", "mode: 8 is not 1 to 7"},
        {R"({"bpm":"fast","chords":[1]})", "bpm: \"fast\" is not a number"},
        {R"({"bpm":0,"chords":[1]})", "tempo: 0.000000 is not 1 to 1000 bpm"},
        {R"({"energy":1.5,"chords":[1]})", "energy: 1.500000 is not 0 to 1"},
        {R"({"valence":-1,"chords":[1]})", "valence: -1.000000 is not 0 to 1"},
        {R"({"title":7,"chords":[1]})", "title: is not a text"},
        {R"({})", "chords: is missing"},
        {R"({"chords":"1 4 5"})", "chords: is not an array"},
        {R"({"chords":[1,9]})", "chords, row 2: 9 is not 0 to 7"},
        {R"({"chords":[8,1]})", "chords, row 1: 8 is not 0 to 7"},
        {R"({"chords":[true]})", "chords, row 1: true is not 0 to 7"},
        {R"({"chords":[-1]})", "chords, row 1: -1 is not 0 to 7"},
        {R"({"chords":[1,2],"melodies":[[1,1,1,1,1,1,1,1]]})", "melodies: 1 rows for 2 chords"},
        {R"({"chords":[1],"melodies":[[1,1,1,1,1,1,1]]})", "melodies, row 1: 7 slots are not 8"},
        {R"({"chords":[1],"melodies":[[1,1,1,1,1,1,1,1,1]]})", "melodies, row 1: 9 entries are more than 8"},
        {R"({"chords":[1],"melodies":[[1,1,1,1,16,1,1,1]]})", "melodies, row 1, slot 5: 16 is not 0 to 15"},
        {R"({"chords":[1],"melodies":[8]})", "melodies, row 1: is not an array"},
        {R"({"chords":[1],"melodies":{}})", "melodies: is not an array"},
        {R"([1,2])", "sample: is not a JSON object"},
        {R"(7)", "sample: is not a JSON object"},
    };
    for (const auto& [text, wanted] : bad) CHECK(message([&, &json = text] { (void)read_lead_sheet(json); }) == wanted);
}

TEST_CASE("what is no JSON is refused with the byte") {
    for (const char* text : {"", "{", "{\"chords\":[1}", "{\"bpm\":NaN,\"chords\":[1]}", "{\"bpm\":Infinity}", "{'chords':[1]}",
                             "{\"title\":\"\xff\",\"chords\":[1]}", "{\"chords\":[1]} x", "\x00"}) {
        INFO(text);
        CHECK_THAT(message([&] { (void)read_lead_sheet(text); }), LOFI_CATCH_CONTAINS("byte "));
    }
    CHECK_THAT(message([] { (void)read_lead_sheet(R"({"bpm":1e999,"chords":[1]})"); }), LOFI_CATCH_CONTAINS("JSON"));
}

TEST_CASE("absurd sizes are refused, and deep nesting does no harm") {
    std::string many = R"({"chords":[1)";
    for (int i = 0; i < 4097; ++i) many += ",1";
    CHECK(message([&] { (void)read_lead_sheet(many + "]}"); }) == "chords: 4098 entries are more than 4097");
    const std::string deep = R"({"chords":[1],"key":)" + std::string(500000, '[') + std::string(500000, ']') + "}";
    CHECK(message([&] { (void)read_lead_sheet(deep); }) == "key: array is not 1 to 12");
    CHECK_THAT(message([&] { (void)read_lead_sheet(std::string((1 << 20) + 1, ' ')); }),
               LOFI_CATCH_CONTAINS("line: is longer than"));
}

TEST_CASE("files of one sample a line") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "night.jsonl";
    const std::vector<lead_sheet> sheets = read_lead_sheets(test::data("corpus/ewld.test.jsonl"));
    CHECK(sheets.size() == 24);
    write_lead_sheets(path, sheets);
    CHECK(read_lead_sheets(path) == sheets);

    put(path, "\xEF\xBB\xBF{\"chords\":[1]}\r\n\r\n  \n{\"chords\":[2]}");
    CHECK(read_lead_sheets(path).size() == 2);
    put(path, "{\"chords\":[1]}\n\n{\"chords\":[1],\"key\":13}\n");
    CHECK(message([&] { (void)read_lead_sheets(path); }) == path.string() + ":3: key: 13 is not 1 to 12");
    put(path, "");
    CHECK(read_lead_sheets(path).empty());
    CHECK_THAT(message([&] { (void)read_lead_sheets(folder.path() / "none.jsonl"); }),
               LOFI_CATCH_CONTAINS("none.jsonl: cannot be opened"));
}

TEST_CASE("a file cut or spoilt anywhere is read or refused, never worse") {
    const test::temporary_folder folder;
    std::ifstream in(test::data("corpus/ewld.test.jsonl"));
    std::string line;
    std::getline(in, line);
    std::mt19937 rng(4);
    int refused = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
        std::string spoilt = line;
        if (i % 2 == 0)
            spoilt.resize(i);
        else
            spoilt[i] = static_cast<char>(rng());
        try {
            (void)read_lead_sheet(spoilt);
        } catch (const error&) {
            ++refused;
        }
    }
    CHECK(refused > static_cast<int>(line.size() / 2));
}
