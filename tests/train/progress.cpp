#include <lofi/train/progress.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::test;

TEST_CASE("a bar says epoch, share, loss, speed and time left, in one line of a terminal") {
    const auto line = train::detail::bar_line(250, 1000, 100, 1.23456, 12.5);
    CHECK(line == "epoch 3/10 [=====>              ] 25%  loss 1.235  12.5 steps/s  1:00 left");
    CHECK(train::detail::bar_line(1000, 1000, 100, 1, 10).find("epoch 10/10 [====================] 100%") == 0);
    CHECK(train::detail::bar_line(123456789, 999999999999, 1, 1e-12, 0.001).size() <= 79);
    CHECK(train::detail::bar_line(0, 10, 1, 1, 0).find("? left") != std::string::npos);
    CHECK(train::detail::clock_text(42.4) == "42 s");
    CHECK(train::detail::clock_text(3765) == "1:02:45");
    CHECK(train::detail::clock_text(std::nan("")) == "?");
}

TEST_CASE("away from a terminal there is one line an entry and no control letter") {
    const temporary_folder folder;
    std::FILE* file = std::fopen((folder / "log").string().c_str(), "wb");
    REQUIRE(file != nullptr);
    {
        train::progress shown(train::progress_style::automatic, file, 0, 100, 10);
        for (std::uint64_t i = 1; i <= 10; ++i) shown.step(i, {"loss", 2.0});
        shown.entry({10, 1e-3, {{"loss", 2.0}}, {{"loss", 2.5}, {"accuracy", 0.25}}}, true);
        shown.entry({15, 1e-3, {{"loss", 1.0}}, {}}, false);
    }
    std::fclose(file);
    const std::string text = read_text(folder / "log");
    CHECK(std::count(text.begin(), text.end(), '\n') == 2);
    CHECK(text.find('\r') == std::string::npos);
    CHECK_THAT(text, contains("epoch 1, step 10  train loss 2  valid loss 2.5 accuracy 0.25"));
    CHECK_THAT(text, contains("  best\n"));
    CHECK_THAT(text, contains("epoch 1.5, step 15  train loss 1  "));
}

TEST_CASE("a bar is drawn over itself and wiped before a line that stays") {
    const temporary_folder folder;
    std::FILE* file = std::fopen((folder / "log").string().c_str(), "wb");
    REQUIRE(file != nullptr);
    {
        train::progress shown(train::progress_style::bar, file, 0, 100, 10);
        shown.step(1, {"loss", 2.0});
        shown.say("hello");
    }
    std::fclose(file);
    const std::string text = read_text(folder / "log");
    CHECK(text.find("\repoch 1/10 [>") == 0);
    CHECK(text.substr(text.size() - 7) == "\rhello\n");
}
