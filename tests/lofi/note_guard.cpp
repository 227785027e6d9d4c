// lofi generate note-lstm --guard: what is named is not copied, and everything else stays as the seed has it.
#include "run.hpp"

using namespace lofi::test;

TEST_CASE("pieces that copy guarded music are written anew, the others stay") {
    if (!has_train()) return;
    const temporary_folder f;
    const auto words = [](const std::string& seed, const std::string& out, const std::vector<std::string>& more = {}) {
        std::vector<std::string> w = {"generate", "note-lstm", "--count", "2",       "--length", "12",
                                      "--seed",   seed,        "--key",   "A minor", "--out",    out};
        w.insert(w.end(), more.begin(), more.end());
        return w;
    };
    REQUIRE(lofi_in(f.path(), words("4", "known")).status == 0);
    REQUIRE(lofi_in(f.path(), words("5", "other")).status == 0);
    const run_result r = lofi_in(f.path(), words("4", "again", {"--guard", "known"}));
    INFO(r.err);
    REQUIRE(r.status == 0);
    for (const char* n : {"1", "2"}) {
        const std::string name = "note-lstm-4-" + std::string(n) + ".mid";
        CHECK(read_text(f / ("known/" + name)) != read_text(f / ("again/" + name)));
    }
    REQUIRE(lofi_in(f.path(), words("5", "free", {"--guard", "known"})).status == 0);
    CHECK(read_text(f / "other/note-lstm-5-1.mid") == read_text(f / "free/note-lstm-5-1.mid"));
    check_refused(f.path(), words("4", "x", {"--guard", "absent"}), "absent: is not there");
}
