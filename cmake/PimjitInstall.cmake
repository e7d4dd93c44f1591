# Installation: libpimjit, the plugin kit, headers, the CMake package and pkg-config files.

include(CMakePackageConfigHelpers)
set(pimjit_cmake_dir "${CMAKE_INSTALL_LIBDIR}/cmake/pimjit")
set(pimjit_plugin_dir "${CMAKE_INSTALL_LIBDIR}/pimjit/plugins")

# The package is split by component, each with its own export set, so that a plugin author needs
# neither the library nor what its headers include.
set_target_properties(pimjit_plugin_abi PROPERTIES EXPORT_NAME plugin_abi)
set_target_properties(pimjit_core_plugin_kit PROPERTIES EXPORT_NAME plugin_kit)
install(TARGETS pimjit EXPORT pimjit_library_targets
  LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT pimjit_runtime
  NAMELINK_COMPONENT pimjit_development)
install(TARGETS pimjit_plugin_abi EXPORT pimjit_plugin_targets)
install(TARGETS pimjit_core_plugin_kit EXPORT pimjit_plugin_targets
  ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT pimjit_development)
install(EXPORT pimjit_library_targets NAMESPACE pimjit:: DESTINATION "${pimjit_cmake_dir}"
  COMPONENT pimjit_development)
install(EXPORT pimjit_plugin_targets NAMESPACE pimjit:: DESTINATION "${pimjit_cmake_dir}"
  COMPONENT pimjit_development)

foreach(room IN ITEMS core search jit)
  if(EXISTS "${PROJECT_SOURCE_DIR}/${room}")
    install(DIRECTORY "${PROJECT_SOURCE_DIR}/${room}"
      DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/pimjit" COMPONENT pimjit_development
      FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
  endif()
endforeach()
install(FILES "${PROJECT_BINARY_DIR}/include/pimjit/version.h"
  DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/pimjit" COMPONENT pimjit_development)

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/pimjitConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/package/pimjitConfig.cmake"
  INSTALL_DESTINATION "${pimjit_cmake_dir}" PATH_VARS pimjit_plugin_dir)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/package/pimjitConfigVersion.cmake"
  COMPATIBILITY SameMajorVersion)
install(FILES "${PROJECT_BINARY_DIR}/package/pimjitConfig.cmake"
  "${PROJECT_BINARY_DIR}/package/pimjitConfigVersion.cmake"
  DESTINATION "${pimjit_cmake_dir}" COMPONENT pimjit_development)

# The pkg-config files find the prefix from their own place, so the installation can be moved.
file(RELATIVE_PATH pimjit_pc_prefix
  "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${CMAKE_INSTALL_PREFIX}")
string(REGEX REPLACE "/$" "" pimjit_pc_prefix "${pimjit_pc_prefix}")
foreach(name IN ITEMS pimjit pimjit-plugin)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in"
    "${PROJECT_BINARY_DIR}/package/${name}.pc" @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/package/${name}.pc"
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT pimjit_development)
endforeach()
