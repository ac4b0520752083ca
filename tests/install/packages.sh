#!/usr/bin/env bash
# tools/lib/common.sh on other machines, played with stand-ins for dpkg-query, apt-get, sudo and id: it installs the
# missing packages and no others, with sudo where the user is not root, and stops clearly where it cannot.
set -euo pipefail
common=$SOURCE/../../tools/lib/common.sh
stage=$(mktemp -d "${TMPDIR:-/tmp}/scorepath-packages.XXXXXX")
trap 'rm -rf "$stage"' EXIT
fail() {
  cat "$stage/log" >&2
  echo "$1" >&2
  exit 1
}
stand_in() {
  printf '#!/bin/bash\n%s\n' "$2" >"$stage/bin/$1"
  chmod +x "$stage/bin/$1"
}

# Plays ensure_packages: play SYSTEM UID PACKAGES-THAT-ARE-MISSING [COMMANDS-THAT-ARE-THERE...]; apt-get's and sudo's
# calls land in $stage/calls, the messages in $stage/log.
play() {
  local system=$1 uid=$2 missing=$3 tool
  shift 3
  rm -rf "$stage/bin"
  mkdir "$stage/bin"
  for tool in bash env dirname basename cat nproc; do
    ln -s "$(type -P "$tool")" "$stage/bin/$tool"
  done
  for tool in "$@"; do
    stand_in "$tool" 'exit 0'
  done
  stand_in id "echo $uid"
  stand_in dpkg-query "case ' $missing ' in *\" \${@: -1} \"*) echo not-installed; exit 1 ;; *) echo installed ;; esac"
  stand_in apt-get 'echo "apt-get $*" >>"$CALLS"; exit ${APT_STATUS:-0}'
  if [ "$uid" != 0 ] && [ "${SUDO:-yes}" = yes ]; then
    stand_in sudo 'echo sudo >>"$CALLS"; exec "$@"'
  fi
  : >"$stage/calls"
  env -u CXX PATH="$stage/bin" CALLS="$stage/calls" SYSTEM="$system" APT_STATUS="${APT_STATUS:-0}" \
    bash -c 'set -euo pipefail; . "$1"; system_name() { printf "%s" "$SYSTEM"; }; ensure_packages' play "$common" \
    >"$stage/log" 2>&1
}
install_line() { grep -c "install -y --no-install-recommends $1\$" "$stage/calls"; }

play "debian 12" 0 "" || fail "Debian 12 with everything there was refused"
[ ! -s "$stage/calls" ] || fail "apt-get was called although nothing is missing"
play "debian 12" 0 "libfmt-dev zlib1g-dev" || fail "Debian 12 as root was refused"
[ "$(install_line 'libfmt-dev zlib1g-dev')" = 1 ] || fail "apt-get was not asked for exactly the missing packages"
grep -q 'update$' "$stage/calls" || fail "the package lists were not updated first"
grep -q sudo "$stage/calls" && fail "root used sudo"
play "debian 12" 1000 "ninja-build" || fail "Debian 12 with sudo was refused"
grep -q sudo "$stage/calls" || fail "a user who is not root did not use sudo"
SUDO=no play "debian 12" 1000 "ninja-build" && fail "no root and no sudo: it went on"
grep -q 'apt-get install ninja-build' "$stage/log" || fail "no root and no sudo: it did not say what to install"
APT_STATUS=100 play "debian 12" 0 "ninja-build" && fail "apt-get failed and it went on"
play "debian 13" 0 "" || fail "Debian 13 was refused"
grep -q 'tested on Debian 12' "$stage/log" || fail "a newer Debian got no note"
play "ubuntu 24.04" 0 "" || fail "Ubuntu 24.04 was refused"
for system in "debian 11" "ubuntu 22.04" "fedora 41"; do
  play "$system" 0 "" && fail "$system without the tools was accepted"
  grep -q 'not found: cmake ninja pkg-config python3 gnuplot c++ .* install a C++20 compiler' "$stage/log" ||
    fail "$system: it did not say what to install"
  [ ! -s "$stage/calls" ] || fail "$system: apt-get was called"
done
play "fedora 41" 0 "" cmake ninja pkg-config python3 gnuplot c++ || fail "another system with all the tools was refused"
