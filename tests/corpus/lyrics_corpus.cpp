#include <lofi/corpus/lyrics_corpus.hpp>

#include <string>
#include <vector>

#include "support/test.hpp"

using namespace lofi;

namespace {

const std::string tune =
    R"("key":1,"mode":6,"bpm":96,"energy":0.3,"valence":0.5,"chords":[1,4],"melodies":[[1,1,2,2,3,3,4,4],[5,5,5,5,5,5,5,5]])";

struct files {
    test::temporary_folder folder;
    std::vector<std::filesystem::path> paths;
    void add(const char* name, const std::string& text) {
        paths.push_back(folder / name);
        write_file(paths.back(), text).value();
    }
    [[nodiscard]] std::string why() const {
        try {
            (void)corpus::read_lyrics_corpus(paths);
        } catch (const error& e) {
            const std::string message = e.message();
            return message.substr(message.find("lyrics."));
        }
        return {};
    }
};

}  // namespace

TEST_CASE("lyrics corpus: lyrics bring their music, prompts find it, tags are texts") {
    files f;
    f.add("prompts.train.jsonl", R"({"text":"slow rain","sample":"ewld/7-02"})"
                                 "\n"
                                 R"({"text":"before its music","sample":"ewld/7-01"})"
                                 "\n"
                                 R"({"text":"unknown","sample":"pop/1-01"})");
    f.add("lyrics.train.jsonl", R"({"text":"one","lang":"en","sample":"ewld/7-01",)" + tune + "}\n" +
                                    R"({"text":"zwei","lang":"de","sample":"ewld/7-01",)" + tune + "}\n");
    f.add("lyrics.test.jsonl", R"({"text":"drei","lang":"de","sample":"lieder/3-01",)" + tune + "}\n");
    f.add("moods.train.jsonl",
          R"({"tags":["Sad","Lonely"],"mode":6,"chords":[1,4,5],"id":"fmc/min-7","valence":0.2,"energy":0.2})");
    f.add("ewld.train.jsonl", R"({"title":"ewld/7-02",)" + tune + "}\n");
    const auto c = corpus::read_lyrics_corpus(f.paths);
    REQUIRE(c.texts.size() == 6);
    CHECK(c.without_music == 1);
    REQUIRE(c.music.phrases.size() == 4);
    CHECK(c.music.songs.size() == 3);  // both phrases of ewld/7 are one song
    CHECK(c.texts[0].phrase == c.texts[1].phrase);
    CHECK(c.texts[1].language == "de");
    CHECK(c.texts[2].split == corpus::split::test);
    CHECK(c.music.sets[c.music.phrases[c.texts[2].phrase].set] == "lieder");
    CHECK(c.texts[3].text == "Sad, Lonely");
    CHECK(c.texts[4].text == "slow rain");
    CHECK(c.texts[4].kind == corpus::text_kind::prompt);
    CHECK(c.music.phrases[c.texts[4].phrase].sheet.title == "ewld/7-02");
    CHECK(c.music.phrases[c.texts[0].phrase].song == c.music.phrases[c.texts[4].phrase].song);
    CHECK(c.texts[5].text == "before its music");
    CHECK(c.texts[5].phrase == c.texts[0].phrase);
    const auto& moods = c.music.phrases[c.texts[3].phrase].sheet;
    CHECK(!moods.has_melody);
    CHECK(moods.rows.size() == 3);
    CHECK(moods.valence == .2);
}

TEST_CASE("lyrics corpus: what is wrong is told with its line") {
    const auto of = [](const std::string& second) {
        files f;
        f.add("lyrics.train.jsonl", R"({"text":"one","sample":"ewld/7-01",)" + tune + "}\n" + second);
        return f.why();
    };
    CHECK(of(R"({"text":7,"sample":"ewld/8-01"})") == "lyrics.train.jsonl:2: text: is not a text");
    CHECK(of(R"({"text":"two"})") == "lyrics.train.jsonl:2: sample: is missing");
    CHECK(of(R"({"title":"ewld/9-01"})") == "lyrics.train.jsonl:2: text: is missing");
    CHECK(of(R"({"tags":[1],"id":"a","chords":[1]})") == "lyrics.train.jsonl:2: tags: 1 is not a text");
    CHECK(of(R"({"text":"two","sample":"ewld/8-01","chords":[9]})").find("lyrics.train.jsonl:2: chords, row 1: 9 is not") == 0);
    CHECK(of("[").find("lyrics.train.jsonl:2: byte") == 0);
    files f;
    f.add("lyrics.train.jsonl", R"({"text":"one","sample":"ewld/7-01",)" + tune + "}\n");
    f.add("lyrics.test.jsonl", R"({"text":"one","sample":"ewld/7-01",)" + tune + "}\n");
    CHECK(f.why() == "lyrics.test.jsonl:1: sample: song 'ewld/7' of 'ewld/7-01' is in train and in test");
    files g;  // other phrases of one song
    g.add("lyrics.train.jsonl", R"({"text":"one","sample":"ewld/7-01",)" + tune + "}\n");
    g.add("lyrics.test.jsonl", R"({"text":"one","sample":"ewld/7-02",)" + tune + "}\n");
    CHECK(g.why() == "lyrics.test.jsonl:1: sample: song 'ewld/7' of 'ewld/7-02' is in train and in test");
}
