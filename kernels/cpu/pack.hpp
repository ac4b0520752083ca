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

namespace scorepath::kernels {
using Pack = isa::Real;
}
