#!/usr/bin/env bash
# The installed command finds the installed library by itself, not the one in the build tree.
set -euo pipefail
version=$1
binary=$PREFIX/bin/scorepath
[ -x "$binary" ] || { echo "bin/scorepath is not installed (the install rules miss it) see cmake/install.cmake"; exit 1; }
output=$(env -u LD_LIBRARY_PATH "$binary" --version)
case "$output" in
  *"$version"*) ;;
  *) echo "scorepath --version says '$output' (expected $version) check PROJECT_VERSION and version()"; exit 1 ;;
esac
if ldd "$binary" | grep -F libscorepath | grep -qvF "$PREFIX/"; then
  ldd "$binary"
  echo "the installed binary loads a libscorepath from elsewhere (its RUNPATH is wrong) set INSTALL_RPATH to \$ORIGIN"
  exit 1
fi
