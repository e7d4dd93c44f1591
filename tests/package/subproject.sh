#!/usr/bin/env bash
# A project that embeds pimjit gets the targets and no tests, and keeps its own CMAKE_ settings.
set -euo pipefail
rm -rf "$PIMJIT_WORK" && mkdir -p "$PIMJIT_WORK/parent"
cat >"$PIMJIT_WORK/parent/CMakeLists.txt" <<EOF
cmake_minimum_required(VERSION 3.24)
project(parent LANGUAGES C CXX)
set(before "\${CMAKE_CXX_STANDARD}|\${CMAKE_CXX_FLAGS}|\${CMAKE_BUILD_TYPE}|\${CMAKE_CXX_COMPILER_LAUNCHER}|\${BUILD_SHARED_LIBS}")
add_subdirectory("$PIMJIT_SOURCE" pimjit)
set(after "\${CMAKE_CXX_STANDARD}|\${CMAKE_CXX_FLAGS}|\${CMAKE_BUILD_TYPE}|\${CMAKE_CXX_COMPILER_LAUNCHER}|\${BUILD_SHARED_LIBS}")
if(NOT before STREQUAL after)
  message(FATAL_ERROR "settings changed from '\${before}' to '\${after}'")
endif()
foreach(target IN ITEMS pimjit::pimjit pimjit::plugin_kit pimjit::plugin_abi)
  if(NOT TARGET \${target})
    message(FATAL_ERROR "no target \${target}")
  endif()
endforeach()
if(PIMJIT_TESTS OR PIMJIT_BENCH OR PIMJIT_TOOLS)
  message(FATAL_ERROR "tests, benchmarks or tools are on in an embedded build")
endif()
EOF
cmake -S "$PIMJIT_WORK/parent" -B "$PIMJIT_WORK/build" -DCMAKE_CXX_COMPILER="$CXX" >"$PIMJIT_WORK/log" 2>&1 ||
  { cat "$PIMJIT_WORK/log"; exit 1; }
