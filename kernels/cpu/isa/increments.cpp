// Increments along paths on packs. Compiled once per instruction set.
#include "kernels/cpu/isa/engine.hpp"
#include "kernels/cpu/isa/functions.hpp"

namespace scorepath::kernels::SCOREPATH_ISA_NAME {

void run_increments_float(const IncrementJob<float>& job, std::uint64_t first, int count, float* values) {
  increment_loop<WidePack>(job, first, count, values);
}

}  // namespace scorepath::kernels::SCOREPATH_ISA_NAME
