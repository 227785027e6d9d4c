#!/bin/sh
# Makes the sound fixtures with sox 14.4.2 and ffmpeg 5.1: 64 frames of stereo in each format, and the same as raw doubles.
# -D: no dither; -R: the same bits each time.
set -e
cd "$(dirname "$0")"
tone="synth 0.008 sine 440 sine 1000 vol 0.7"
sox -D -R -n -r 8000 -c 2 -b 64 -e float -t f64 -L tone.f64 $tone
for bits in 8 16 24 32; do sox -D -R -n -r 8000 -c 2 -b $bits tone_$bits.wav $tone; done
sox -D -R -n -r 8000 -c 2 -b 32 -e float tone_f32.wav $tone
sox -D -R -n -r 8000 -c 2 -b 64 -e float tone_f64.wav $tone
sox -D -R -n -r 8000 -c 2 -e mu-law tone_mu_law.wav $tone
sox -D -R -n -r 8000 -c 2 -e a-law tone_a_law.wav $tone
ffmpeg -v error -y -i tone_16.wav -rf64 always -c:a pcm_s16le -bitexact tone_rf64.wav
ffmpeg -v error -y -i tone_24.wav -c:a pcm_s24le -bitexact -f wav pipe:1 > tone_piped.wav
# Compressed: a second of a tone that dies away, which libsndfile reads. -R and --no-id3: the same bits each time.
fade="synth 1 sine 440 vol 0.5 fade q 0 1 0.9"
sox -D -R -n -r 8000 -c 1 -b 16 fade.flac $fade
sox -D -R -n -r 8000 -c 1 -C 0 fade.ogg $fade
ffmpeg -v error -y -i fade.flac -c:a libmp3lame -b:a 16k -ar 8000 -id3v2_version 0 -write_xing 0 fade.mp3
