#pragma once
/* The radio for C and every language that calls C: endless lo-fi music that follows a game.
 *
 *     lofi_radio* radio = lofi_radio_create(NULL);
 *     lofi_radio_render(radio, samples, frames);          as often as the sound card asks
 *     lofi_radio_set(radio, LOFI_RADIO_ENERGY, 0.9, LOFI_RADIO_NEXT_BAR, 2.0);
 *
 * The library is liblofi_radio (CMake: LOFI_BUILD_SHARED_RADIO), or one C++ file of your own program:
 *
 *     #define LOFI_RADIO_IMPLEMENTATION
 *     #include <lofi/radio.h>
 *
 * Threads: render, set, send, mood, poll and peek take no lock and no memory; one thread renders, and any may set, poll, peek, save
 * and ask. Restore, seek and destroy while no other thread uses the radio. What fails says why in lofi_radio_error().
 * <lofi/radio.hpp> is the same in C++, and says more about each. */
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32) && defined(LOFI_RADIO_BUILDING)
#define LOFI_RADIO_API __declspec(dllexport)
#elif defined(_WIN32) && defined(LOFI_RADIO_SHARED)
#define LOFI_RADIO_API __declspec(dllimport)
#elif defined(__GNUC__)
#define LOFI_RADIO_API __attribute__((visibility("default")))
#else
#define LOFI_RADIO_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* Of this header. It grows when something is added; what is there keeps its place and meaning. */
#define LOFI_RADIO_VERSION 1

typedef struct lofi_radio lofi_radio;

/* What can be set: include/lofi/radio/parameter.hpp has the ranges. */
enum lofi_radio_parameter {
    LOFI_RADIO_ENERGY,
    LOFI_RADIO_VALENCE,
    LOFI_RADIO_DENSITY,
    LOFI_RADIO_BRIGHTNESS,
    LOFI_RADIO_DUST,
    LOFI_RADIO_WOW,
    LOFI_RADIO_RAIN,
    LOFI_RADIO_REVERB,
    LOFI_RADIO_SWING,
    LOFI_RADIO_TEMPO,
    LOFI_RADIO_KEY,
    LOFI_RADIO_MODE,
    LOFI_RADIO_GAIN,
    LOFI_RADIO_KEYS_LEVEL,
    LOFI_RADIO_MELODY_LEVEL,
    LOFI_RADIO_BASS_LEVEL,
    LOFI_RADIO_DRUMS_LEVEL,
    LOFI_RADIO_TEXTURE_LEVEL,
    LOFI_RADIO_KEYS_MUTE,
    LOFI_RADIO_MELODY_MUTE,
    LOFI_RADIO_BASS_MUTE,
    LOFI_RADIO_DRUMS_MUTE,
    LOFI_RADIO_TEXTURE_MUTE,
    LOFI_RADIO_KEYS_SOLO,
    LOFI_RADIO_MELODY_SOLO,
    LOFI_RADIO_BASS_SOLO,
    LOFI_RADIO_DRUMS_SOLO,
    LOFI_RADIO_TEXTURE_SOLO,
    LOFI_RADIO_MOOD,
    LOFI_RADIO_PLAYING,
    LOFI_RADIO_PAUSE,
    LOFI_RADIO_SKIP,
    LOFI_RADIO_STINGER, /* 0 chord, 1 rise, 2 fall, 3 bell */
    LOFI_RADIO_PARAMETERS
};

/* When a change begins. */
enum lofi_radio_when { LOFI_RADIO_NOW, LOFI_RADIO_NEXT_BEAT, LOFI_RADIO_NEXT_BAR, LOFI_RADIO_NEXT_SECTION };

enum lofi_radio_part { LOFI_RADIO_KEYS, LOFI_RADIO_MELODY, LOFI_RADIO_BASS, LOFI_RADIO_DRUMS, LOFI_RADIO_TEXTURE };

enum lofi_radio_event_kind {
    LOFI_RADIO_EVENT_BEAT,
    LOFI_RADIO_EVENT_BAR,
    LOFI_RADIO_EVENT_SECTION,  /* section, tonic, mode, scale */
    LOFI_RADIO_EVENT_CHORD,    /* chord..., tonic, mode, scale */
    LOFI_RADIO_EVENT_NOTE_ON,  /* part, pitch, velocity, length */
    LOFI_RADIO_EVENT_NOTE_OFF, /* part, pitch */
    LOFI_RADIO_EVENT_CHANGED,  /* change: keep it, and the log is whole */
    LOFI_RADIO_EVENT_REACHED,  /* parameter, value */
    LOFI_RADIO_EVENT_CLAMPED,  /* parameter, value */
    LOFI_RADIO_EVENT_WHY,      /* why, parameter */
    LOFI_RADIO_EVENT_STOPPED,
    LOFI_RADIO_EVENT_LOST /* value: so many events, because nobody polled */
};

typedef struct lofi_radio_setting {
    int32_t parameter;
    double value;
} lofi_radio_setting;

/* Fill it with lofi_radio_defaults(), which also writes its size: then programs built with an older header keep working. */
typedef struct lofi_radio_config {
    uint32_t size; /* sizeof(lofi_radio_config) */
    uint32_t rate; /* samples a second, 8000 to 192000 */
    uint64_t seed;
    const char* mood; /* "night", "rain", "study", "morning", "sunset", "cafe", "drift", "train" */
    const lofi_radio_setting* start;
    size_t start_count;
    const void* weights; /* of `lofi quantise`; NULL: those built in */
    size_t weights_size;
    double loudness, ceiling; /* LUFS, dBTP */
} lofi_radio_config;

