// Steered paths on packs. Compiled once per instruction set.
#include "kernels/steered.hpp"

#include "kernels/cpu/isa/engine.hpp"
#include "kernels/cpu/isa/functions.hpp"

namespace scorepath::kernels {
namespace {

/// Number i of a path, what it carries first and then its coordinates, goes to values [i * stride + path].
template <class F>
void steered_loop(const SteeredJob<scalar_t<F>>& job, std::uint64_t first, int count, scalar_t<F>* values,
                  std::size_t stride) {
  const auto run = [&]<bool carries>(std::bool_constant<carries>) __attribute__((always_inline)) {
    loop_over_packs<F>(
        job, first, count,
        [&](int i, const auto& score, std::uint64_t path, const Workspace<F>& work) __attribute__((always_inline)) {
          const auto to = [&](int number) { return values + static_cast<std::size_t>(number) * stride + i; };
          constexpr int before = carries ? carried_values : 0;
          const Carried<F> carried = run_passes<carries>(
              score, job, path, work, [&](int j, F y) __attribute__((always_inline)) { store(to(before + j), y); });
          if constexpr (carries) {
            store(to(0), carried.value);
            store(to(1), carried.sum);
            store(to(2), carried.square);
          }
        });
  };
  if (job.two_stages || job.density) {
    run(std::true_type{});
  } else {
    run(std::false_type{});
  }
}

}  // namespace
}  // namespace scorepath::kernels

namespace scorepath::kernels::SCOREPATH_ISA_NAME {

void run_steered_float(const SteeredJob<float>& job, std::uint64_t first, int count, float* values,
                       std::size_t stride) {
  steered_loop<WidePack>(job, first, count, values, stride);
}

void run_steered_double(const SteeredJob<double>& job, std::uint64_t first, int count, double* values,
                        std::size_t stride) {
  steered_loop<double>(job, first, count, values, stride);
}

}  // namespace scorepath::kernels::SCOREPATH_ISA_NAME
