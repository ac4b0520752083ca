// Rays on packs. Compiled once per instruction set.
#include "kernels/cpu/isa/engine.hpp"
#include "kernels/cpu/isa/functions.hpp"

namespace scorepath::kernels::SCOREPATH_ISA_NAME {

void run_rays_float(const RayJob<float>& job, std::uint64_t first, int count, float* values) {
  ray_loop<WidePack>(job, first, count, values);
}

}  // namespace scorepath::kernels::SCOREPATH_ISA_NAME
