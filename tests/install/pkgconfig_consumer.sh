#!/usr/bin/env bash
# pkg-config and the compiler alone: build and run the same program.
set -euo pipefail
build=$(mktemp -d "${TMPDIR:-/tmp}/scorepath-consumer.XXXXXX")
trap 'rm -rf "$build"' EXIT
pc=$(find "$PREFIX" -name scorepath.pc)
[ -n "$pc" ] || { echo "scorepath.pc is not installed (pkg-config needs it) see cmake/install.cmake"; exit 1; }
export PKG_CONFIG_PATH=${pc%/scorepath.pc}
read -r -a flags <<<"$(pkg-config --cflags --libs scorepath)"
libdir=$(pkg-config --variable=libdir scorepath)
"$CXX" -std=c++20 "$SOURCE/consumer.cpp" -o "$build/consumer" "${flags[@]}" -Wl,-rpath,"$libdir"
"$build/consumer"
