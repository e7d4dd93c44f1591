# libpimjit: every folder of core (and of search and jit) in one shared library.
# pimjit_all: the same folders plus the plugin kit as static libraries, for tests.

get_property(folders GLOBAL PROPERTY pimjit_library_folders)
get_property(all_folders GLOBAL PROPERTY pimjit_folders)

add_library(pimjit SHARED "${PROJECT_SOURCE_DIR}/cmake/library.cpp")
add_library(pimjit::pimjit ALIAS pimjit)
pimjit_target_defaults(pimjit)
# The folders' objects rather than their archives: every object goes in, exactly once.
foreach(folder IN LISTS folders)
  get_target_property(type ${folder} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    target_sources(pimjit PRIVATE "$<TARGET_OBJECTS:${folder}>")
  endif()
endforeach()
get_property(libraries GLOBAL PROPERTY pimjit_private_libraries)
list(REMOVE_DUPLICATES libraries)
target_link_libraries(pimjit PRIVATE ${libraries})
# What plugins have copies of their own of: not exported, so that their names do not meet.
target_link_libraries(pimjit PRIVATE
  "$<TARGET_FILE:pimjit_jit_kernel_code>" "$<TARGET_FILE:pimjit_core_plugin_kit>")
add_dependencies(pimjit pimjit_jit_kernel_code pimjit_core_plugin_kit)
set_target_properties(pimjit_jit_kernel_code pimjit_core_plugin_kit PROPERTIES
  CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
target_link_libraries(pimjit PUBLIC ${pimjit_public_deps})
target_include_directories(pimjit PUBLIC
  "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
# Only names of pimjit are exported, so the third-party code inside cannot clash with the caller's.
target_link_options(pimjit PRIVATE
  "LINKER:--version-script=${PROJECT_SOURCE_DIR}/cmake/exported.map")
set_target_properties(pimjit PROPERTIES
  VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}
  LINK_DEPENDS "${PROJECT_SOURCE_DIR}/cmake/exported.map"
  LIBRARY_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/lib")

# The plugin contract: headers only, C or C++.
add_library(pimjit_plugin_abi INTERFACE)
add_library(pimjit::plugin_abi ALIAS pimjit_plugin_abi)
target_include_directories(pimjit_plugin_abi INTERFACE
  "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
  "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

# The plugin kit under the name that plugins link, in the tree and installed.
get_target_property(kit_type pimjit_core_plugin_kit TYPE)
if(kit_type STREQUAL "INTERFACE_LIBRARY")
  target_link_libraries(pimjit_core_plugin_kit INTERFACE pimjit_plugin_abi)
else()
  target_link_libraries(pimjit_core_plugin_kit PUBLIC pimjit_plugin_abi)
  set_target_properties(pimjit_core_plugin_kit PROPERTIES OUTPUT_NAME pimjit_plugin_kit)
endif()
add_library(pimjit::plugin_kit ALIAS pimjit_core_plugin_kit)

add_library(pimjit_all INTERFACE)
target_link_libraries(pimjit_all INTERFACE ${all_folders})

get_property(edges GLOBAL PROPERTY pimjit_edges)
list(JOIN edges "\n" edge_lines)
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/arch/links.txt" CONTENT "${edge_lines}\n" @ONLY)
