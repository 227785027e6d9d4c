#include <lofi/text/lexicon.hpp>

#include <string>

#include "support/test.hpp"

using namespace lofi;

TEST_CASE("lexicon: words have the values of the lists they come from") {
    // By hand from the lists: (word, valence, arousal) in percent.
    CHECK(text::find_rating("rain")->valence == 37);
    CHECK(text::find_rating("rain")->arousal == 46);  // .455 rounds up
    CHECK(text::find_rating("happy")->valence == 90);
    CHECK(text::find_rating("sad")->valence == 15);
    CHECK(text::find_rating("home")->valence == 79);
    CHECK(text::find_rating("aas")->valence == 81);  // the first of its letter, VADER's
    CHECK_FALSE(text::find_rating("aas")->arousal);
    CHECK(text::find_rating("trains")->valence == text::find_rating("train")->valence);
    CHECK(text::find_rating("train's")->valence == text::find_rating("train")->valence);
    for (const char* none : {"", "qzx", "hap", "happyy", "\xD0\xB4", "24", "Happy"}) CHECK_FALSE(text::find_rating(none));
}

TEST_CASE("lexicon: the packed list is whole") {
    int entries = 0;
    for (std::size_t letter = 0; letter < 26; ++letter) {
        std::string word, before;
        const std::string_view packed = text::detail::lexicon_words[letter];
        for (std::size_t at = 0; at < packed.size(); ++entries) {
            const auto shared = static_cast<std::size_t>(packed[at++] - 'A');
            REQUIRE(shared <= word.size());
            word.resize(shared);
            while (packed[at] < '0' || packed[at] > '9') word += packed[at++];
            CHECK(word[0] == static_cast<char>('a' + letter));
            CHECK(word > before);
            const int valence = 10 * (packed[at] - '0') + packed[at + 1] - '0';
            REQUIRE(text::find_rating(word));
            CHECK(text::find_rating(word)->valence == valence);
            for (at += 2; at < packed.size() && packed[at] <= '9';) ++at;
            before = word;
        }
    }
    CHECK(entries == 10901);
}

TEST_CASE("feelings: negation turns round, strength words scale, other words only count") {
    const auto valence = [](const char* t) { return text::read_feeling(t).valence.value() / 65536.0; };
    CHECK(valence("happy") > .85);
    CHECK(valence("not happy") < .3);
    CHECK(valence("I don't feel happy") < .5);
    CHECK(valence("very good") > valence("good"));
    CHECK(valence("slightly sad") > valence("sad"));
    CHECK(valence("sad lonely night") < .3);
    CHECK(*text::read_feeling("excited party").arousal > *text::read_feeling("sleepy calm").arousal);
    const auto f = text::read_feeling("Not happy in qzxland");
    CHECK(f.words == 4);
    CHECK(f.known == std::vector<std::string>{"not happy"});
    const auto none = text::read_feeling("");
    CHECK((!none.valence && !none.arousal && none.words == 0));
    CHECK_FALSE(text::read_feeling("\xE9\x9B\xA8").valence);
    std::string longest;
    while (longest.size() < 100000) longest += "very happy rain ";
    const auto l = text::read_feeling(longest);
    CHECK(l.words == 18750);
    CHECK((*l.valence > 0 && *l.valence <= 65536));
}

TEST_CASE("lexicon: every word is visited once, in order, with its rating") {
    std::size_t words = 0;
    std::string last;
    text::for_each_rating([&](std::string_view word, const text::rating& r) {
        ++words;
        CHECK(last < word);
        last = word;
        const auto found = text::find_rating(word);
        REQUIRE(found);
        CHECK(found->valence == r.valence);
    });
    CHECK(words == 10901);
}
