# Sorts the headers by door, as tools/rooms.txt says.

set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/tools/rooms.txt)

# lofi_train_paths: a regular expression of the paths (under include/lofi/ or tests/, without extension) of the train door
set(lofi_train_paths "lofi|[a-z]+_train")
file(STRINGS tools/rooms.txt lines REGEX "^(room [0-9]+ [a-z]+ T|train )")
foreach(line IN LISTS lines)
    if(line MATCHES "^room [0-9]+ ([a-z]+) T")
        string(APPEND lofi_train_paths "|${CMAKE_MATCH_1}(/.*)?")
    else()
        string(REGEX REPLACE "^train +" "" line "${line}")
        string(REPLACE "*" ".*" line "${line}")
        string(REGEX REPLACE " +" "|" line "${line}")
        string(APPEND lofi_train_paths "|${line}")
    endif()
endforeach()

# Sets OUT to the files below FOLDER that belong to the train door (MODE INCLUDE) or to the play door (EXCLUDE).
function(lofi_filter_train out mode folder)
    set(found ${ARGN})
    list(FILTER found ${mode} REGEX "^${folder}/(${lofi_train_paths})\\.[a-z]+$")
    set(${out} ${found} PARENT_SCOPE)
endfunction()

file(GLOB_RECURSE headers CONFIGURE_DEPENDS include/lofi/*.hpp include/lofi/*.h)
lofi_filter_train(lofi_play_headers EXCLUDE "${CMAKE_CURRENT_SOURCE_DIR}/include/lofi" ${headers})
file(GLOB_RECURSE lofi_cuda_headers CONFIGURE_DEPENDS include/lofi/*.cuh)
lofi_filter_train(lofi_train_headers INCLUDE "${CMAKE_CURRENT_SOURCE_DIR}/include/lofi" ${headers})
