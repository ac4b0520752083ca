// Path weights on packs. Compiled once per instruction set.
#include "kernels/cpu/isa/engine.hpp"
#include "kernels/cpu/isa/functions.hpp"

namespace scorepath::kernels::SCOREPATH_ISA_NAME {

void run_weights_float(const WeightJob<float>& job, std::uint64_t first, int count, float* values, std::size_t stride) {
  weight_loop<WidePack>(job, first, count, values, stride);
}

}  // namespace scorepath::kernels::SCOREPATH_ISA_NAME
