// cuRAND's host interface, opened at run time where it is installed: its host generators need no GPU.
#pragma once

#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace scorepath::test {

/// Pseudo-random and Sobol' words of cuRAND. The numbers are those of curand.h (CUDA 10 to 13).
class Curand {
 public:
  static constexpr int philox4_32_10 = 161;
  static constexpr int quasi_sobol32 = 201;
  static constexpr int joe_kuo_6 = 101;

  bool present() const { return library() != nullptr; }

  /// The first `count` words of the host generator with this seed; empty where a call fails.
  std::vector<std::uint32_t> philox_words(std::uint64_t seed, std::size_t count) const {
    return generate(philox4_32_10, count, [&](void* generator) {
      return function<int(void*, unsigned long long)>("curandSetPseudoRandomGeneratorSeed")(generator, seed);
    });
  }

  /// The first `points` points of the Sobol' sequence [dimensions x points]; empty where a call fails.
  std::vector<std::uint32_t> sobol_words(unsigned dimensions, std::size_t points) const {
    return generate(quasi_sobol32, dimensions * points, [&](void* generator) {
      return function<int(void*, unsigned)>("curandSetQuasiRandomGeneratorDimensions")(generator, dimensions);
    });
  }

  /// The direction words of Joe and Kuo's numbers [20000 x 32]; null where the call fails.
  const std::uint32_t (*directions() const)[32] {
    std::uint32_t(*vectors)[32] = nullptr;
    const auto get = function<int(std::uint32_t(**)[32], int)>("curandGetDirectionVectors32");
    return get(&vectors, joe_kuo_6) == 0 ? vectors : nullptr;
  }

 private:
  /// Opened once and never closed: what its initialisation allocates is not freed by dlclose, and leak checkers see it.
  static void* library() {
    static void* const handle = [] {
      for (const char* name : {"libcurand.so.10", "libcurand.so", "/usr/local/cuda/lib64/libcurand.so.10",
                               "/usr/local/cuda/lib64/libcurand.so"}) {
        if (void* opened = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return opened;
      }
      return static_cast<void*>(nullptr);
    }();
    return handle;
  }

  template <class Signature>
  Signature* function(const char* name) const {
    return reinterpret_cast<Signature*>(dlsym(library(), name));
  }

  template <class Setup>
  std::vector<std::uint32_t> generate(int type, std::size_t count, const Setup& setup) const {
    void* generator = nullptr;
    if (function<int(void**, int)>("curandCreateGeneratorHost")(&generator, type) != 0) return {};
    std::vector<std::uint32_t> words(count);
    const bool done = setup(generator) == 0 && function<int(void*, std::uint32_t*, std::size_t)>("curandGenerate")(
                                                   generator, words.data(), count) == 0;
    function<int(void*)>("curandDestroyGenerator")(generator);
    return done ? words : std::vector<std::uint32_t>{};
  }
};

}  // namespace scorepath::test
