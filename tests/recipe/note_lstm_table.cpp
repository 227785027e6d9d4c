#include <lofi/recipe/note_lstm_table.hpp>

#include <vector>

#include "support/test.hpp"

using namespace lofi;

namespace {

std::vector<token::notechord> parsed(const char* text) { return token::parse_notechords(text).value(); }

score::piece played(std::initializer_list<const char*> spelled, const score::key& key) {
    std::vector<std::int32_t> ids;
    for (const char* s : spelled) ids.push_back(token::parse_hands(s).value());
    return token::decode_hands(ids, key).value();
}

}  // namespace

TEST_CASE("note table: what starts on one sixteenth in either hand is one token, however long it lasts") {
    const score::key c{score::pitch_class(0), score::mode::ionian};
    const score::piece p = played({"bar",  "pos0", "L-12", "L-8", "L-5", "d16",  "R+12", "d1", "pos1", "R+14", "d2", "pos8",
                                   "L-10", "d4",   "L+2",  "d8",  "bar", "pos4", "L-5",  "d4", "R-5",  "d8",   "end"},
                                  c);
    // Of octaves a chord has one pitch class; one pitch in both hands is a note.
    CHECK(recipe::onset_tokens(p) == parsed("0.4.7 D5 2 G3"));
    CHECK(recipe::transposed(recipe::onset_tokens(p), 2) == parsed("2.6.9 E5 4 A3"));
    CHECK(recipe::onset_tokens(score::piece{}).empty());
}

TEST_CASE("note table: songs are priced under n-grams and a network on the same tokens") {
    // An order of one suffices for songs that alternate.
    std::vector<std::vector<std::int32_t>> songs(12, std::vector<std::int32_t>{0, 1, 0, 1, 0, 1, 0, 1});
    CHECK(recipe::best_order(songs, songs, 4) >= 1);
    const analysis::token_ngram ngram(songs, 4, 1);
    const std::vector<analysis::code_length> costs(songs.size(), analysis::code_length{4.0, 8});
    const recipe::token_price price = recipe::price_of(ngram, songs, costs, random_key{1});
    CHECK(price.songs == 12);
    CHECK(price.tokens == 96);
    CHECK(price.network == Approx(.5));
    CHECK(price.ngram == Approx(ngram.measure(songs[0]).per_symbol()));
    CHECK(price.gain.mean == Approx(price.ngram - .5));
}

TEST_CASE("note table: a column says what is in key, alive and copied") {
    const score::key c{score::pitch_class(0), score::mode::ionian};
    std::vector<std::vector<std::int32_t>> training(1);
    for (const token::notechord t : parsed("C4 D4 E4 F4 G4 A4 B4 C5 D5 E5")) training[0].push_back(t.id);
    const analysis::copy_finder finder(training);
    std::vector<recipe::keyed_piece> pieces(2);
    for (recipe::keyed_piece& p : pieces) p.key = c;
    pieces[0].tokens = parsed("C4 D4 E4 F4 G4 A4 B4 C5 D5 E5");
    pieces[1].tokens = parsed("C4 C#4 C4 C#4 C4 C#4 C4 C#4 C4 C#4");
    for (recipe::keyed_piece& p : pieces) p.piece = token::decode_notechords(p.tokens);
    const recipe::note_column column = recipe::measure_column("both", pieces, finder);
    CHECK(column.in_key == Approx(.75));
    CHECK(column.copied == Approx(.5));
    CHECK(column.longest_copy == 10);
    CHECK(column.over_twelve == 0);
    CHECK(column.rhythm == Approx(0).margin(1e-12));
    const std::string text = recipe::note_table(std::span(&column, 1));
    CHECK_THAT(text, test::contains("| in the key asked for | >= .95 | 0.750 |"));
}
