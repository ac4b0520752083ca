#!/usr/bin/env bash
# SCOREPATH_CUDA=ON where no nvcc can be found stops the configuration and says what to do; AUTO goes on without.
set -euo pipefail
build=$(mktemp -d "${TMPDIR:-/tmp}/scorepath-cuda-on.XXXXXX")
trap 'rm -rf "$build"' EXIT
project=$(cd "$SOURCE/../.." && pwd)
# Hide every nvcc of this machine from CMake.
hidden=$( (type -ap nvcc || true; ls -d /usr/local/cuda*/bin/nvcc 2>/dev/null || true) | xargs -r -n1 dirname | sort -u | paste -sd ';')
configure() {
  env -u CUDACXX -u CUDA_HOME -u CUDA_PATH "$CMAKE" -G "$GENERATOR" -S "$project" -B "$build/$1" -DCMAKE_CXX_COMPILER="$CXX" \
    -DSCOREPATH_CUDA="$1" -DCMAKE_IGNORE_PATH="$hidden" -DSCOREPATH_TESTS=OFF -DSCOREPATH_BENCH=OFF >"$build/log" 2>&1
}
if configure ON; then
  echo "SCOREPATH_CUDA=ON configured without a toolkit (it must fail) see cmake/cuda.cmake"
  exit 1
fi
grep -q 'SCOREPATH_CUDA=ON cannot be met' "$build/log" || { cat "$build/log"; exit 1; }
configure AUTO || { cat "$build/log"; exit 1; }
