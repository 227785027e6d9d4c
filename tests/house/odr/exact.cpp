#include <play_door.hpp>

#include <typeinfo>

const char* name_in_exact();
const char* name_in_exact() { return typeid(lofi::error).name(); }
