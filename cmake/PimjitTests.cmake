# Tests are found by place and name; see tests/README.md.
#   tests/unit/<folder>/*_test.cpp  -> unit_<folder>, linked with that folder, its room and tests/support
#   tests/<kind>/*_test.cpp         -> test_<kind>, linked with the rooms it tests
#   tests/fuzz/*_fuzz.cpp           -> libFuzzer programs, or a replay of the corpus
#   tests/<name>/CMakeLists.txt     -> added as a subdirectory

find_package(GTest REQUIRED)
find_package(rapidcheck REQUIRED)
include(GoogleTest)

# RapidCheck draws a seed per run unless told; a test suite that gives one answer per tree is told.
set(PIMJIT_RC_PARAMS "seed=20240501" CACHE STRING "RapidCheck parameters of the tests (RC_PARAMS)")

function(pimjit_add_test_program name label)
  cmake_parse_arguments(PARSE_ARGV 2 arg "" "TIMEOUT;FIXTURE" "SOURCES;LIBRARIES")
  add_executable(${name} ${arg_SOURCES})
  pimjit_target_defaults(${name})
  target_link_libraries(${name} PRIVATE
    ${arg_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main rapidcheck ${CMAKE_DL_LIBS})
  target_include_directories(${name} PRIVATE "${PROJECT_BINARY_DIR}/include")
  # Matchers and templates take a third longer to compile optimised, and what is under test is in libraries.
  target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O0>)
  # For the same reason the sanitizers watch memory in them, and undefined behaviour in the libraries only.
  if("address" IN_LIST pimjit_sanitizers)
    target_compile_options(${name} PRIVATE -fno-sanitize=undefined)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  set(fixture "")
  if(arg_FIXTURE)
    set(fixture FIXTURES_REQUIRED ${arg_FIXTURE})
  endif()
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST TEST_PREFIX "${name}."
    DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${label}" TIMEOUT ${arg_TIMEOUT}
    ENVIRONMENT "RC_PARAMS=${PIMJIT_RC_PARAMS}" ${fixture})
endfunction()

# What tests of several kinds share: generators, samples of core's structures. Linked into every test program,
# which takes what it uses.
file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/support/*.cpp")
if(sources)
  add_library(pimjit_test_support STATIC ${sources})
  pimjit_target_defaults(pimjit_test_support)
  target_link_libraries(pimjit_test_support PUBLIC pimjit_core_all)
  target_include_directories(pimjit_test_support PUBLIC "${PROJECT_BINARY_DIR}/include")
  set(shared_by_tests pimjit_test_support)
endif()

file(GLOB unit_directories CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/unit/*")
foreach(directory IN LISTS unit_directories)
  get_filename_component(folder "${directory}" NAME)
  file(GLOB sources CONFIGURE_DEPENDS "${directory}/*_test.cpp")
  if(NOT sources)
    continue()
  endif()
  set(library "")
  foreach(room IN ITEMS core search jit)
    if(TARGET pimjit_${room}_${folder})
      list(APPEND library pimjit_${room}_${folder} pimjit_${room}_all)
    endif()
  endforeach()
  if(NOT library)
    set(library pimjit_all)
  endif()
  pimjit_add_test_program(unit_${folder} unit SOURCES ${sources} LIBRARIES ${library} ${shared_by_tests})
endforeach()

# The kinds that ./run-tests builds with sanitizers link no more rooms than they need.
set(rooms_golden pimjit_core_all)
set(rooms_property pimjit_core_all pimjit_jit_all)
foreach(kind IN ITEMS golden error property contract integration)
  file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/${kind}/*_test.cpp")
  set(fixture "")
  if(kind STREQUAL "integration")
    set(fixture FIXTURE pimjit_package)
  endif()
  if(NOT DEFINED rooms_${kind})
    set(rooms_${kind} pimjit_all)
  endif()
  if(sources)
    pimjit_add_test_program(test_${kind} ${kind} SOURCES ${sources}
      LIBRARIES ${shared_by_tests} ${rooms_${kind}}
      TIMEOUT 900 ${fixture})
  endif()
endforeach()

include(cmake/PimjitFuzz.cmake)
pimjit_add_subprojects(tests)

# Sessions open targets by name.
foreach(plugin IN ITEMS plugin_toy plugin_lockstep plugin_cpu)
  if(TARGET unit_session AND TARGET ${plugin})
    add_dependencies(unit_session ${plugin})
  endif()
endforeach()
