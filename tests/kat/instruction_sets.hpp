// The instruction sets that the tests of this folder run on, and which of them this processor has.
#pragma once

#include <ostream>

#include "tests/kat/random_words.hpp"

namespace scorepath::test {

struct InstructionSet {
  const char* name;
  bool (*present)();
  RandomWords (*random_words)();
};
inline void PrintTo(const InstructionSet& isa, std::ostream* os) { *os << isa.name; }

inline const InstructionSet instruction_sets[] = {
    {"baseline", [] { return true; }, baseline::random_words},
#if defined(__x86_64__)
    {"avx2", [] { return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"); }, avx2::random_words},
    {"avx512",
     [] {
       return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
              __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
     },
     avx512::random_words},
#endif
};

}  // namespace scorepath::test
