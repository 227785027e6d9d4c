#include <lofi/recipe/corpus_report.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::test;

namespace {

corpus::midi_corpus_report some() {
    corpus::midi_corpus_report r;
    r.folder = "a|b";
    r.files = 12, r.songs = 9, r.families = 7, r.without_kin = 6;
    r.files_dropped["is in 3/4"].add("waltz");
    for (int i = 0; i < 7; ++i) r.files_dropped["has no notes"].add("silent" + std::to_string(i));
    r.phrases_dropped["too short"] = 5;
    r.largest_families = {{"x", "y", "z"}};
    r.keys[9 + 12] = 30, r.keys[0] = 10;
    r.modes[static_cast<std::size_t>(score::mode::aeolian)] = 30, r.modes[1] = 10;
    r.rows_of_phrases = {{4, 3}, {16, 20}};
    r.tempi = {{70, 3}, {160, 9}};
    r.splits[0] = {2, 7, 30, 400, {}};
    return r;
}

}  // namespace

TEST_CASE("a report says what was taken, what was dropped and why, and shows its pictures") {
    const std::string text = recipe::corpus_markdown(some(), {{"n.keys.svg", "Keys"}});
    CHECK_THAT(text, contains("# Lead sheets of a\\|b\n") && contains("12 MIDI files: 9 songs of 7 families, 8 left out."));
    CHECK_THAT(text, contains("| train | 7 | 2 | 30 | 400 |") && contains("| 1 | is in 3/4 | waltz |"));
    CHECK_THAT(text, contains("| 7 | has no notes | silent0, silent1, silent2, silent3, silent4, ... |"));
    CHECK_THAT(text, contains("| 5 | too short |") && contains("- 3: x, y, z\n") && contains("aeolian 75.00 %"));
    CHECK_THAT(text, contains("![Keys](n.keys.svg)"));
    CHECK(text.find("One song alone") == text.npos);
}

TEST_CASE("pictures have a bar for each thing that was counted") {
    const auto pictures = recipe::corpus_pictures(some());
    const auto boxes = [&](std::string_view name) {
        std::vector<plot::box> out;
        for (const recipe::report_picture& p : pictures)
            if (p.name == name)
                for (const auto& m : p.sheet.marks)
                    if (const auto* b = std::get_if<plot::box>(&m)) out.push_back(*b);
        return out;
    };
    CHECK(boxes("lengths").size() == 13);  // 4 to 16 rows
    CHECK(boxes("lengths")[12].height == Approx(boxes("lengths")[0].height * 20 / 3));
    CHECK(boxes("tempi").size() == 10);  // 70 to 160 bpm
    CHECK(boxes("keys")[0].height == Approx(boxes("keys")[12 + 9].height / 3));
    CHECK(boxes("files_dropped").size() == 2);
    CHECK(boxes("files_dropped")[0].width == Approx(7 * boxes("files_dropped")[1].width));  // the commonest reason first
    for (const auto& p : recipe::corpus_pictures({})) CHECK(p.sheet.marks.size() > 0);      // nothing can be drawn
}
