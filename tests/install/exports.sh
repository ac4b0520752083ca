#!/usr/bin/env bash
# The shared library exports the public API and nothing else: no kernels, no internals, none of std:: or fmt::.
set -euo pipefail
library=$(find "$PREFIX" -name libscorepath.so)
symbols=$(nm -D --defined-only --demangle "$library" | cut -d' ' -f3-)
[ -n "$symbols" ] || { echo "libscorepath.so exports nothing (SCOREPATH_API is missing) mark the public functions"; exit 1; }
grep -q '^scorepath::estimate_log_density(' <<<"$symbols" ||
  { echo "estimate_log_density is not exported (SCOREPATH_API or cmake/exports.map hides it) export it"; exit 1; }
foreign=$(grep -vE '^(scorepath::|(typeinfo|typeinfo name|vtable) for scorepath::)' <<<"$symbols" || true)
inner=$(grep -E 'scorepath::(kernels|cli|detail|internal)::' <<<"$symbols" || true)
if [ -n "$foreign$inner" ]; then
  printf '%s\n' "$foreign" "$inner"
  echo "these symbols leave libscorepath (only the public API may) hide them: SCOREPATH_API, cmake/exports.map"
  exit 1
fi
