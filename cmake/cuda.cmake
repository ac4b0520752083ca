# SCOREPATH_CUDA=AUTO|ON|OFF: finds nvcc. SCOREPATH_CUDA_FOUND says whether CUDA sources are to be compiled.
# nvcc is called directly: CMake 3.25 does not know that it speaks C++20.
set(SCOREPATH_CUDA_FOUND FALSE)
if(NOT SCOREPATH_CUDA MATCHES "^(AUTO|ON|OFF)$")
  message(FATAL_ERROR "SCOREPATH_CUDA=${SCOREPATH_CUDA} is not a choice (it is none of AUTO, ON, OFF) "
                      "configure with -DSCOREPATH_CUDA=AUTO, ON or OFF")
endif()

if(NOT SCOREPATH_CUDA STREQUAL "OFF")
  if(CMAKE_CUDA_COMPILER)
    set(SCOREPATH_NVCC ${CMAKE_CUDA_COMPILER})
  else()
    find_program(SCOREPATH_NVCC nvcc HINTS ENV CUDACXX ENV CUDA_HOME ENV CUDA_PATH /usr/local/cuda PATH_SUFFIXES bin)
  endif()
  if(SCOREPATH_NVCC)
    set(SCOREPATH_CUDA_FOUND TRUE)
    message(STATUS "CUDA: ${SCOREPATH_NVCC}")
  elseif(SCOREPATH_CUDA STREQUAL "ON")
    message(FATAL_ERROR "SCOREPATH_CUDA=ON cannot be met (no nvcc in PATH, CUDA_HOME or /usr/local/cuda) "
                        "install the CUDA Toolkit 12.4 or newer, or configure with -DSCOREPATH_CUDA=OFF")
  else()
    message(STATUS "CUDA: no nvcc found, CPU back end only")
  endif()
endif()

# The oldest compute capability, ten times its major number plus the minor, that code is made for; newer devices run it too.
set(SCOREPATH_CUDA_ARCHITECTURE 90 CACHE STRING "Compute capability of the CUDA code (90: Hopper and newer)")

# The CUDA runtime, linked statically: it finds the driver at run time, and says so where there is none.
if(SCOREPATH_CUDA_FOUND)
  get_filename_component(nvcc_path ${SCOREPATH_NVCC} REALPATH)
  get_filename_component(cuda_root ${nvcc_path}/../.. ABSOLUTE)
  find_library(SCOREPATH_CUDART cudart_static HINTS ${cuda_root} PATH_SUFFIXES lib64 lib targets/x86_64-linux/lib REQUIRED)
  find_path(SCOREPATH_CUDA_INCLUDE cuda_runtime.h HINTS ${cuda_root} PATH_SUFFIXES include targets/x86_64-linux/include REQUIRED)
  set(scorepath_cuda_libraries ${SCOREPATH_CUDART} Threads::Threads ${CMAKE_DL_LIBS} rt)
endif()

# scorepath_add_cuda_objects(<variable> SOURCES <source>... [FLAGS <flag>...]) compiles CUDA sources and appends their objects to
# <variable>. Beside each object stand <name>.ptx, the PTX that the object holds, and <name>.log, what ptxas says of registers.
function(scorepath_add_cuda_objects variable)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;FLAGS")
  set(objects ${${variable}})
  set(host_flags -Wall,-Wextra,-fPIC,-fvisibility=hidden,-fvisibility-inlines-hidden,-ffp-contract=off,-O2)
  foreach(source IN LISTS arg_SOURCES)
    get_filename_component(name ${source} NAME_WE)
    set(folder ${PROJECT_BINARY_DIR}/cuda/${name})
    file(MAKE_DIRECTORY ${folder})
    add_custom_command(
      OUTPUT ${folder}/${name}.o ${folder}/${name}.ptx ${folder}/${name}.log
      COMMAND
        ${PROJECT_SOURCE_DIR}/cmake/run_logged.sh ${folder}/${name}.log ${SCOREPATH_NVCC} -std=c++20 -gencode
        arch=compute_${SCOREPATH_CUDA_ARCHITECTURE},code=[sm_${SCOREPATH_CUDA_ARCHITECTURE},compute_${SCOREPATH_CUDA_ARCHITECTURE}]
        -I${PROJECT_SOURCE_DIR} -DSCOREPATH_CUDA_ARCHITECTURE=${SCOREPATH_CUDA_ARCHITECTURE} -Werror all-warnings
        -Xcompiler=${host_flags} -Xptxas=-v ${arg_FLAGS} -MD -MF ${folder}/${name}.d --keep --keep-dir ${folder} -c
        ${source} -o ${folder}/${name}.o
      DEPENDS ${source}
      DEPFILE ${folder}/${name}.d
      COMMENT "Compiling ${name}.cu for the device"
      VERBATIM)
    list(APPEND objects ${folder}/${name}.o)
  endforeach()
  set(${variable} ${objects} PARENT_SCOPE)
endfunction()
