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

// A pointer to numbers that stand at a multiple of `bytes` in tables of the device (kernels/cuda/packing.hpp): CUDA
// threads then load several at once. Host tables promise nothing.
#if defined(__CUDA_ARCH__)
#define SP_ALIGNED(pointer, bytes) static_cast<decltype(pointer)>(__builtin_assume_aligned(pointer, bytes))
#else
#define SP_ALIGNED(pointer, bytes) (pointer)
#endif

#if defined(SCOREPATH_CHECKS)
#include <cassert>
#define SP_EXPECT(condition) assert(condition)  // what the caller must have made true
#define SP_ENSURE(condition) assert(condition)  // what this function has made true
#else
#define SP_EXPECT(condition) static_cast<void>(0)
#define SP_ENSURE(condition) static_cast<void>(0)
#endif
