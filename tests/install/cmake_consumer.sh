#!/usr/bin/env bash
# find_package(scorepath CONFIG) -> scorepath::scorepath: configure, build and run a project outside the tree.
set -euo pipefail
build=$(mktemp -d "${TMPDIR:-/tmp}/scorepath-consumer.XXXXXX")
trap 'rm -rf "$build"' EXIT
"$CMAKE" -G "$GENERATOR" -S "$SOURCE/consumer" -B "$build" -DCMAKE_CXX_COMPILER="$CXX" \
  -DCMAKE_PREFIX_PATH="$PREFIX" >"$build/log" ||
  { cat "$build/log"; exit 1; }
"$CMAKE" --build "$build" >"$build/log" || { cat "$build/log"; exit 1; }
"$build/consumer"
