# pimjit_target_defaults(target): what every compiled target of this tree shares. Nothing is set
# globally, so that a project which embeds pimjit keeps its own flags.

if(PIMJIT_CCACHE)
  find_program(PIMJIT_CCACHE_PROGRAM ccache)
endif()
if(PIMJIT_MOLD)
  find_program(PIMJIT_MOLD_PROGRAM mold)
endif()
string(REPLACE "," ";" pimjit_sanitizers "${PIMJIT_SANITIZE}")

function(pimjit_target_defaults target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_compile_options(${target} PRIVATE -Wall -Wextra -fno-math-errno
    $<IF:$<CXX_COMPILER_ID:GNU>,-Wshadow=local,-Wshadow>)
  if(PIMJIT_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
  if(PIMJIT_CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set_target_properties(${target} PROPERTIES
      CXX_COMPILER_LAUNCHER "${PIMJIT_CCACHE_PROGRAM}"
      C_COMPILER_LAUNCHER "${PIMJIT_CCACHE_PROGRAM}")
  endif()
  if(PIMJIT_MOLD_PROGRAM)
    target_link_options(${target} PRIVATE -fuse-ld=mold)
  endif()
  if(pimjit_sanitizers)
    target_compile_options(${target} PRIVATE -fsanitize=${PIMJIT_SANITIZE}
      -fno-sanitize-recover=all -fno-omit-frame-pointer)
    # An access through a null pointer stops the program under the address sanitizer anyway.
    if("address" IN_LIST pimjit_sanitizers AND "undefined" IN_LIST pimjit_sanitizers)
      target_compile_options(${target} PRIVATE -fno-sanitize=null)
    endif()
    target_compile_definitions(${target} PRIVATE _GLIBCXX_ASSERTIONS)
    target_link_options(${target} PRIVATE -fsanitize=${PIMJIT_SANITIZE})
  endif()
  if(PIMJIT_FUZZ)
    target_compile_options(${target} PRIVATE -fsanitize=fuzzer-no-link,address)
    target_link_options(${target} PRIVATE -fsanitize=address)
  endif()
  if(PIMJIT_COVERAGE)
    target_compile_options(${target} PRIVATE --coverage)
    target_link_options(${target} PRIVATE --coverage)
  endif()
endfunction()
