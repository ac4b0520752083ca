// The pack of this translation unit: sources in kernels/cpu/isa are compiled once per instruction set, each time with
// one of SCOREPATH_ISA_BASELINE, SCOREPATH_ISA_AVX2, SCOREPATH_ISA_AVX512 defined (cmake/isa.cmake).
#pragma once

#if defined(__CUDACC__)
#error "packs are for the host compiler; device code uses the scalar lane"
#endif

#if defined(SCOREPATH_ISA_AVX512)
#include "kernels/cpu/pack_avx512.hpp"
namespace scorepath::kernels {
namespace isa = avx512;
}
#elif defined(SCOREPATH_ISA_AVX2)
#include "kernels/cpu/pack_avx2.hpp"
namespace scorepath::kernels {
namespace isa = avx2;
}
#elif defined(SCOREPATH_ISA_BASELINE)
#include "kernels/cpu/pack_baseline.hpp"
namespace scorepath::kernels {
namespace isa = baseline;
}
#else
#error "define one of SCOREPATH_ISA_BASELINE, SCOREPATH_ISA_AVX2, SCOREPATH_ISA_AVX512"
#endif

#include "kernels/cpu/pack_twin.hpp"

namespace scorepath::kernels {
using Pack = isa::Real;
using TwinPack = Twin<Pack>;
/// What paths run on: sixteen registers do well with two packs in flight (1.1 to 1.15 times faster), thirty-two with
/// one.
#if defined(SCOREPATH_ISA_AVX2)
using WidePack = TwinPack;
#else
using WidePack = Pack;
#endif

template <>
SP_HD word_t<TwinPack> lane_index<TwinPack>() {
  const word_t<Pack> index = lane_index<Pack>();
  return {index, index + word_t<Pack>(static_cast<std::uint32_t>(width_v<Pack>))};
}
template <>
SP_HD TwinPack load<TwinPack>(const float* from) {
  return {load<Pack>(from), load<Pack>(from + width_v<Pack>)};
}
template <>
SP_HD word_t<TwinPack> load_words<TwinPack>(const std::uint32_t* from) {
  return {load_words<Pack>(from), load_words<Pack>(from + width_v<Pack>)};
}
template <>
SP_HD TwinPack gather<TwinPack>(const float* table, word_t<TwinPack> index) {
  return {gather<Pack>(table, index.a), gather<Pack>(table, index.b)};
}
template <>
SP_HD TwinPack to_real_signed<TwinPack>(word_t<TwinPack> w) {
  return {to_real_signed<Pack>(w.a), to_real_signed<Pack>(w.b)};
}
}  // namespace scorepath::kernels
