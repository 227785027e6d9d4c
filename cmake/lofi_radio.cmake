# liblofi_radio: the radio behind the C interface of <lofi/radio.h>, as a shared library that shows nothing else. Built exact, so that
# its sound is the same bits everywhere. The option LOFI_BUILD_SHARED_RADIO builds and installs it; our tests build it anyway.

include(GNUInstallDirs)
add_library(lofi_radio SHARED ${CMAKE_CURRENT_LIST_DIR}/lofi_radio.cpp)
add_library(lofi::radio ALIAS lofi_radio)
target_link_libraries(lofi_radio PRIVATE $<BUILD_INTERFACE:lofi::exact> $<BUILD_INTERFACE:$<TARGET_NAME_IF_EXISTS:lofi_warnings>>)
target_include_directories(lofi_radio INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
                                                $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_compile_definitions(lofi_radio PRIVATE LOFI_RADIO_BUILDING INTERFACE LOFI_RADIO_SHARED)
set_target_properties(lofi_radio PROPERTIES
    EXPORT_NAME radio VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/lib)
if(UNIX AND NOT APPLE)
    # What the C++ library instantiates would be seen otherwise.
    target_link_options(lofi_radio PRIVATE LINKER:--version-script=${CMAKE_CURRENT_LIST_DIR}/lofi_radio.map)
    set_target_properties(lofi_radio PROPERTIES LINK_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/lofi_radio.map)
endif()

if(LOFI_INSTALL AND LOFI_BUILD_SHARED_RADIO)
    install(TARGETS lofi_radio EXPORT lofiRadioTargets)
    install(EXPORT lofiRadioTargets NAMESPACE lofi:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/lofi)
endif()
