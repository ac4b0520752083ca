# The project's options, and the compiler flags that every target of the project shares (target scorepath_flags).
set(SCOREPATH_CUDA AUTO CACHE STRING "CUDA back end: AUTO (where nvcc is found), ON (fail without it), OFF")
set_property(CACHE SCOREPATH_CUDA PROPERTY STRINGS AUTO ON OFF)
option(SCOREPATH_TESTS "Build the tests and examples" ${PROJECT_IS_TOP_LEVEL})
option(SCOREPATH_BENCH "Build the benchmarks" ${PROJECT_IS_TOP_LEVEL})
option(SCOREPATH_CHECKS "Compile the debug checks SP_EXPECT and SP_ENSURE in" OFF)
option(SCOREPATH_WERROR "Treat warnings as errors" ${PROJECT_IS_TOP_LEVEL})
option(BUILD_SHARED_LIBS "Build libscorepath as a shared library" ON)
set(SCOREPATH_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize= (address,undefined or thread)")

if(PROJECT_IS_TOP_LEVEL AND NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

add_library(scorepath_flags INTERFACE)
target_include_directories(scorepath_flags INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)
target_compile_options(
  scorepath_flags
  INTERFACE -Wall
            -Wextra
            -Wconversion
            $<$<BOOL:${SCOREPATH_WERROR}>:-Werror>
            # Results are compared bit for bit across instruction sets: a fused multiply-add is written fma(), and no
            # other transformation that changes a rounding is allowed.
            -ffp-contract=off
            -fno-math-errno
            -fno-trapping-math
            $<$<CONFIG:Release>:-g0>)
# Host code and tests gain nothing from -O3 but build time. Not in scorepath_flags, which come last and would win.
set(scorepath_host_optimisation $<$<CONFIG:Release>:-O2>)
set(scorepath_kernel_optimisation $<$<CONFIG:Release>:-O3>)

if(SCOREPATH_CHECKS)
  # The checks are assert()s: they must survive a build type that defines NDEBUG.
  target_compile_definitions(scorepath_flags INTERFACE SCOREPATH_CHECKS)
  target_compile_options(scorepath_flags INTERFACE -UNDEBUG)
endif()
if(SCOREPATH_SANITIZE)
  set(sanitizer_flags -fsanitize=${SCOREPATH_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_compile_options(scorepath_flags INTERFACE ${sanitizer_flags})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++'s manual: with sanitizers this warning has false positives (it sees the instrumented code of std::regex).
    target_compile_options(scorepath_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(scorepath_flags INTERFACE ${sanitizer_flags})
endif()
