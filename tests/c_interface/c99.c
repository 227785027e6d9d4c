/* A consumer in C99: what it calls, what comes back, and that nothing it gives wrongly harms it. 0: all is well. */
#include <lofi/radio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int faults = 0;
#define CHECK(x)                                                          \
    do {                                                                  \
        if (!(x)) {                                                       \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #x); \
            ++faults;                                                     \
        }                                                                 \
    } while (0)

enum { RATE = 16000, BLOCK = 320 };

/* Renders some seconds, and adds up what is heard. */
static double render(lofi_radio* radio, int seconds) {
    float block[2 * BLOCK];
    double sum = 0;
    for (int i = 0; i < seconds * RATE / BLOCK; ++i) {
        lofi_radio_render(radio, block, BLOCK);
        for (int n = 0; n < 2 * BLOCK; ++n) sum += (double)block[n] * (double)block[n];
    }
    return sum;
}

static lofi_radio* make(uint64_t seed) {
    lofi_radio_config config;
    lofi_radio_setting start[2] = {{LOFI_RADIO_RAIN, 0.25}, {LOFI_RADIO_GAIN, -3.0}};
    lofi_radio_defaults(&config, sizeof config);
    CHECK(config.size == sizeof config && config.rate == 48000 && config.loudness == -16.0);
    config.rate = RATE, config.seed = seed, config.mood = "cafe";
    config.start = start, config.start_count = 2;
    return lofi_radio_create(&config);
}

static void plays_and_tells(void) {
    lofi_radio* radio = make(3);
    lofi_radio_event e;
    int beats = 0, bars = 0, chords = 0, notes = 0, changes = 0, others = 0;
    int64_t last_beat = -1;
    CHECK(radio != NULL);
    if (radio == NULL) return;
    CHECK(lofi_radio_position(radio) == 0);
    CHECK(fabs(lofi_radio_value(radio, LOFI_RADIO_RAIN) - 0.25) < 1e-4);
    CHECK(lofi_radio_set(radio, LOFI_RADIO_ENERGY, 0.9, LOFI_RADIO_NEXT_BAR, 1.0) == 1);
    CHECK(lofi_radio_mood(radio, "rain", LOFI_RADIO_NEXT_SECTION, 0.0) == 1);
    CHECK(render(radio, 12) > 0.1);
    CHECK(lofi_radio_position(radio) == 12 * RATE);
    while (lofi_radio_poll(radio, &e, sizeof e)) {
        if (e.kind == LOFI_RADIO_EVENT_BEAT) {
            CHECK(e.frame > last_beat && e.tick % 960 == 0);
            last_beat = e.frame, ++beats;
        } else if (e.kind == LOFI_RADIO_EVENT_BAR) {
            ++bars;
        } else if (e.kind == LOFI_RADIO_EVENT_CHORD) {
            char name[32], cut[3] = "??";
            const size_t length = lofi_radio_chord_name(&e, name, sizeof name);
            CHECK(length > 0 && strlen(name) == length);
            CHECK(lofi_radio_chord_name(&e, cut, sizeof cut) == length && strlen(cut) <= 2 && strncmp(cut, name, strlen(cut)) == 0);
            CHECK((e.chord_tones >> e.chord_root & 1) == 1 && (e.scale >> e.tonic & 1) == 1);
            ++chords;
        } else if (e.kind == LOFI_RADIO_EVENT_NOTE_ON) {
            CHECK(e.pitch > 0 && e.pitch < 128 && e.velocity > 0 && e.length > 0 && e.part <= LOFI_RADIO_TEXTURE);
            ++notes;
        } else if (e.kind == LOFI_RADIO_EVENT_CHANGED) {
            CHECK(e.change.parameter == LOFI_RADIO_ENERGY || e.change.parameter == LOFI_RADIO_MOOD);
            ++changes;
        } else {
            ++others;
        }
    }
    CHECK(beats >= 10 && bars >= 2 && chords >= 1 && notes >= 10 && changes == 2 && others > 0);

    lofi_radio_event ahead[64];
    const size_t count = lofi_radio_peek(radio, 2, ahead, sizeof ahead[0], 64);
    CHECK(count > 4);
    for (size_t i = 1; i < count; ++i) CHECK(ahead[i].frame >= ahead[i - 1].frame);
    lofi_radio_destroy(radio);
}

