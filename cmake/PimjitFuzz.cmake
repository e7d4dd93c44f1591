# tests/fuzz/<name>_fuzz.cpp defines LLVMFuzzerTestOneInput. With clang and PIMJIT_FUZZ it becomes a
# libFuzzer program fuzz_<name>; otherwise fuzz_<name> replays tests/fuzz/corpus/<name> and seeded
# mutations of it. Both run under ctest (label fuzz).

if(PIMJIT_FUZZ AND NOT CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  message(FATAL_ERROR "PIMJIT_FUZZ needs clang; CMAKE_CXX_COMPILER is ${CMAKE_CXX_COMPILER} "
    "(${CMAKE_CXX_COMPILER_ID}). Configure with -DCMAKE_CXX_COMPILER=clang++ or PIMJIT_FUZZ=OFF.")
endif()

file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/fuzz/*_fuzz.cpp")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  string(REGEX REPLACE "_fuzz$" "" name "${name}")
  set(corpus "${PROJECT_SOURCE_DIR}/tests/fuzz/corpus/${name}")
  add_executable(fuzz_${name} "${source}")
  pimjit_target_defaults(fuzz_${name})
  target_link_libraries(fuzz_${name} PRIVATE pimjit_all)
  if(PIMJIT_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
    set(found "${PROJECT_BINARY_DIR}/fuzz/${name}")
    file(MAKE_DIRECTORY "${found}")
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} -max_total_time=20 "${found}" "${corpus}")
  else()
    target_sources(fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests/fuzz/replay_main.cpp")
    add_test(NAME fuzz_${name} COMMAND fuzz_${name} "${corpus}")
  endif()
  set_tests_properties(fuzz_${name} PROPERTIES LABELS fuzz TIMEOUT 300)
endforeach()
