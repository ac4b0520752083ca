// Paths on packs. Compiled once per instruction set.
#include "kernels/cpu/isa/engine.hpp"
#include "kernels/cpu/isa/functions.hpp"

namespace scorepath::kernels::SCOREPATH_ISA_NAME {

void run_paths_float(const PathJob<float>& job, std::uint64_t first, int count, float* values) {
  path_loop<WidePack>(job, first, count, values);
}

}  // namespace scorepath::kernels::SCOREPATH_ISA_NAME
