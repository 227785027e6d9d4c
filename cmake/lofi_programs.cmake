# What our own programs share: where they land, their warnings, and one way to add them.

set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_CXX_EXTENSIONS OFF)
if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()

find_program(LOFI_CCACHE ccache)
mark_as_advanced(LOFI_CCACHE)
if(PROJECT_IS_TOP_LEVEL AND LOFI_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # With precompiled headers ccache hits only with these two.
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${LOFI_CCACHE})
endif()

add_library(lofi_warnings INTERFACE)
target_compile_options(lofi_warnings INTERFACE
    $<$<CXX_COMPILER_ID:GNU,Clang,AppleClang>:-Wall -Wextra -Wpedantic -Wshadow -Werror>
    $<$<CXX_COMPILER_ID:MSVC>:/W4 /permissive- /utf-8>
    # g++ 12 takes a text in front of a std::string for an overlapping copy (its bug 105651).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>)

# The widest door that this build has.
set(lofi_door $<IF:$<BOOL:${LOFI_TRAIN}>,lofi::train,lofi::lofi>)

# Adds the program NAME of these sources.
function(lofi_add_program name)
    add_executable(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE ${lofi_door} lofi_warnings)
endfunction()
