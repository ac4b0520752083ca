// The instruction sets that the tests of this folder run on, and which of them this processor has.
#pragma once

#include <ostream>
#include <string>

#include <gtest/gtest.h>

#include "tests/kat/random_words.hpp"
#include "tests/support/processor.hpp"

namespace scorepath::test {

struct InstructionSet {
  const char* name;
  bool (*present)();
  RandomWords (*random_words)();
};
inline void PrintTo(const InstructionSet& isa, std::ostream* os) { *os << isa.name; }

inline const InstructionSet instruction_sets[] = {
    {"baseline", has_baseline, baseline::random_words},
#if defined(__x86_64__)
    {"avx2", has_avx2, avx2::random_words},
    {"avx512", has_avx512, avx512::random_words},
#endif
};

inline std::string name_of_isa(const testing::TestParamInfo<InstructionSet>& info) { return info.param.name; }

}  // namespace scorepath::test
