// The one run-time choice of the CPU back end: an instruction set to its table of functions.
#pragma once

#include <scorepath/backend.hpp>

#include "kernels/cpu/cpu_kernels.hpp"

namespace scorepath {

kernels::CpuKernels cpu_kernels(Isa isa);

}  // namespace scorepath
