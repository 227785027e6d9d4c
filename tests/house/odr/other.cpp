#include <play_door.hpp>

#include <typeinfo>

const char* name_in_other();
const char* name_in_other() { return typeid(lofi::error).name(); }
