# Rooms and folders. A room is a top-level directory (core, search, jit); a folder is a directory in
# a room and becomes one static library, found by globbing, so adding a file edits no CMakeLists.txt.

# Makes <build>/include/pimjit/<room> point at each room: "pimjit/core/ir/expr.h" means the same file
# in the tree and after installation.
function(pimjit_link_rooms)
  file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/include/pimjit")
  foreach(room IN LISTS ARGN)
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/${room}"
      "${PROJECT_BINARY_DIR}/include/pimjit/${room}" SYMBOLIC)
  endforeach()
  configure_file("${PROJECT_SOURCE_DIR}/cmake/version.h.in"
    "${PROJECT_BINARY_DIR}/include/pimjit/version.h" @ONLY)
  configure_file("${PROJECT_SOURCE_DIR}/cmake/build_paths.h.in"
    "${PROJECT_BINARY_DIR}/include/pimjit/build_paths.h" @ONLY)
endfunction()

# pimjit_add_folder(<room> <folder> [DEPENDS <room>/<folder>...] [LIBRARIES <lib>...]
#                   [DEFINITIONS <def>...] [STANDALONE])
# Declares pimjit_<room>_<folder>. DEPENDS is the one list of what the folder may use: it becomes
# link edges here and the include rules that tests/arch checks. LIBRARIES are third-party and private.
# A folder without a .cpp file is an INTERFACE library. STANDALONE keeps it out of libpimjit.
# pimjit_<room>_all stands for all folders of a room.
function(pimjit_add_folder room folder)
  cmake_parse_arguments(PARSE_ARGV 2 arg "STANDALONE" "" "DEPENDS;LIBRARIES;DEFINITIONS")
  set(target pimjit_${room}_${folder})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${room}/${folder}/*.cpp")
  set(dependencies "${arg_DEPENDS}")
  list(TRANSFORM dependencies REPLACE "^([^/]+)/(.+)$" "pimjit_\\1_\\2")
  if(sources)
    add_library(${target} STATIC ${sources})
    pimjit_target_defaults(${target})
    target_link_libraries(${target} PUBLIC ${dependencies} PRIVATE ${arg_LIBRARIES})
    target_compile_definitions(${target} PRIVATE ${arg_DEFINITIONS})
    set(scope PUBLIC)
  else()
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${dependencies})
    set(scope INTERFACE)
  endif()
  target_include_directories(${target} ${scope}
    "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>"
    "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")
  if(NOT arg_STANDALONE)
    target_link_libraries(${target} ${scope} ${pimjit_public_deps})
    set_property(GLOBAL APPEND PROPERTY pimjit_library_folders ${target})
    set_property(GLOBAL APPEND PROPERTY pimjit_private_libraries ${arg_LIBRARIES})
  endif()
  set_property(GLOBAL APPEND PROPERTY pimjit_folders ${target})
  if(NOT TARGET pimjit_${room}_all)
    add_library(pimjit_${room}_all INTERFACE)
  endif()
  target_link_libraries(pimjit_${room}_all INTERFACE ${target})
  list(JOIN arg_DEPENDS " " edges)
  set_property(GLOBAL APPEND PROPERTY pimjit_edges "${room}/${folder}: ${edges}")
endfunction()

# Adds every <parent>/<name> that has a CMakeLists.txt.
function(pimjit_add_subprojects parent)
  file(GLOB lists CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${parent}/*/CMakeLists.txt")
  foreach(list_file IN LISTS lists)
    get_filename_component(directory "${list_file}" DIRECTORY)
    add_subdirectory("${directory}")
  endforeach()
endfunction()
