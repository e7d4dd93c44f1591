# tests/bench/<name>_bench.cpp         -> bench_<name>
# tests/<place>/bench/<name>_bench.cpp -> bench_<place>_<name>, declared by tests/<place>/CMakeLists.txt
# Run through scripts/bench.

find_package(benchmark REQUIRED)

# pimjit_add_bench(<name> SOURCES <file>... LIBRARIES <lib>...)
function(pimjit_add_bench name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;LIBRARIES")
  add_executable(bench_${name} ${arg_SOURCES})
  pimjit_target_defaults(bench_${name})
  set_target_properties(bench_${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  target_link_libraries(bench_${name} PRIVATE
    ${arg_LIBRARIES} benchmark::benchmark benchmark::benchmark_main)
endfunction()

file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/bench/*_bench.cpp")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  string(REGEX REPLACE "_bench$" "" name "${name}")
  pimjit_add_bench(${name} SOURCES "${source}"
    LIBRARIES $<TARGET_NAME_IF_EXISTS:pimjit_test_support> pimjit_all)
endforeach()

# Benchmarks that run on the simulated machine load its plugin.
foreach(name IN ITEMS boundary transfer search_efficiency)
  if(TARGET plugin_sim AND TARGET bench_${name})
    add_dependencies(bench_${name} plugin_sim)
  endif()
endforeach()

if(TARGET plugin_cpu AND TARGET bench_session)
  add_dependencies(bench_session plugin_cpu)
endif()
# OpenBLAS is what the host's cores are measured against, and in no other program.
if(TARGET bench_cpu)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(openblas IMPORTED_TARGET openblas)
  if(TARGET plugin_cpu AND openblas_FOUND)
    target_link_libraries(bench_cpu PRIVATE PkgConfig::openblas)
    add_dependencies(bench_cpu plugin_cpu)
  else()
    set_target_properties(bench_cpu PROPERTIES EXCLUDE_FROM_ALL TRUE)
  endif()
endif()
if(TARGET bench_session AND TARGET tool_pimjit)
  add_dependencies(bench_session tool_pimjit)
endif()
if(TARGET bench_session AND PIMJIT_TESTS)
  add_dependencies(bench_session plugin_toy)  # declared with the tests, behind this file
endif()
