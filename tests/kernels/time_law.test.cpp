// Time laws: node tables rise from 0 to the far end, the law that is drawn from is the stated one, and integrals come
// out.
#include "kernels/step/time_law.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "tests/kernels/law_cases.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

using kernels::CellShape;

constexpr int cells = 1024;

std::vector<double> uniform_nodes(const RangeCase& c) {
  std::vector<double> nodes(cells + 1, -1.0);
  kernels::uniform_nodes(c.schedule, c.range, cells, nodes.data());
  return nodes;
}
std::vector<double> debiased_nodes(const RangeCase& c) {
  std::vector<double> nodes(cells + 1, -1.0);
  kernels::debiased_nodes(c.schedule, c.range, cells, nodes.data());
  return nodes;
}
std::vector<double> log_snr_nodes(double end, double floor) {
  std::vector<double> nodes(cells + 1, -1.0);
  kernels::log_snr_nodes(end, floor, cells, nodes.data());
  return nodes;
}

/// rho at position p in [0, 1), and drho/dp: what a lane does with the table.
struct Drawn {
  double rho, rate;
};
Drawn draw(const kernels::LawTable<double>& law, double p) {
  const int count = 1 << law.cells_log2;
  const int cell = std::min(static_cast<int>(p * count), count - 1);
  const double v = p * count - cell;
  return {law.a[cell] + v * (law.b[cell] + v * law.c[cell]), (law.b[cell] + 2.0 * v * law.c[cell]) * count};
}

/// The stated law's share below rho: a sixteenth evenly in rho before t_min, a sixteenth evenly in ln rho beyond t_max,
/// and between them body(t), which runs from 0 to 1.
template <class Body>
double stated_share(const RangeCase& c, double rho, const Body& body) {
  const double head = c.range.body_begin > 0.0 ? 1.0 / 16.0 : 0.0;
  const double tail = c.range.end > c.range.body_end * (1.0 + 1e-12) ? 1.0 / 16.0 : 0.0;
  if (rho < c.range.body_begin) return head * rho / c.range.body_begin;
  if (rho > c.range.body_end)
    return 1.0 - tail * std::log(c.range.end / rho) / std::log(c.range.end / c.range.body_end);
  const double t = c.schedule.time_of_noise_ratio((c.range.start + rho) / c.range.scale);
  return head + (1.0 - head - tail) * body(t);
}
double uniform_share(const RangeCase& whole, double rho) {
  RangeCase c = whole;
  c.range = kernels::end_before_jumps(c.schedule, c.range, cells);
  return stated_share(c, rho, [&](double t) { return (t - c.range.t_min) / (c.range.t_max - c.range.t_min); });
}
/// Density d ln rho/dt above the cut-off, its value there below; ln rho by the schedule's own functions.
double debiased_share(const RangeCase& c, double rho) {
  const kernels::NoiseRange& r = c.range;
  const double cut = r.t_min + kernels::debiased_cut * (r.t_max - r.t_min);
  const auto rho_at = [&](double t) { return c.schedule.noise_ratio(t) * r.scale - r.start; };
  const double density_at_cut = c.schedule.noise_ratio_rate(cut) * r.scale / rho_at(cut);
  const double below = density_at_cut * (cut - r.t_min);
  const double above = std::log(r.body_end / rho_at(cut));
  return stated_share(c, rho, [&](double t) {
    return (t <= cut ? density_at_cut * (t - r.t_min) : below + std::log(rho / rho_at(cut))) / (below + above);
  });
}

void expect_rising(const std::vector<double>& nodes, double end, const std::string& name) {
  EXPECT_EQ(nodes.front(), 0.0) << name;
  EXPECT_EQ(nodes.back(), end) << name;
  for (std::size_t k = 0; k + 1 < nodes.size(); ++k) ASSERT_LT(nodes[k], nodes[k + 1]) << name << ", node " << k;
}

TEST(TimeLaw, NodesRiseFromTheQueryPointToTheFarEnd) {
  for (const RangeCase& c : range_cases()) {
    expect_rising(uniform_nodes(c), c.range.end, c.name + " uniform");
    expect_rising(debiased_nodes(c), c.range.end, c.name + " debiased");
    for (const double floor : {1e-8, 0.1, 30.0}) expect_rising(log_snr_nodes(c.range.end, floor), c.range.end, c.name);
  }
}