static void goes_on_from_a_state(void) {
    lofi_radio *one = make(5), *other = make(5);
    float a[2 * BLOCK], b[2 * BLOCK];
    CHECK(one != NULL && other != NULL);
    if (one == NULL || other == NULL) return;
    render(one, 3);
    const size_t size = lofi_radio_save(one, NULL, 0);
    char* state = malloc(size + 1);
    CHECK(size > 0 && state != NULL);
    if (state == NULL) return;
    state[size] = 77;
    CHECK(lofi_radio_save(one, state, size) == size && state[size] == 77);
    CHECK(lofi_radio_restore(other, state, size) == 1);
    CHECK(lofi_radio_position(other) == 3 * RATE);
    for (int i = 0; i < 100; ++i) {
        lofi_radio_render(one, a, BLOCK), lofi_radio_render(other, b, BLOCK);
        if (memcmp(a, b, sizeof a) != 0) {
            CHECK(!"the same bits after a state was restored");
            break;
        }
    }
    const int64_t at = lofi_radio_position(other);
    CHECK(lofi_radio_restore(other, "nonsense", 8) == 0 && strlen(lofi_radio_error()) > 0);
    CHECK(lofi_radio_restore(other, NULL, 100) == 0);
    CHECK(lofi_radio_restore(other, state, size / 2) == 0);
    CHECK(lofi_radio_position(other) == at);
    CHECK(lofi_radio_seek(one, 2, NULL, 0) == 1);
    CHECK(lofi_radio_position(one) > 0);
    CHECK(lofi_radio_seek(one, -1, NULL, 0) == 0);
    free(state);
    lofi_radio_destroy(one);
    lofi_radio_destroy(other);
}

