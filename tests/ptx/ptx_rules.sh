#!/usr/bin/env bash
# The rules of reproducible device code: its PTX rounds to nearest, flushes nothing, and multiplies and adds in one step only where
# the source says fma. Usage: ptx_rules.sh FILE.ptx...
set -euo pipefail
for ptx in "$@"; do
  bad=$(grep -nE '\.(approx|ftz|full)\b|\bmad\.(r[nzmp]\.)?f(32|64)|\.r[zmp]\.f(32|64)|\b(add|sub|mul)\.f(32|64)' "$ptx" |
    head -5 || true)
  if [ -n "$bad" ]; then
    echo "$ptx breaks a rule:"
    echo "$bad"
    exit 1
  fi
  grep -q 'fma\.rn\.f32' "$ptx" || { echo "$ptx has no fma.rn.f32 (is it the numerics at all?)"; exit 1; }
  grep -q 'sqrt\.rn\.f32' "$ptx" || { echo "$ptx has no sqrt.rn.f32 (is it the numerics at all?)"; exit 1; }
  echo "$ptx keeps the rules"
done
