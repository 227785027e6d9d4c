// With contraction off the samples are the same bits everywhere: their hash is held.
#include <lofi/synth/render.hpp>

#include <bit>

#include <lofi/core/hash.hpp>

#include "support/test.hpp"
#include "synth/arrangement.hpp"

using namespace lofi;

TEST_CASE("a minute of sound has the hash it had") {
    const synth::config c{.seed = 11,
                          .mix = {.keys = synth::instrument::reed,
                                  .melody = synth::instrument::vibes,
                                  .rain = 0.3F,
                                  .grit = {.bits = 12, .held = hertz(26000.0)}}};
    hasher hash;
    auto done = synth::render(test::arrangement(20, 7), c, {}, [&](audio::stereo_view x) {
        for (std::size_t n = 0; n < x.size(); ++n)
            hash.add(std::bit_cast<std::uint32_t>(x.left[n])).add(std::bit_cast<std::uint32_t>(x.right[n]));
    });
    REQUIRE(done);
    // It changes whenever instruments, effects or the mix do; then LOFI_MUSIC_VERSION changes too.
    CHECK(hash.value() == 0xa60e33353d54c718U);
}
