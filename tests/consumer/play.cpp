// A user of the play door.
#include <cstdio>

#include <lofi/core.hpp>

int main() { std::printf("lofi %d.%d.%d\n", LOFI_VERSION_MAJOR, LOFI_VERSION_MINOR, LOFI_VERSION_PATCH); }
