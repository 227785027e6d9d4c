#include <lofi/token/json.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::token;

namespace {

template <class T>
void comes_back() {
    const test::temporary_folder f;
    const vocabulary v = vocabulary_of<T>();
    CHECK(v.tokens.size() == T::size);
    write_vocabulary(f / "v.json", v);
    const vocabulary again = read_vocabulary(f / "v.json");
    CHECK(again == v);
    check_vocabulary(again, v, "v.json");
    for (std::size_t id = 0; id < T::size; ++id) CHECK(T::parse(again.tokens[id]).value() == static_cast<std::int32_t>(id));
}

std::string why(auto&& f) {
    try {
        f();
    } catch (const error& e) {
        return e.message();
    }
    return "nothing";
}

}  // namespace

TEST_CASE("vocabularies come back from JSON, and every spelling is its id") {
    comes_back<hands_tokens>();
    comes_back<remi_tokens>();
    comes_back<tsd_tokens>();
    comes_back<midi_like_tokens>();
    comes_back<melody_tokens>();
    comes_back<drum_tokens>();
    comes_back<groove_tokens>();
    const std::vector<notechord> tokens = {notechord(score::pitch(60)), notechord(score::pitch_set{0, 4, 7}),
                                           notechord(score::pitch(63))};
    const notechord_vocabulary corpus(tokens);
    const vocabulary v = vocabulary_of(corpus);
    CHECK(v.tokens == std::vector<std::string>{"0.4.7", "C4", "E-4"});
    CHECK(parse_vocabulary(R"({"tokens": ["0.4.7", "C4", "E-4"], "kind": "notechord"})", "v") == v);
}

TEST_CASE("a vocabulary that does not match the tokenizer or the weights is refused with its place") {
    const vocabulary remi = vocabulary_of<remi_tokens>();
    vocabulary other = remi;
    other.tokens.pop_back();
    CHECK(why([&] { check_vocabulary(other, remi, "v.json"); }) == "v.json: has 283 tokens, and remi has 284");
    CHECK(why([&] { check_vocabulary(other, 284, "note.safetensors", "v.json"); }) ==
          "v.json: has 283 tokens, and note.safetensors has outputs for 284");
    other = remi;
    other.tokens[5] = "Pitch_22";
    CHECK(why([&] { check_vocabulary(other, remi, "v.json"); }) ==
          "v.json: token 5 is 'Pitch_22', and of remi it is 'Pitch_21'");
    CHECK(why([&] { check_vocabulary(vocabulary_of<tsd_tokens>(), remi, "v.json"); }) == "v.json: is of tsd, not of remi");
    const auto parse = [](const char* text) { return why([&] { (void)parse_vocabulary(text, "v.json"); }); };
    CHECK_THAT(parse("{\"kind\": "), test::contains("v.json: byte 10: is not JSON"));
    CHECK(parse("[]") == "v.json: is no vocabulary: it does not say its kind");
    CHECK(parse(R"({"kind": "remi", "tokens": []})") == "v.json: is no vocabulary: it has no list of tokens");
    CHECK(parse(R"({"kind": "remi", "tokens": ["a", 2]})") == "v.json: is no vocabulary: token 1 is no text");
    CHECK(parse(R"({"kind": "remi", "tokens": ["a", "b", "a"]})") == "v.json: tokens 0 and 2 are both 'a'");
    CHECK_THAT(why([] { (void)read_vocabulary("/nowhere/v.json"); }), test::contains("cannot be opened"));
}
