// The instruction sets that the tests of this folder run on, and which of them this processor has.
#pragma once

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "kernels/cpu/cpu_kernels.hpp"
#include "tests/parity/pack_functions.hpp"
#include "tests/support/processor.hpp"

namespace scorepath::test {

struct InstructionSet {
  const char* name;
  bool (*present)();
  PackFunctions (*pack_functions)();
  kernels::CpuKernels (*cpu_kernels)();
};
inline void PrintTo(const InstructionSet& isa, std::ostream* os) { *os << isa.name; }

inline const InstructionSet instruction_sets[] = {
    {"baseline", has_baseline, baseline::pack_functions, kernels::baseline::cpu_kernels},
#if defined(__x86_64__)
    {"avx2", has_avx2, avx2::pack_functions, kernels::avx2::cpu_kernels},
    {"avx2_twin", has_avx2, avx2::wide_pack_functions, kernels::avx2::cpu_kernels},
    {"avx512", has_avx512, avx512::pack_functions, kernels::avx512::cpu_kernels},
#endif
};

inline std::string name_of_isa(const testing::TestParamInfo<InstructionSet>& info) { return info.param.name; }

/// A test on one instruction set; skips, with the reason, where the processor lacks it.
class OnInstructionSet : public testing::TestWithParam<InstructionSet> {
 protected:
  void SetUp() override {
    if (!GetParam().present()) GTEST_SKIP() << "this processor has no " << GetParam().name;
  }
};

}  // namespace scorepath::test
