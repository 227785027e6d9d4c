#!/bin/sh
# Checks that clang-format 14 would change nothing; with --fix, lets it. Other versions decide otherwise, so only 14 counts.
cd "$(dirname "$0")/.." || exit 1

for name in clang-format-14 clang-format; do
    if command -v "$name" >/dev/null && "$name" --version | grep -q 'version 14\.'; then tool=$name; fi
done
if [ -z "$tool" ]; then
    echo "SKIPPED: clang-format 14 is not here (apt install clang-format-14)"
    exit 77
fi

case "$1" in
    --fix) action=-i ;;
    *) action="--dry-run --Werror" ;;
esac
find include tests examples benchmarks \( -name '*.hpp' -o -name '*.cpp' -o -name '*.cuh' -o -name '*.cu' \) -print0 |
    xargs -0 -r "$tool" --style=file $action
