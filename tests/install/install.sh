#!/usr/bin/env bash
# Installs the build into a fresh prefix, moved once after installing: nothing in it may know where it was put.
set -euo pipefail
rm -rf "$PREFIX" "$PREFIX.first"
"$CMAKE" --install "$BUILD" --prefix "$PREFIX.first" >/dev/null
mv "$PREFIX.first" "$PREFIX"
for file in include/scorepath/scorepath.hpp share/man/man1/scorepath.1; do
  [ -f "$PREFIX/$file" ] || { echo "$file is not installed (the install rules miss it) add it in cmake/install.cmake"; exit 1; }
done
if grep -rIl -F -e "$PREFIX.first" -e "$BUILD" "$PREFIX"; then
  echo "these installed files name the place they were built or installed in (a package must be movable) use relative paths"
  exit 1
fi
