# tests/bench/<name>_bench.cpp -> bench_<name>, run through scripts/bench.

find_package(benchmark REQUIRED)
file(GLOB sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/tests/bench/*_bench.cpp")
foreach(source IN LISTS sources)
  get_filename_component(name "${source}" NAME_WE)
  string(REGEX REPLACE "_bench$" "" name "${name}")
  add_executable(bench_${name} "${source}")
  pimjit_target_defaults(bench_${name})
  set_target_properties(bench_${name} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
  target_link_libraries(bench_${name} PRIVATE
    ${shared_by_tests} pimjit_all benchmark::benchmark benchmark::benchmark_main)
endforeach()

# Benchmarks that run on the simulated machine load its plugin.
foreach(name IN ITEMS boundary transfer)
  if(TARGET plugin_sim AND TARGET bench_${name})
    add_dependencies(bench_${name} plugin_sim)
  endif()
endforeach()
