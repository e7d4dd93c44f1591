# Third-party libraries, all from Debian 12. pimjit_public_deps is what public headers need.

find_package(Threads REQUIRED)
find_package(tl-expected REQUIRED)
find_package(dlpack REQUIRED)
find_package(tomlplusplus REQUIRED)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libffi REQUIRED IMPORTED_TARGET libffi)
# Debian's CMake package of XGBoost names files that are not in the package.
find_library(PIMJIT_XGBOOST xgboost REQUIRED)

set(pimjit_public_deps tl::expected dlpack::dlpack Threads::Threads)

# pimjit_llvm: LLVM 19, Debian's shared library (one copy in the process) or its archives, whose
# names then stay hidden behind the version script of whatever they are linked into.
find_package(TBB REQUIRED)
if(PIMJIT_STATIC_LLVM)
  find_path(PIMJIT_ZSTD_INCLUDE_DIR zstd.h)
  if(NOT PIMJIT_ZSTD_INCLUDE_DIR)
    message(FATAL_ERROR "PIMJIT_STATIC_LLVM: LLVM's archives use zstd, whose header is missing; "
      "apt-get install libzstd-dev")
  endif()
endif()
find_package(LLVM 19.1 REQUIRED CONFIG HINTS /usr/lib/llvm-19/lib/cmake/llvm)
add_library(pimjit_llvm INTERFACE)
target_include_directories(pimjit_llvm SYSTEM INTERFACE ${LLVM_INCLUDE_DIRS})
separate_arguments(definitions NATIVE_COMMAND "${LLVM_DEFINITIONS}")
target_compile_definitions(pimjit_llvm INTERFACE ${definitions})
if(PIMJIT_STATIC_LLVM)
  llvm_map_components_to_libnames(libraries orcjit passes native)
  target_link_options(pimjit_llvm INTERFACE "LINKER:--exclude-libs,ALL")
  target_link_libraries(pimjit_llvm INTERFACE ${libraries})
else()
  target_link_libraries(pimjit_llvm INTERFACE LLVM)
endif()
