// The precompiled header of all test programs is made with this file.
#include <support/test.hpp>
