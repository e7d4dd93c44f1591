#!/usr/bin/env bash
# An unknown component is a failure that names it and lists the known ones.
set -euo pipefail
rm -rf "$PIMJIT_WORK" && mkdir -p "$PIMJIT_WORK"
here=$(cd "$(dirname "$0")" && pwd)
if cmake -S "$here/consumer" -B "$PIMJIT_WORK/build" -DCMAKE_PREFIX_PATH="$PIMJIT_STAGE" \
  -DCMAKE_CXX_COMPILER="$CXX" "-DCONSUMER_COMPONENTS=plugin_kit;warp_drive" \
  >"$PIMJIT_WORK/log" 2>&1; then
  echo "find_package accepted the component warp_drive" >&2
  exit 1
fi
tr -s ' \n' ' ' <"$PIMJIT_WORK/log" |
  grep "pimjit has no component 'warp_drive'; it has: pimjit, plugin_abi, plugin_kit" >/dev/null ||
  { cat "$PIMJIT_WORK/log"; exit 1; }