/* A change that was accepted, and on which frame. Sixteen bytes of whole numbers, the same on every machine. */
typedef struct lofi_radio_change {
    int64_t frame;
    int32_t value;
    uint16_t ramp;
    uint8_t parameter;
    uint8_t when;
} lofi_radio_change;

/* A chord as a Roman numeral writes it: include/lofi/score/chord.hpp has the numbers. lofi_radio_chord_name() spells it. */
typedef struct lofi_radio_chord {
    uint8_t degree; /* 1 to 7 of the major scale on the tonic; 0: no chord */
    int8_t accidental;
    uint8_t quality, seventh, added, inversion;
} lofi_radio_chord;

/* Fields that a kind does not name are 0. Later versions add fields at the end. */
typedef struct lofi_radio_event {
    int64_t frame; /* of the output, on which it is heard */
    int64_t length;
    int32_t bar, tick; /* bars from 0; 3840 ticks a bar, 960 a beat */
    double value;
    lofi_radio_change change;
    uint8_t kind, why, parameter, part, section;
    uint8_t pitch, velocity;        /* as in MIDI */
    uint8_t tonic, mode;            /* 0 C to 11 B; 1 Ionian to 7 Locrian */
    uint8_t chord_root, chord_bass; /* 0 C to 11 B */
    lofi_radio_chord chord;
    uint8_t reserved;
    uint16_t scale, chord_tones; /* pitch classes: bit 0 is C, bit 11 is B */
} lofi_radio_event;

/* ---- its life */

LOFI_RADIO_API uint32_t lofi_radio_version(void);
/* The same seed and changes make the same music in every library of one music version. */
LOFI_RADIO_API uint32_t lofi_radio_music_version(void);
LOFI_RADIO_API void lofi_radio_defaults(lofi_radio_config* config, size_t size);
/* Makes a radio, with all the memory that it will ever need. NULL as config: the defaults. NULL as answer: lofi_radio_error(). */
LOFI_RADIO_API lofi_radio* lofi_radio_create(const lofi_radio_config* config);
LOFI_RADIO_API void lofi_radio_destroy(lofi_radio* radio);
/* Why this thread's last call that failed did. */
LOFI_RADIO_API const char* lofi_radio_error(void);

/* ---- sound */

/* Writes so many frames of left, right, left, right... */
LOFI_RADIO_API void lofi_radio_render(lofi_radio* radio, float* interleaved, size_t frames);
/* The frame on which the next render begins. */
LOFI_RADIO_API int64_t lofi_radio_position(const lofi_radio* radio);

/* ---- steering: 1 where it was taken; 0 where it was not, because the queue is full or there is no such thing */

LOFI_RADIO_API int lofi_radio_set(lofi_radio* radio, int parameter, double value, int when, double ramp_seconds);
LOFI_RADIO_API int lofi_radio_mood(lofi_radio* radio, const char* name, int when, double ramp_seconds);
/* A change as it stands in a log; its frame means nothing here. */
LOFI_RADIO_API int lofi_radio_send(lofi_radio* radio, const lofi_radio_change* change);
/* The value in force now. */
LOFI_RADIO_API double lofi_radio_value(const lofi_radio* radio, int parameter);
/* "keys level" for LOFI_RADIO_KEYS_LEVEL, NULL where there is none; and back, -1 where there is none. */
LOFI_RADIO_API const char* lofi_radio_parameter_name(int parameter);
LOFI_RADIO_API int lofi_radio_find_parameter(const char* name);

/* ---- what the game hears back: `size` is sizeof(lofi_radio_event) */

/* Takes the next event. 0: there is none. */
LOFI_RADIO_API int lofi_radio_poll(lofi_radio* radio, lofi_radio_event* event, size_t size);
/* Sections, chords and notes that are going to sound in the next bars, in order; answers how many were written,
 * which is 512 at most. */
LOFI_RADIO_API size_t lofi_radio_peek(lofi_radio* radio, int32_t bars, lofi_radio_event* events, size_t size, size_t capacity);

/* Spells the chord of an event, "Dm9" or "Fmaj7/A", cut where it does not fit; answers its whole length. */
LOFI_RADIO_API size_t lofi_radio_chord_name(const lofi_radio_event* event, char* text, size_t capacity);

/* ---- state */

/* Writes the state where it fits, and answers how many bytes it has; 0: it failed. */
LOFI_RADIO_API size_t lofi_radio_save(const lofi_radio* radio, void* state, size_t capacity);
/* 1 where it was done; 0 where the state is refused, and then the radio plays on as it was. */
LOFI_RADIO_API int lofi_radio_restore(lofi_radio* radio, const void* state, size_t size);
/* Goes to a bar of the music that this log of changes makes. */
LOFI_RADIO_API int lofi_radio_seek(lofi_radio* radio, int32_t bar, const lofi_radio_change* log, size_t count);

#ifdef __cplusplus
}
#endif

#if defined(LOFI_RADIO_IMPLEMENTATION) && defined(__cplusplus)
#include <lofi/radio/detail/c_interface.hpp>
#endif
