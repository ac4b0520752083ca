# The libraries that scorepath uses, all of them private to it. A missing one is named with its Debian package.

# find_package that says what to install. Extra arguments go to find_package.
macro(scorepath_require package debian_package)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} was not found (scorepath is built with it) "
                        "install it, on Debian with: apt-get install ${debian_package}")
  endif()
endmacro()

set(THREADS_PREFER_PTHREAD_FLAG ON)
scorepath_require(Threads libc6-dev)
scorepath_require(TBB libtbb-dev)
scorepath_require(fmt libfmt-dev)
scorepath_require(ZLIB zlib1g-dev)
# toml++ header-only, whatever the package was built as: one reader includes it, and there is no library to pass on.
find_path(SCOREPATH_TOMLPLUSPLUS_INCLUDE toml++/toml.h)
if(NOT SCOREPATH_TOMLPLUSPLUS_INCLUDE)
  message(FATAL_ERROR "toml++/toml.h was not found (model files are TOML) "
                      "install it, on Debian with: apt-get install libtomlplusplus-dev")
endif()
add_library(scorepath_tomlplusplus INTERFACE)
target_include_directories(scorepath_tomlplusplus SYSTEM INTERFACE ${SCOREPATH_TOMLPLUSPLUS_INCLUDE})
scorepath_require(nlohmann_json nlohmann-json3-dev)
scorepath_require(CLI11 libcli11-dev)
scorepath_require(Eigen3 libeigen3-dev NO_MODULE)

# Two lists, since a static libscorepath passes the compiled ones on to whoever links it.
set(scorepath_compiled_dependencies TBB::tbb fmt::fmt ZLIB::ZLIB Threads::Threads)
set(scorepath_header_dependencies scorepath_tomlplusplus nlohmann_json::nlohmann_json Eigen3::Eigen)
