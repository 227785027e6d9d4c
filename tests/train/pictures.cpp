#include <lofi/train/pictures.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::test;

TEST_CASE("each metric has its picture, and no name leaves the folder") {
    const temporary_folder folder;
    const std::vector<train::history_entry> history{
        {10, 1e-3, {{"loss", 2.0}}, {{"loss", 2.5}, {"../up", 0.25}, {"never", std::nan("")}}},
        {20, 1e-3, {{"loss", 1.0}}, {{"loss", 2.0}, {"../up", 0.5}}}};
    train::write_pictures(folder.path(), history, 10);
    const std::string svg = read_text(folder / "loss.svg"), png = read_text(folder / "loss.png");
    CHECK_THAT(svg, contains(">training</text>"));
    CHECK_THAT(svg, contains(">validation</text>"));
    CHECK_THAT(svg, contains(">epoch</text>"));
    CHECK(png.substr(1, 3) == "PNG");
    CHECK(std::filesystem::exists(folder / "___up.svg"));
    CHECK(!std::filesystem::exists(folder / "never.svg"));
    std::size_t files = 0;
    for ([[maybe_unused]] const auto& f : std::filesystem::directory_iterator(folder.path())) ++files;
    CHECK(files == 4);
}
