// What the translation units of one instruction set offer each other.
#pragma once

#include "bench/bench_kernels.hpp"

namespace scorepath::bench::SCOREPATH_ISA_NAME {

LaneKernels scalar_vectorized_kernels();
LaneKernels scalar_plain_kernels();
Limits limits();

}  // namespace scorepath::bench::SCOREPATH_ISA_NAME
