// The pack of this instruction set, and the table of everything that is measured on it.
#include "bench/isa/loops.hpp"

namespace scorepath::bench::SCOREPATH_ISA_NAME {

#define SCOREPATH_BENCH_TEXT(name) #name
#define SCOREPATH_BENCH_NAME(name) SCOREPATH_BENCH_TEXT(name)

IsaKernels isa_kernels() {
  // Samples are those of the library itself.
  const CpuKernels library = kernels::SCOREPATH_ISA_NAME::cpu_kernels();
  const LaneKernels pack{SCOREPATH_BENCH_NAME(SCOREPATH_ISA_NAME),
                         width_v<WidePack>,
                         words<WidePack>,
                         normals<WidePack>,
                         library.paths,
                         library.slices,
                         library.increments,
                         library.rays,
                         evaluate<WidePack>};
  return {pack, scalar_vectorized_kernels(), scalar_plain_kernels(), limits()};
}

}  // namespace scorepath::bench::SCOREPATH_ISA_NAME
