// Slices on packs and on the double lane. Compiled once per instruction set.
#include "kernels/cpu/isa/engine.hpp"
#include "kernels/cpu/isa/functions.hpp"

namespace scorepath::kernels::SCOREPATH_ISA_NAME {

void run_slices_float(const SliceJob<float>& job, std::uint64_t first, int count, float* values) {
  slice_loop<WidePack>(job, first, count, values);
}

}  // namespace scorepath::kernels::SCOREPATH_ISA_NAME
