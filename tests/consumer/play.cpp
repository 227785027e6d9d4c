// A user of the play door: composes a short song and renders it.
#include <cstdio>

#include <lofi/song.hpp>

int main() {
    using namespace lofi;
    const auto song = song::compose({.seed = 7, .minutes = .2});
    if (!song) return std::printf("%s\n", song.error().what()), 1;
    const auto sound = song::render(*song, hertz(8000.0));
    if (!sound) return std::printf("%s\n", sound.error().what()), 1;
    std::printf("lofi %d.%d.%d: %lld frames\n", LOFI_VERSION_MAJOR, LOFI_VERSION_MINOR, LOFI_VERSION_PATCH,
                static_cast<long long>(sound->length().value));
    return sound->length().value > 8000 ? 0 : 1;
}
