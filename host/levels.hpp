// Levels of a multilevel estimate: each a job of its own steps and draws, and the parts of the estimate that they give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "host/point_stage.hpp"

namespace scorepath {

struct Level {
  JobContext job;
  Group group;
  Stage pilot, estimate;

  /// The `index`-th of `levels`, of a whole job.
  Level(const JobContext& whole, std::size_t points, std::size_t index, std::size_t levels);
  double evaluations(std::size_t p) const { return static_cast<double>(group.plans[p]->evaluations_per_sample()); }
  std::uint64_t steps() const { return job.options.steps / job.level.every; }
};
using Levels = std::vector<std::unique_ptr<Level>>;

/// Of P_0, or of P_l - P_{l-1}; as everywhere of what is taken from the baseline.
kernels::Moments of_level(const Level& level, const Stage& stage, std::size_t p);
/// The parts of the estimate: Richardson's step makes the last difference four thirds of itself.
std::vector<kernels::Moments> parts_of(const Levels& levels, Stage Level::*stage, std::size_t p, std::size_t used);
/// Paths of all levels.
std::uint64_t done_of(const Levels& levels, Stage Level::*stage, std::size_t p);

/// The sum of independent means as if it were the mean of one sample: its mean, variance and skewness, and as many
/// numbers as its variance rests on (Satterthwaite 1946). Every part has two numbers or more.
kernels::Moments sum_of_means(const std::vector<kernels::Moments>& parts);

}  // namespace scorepath
