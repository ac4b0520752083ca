// The scalar lane, compiled for this instruction set with the compiler's vectorisation on: a baseline of the same run.
#include "bench/isa/loops.hpp"

namespace scorepath::bench::SCOREPATH_ISA_NAME {

LaneKernels scalar_vectorized_kernels() {
#if defined(SCOREPATH_ISA_BASELINE)
  return {};  // without a fused multiply-add the scalar lane calls the C library for each: a baseline for nothing
#else
  return scalar_kernels("scalar-vectorized");
#endif
}

}  // namespace scorepath::bench::SCOREPATH_ISA_NAME
