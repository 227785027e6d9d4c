# Installs the headers of each door, the CMake package (components play, exact, train) and lofi.pc.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lofi)

install(TARGETS lofi_headers lofi_exact EXPORT lofiTargets FILE_SET HEADERS)
install(EXPORT lofiTargets NAMESPACE lofi:: DESTINATION ${package_dir})
if(LOFI_TRAIN)
    install(TARGETS lofi_train EXPORT lofiTrainTargets FILE_SET HEADERS)
    install(EXPORT lofiTrainTargets NAMESPACE lofi:: DESTINATION ${package_dir})
    install(FILES cmake/lofi_dependencies.cmake DESTINATION ${package_dir})
endif()

configure_package_config_file(cmake/lofiConfig.cmake.in lofiConfig.cmake INSTALL_DESTINATION ${package_dir}
                              NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(lofiConfigVersion.cmake COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
configure_file(cmake/lofi.pc.in lofi.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lofiConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/lofiConfigVersion.cmake
        DESTINATION ${package_dir})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lofi.pc DESTINATION ${CMAKE_INSTALL_DATADIR}/pkgconfig)
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DATADIR}/licenses/lofi)
