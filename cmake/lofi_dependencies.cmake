# Finds what lofi::train links and gathers it in lofi::train_dependencies; what is not there is named in lofi_missing.
# The build and the installed package both read this file.

set(lofi_missing "")
if(NOT TARGET lofi::train_dependencies)
    set(lofi_libraries "")
    set(lofi_folders "")

    # Finds a package, or its headers alone where it has no CMake files.
    macro(lofi_need name header)
        find_package(${name} QUIET)
        if(TARGET ${name}::${name})
            list(APPEND lofi_libraries ${name}::${name})
        elseif(TARGET ${name})
            list(APPEND lofi_libraries ${name})
        else()
            string(MAKE_C_IDENTIFIER LOFI_${name}_FOLDER lofi_folder)
            find_path(${lofi_folder} ${header})
            mark_as_advanced(${lofi_folder})
            if(${lofi_folder})
                list(APPEND lofi_folders ${${lofi_folder}})
            else()
                list(APPEND lofi_missing ${name})
            endif()
        endif()
    endmacro()

    # As a part of a larger build, targets found here must be seen by all of it.
    set(lofi_globally ${CMAKE_FIND_PACKAGE_TARGETS_GLOBAL})
    if(lofi_scope STREQUAL "GLOBAL")
        set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ON)
    endif()

    # OpenBLAS where it is; any other BLAS is right too, only slower.
    set(lofi_vendor ${BLA_VENDOR})
    if(NOT BLA_VENDOR)
        set(BLA_VENDOR OpenBLAS)
    endif()
    find_package(BLAS QUIET)
    if(NOT BLAS_FOUND)
        set(BLA_VENDOR ${lofi_vendor})
        find_package(BLAS QUIET)
    endif()
    if(BLAS_FOUND)
        list(APPEND lofi_libraries ${BLAS_LIBRARIES})
    else()
        list(APPEND lofi_missing "a BLAS")
    endif()
    lofi_need(xtensor xtensor/xtensor.hpp)
    lofi_need(xtensor-blas xtensor-blas/xlinalg.hpp)
    set(BLA_VENDOR ${lofi_vendor})

    lofi_need(nlohmann_json nlohmann/json.hpp)

    # A header of KissFFT is all that is used, so its library is not linked.
    find_path(LOFI_kissfft_FOLDER kissfft/kissfft.hh)
    mark_as_advanced(LOFI_kissfft_FOLDER)
    if(LOFI_kissfft_FOLDER)
        list(APPEND lofi_folders ${LOFI_kissfft_FOLDER})
    else()
        list(APPEND lofi_missing KissFFT)
    endif()

    # For FLAC, OGG and MP3; WAV needs nothing.
    find_path(LOFI_sndfile_FOLDER sndfile.h)
    find_library(LOFI_sndfile_LIBRARY sndfile)
    mark_as_advanced(LOFI_sndfile_FOLDER LOFI_sndfile_LIBRARY)

    set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL ${lofi_globally})

    if(NOT lofi_missing)
        add_library(lofi::train_dependencies INTERFACE IMPORTED ${lofi_scope})
        target_link_libraries(lofi::train_dependencies INTERFACE ${lofi_libraries})
        target_include_directories(lofi::train_dependencies INTERFACE ${lofi_folders})
        if(LOFI_sndfile_FOLDER AND LOFI_sndfile_LIBRARY)
            target_include_directories(lofi::train_dependencies INTERFACE ${LOFI_sndfile_FOLDER})
            target_link_libraries(lofi::train_dependencies INTERFACE ${LOFI_sndfile_LIBRARY})
            target_compile_definitions(lofi::train_dependencies INTERFACE LOFI_HAVE_SNDFILE=1)
        endif()
    endif()
endif()
