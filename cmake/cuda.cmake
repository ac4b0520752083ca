# SCOREPATH_CUDA=AUTO|ON|OFF: finds nvcc. SCOREPATH_CUDA_FOUND says whether CUDA sources are to be compiled.
# So far the only CUDA sources are the probes of tests/probe, for which nvcc is called directly.
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