/// Node k has the share k/cells below it. Times come back from the inverse of the schedule: 1e-7.
TEST(TimeLaw, NodesLieAtTheStatedShares) {
  for (const RangeCase& c : range_cases()) {
    const std::vector<double> uniform = uniform_nodes(c), debiased = debiased_nodes(c);
    for (int k = 0; k <= cells; ++k) {
      const auto at = static_cast<std::size_t>(k);
      const double share = static_cast<double>(k) / cells;
      ASSERT_NEAR(uniform_share(c, uniform[at]), share, 1e-7) << c.name << ", node " << k;
      ASSERT_NEAR(debiased_share(c, debiased[at]), share, 1e-7) << c.name << ", node " << k;
    }
  }
}

/// Li-Yan: rho = t/(1 - t), so that 1 - t = 1/1024 and 2/1024 lie at 1023 and 511, more than a factor of two apart; the
/// step before, from 340.3, is smaller. A schedule that stays away from a = 0 keeps its whole body.
TEST(TimeLaw, UniformInTimeEndsWhereOneCellWouldDoubleTheNoise) {
  const kernels::NoiseRange whole{1.0, 0.0, 1e8, 0.0, 1.0 - 1e-8, 0.0, 1e8 - 1.0};
  const kernels::NoiseRange ended = kernels::end_before_jumps(kernels::LiYanSchedule{}, whole, cells);
  EXPECT_NEAR(ended.body_end, 511.0, 0.01);
  EXPECT_NEAR(ended.t_max, 1.0 - 2.0 / cells, 1e-7);
  const kernels::VpLinearSchedule vp{0.1, 20.0};
  const kernels::NoiseRange vp_whole{1.0, 0.0, 1e6, 0.0, 1.0, 0.0, vp.noise_ratio(1.0)};
  EXPECT_EQ(kernels::end_before_jumps(vp, vp_whole, cells).body_end, vp_whole.body_end);
}

/// rho = floor sinh^2(theta p): share asinh(sqrt(rho/floor))/theta, at nodes exactly and within cells to 1/200 of a
/// cell.
TEST(TimeLaw, LogSnrHasTheStatedLaw) {
  for (const double floor : {1e-6, 0.3, 10.0}) {
    constexpr double end = 3e4;
    const std::vector<double> nodes = log_snr_nodes(end, floor);
    std::vector<double> memory(3 * cells);
    const auto law = kernels::make_law_table(nodes.data(), cells, CellShape::linear_in_root, memory.data());
    const auto share = [&](double rho) {
      return std::asinh(std::sqrt(rho / floor)) / std::asinh(std::sqrt(end / floor));
    };
    for (int k = 0; k < cells; ++k) {
      ASSERT_NEAR(share(nodes[static_cast<std::size_t>(k)]), static_cast<double>(k) / cells, 1e-13);
      const double p = (k + 0.37) / cells;
      ASSERT_NEAR(share(draw(law, p).rho), p, 0.005 / cells) << k;
    }
  }
}

/// Random positions through the table: their shares under the stated law fill 48 equal cells (chi-square, |z| <=
/// z_bound).
TEST(TimeLaw, DrawsFollowTheStatedLaw) {
  std::mt19937_64 words(test_seed());
  std::uniform_real_distribution<double> position(0.0, 1.0);
  for (const RangeCase& c : range_cases()) {
    for (const bool debiased : {false, true}) {
      const std::vector<double> nodes = debiased ? debiased_nodes(c) : uniform_nodes(c);
      std::vector<double> memory(3 * cells);
      const auto law = kernels::make_law_table(nodes.data(), cells, CellShape::linear_in_rho, memory.data());
      std::vector<std::uint64_t> counts(64);
      for (int i = 0; i < 16384; ++i) {
        const double rho = draw(law, position(words)).rho;
        const double share = debiased ? debiased_share(c, rho) : uniform_share(c, rho);
        ++counts[std::min<std::size_t>(63, static_cast<std::size_t>(std::max(share, 0.0) * 64.0))];
      }
      EXPECT_LE(std::fabs(z_of_uniform_counts(counts)), z_bound) << c.name << (debiased ? ", debiased" : ", uniform");
    }
  }
}

/// The planted fault that the test above must see: the law of another schedule.
TEST(TimeLaw, DrawsOfAnotherLawAreSeen) {
  const kernels::NoiseSchedule schedule = kernels::VpLinearSchedule{0.1, 20.0},
                               other = kernels::VpLinearSchedule{0.1, 16.0};
  const RangeCase right{"", schedule, make_range(schedule, 1.0, false, 0.0, 1.0, 1.0)};
  const RangeCase wrong{"", other, make_range(other, 1.0, false, 0.0, 1.0, 1.0)};
  std::vector<double> memory(3 * cells);
  const std::vector<double> nodes = uniform_nodes(wrong);
  const auto law = kernels::make_law_table(nodes.data(), cells, CellShape::linear_in_rho, memory.data());
  std::vector<std::uint64_t> counts(64);
  for (int i = 0; i < 16384; ++i) {
    ++counts[std::min<std::size_t>(
        63, static_cast<std::size_t>(64.0 * uniform_share(right, draw(law, (i + 0.5) / 16384).rho)))];
  }
  EXPECT_GT(std::fabs(z_of_uniform_counts(counts)), z_bound);
}

