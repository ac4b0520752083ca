// Host/device mark and the two debug checks of the numerics. Both vanish unless SCOREPATH_CHECKS is defined.
#pragma once

#if defined(__CUDACC__)
#define SP_HD __host__ __device__ __forceinline__
#else
#define SP_HD inline __attribute__((always_inline))
#endif

// A host/device function template that the host compiles once per lane type instead of into every caller. Always
// `static`: units of different instruction sets must not share a body.
#if defined(__CUDACC__)
#define SP_HD_CALL __host__ __device__ __forceinline__  // no calls on the device: nothing goes through memory
#else
#define SP_HD_CALL __attribute__((noinline))
#endif

#if defined(SCOREPATH_CHECKS)
#include <cassert>
#define SP_EXPECT(condition) assert(condition)  // what the caller must have made true
#define SP_ENSURE(condition) assert(condition)  // what this function has made true
#else
#define SP_EXPECT(condition) static_cast<void>(0)
#define SP_ENSURE(condition) static_cast<void>(0)
#endif
