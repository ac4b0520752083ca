# What tools/demo, tools/test and tools/bench share: find the repository, see to the packages, build. Sourced by bash.

# $root: the repository, wherever the command was called from.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
jobs=$(nproc)

say() { printf '%s\n' "$*" >&2; }
die() {
  say "$(basename "$0"): $*"
  exit 1
}

# The Debian packages that building, testing and plotting need.
packages=(g++ cmake ninja-build pkg-config libgtest-dev libgmock-dev libbenchmark-dev libcli11-dev libtomlplusplus-dev
  nlohmann-json3-dev libeigen3-dev libfmt-dev libtbb-dev zlib1g-dev gnuplot-nox python3 python3-numpy)

# What to install by hand where apt-get is not the way.
requirements="a C++20 compiler (g++ 12 or clang 14, or newer), CMake 3.25 or newer, Ninja, pkg-config, Python 3 with NumPy, gnuplot,
and the development files of GoogleTest, Google Benchmark, CLI11, toml++, nlohmann-json, Eigen 3, fmt 9 or newer, oneTBB and zlib"

# Prints this system's name and version, as in "debian 12".
system_name() {
  if [ -r /etc/os-release ]; then
    (. /etc/os-release && printf '%s %s' "${ID:-unknown}" "${VERSION_ID:-unstable}")
  else
    uname -s
  fi
}

# True for Debian from 12 and Ubuntu from 24.04 on, whose packages are new enough.
system_is_supported() {
  local id version
  read -r id version <<<"$(system_name)"
  case $id in
    debian) [ "$version" = unstable ] || [ "${version%%.*}" -ge 12 ] ;;
    ubuntu) [ "${version%%.*}" -ge 24 ] ;;
    *) return 1 ;;
  esac
}

# The packages of the list that are not installed.
missing_packages() {
  local package
  for package in "${packages[@]}"; do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || printf '%s\n' "$package"
  done
}

install_packages() {
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "packages are missing (not root, and there is no sudo) run as root: apt-get install $*"
    as_root=(sudo)
  fi
  local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q)
  "${apt[@]}" update >&2 || say "apt-get update failed: going on with the package lists that are here"
  "${apt[@]}" install -y --no-install-recommends "$@" >&2 ||
    die "apt-get could not install $* (see above) install them by hand and call this again"
}

# Says what is needed, installs what is missing, or stops with what to install.
ensure_packages() {
  local system missing tool
  system=$(system_name)
  if system_is_supported; then
    [ "$system" = "debian 12" ] || say "This is $system; scorepath is tested on Debian 12."
    say "Needed Debian packages: ${packages[*]}"
    mapfile -t missing < <(missing_packages)
    if [ "${#missing[@]}" -eq 0 ]; then
      say "All of them are installed."
    else
      say "Missing, to be installed: ${missing[*]}"
      install_packages "${missing[@]}"
    fi
    return
  fi
  say "This is $system: packages are installed for you on Debian 12 or newer and Ubuntu 24.04 or newer only."
  missing=()
  for tool in cmake ninja pkg-config python3 gnuplot; do
    command -v "$tool" >/dev/null || missing+=("$tool")
  done
  command -v "${CXX:-c++}" >/dev/null || missing+=("${CXX:-c++}")
  if [ "${#missing[@]}" -ne 0 ]; then
    die "not found: ${missing[*]} (the build needs them) install $requirements"
  fi
  say "The tools are here. If the build misses a library, install $requirements."
}

# Configures and builds one preset, with tests and benchmarks, on all cores.
build_preset() {
  local preset=$1 start=$SECONDS
  shift
  cmake --preset "$preset" "$@" >&2 || die "the configuration of preset $preset failed (see above) mend it and call this again"
  cmake --build --preset "$preset" -j "$jobs" >&2 || die "the build of preset $preset failed (see above)"
  say "Built build/$preset in $((SECONDS - start)) s on $jobs cores."
}
