# cmake --install: library, headers, CMake and pkg-config files, binary, man page, licence. All of it relocatable.
include(CMakePackageConfigHelpers)

install(
  TARGETS scorepath
  EXPORT scorepath-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(
  DIRECTORY include/scorepath
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING
  PATTERN "*.hpp"
  PATTERN "*.h")
if(TARGET scorepath_cli)
  install(TARGETS scorepath_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES docs/scorepath.1 DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(cmake_folder ${CMAKE_INSTALL_LIBDIR}/cmake/scorepath)
set(SCOREPATH_IS_STATIC FALSE)
if(scorepath_type STREQUAL "STATIC_LIBRARY")
  set(SCOREPATH_IS_STATIC TRUE)
endif()
configure_package_config_file(cmake/scorepath-config.cmake.in ${PROJECT_BINARY_DIR}/scorepath-config.cmake
                              INSTALL_DESTINATION ${cmake_folder})
# Before 1.0 a minor version may change the interface.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/scorepath-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/scorepath-config.cmake ${PROJECT_BINARY_DIR}/scorepath-config-version.cmake
        DESTINATION ${cmake_folder})
install(EXPORT scorepath-targets NAMESPACE scorepath:: DESTINATION ${cmake_folder})

# The prefix is only known at install time: scorepath.pc finds it from its own place.
file(RELATIVE_PATH pc_to_prefix ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" pc_to_prefix "${pc_to_prefix}")
set(pc_static_libs "-ltbb -lfmt -lz -pthread -lstdc++")
if(SCOREPATH_CUDA_FOUND)
  string(PREPEND pc_static_libs "${SCOREPATH_CUDART} -ldl -lrt ")
endif()
set(pc_libs "-lscorepath")
if(SCOREPATH_IS_STATIC)
  set(pc_libs "-lscorepath ${pc_static_libs}")
endif()
configure_file(cmake/scorepath.pc.in ${PROJECT_BINARY_DIR}/scorepath.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/scorepath.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
