#!/usr/bin/env bash
# The pkg-config files are enough to compile, link and run, from a moved prefix.
set -euo pipefail
rm -rf "$PIMJIT_WORK" && mkdir -p "$PIMJIT_WORK"
here=$(cd "$(dirname "$0")" && pwd)
cp -a "$PIMJIT_STAGE" "$PIMJIT_WORK/moved"
libdir="$PIMJIT_WORK/moved/$PIMJIT_LIBDIR"
export PKG_CONFIG_PATH="$libdir/pkgconfig"
[ "$(pkg-config --modversion pimjit)" = "$(pkg-config --modversion pimjit-plugin)" ]
# shellcheck disable=SC2046,SC2086  # flags are meant to be split
"$CXX" -std=c++20 $PIMJIT_FLAGS "$here/consumer/uses_library.cpp" -o "$PIMJIT_WORK/uses_library" \
  $(pkg-config --cflags --libs pimjit)
LD_LIBRARY_PATH="$libdir" "$PIMJIT_WORK/uses_library"
# shellcheck disable=SC2046
"${CC:-cc}" -std=c11 -Wall -Werror -shared -fPIC "$here/consumer/uses_plugin_abi.c" \
  -o "$PIMJIT_WORK/plugin.so" $(pkg-config --cflags pimjit-plugin)
[ "$(pkg-config --variable=plugindir pimjit-plugin | xargs realpath -m)" = "$(realpath -m "$libdir/pimjit/plugins")" ]
