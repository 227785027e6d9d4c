#include <lofi/token/drums.hpp>

#include "support/test.hpp"

using namespace lofi;
using namespace lofi::token;

TEST_CASE("drums: nine classes, and masks come back") {
    for (std::size_t c = 0; c < drum_classes; ++c)
        CHECK(drum_class(score::general_midi_key(static_cast<score::drum>(c)).midi) == static_cast<int>(c));
    CHECK(drum_class(35) == 0);
    CHECK(drum_class(40) == 1);
    CHECK(drum_class(44) == 2);
    CHECK(drum_class(57) == 7);
    for (const int none : {0, 21, 23, 88, 127}) CHECK(drum_class(none) == -1);
    std::vector<std::int32_t> masks(32);
    for (std::size_t i = 0; i < masks.size(); ++i) masks[i] = static_cast<std::int32_t>((i * 37 + 5) % drum_ids);
    CHECK(encode_drums(decode_drums(masks).value()).value() == masks);
    CHECK(decode_drums(std::vector<std::int32_t>{512}).error().message() == "step 1: 512 is not 0 to 511");
    CHECK_THAT(encode_drums(score::piece{}).error().message(), test::contains("has no drums"));
    score::piece p;
    p.meters = {{ticks(0), 5, 4}};
    CHECK_FALSE(encode_drums(p));
}
