// A launch: checked, then run in groups of blocks.
#include <algorithm>

#include "tests/ptx/ptx.hpp"
#include "tests/ptx/scheduler.hpp"

namespace scorepath::ptx {
namespace {

void check(const Module& module, const Kernel& kernel, const Launch& launch) {
  const auto fail = [&](const std::string& what) { throw Error(module.name + ": " + kernel.name + ": " + what); };
  if (!kernel.refusal.empty()) throw Error(kernel.refusal);
  if (launch.grid == 0 || launch.block == 0 || launch.block > 1024 || launch.grid > (1u << 31) / launch.block) {
    fail("a launch of " + std::to_string(launch.grid) + " blocks of " + std::to_string(launch.block) +
         " threads (blocks have 1 to 1024 threads, launches 1 to 2^31) change the launch");
  }
  if (kernel.largest_block && launch.block > *kernel.largest_block) {
    fail("blocks of " + std::to_string(launch.block) + " threads (.maxntid is " +
         std::to_string(*kernel.largest_block) + ") make them smaller");
  }
  if (kernel.required_block && launch.block != *kernel.required_block) {
    fail("blocks of " + std::to_string(launch.block) + " threads (.reqntid is " +
         std::to_string(*kernel.required_block) + ") make them that large");
  }
  if (launch.parameters.size() != kernel.parameter_size) {
    fail(std::to_string(launch.parameters.size()) + " bytes of parameters (the kernel has " +
         std::to_string(kernel.parameter_size) + ") lay them out as it declares them");
  }
  if (launch.shared_bytes != 0 && !kernel.has_dynamic_shared) {
    fail("dynamic shared memory (the kernel declares none) launch with none");
  }
  constexpr std::size_t most_shared = 227 * 1024;
  if (kernel.shared_size + launch.shared_bytes > most_shared) {
    fail(std::to_string(kernel.shared_size + launch.shared_bytes) + " bytes of shared memory (a block has " +
         std::to_string(most_shared) + " at most) use less");
  }
}

}  // namespace

Statistics run(const Module& module, const Launch& launch, const Memory& memory, const RunOptions& options) {
  const auto kernel = std::find_if(module.kernels.begin(), module.kernels.end(),
                                   [&](const Kernel& k) { return k.name == launch.kernel; });
  if (kernel == module.kernels.end()) {
    throw Error(module.name + ": no kernel " + launch.kernel + " (it has " + std::to_string(module.kernels.size()) +
                " others) give a mangled name");
  }
  check(module, *kernel, launch);
  Machine machine(module, *kernel, launch, memory, options);
  const auto together =
      static_cast<std::uint32_t>(std::max(1u, std::min(launch.grid, options.lanes_at_once / launch.block)));
  for (std::uint32_t first = 0; first < launch.grid; first += together) {
    machine.begin_blocks(first, std::min(together, launch.grid - first));
    Scheduler(machine).run();
  }
  return machine.statistics;
}

}  // namespace scorepath::ptx
