// A user of the train door.
#include <cstdio>

#include <lofi/lofi.hpp>

int main() { std::printf("lofi %d.%d.%d\n", LOFI_VERSION_MAJOR, LOFI_VERSION_MINOR, LOFI_VERSION_PATCH); }
