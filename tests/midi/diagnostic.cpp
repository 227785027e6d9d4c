#include <lofi/midi/diagnostic.hpp>

#include <set>

#include "support/test.hpp"

using lofi::midi::oddity;

TEST_CASE("every oddity has its own words") {
    std::set<std::string_view> words;
    const int count = static_cast<int>(oddity::resynchronised) + 1;
    for (int i = 0; i < count; ++i) words.insert(to_string(static_cast<oddity>(i)));
    CHECK(words.size() == static_cast<std::size_t>(count));
    CHECK(words.count("") == 0);
}

TEST_CASE("a diagnostic says where") {
    CHECK(to_string(lofi::midi::diagnostic{oddity::no_end_of_track, 2, 312}) == "byte 312, track 2: no End of Track");
    CHECK(to_string(lofi::midi::diagnostic{oddity::chunk_cut, 0, 5}) == "byte 5: a chunk is longer than the file");
}

TEST_CASE("all are counted, a thousand are kept") {
    lofi::midi::diagnostics d;
    CHECK(d.empty());
    for (int i = 0; i < 1500; ++i) d.add({oddity::event_cut, 1, static_cast<std::uint64_t>(i)});
    CHECK(d.count == 1500);
    CHECK(d.kept.size() == 1000);
    CHECK(d.kept.back().byte == 999);
}
