// What the processor could do at most with this instruction set: independent chains of one operation, in registers
// alone.
#include "bench/isa/parts.hpp"
#include "kernels/cpu/pack.hpp"

namespace scorepath::bench::SCOREPATH_ISA_NAME {
namespace {

#if defined(SCOREPATH_ISA_AVX512)
using Products = __m512i;
Products multiply_even(Products a, Products b) { return _mm512_mul_epu32(a, b); }
#elif defined(SCOREPATH_ISA_AVX2)
using Products = __m256i;
Products multiply_even(Products a, Products b) { return _mm256_mul_epu32(a, b); }
#elif defined(__SSE2__)
}  // namespace
}  // namespace scorepath::bench::SCOREPATH_ISA_NAME
#include <emmintrin.h>
namespace scorepath::bench::SCOREPATH_ISA_NAME {
namespace {
using Products = __m128i;
Products multiply_even(Products a, Products b) { return _mm_mul_epu32(a, b); }
#else
using Products [[gnu::vector_size(16)]] = std::uint64_t;
Products multiply_even(Products a, Products b) { return (a & 0xffffffffull) * (b & 0xffffffffull); }
#endif

/// Enough chains for two units of latency five, few enough for sixteen registers.
constexpr int chains = 12;

/// Applies `round` to twelve values, round after round. The optimiser must take them as changed after each, but where
/// they stand: "v" is any vector register.
template <class V, class Round>
[[gnu::always_inline]] inline void run_chains(long rounds, V start, V change, const Round& round) {
  V a = start, b = a + change, c = b + change, d = c + change, e = d + change, f = e + change;
  V g = f + change, h = g + change, i = h + change, j = i + change, k = j + change, l = k + change;
  for (long r = 0; r < rounds; ++r) {
    a = round(a), b = round(b), c = round(c), d = round(d), e = round(e), f = round(f);
    g = round(g), h = round(h), i = round(i), j = round(j), k = round(k), l = round(l);
#if defined(__x86_64__)
    asm volatile("" : "+v"(a), "+v"(b), "+v"(c), "+v"(d), "+v"(e), "+v"(f));
    asm volatile("" : "+v"(g), "+v"(h), "+v"(i), "+v"(j), "+v"(k), "+v"(l));
#else
    asm volatile("" : "+w"(a), "+w"(b), "+w"(c), "+w"(d), "+w"(e), "+w"(f));
    asm volatile("" : "+w"(g), "+w"(h), "+w"(i), "+w"(j), "+w"(k), "+w"(l));
#endif
  }
}

void fma_rounds(long rounds) {
  using kernels::Pack;
  const Pack factor(0.999f), term(0.001f);
  run_chains(
      rounds, Pack(1.0f).v, Pack(0.01f).v, [&](auto v) __attribute__((always_inline)) {
#if defined(SCOREPATH_ISA_BASELINE)
        return (Pack(v) * factor + term).v;  // no fused one: a multiplication and an addition
#else
    return fma(Pack(v), factor, term).v;
#endif
      });
}

void multiply_rounds(long rounds) {
  const Products factor = Products{} + 0x7531BEEF;
  run_chains(
      rounds, Products{} + 0x12345678,
      Products{} + 1, [&](auto v) __attribute__((always_inline)) { return multiply_even(v, factor); });
}

}  // namespace

Limits limits() {
  return {chains * kernels::width_v<kernels::Pack>, chains * static_cast<int>(sizeof(Products) / 8), fma_rounds,
          multiply_rounds};
}

}  // namespace scorepath::bench::SCOREPATH_ISA_NAME
