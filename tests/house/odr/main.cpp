// The whole play door, twice as it is and once exact, in one program: the exact entities must be entities of their own.
#include <play_door.hpp>

#include <cstdio>
#include <cstring>
#include <typeinfo>

const char* name_in_other();
const char* name_in_exact();

int main() {
    const char* here = typeid(lofi::error).name();
    if (std::strcmp(here, name_in_other()) == 0 && std::strcmp(here, name_in_exact()) != 0) return 0;
    std::printf("lofi::error is %s here, %s in the other unit, %s in the exact one\n", here, name_in_other(), name_in_exact());
    return 1;
}