/// int_0^end m drho/(m + rho)^2 = end/(m + end), m the law's median: the mean of f(rho) drho/dp over 2^17 positions, to
/// 1e-6 where every cell resolves f, and to 2e-3 for laws whose first or last cell spans decades (a thousandth of the
/// integral lies there).
TEST(TimeLaw, IntegralsComeOutUnderEveryLaw) {
  const auto error = [](const std::vector<double>& nodes, CellShape shape) {
    std::vector<double> memory(3 * (nodes.size() - 1));
    const auto law = kernels::make_law_table(nodes.data(), static_cast<int>(nodes.size() - 1), shape, memory.data());
    constexpr int positions = 1 << 17;
    const double median = nodes[nodes.size() / 2];
    double sum = 0.0;
    for (int i = 0; i < positions; ++i) {
      const Drawn d = draw(law, (i + 0.5) / positions);
      sum += d.rate * median / ((median + d.rho) * (median + d.rho)) / positions;
    }
    return std::fabs(sum - nodes.back() / (median + nodes.back()));
  };
  for (const RangeCase& c : range_cases()) {
    EXPECT_LE(error(log_snr_nodes(c.range.end, 0.1), CellShape::linear_in_root), 1e-6) << c.name;
    EXPECT_LE(error(uniform_nodes(c), CellShape::linear_in_rho), 2e-3) << c.name;
    EXPECT_LE(error(debiased_nodes(c), CellShape::linear_in_rho), 2e-3) << c.name;
  }
}

TEST(TimeLaw, FloatTablesAreTheDoubleOnesRoundedOnce) {
  const std::vector<double> nodes = log_snr_nodes(1e5, 0.2);
  std::vector<double> wide(3 * cells);
  std::vector<float> narrow(3 * cells);
  const auto a = kernels::make_law_table(nodes.data(), cells, CellShape::linear_in_root, wide.data());
  const auto b = kernels::make_law_table(nodes.data(), cells, CellShape::linear_in_root, narrow.data());
  EXPECT_EQ(a.cells_log2, 10);
  EXPECT_EQ(b.cells_log2, 10);
  for (std::size_t i = 0; i < wide.size(); ++i) ASSERT_EQ(narrow[i], static_cast<float>(wide[i]));
  for (int k = 0; k < cells; ++k)
    ASSERT_NEAR(a.a[k] + a.b[k] + a.c[k], nodes[static_cast<std::size_t>(k) + 1],
                1e-9 * nodes[static_cast<std::size_t>(k) + 1]);
}

/// Warped nodes keep both ends, and the share of the new law below the old law's position q is that of the density
/// asked for.
TEST(WarpedNodes, KeepTheEndsAndHaveTheDensityAskedFor) {
  const std::vector<double> old_nodes = log_snr_nodes(1e4, 0.1);
  for (const std::vector<double>& density :
       {std::vector<double>(16, 1.0), std::vector<double>{1, 2, 3, 4, 100, 0.01, 7, 7}, std::vector<double>{5}}) {
    const auto bins = static_cast<int>(density.size());
    std::vector<double> nodes(257, -1.0);
    kernels::warp_nodes(old_nodes.data(), cells, density.data(), bins, 256, nodes.data());
    expect_rising(nodes, old_nodes.back(), "warped");
    double total = 0.0;
    for (const double share : density) total += share;
    std::size_t cell = 0;
    for (std::size_t k = 0; k <= 256; ++k) {
      while (cell + 1 < cells && old_nodes[cell + 1] < nodes[k]) ++cell;
      const double low = std::sqrt(old_nodes[cell]), high = std::sqrt(old_nodes[cell + 1]);
      const double place = (static_cast<double>(cell) + (std::sqrt(nodes[k]) - low) / (high - low)) / cells * bins;
      double mass = 0.0;
      for (int b = 0; b < bins; ++b) mass += density[static_cast<std::size_t>(b)] * std::clamp(place - b, 0.0, 1.0);
      ASSERT_NEAR(mass / total, static_cast<double>(k) / 256, 1e-10) << bins << " bins, node " << k;
    }
  }
}

}  // namespace
}  // namespace scorepath::test