static void refuses(void) {
    lofi_radio_config config;
    lofi_radio_setting start = {LOFI_RADIO_PARAMETERS, 1.0};
    lofi_radio_change change = {0, 0, 0, 200, 0};
    float block[2 * BLOCK];
    lofi_radio* radio;

    lofi_radio_defaults(&config, sizeof config);
    config.rate = 96;
    CHECK(lofi_radio_create(&config) == NULL && strstr(lofi_radio_error(), "rate") != NULL);
    lofi_radio_defaults(&config, sizeof config);
    config.mood = "blue";
    CHECK(lofi_radio_create(&config) == NULL && strstr(lofi_radio_error(), "blue") != NULL);
    lofi_radio_defaults(&config, sizeof config);
    config.start = &start, config.start_count = 1;
    CHECK(lofi_radio_create(&config) == NULL);
    config.start_count = 1000;
    CHECK(lofi_radio_create(&config) == NULL);
    config.size = 0;
    CHECK(lofi_radio_create(&config) == NULL && strstr(lofi_radio_error(), "lofi_radio_defaults") != NULL);
    lofi_radio_defaults(&config, sizeof config);
    config.weights = "no weights", config.weights_size = 10;
    CHECK(lofi_radio_create(&config) == NULL);

    radio = make(1);
    CHECK(radio != NULL);
    CHECK(lofi_radio_set(radio, -1, 0, LOFI_RADIO_NOW, 0) == 0 && lofi_radio_set(radio, LOFI_RADIO_PARAMETERS, 0, LOFI_RADIO_NOW, 0) == 0);
    CHECK(lofi_radio_set(radio, LOFI_RADIO_RAIN, 0, 4, 0) == 0 && lofi_radio_set(radio, LOFI_RADIO_RAIN, 0, -1, 0) == 0);
    CHECK(lofi_radio_set(radio, LOFI_RADIO_RAIN, NAN, LOFI_RADIO_NOW, NAN) == 1);
    CHECK(lofi_radio_mood(radio, "blue", LOFI_RADIO_NOW, 0) == 0 && lofi_radio_mood(radio, NULL, LOFI_RADIO_NOW, 0) == 0);
    CHECK(lofi_radio_send(radio, &change) == 0 && lofi_radio_send(radio, NULL) == 0);
    change.parameter = LOFI_RADIO_RAIN, change.value = 65537;
    CHECK(lofi_radio_send(radio, &change) == 0 && strstr(lofi_radio_error(), "range") != NULL);
    change.value = 65536;
    CHECK(lofi_radio_send(radio, &change) == 1);
    change.parameter = 200;
    CHECK(lofi_radio_value(radio, 99) == 0.0);
    CHECK(lofi_radio_peek(radio, 1, NULL, sizeof(lofi_radio_event), 9) == 0);
    CHECK(lofi_radio_seek(radio, 1, &change, 1) == 0);
    int taken = 0;
    while (taken < 1000000 && lofi_radio_set(radio, LOFI_RADIO_RAIN, 0.5, LOFI_RADIO_NOW, 0)) ++taken;
    CHECK(taken > 8 && taken < 1000000 && strstr(lofi_radio_error(), "full") != NULL);
    lofi_radio_render(radio, NULL, 0);
    lofi_radio_render(radio, NULL, 64);
    lofi_radio_render(radio, block, 0);
    CHECK(lofi_radio_position(radio) == 0);
    lofi_radio_destroy(radio);

    /* No radio at all: silence, zeros, nothing. */
    block[0] = block[1] = 7;
    lofi_radio_render(NULL, block, 1);
    CHECK(block[0] == 0.0F && block[1] == 0.0F);
    CHECK(lofi_radio_set(NULL, LOFI_RADIO_RAIN, 1, LOFI_RADIO_NOW, 0) == 0 && lofi_radio_position(NULL) == 0);
    CHECK(lofi_radio_save(NULL, NULL, 0) == 0 && lofi_radio_poll(NULL, NULL, 0) == 0);
    lofi_radio_destroy(NULL);
}

/* Programs built with an older or a newer header. */
static void other_sizes(void) {
    struct {
        lofi_radio_event event;
        char later[16];
    } grown;
    struct {
        int64_t frame, guard;
    } old = {0, 12345};
    lofi_radio* radio = make(1);
    CHECK(radio != NULL);
    render(radio, 1);
    memset(&grown, 1, sizeof grown);
    CHECK(lofi_radio_poll(radio, &grown.event, sizeof grown) == 1);
    for (int i = 0; i < 16; ++i) CHECK(grown.later[i] == 0);
    CHECK(lofi_radio_poll(radio, (lofi_radio_event*)(void*)&old, sizeof old.frame) == 1 && old.guard == 12345);
    lofi_radio_destroy(radio);

    lofi_radio_config config;
    lofi_radio_defaults(&config, 16);
    config.rate = RATE, config.seed = 9;
    CHECK(config.size == 16);
    radio = lofi_radio_create(&config);
    CHECK(radio != NULL);
    lofi_radio_destroy(radio);
    radio = lofi_radio_create(NULL);
    CHECK(radio != NULL);
    lofi_radio_destroy(radio);
}

int main(void) {
    CHECK(lofi_radio_version() == LOFI_RADIO_VERSION && lofi_radio_music_version() >= 1);
    for (int p = 0; p < LOFI_RADIO_PARAMETERS; ++p) CHECK(lofi_radio_find_parameter(lofi_radio_parameter_name(p)) == p);
    CHECK(lofi_radio_find_parameter("loudness") == -1 && lofi_radio_find_parameter(NULL) == -1 && lofi_radio_parameter_name(-1) == NULL);
    plays_and_tells();
    goes_on_from_a_state();
    refuses();
    other_sizes();
    return faults == 0 ? 0 : 1;
}
