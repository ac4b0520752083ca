// From the values of a batch to its record of moments, by one thread (CPU) or by a block of them (CUDA): the order of
// every sum is fixed by indices, so both give the same bits.
#pragma once

#include "kernels/lane/lane.hpp"
#include "kernels/reduce/moments.hpp"

namespace scorepath::kernels {

/// Moments of one batch, mergeable in batch order.
struct BatchRecord {
  Moments value;                 // of the independent samples (means of randomisations)
  std::uint64_t non_finite = 0;  // samples that were not finite
};

/// Doubles that batch_record() works in.
SP_HD constexpr std::uint32_t batch_memory(std::uint32_t count, int log2_length) {
  return count + (count >> log2_length);
}

/// values [count], count a multiple of 2^log2_length, the samples of a randomisation; memory [batch_memory].
/// Workers: who does it; all of them get the record.
template <class Workers>
SP_HD BatchRecord batch_record(const Workers& workers, const float* values, std::uint32_t count, int log2_length,
                               double* memory) {
  double* means = memory;
  const std::uint32_t groups = count >> log2_length;
  double* scratch = memory + groups;
  BatchRecord record;
  each(workers, count, [&](std::uint32_t i) { scratch[i] = is_finite(values[i]) ? 0.0 : 1.0; });
  record.non_finite = static_cast<std::uint64_t>(tree_sum(workers, scratch, count));
  // The means of the groups, every group by the tree of tree_sum() at once.
  each(workers, count, [&](std::uint32_t i) { scratch[i] = static_cast<double>(values[i]); });
  for (int level = log2_length - 1; level >= 0; --level) {
    const std::uint32_t half = std::uint32_t{1} << level;
    each(workers, groups << level, [&](std::uint32_t i) {
      const std::uint32_t at = (i >> level << log2_length) + (i & (half - 1));
      scratch[at] += scratch[at + half];
    });
  }
  const double length = static_cast<double>(std::uint64_t{1} << log2_length);
  each(workers, groups, [&](std::uint32_t g) { means[g] = scratch[g << log2_length] / length; });
  record.value = moments_of(workers, means, groups, scratch);
  return record;
}

}  // namespace scorepath::kernels
