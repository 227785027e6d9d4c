# Builds and runs the programs of a user outside the tree: cmake -D way=... -P run.cmake (tests/house/CMakeLists.txt)

function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${folder})
if(way STREQUAL find_package)
    run(${CMAKE_COMMAND} --install ${build} --prefix ${folder}/prefix)
    set(where -DCMAKE_PREFIX_PATH=${folder}/prefix)
else()
    set(where -DLOFI_SOURCE=${source})
endif()
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${way} -B ${folder}/build -G ${generator}
    -DCMAKE_CXX_COMPILER=${compiler} -DCMAKE_BUILD_TYPE=Debug -DTRAIN=${train} ${where})
run(${CMAKE_COMMAND} --build ${folder}/build)
run(${folder}/build/play)
run(${folder}/build/play_exact)
if(train)
    run(${folder}/build/train)
endif()

# And a user without CMake.
find_program(pkg_config NAMES pkg-config pkgconf)
if(way STREQUAL find_package AND pkg_config)
    set(ENV{PKG_CONFIG_PATH} ${folder}/prefix/share/pkgconfig)
    execute_process(COMMAND ${pkg_config} --cflags lofi OUTPUT_VARIABLE flags OUTPUT_STRIP_TRAILING_WHITESPACE
                    COMMAND_ERROR_IS_FATAL ANY)
    separate_arguments(flags)
    run(${compiler} -std=c++20 ${flags} ${CMAKE_CURRENT_LIST_DIR}/play.cpp -o ${folder}/play)
    run(${folder}/play)
endif()
