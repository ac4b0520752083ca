#include "host/levels.hpp"

#include <algorithm>
#include <cmath>

namespace scorepath {
namespace {

/// What a level's draws are away from the next one's; pilots begin at 2^40 (host/point_run.cpp).
constexpr int log2_level_draws = 42;

kernels::Moments scaled(const kernels::Moments& m, double factor) {
  return {m.count, factor * m.mean, factor * factor * m.m2, factor * factor * factor * m.m3};
}

}  // namespace

Level::Level(const JobContext& whole, std::size_t points, std::size_t index, std::size_t levels)
    : job(whole), pilot(points, 0), estimate(points, 0) {
  job.level = {std::uint64_t{1} << (levels - 1 - index), index > 0, std::uint64_t{index} << log2_level_draws};
}

kernels::Moments of_level(const Level& level, const Stage& stage, std::size_t p) {
  return level.job.level.coupled ? scaled(stage.leaning[p], level_difference) : stage.sums[p].value;
}

std::vector<kernels::Moments> parts_of(const Levels& levels, Stage Level::*stage, std::size_t p, std::size_t used) {
  std::vector<kernels::Moments> parts;
  for (std::size_t l = 0; l < used; ++l)
    parts.push_back(scaled(of_level(*levels[l], (*levels[l]).*stage, p), l + 1 < used ? 1.0 : 4.0 / 3.0));
  return parts;
}

std::uint64_t done_of(const Levels& levels, Stage Level::*stage, std::size_t p) {
  std::uint64_t paths = 0;
  for (const auto& level : levels) paths += ((*level).*stage).done[p];
  return paths;
}

kernels::Moments sum_of_means(const std::vector<kernels::Moments>& parts) {
  double mean = 0.0, variance = 0.0, third = 0.0, rest = 0.0;
  std::uint64_t count = 0;
  for (const kernels::Moments& m : parts) {
    const auto n = static_cast<double>(m.count);
    const double own = m.variance_of_mean();
    mean += m.mean;
    variance += own;
    third += m.m3 / (n * n * n);
    rest += own * own / (n - 1.0);
    count += m.count;
  }
  if (!(rest > 0.0)) return {count, mean, variance, 0.0};  // nothing varies, or what does is no number
  const double n = 1.0 + variance * variance / rest, skewness = third / (variance * std::sqrt(variance)) * std::sqrt(n);
  const auto whole = std::max<std::uint64_t>(static_cast<std::uint64_t>(n), 2);
  const double m2 = variance * static_cast<double>(whole) * static_cast<double>(whole - 1);
  return {whole, mean, m2, skewness * m2 * std::sqrt(m2 / static_cast<double>(whole))};
}

}  // namespace scorepath
