// The double lane, the level tables, and the table of this instruction set's functions. Compiled once per instruction
// set.
#include "kernels/cpu/isa/engine.hpp"
#include "kernels/cpu/isa/functions.hpp"

namespace scorepath::kernels::SCOREPATH_ISA_NAME {

CpuKernels cpu_kernels() {
  return {run_slices_float,       slice_loop<double>, run_paths_float,   path_loop<double>, run_increments_float,
          increment_loop<double>, run_rays_float,     ray_loop<double>,  run_weights_float, weight_loop<double>,
          run_steered_float,      run_steered_double, level_loop<float>, level_loop<double>};
}

}  // namespace scorepath::kernels::SCOREPATH_ISA_NAME
