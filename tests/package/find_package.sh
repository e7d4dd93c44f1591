#!/usr/bin/env bash
# The package works from a prefix that was moved after installation, and the plugin components do not
# bring the library in.
set -euo pipefail
rm -rf "$PIMJIT_WORK" && mkdir -p "$PIMJIT_WORK"
here=$(cd "$(dirname "$0")" && pwd)
cp -a "$PIMJIT_STAGE" "$PIMJIT_WORK/moved"

configure() { # build-dir components
  cmake -S "$here/consumer" -B "$PIMJIT_WORK/$1" -DCMAKE_PREFIX_PATH="$PIMJIT_WORK/moved" \
    -DCMAKE_CXX_COMPILER="$CXX" -DCMAKE_EXE_LINKER_FLAGS="$PIMJIT_FLAGS" \
    -DCMAKE_FIND_USE_PACKAGE_REGISTRY=OFF "-DCONSUMER_COMPONENTS=$2" >"$PIMJIT_WORK/$1.log" 2>&1 ||
    { cat "$PIMJIT_WORK/$1.log"; exit 1; }
}

configure library "pimjit;plugin_kit"
cmake --build "$PIMJIT_WORK/library"
"$PIMJIT_WORK/library/uses_library" | grep '^0\.1\.0|.*size 3 is larger than 2'

configure plugin "plugin_kit"
cmake --build "$PIMJIT_WORK/plugin"
if [ -e "$PIMJIT_WORK/plugin/uses_library" ]; then
  echo "asking for plugin_kit alone defined pimjit::pimjit" >&2
  exit 1
fi
if grep -rqF "$PIMJIT_STAGE" "$PIMJIT_WORK/moved/$PIMJIT_LIBDIR/cmake" "$PIMJIT_WORK/moved/$PIMJIT_LIBDIR/pkgconfig"; then
  echo "the package files contain the prefix they were installed to" >&2
  exit 1
fi
