// What holds for every processor of the room: the same bits however the sound is cut, nothing out of nothing, no allocation.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>

#include <lofi/dsp/compressor.hpp>
#include <lofi/dsp/crusher.hpp>
#include <lofi/dsp/leveller.hpp>
#include <lofi/dsp/limiter.hpp>
#include <lofi/dsp/rain.hpp>
#include <lofi/dsp/reverb.hpp>
#include <lofi/dsp/saturation.hpp>
#include <lofi/dsp/tremolo.hpp>
#include <lofi/dsp/vinyl.hpp>
#include <lofi/dsp/wow_flutter.hpp>

#include "dsp/measure.hpp"
#include "support/test.hpp"

namespace {
std::atomic<long> allocations{0};
}  // namespace

// NOLINTBEGIN: counted, else as the library's own
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // taken inline, it sees malloc and free without their wrappers
#endif
void* operator new(std::size_t n) {
    ++allocations;
    if (void* p = std::malloc(n == 0 ? 1 : n)) return p;
    throw std::bad_alloc();
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }
// NOLINTEND

using namespace lofi;

namespace {

// Two saturations, for the two sides.
struct stereo_saturation {
    dsp::saturation left{decibels(6.0)}, right{decibels(6.0)};
    void process(audio::stereo_view x) noexcept { left.process(x.left), right.process(x.right); }
    void reset() { left.reset(), right.reset(); }
};

struct sound {
    std::vector<float> left, right;
};
sound music(std::size_t frames) {
    sound s{std::vector<float>(frames), std::vector<float>(frames)};
    dsp::white_noise w(random_key{9});
    for (std::size_t n = 0; n < frames; ++n) {
        const double t = static_cast<double>(n), swell = 1.5 * std::exp(-std::fmod(t, 9000.0) / 3000.0);
        s.left[n] = static_cast<float>(swell * std::sin(0.05 * t)) + 0.1F * w.tick();
        s.right[n] = static_cast<float>(swell * std::sin(0.031 * t + 1.0)) + 0.1F * w.tick();
    }
    return s;
}

template <class Processor>
void check_blocks(Processor whole, bool adds) {
    Processor cut = whole, again = whole;
    const sound in = music(30000);
    sound a = in, b = in, c = in;
    const long before = allocations;
    whole.process({a.left, a.right});
    std::uint32_t state = 77;
    for (std::size_t n = 0; n < b.left.size();) {
        const std::size_t count = std::min(test::next_cut(state), b.left.size() - n);
        cut.process({std::span(b.left).subspan(n, count), std::span(b.right).subspan(n, count)});
        n += count;
    }
    CHECK(allocations == before);
    CHECK((a.left == b.left));
    CHECK((a.right == b.right));
    whole.reset();
    whole.process({c.left, c.right});
    CHECK((a.left == c.left));
    for (const float v : a.left) REQUIRE(std::isfinite(v));
    if (adds) return;
    sound none{std::vector<float>(5000), std::vector<float>(5000)};
    again.process({none.left, none.right});
    for (std::size_t n = 0; n < none.left.size(); ++n) REQUIRE((none.left[n] == 0.0F && none.right[n] == 0.0F));
}

}  // namespace

TEST_CASE("processors do not care how the sound is cut, make nothing of nothing, and allocate nothing") {
    const hertz rate(48000.0);
    SECTION("saturation") { check_blocks(stereo_saturation{}, false); }
    SECTION("wow and flutter") { check_blocks(dsp::wow_flutter(rate, random_key{1}), false); }
    SECTION("vinyl") { check_blocks(dsp::vinyl(rate, random_key{1}, {.dust = 1.0F, .pops = 1.0F}), true); }
    SECTION("rain") { check_blocks(dsp::rain(rate, random_key{1}, {.drops = 1.0F, .drops_a_second = 900.0}), true); }
    SECTION("crusher") { check_blocks(dsp::crusher(rate, random_key{1}, {.bits = 8, .held = hertz(11025.0)}), false); }
    SECTION("compressor") { check_blocks(dsp::compressor(rate), false); }
    SECTION("tremolo") { check_blocks(dsp::tremolo(rate), false); }
    SECTION("reverb") { check_blocks(dsp::reverb(rate), false); }
    SECTION("limiter") { check_blocks(dsp::limiter(rate), false); }
    SECTION("leveller") { check_blocks(dsp::leveller(rate), false); }
}

TEST_CASE("a tail of silence ends in exact silence, so no denormal is left") {
    const auto tail = [](auto processor) {
        sound s = music(4800);
        processor.process({s.left, s.right});
        float last = 0.0F;
        for (int i = 0; i < 300; ++i) {
            s.left.assign(4800, 0.0F), s.right.assign(4800, 0.0F);
            processor.process({s.left, s.right});
            last = std::abs(s.left.back()) + std::abs(s.right.back());
        }
        return last;
    };
    const hertz rate(48000.0);
    CHECK(tail(dsp::reverb(rate)) == 0.0F);
    CHECK(tail(stereo_saturation{}) == 0.0F);
    CHECK(tail(dsp::wow_flutter(rate)) == 0.0F);
    CHECK(tail(dsp::limiter(rate)) == 0.0F);
    CHECK(tail(dsp::compressor(rate)) == 0.0F);
}
