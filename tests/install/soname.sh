#!/usr/bin/env bash
# The library's names: libscorepath.so -> libscorepath.so.<major> (the SONAME) -> libscorepath.so.<version>.
set -euo pipefail
version=$1
major=$2
library=$(find "$PREFIX" -name libscorepath.so)
soname=$(readelf -d "$library" | sed -n 's/.*Library soname: \[\(.*\)\]/\1/p')
[ "$soname" = "libscorepath.so.$major" ] ||
  { echo "the SONAME is '$soname' (expected libscorepath.so.$major) check SOVERSION"; exit 1; }
[ "$(basename "$(readlink -f "$library")")" = "libscorepath.so.$version" ] ||
  { echo "libscorepath.so does not lead to libscorepath.so.$version (its VERSION is wrong) check VERSION"; exit 1; }
