# Tools and plugins. The build tree has the layout of the installation (bin, lib, lib/pimjit/plugins),
# so that what finds a plugin beside the library works in both.

# pimjit_add_tool(<name> SOURCES <file>... [LIBRARIES <lib>...]) makes bin/<name>, linked with
# libpimjit. The target is tool_<name>.
function(pimjit_add_tool name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(tool_${name} ${arg_SOURCES})
  pimjit_target_defaults(tool_${name})
  # Command lines are taken apart and answers printed here, by templates that are slow to optimise.
  target_compile_options(tool_${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  target_link_libraries(tool_${name} PRIVATE pimjit::pimjit ${arg_LIBRARIES})
  file(RELATIVE_PATH to_lib "/${CMAKE_INSTALL_BINDIR}" "/${CMAKE_INSTALL_LIBDIR}")
  set_target_properties(tool_${name} PROPERTIES
    OUTPUT_NAME ${name}
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin"
    INSTALL_RPATH "$ORIGIN/${to_lib}")
  add_dependencies(pimjit_main tool_${name})
  if(PIMJIT_INSTALL)
    install(TARGETS tool_${name} RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}"
      COMPONENT pimjit_runtime)
  endif()
endfunction()

# pimjit_add_plugin(<name> SOURCES <file>... [DATA <file>...] [LIBRARIES <lib>...] [TEST_ONLY]) makes
# lib/pimjit/plugins/<name>.so with its manifest and description (DATA) beside it. The target is
# plugin_<name>. TEST_ONLY plugins are neither installed nor put where they are found by default:
# they go to tests/plugins.
function(pimjit_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "TEST_ONLY" "" "SOURCES;DATA;LIBRARIES")
  add_library(plugin_${name} MODULE ${arg_SOURCES})
  pimjit_target_defaults(plugin_${name})
  target_link_libraries(plugin_${name} PRIVATE pimjit::plugin_abi ${arg_LIBRARIES})
  set(directory "${PROJECT_BINARY_DIR}/lib/pimjit/plugins")
  if(arg_TEST_ONLY)
    set(directory "${PROJECT_BINARY_DIR}/tests/plugins")
  endif()
  set_target_properties(plugin_${name} PROPERTIES
    PREFIX "" OUTPUT_NAME ${name} LIBRARY_OUTPUT_DIRECTORY "${directory}"
    CXX_VISIBILITY_PRESET hidden C_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  foreach(data IN LISTS arg_DATA)
    get_filename_component(file_name "${data}" NAME)
    configure_file("${data}" "${directory}/${file_name}" COPYONLY)
  endforeach()
  add_dependencies(pimjit_main plugin_${name})
  if(PIMJIT_INSTALL AND NOT arg_TEST_ONLY)
    install(TARGETS plugin_${name} LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}/pimjit/plugins"
      COMPONENT pimjit_runtime)
    install(FILES ${arg_DATA} DESTINATION "${CMAKE_INSTALL_LIBDIR}/pimjit/plugins"
      COMPONENT pimjit_runtime)
  endif()
endfunction()
