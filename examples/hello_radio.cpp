// Two lines make music that never ends; the third sends it out: hello_radio | aplay -f FLOAT_LE -r 48000 -c 2
#include <cstdio>

#include <lofi/radio.hpp>

int main() {
    lofi::radio radio({.seed = 7, .mood = "rain"});
    float block[2 * 512];  // left, right, left, right...
    do radio.render(block);
    while (std::fwrite(block, sizeof block, 1, stdout) == 1);
}
