// Time laws: node tables rise from 0 to the far end, the law that is drawn from is the stated one, and integrals come
// out.
#include "kernels/step/time_law.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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

/// The stated law's share below rho: none before t_min and beyond t_max, between them body(t), which runs from 0 to 1.
template <class Body>
double stated_share(const RangeCase& c, double rho, const Body& body) {
  if (rho <= c.range.body_begin) return 0.0;
  if (rho >= c.range.body_end) return 1.0;
  return body(c.schedule.time_of_noise_ratio((c.range.start + rho) / c.range.scale));
}
double uniform_share(const RangeCase& c, double rho) {
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

/// The share of a law below rho that is uniform in rho between its nodes.
double tabulated_share(const std::vector<double>& nodes, double rho) {
  if (rho <= nodes.front()) return 0.0;
  if (rho >= nodes.back()) return 1.0;
  const auto above = std::upper_bound(nodes.begin(), nodes.end(), rho);
  const double low = *(above - 1);
  return (static_cast<double>(above - nodes.begin() - 1) + (rho - low) / (*above - low)) /
         static_cast<double>(nodes.size() - 1);
}
std::vector<double> mixed_nodes(const std::vector<double>& own, double end, double floor, double share) {
  const std::vector<double> other = log_snr_nodes(end, floor);
  std::vector<double> nodes(cells + 1, -1.0);
  kernels::mix_nodes(own.data(), static_cast<int>(own.size()) - 1, other.data(), cells, share, cells, nodes.data());
  return nodes;
}

void expect_rising(const std::vector<double>& nodes, double begin, double end, const std::string& name) {
  EXPECT_EQ(nodes.front(), begin) << name;
  EXPECT_EQ(nodes.back(), end) << name;
  for (std::size_t k = 0; k + 1 < nodes.size(); ++k) ASSERT_LT(nodes[k], nodes[k + 1]) << name << ", node " << k;
}

TEST(TimeLaw, NodesRiseFromBeginToEnd) {
  for (const RangeCase& c : range_cases()) {
    const std::vector<double> uniform = uniform_nodes(c), debiased = debiased_nodes(c);
    expect_rising(uniform, c.range.body_begin, c.range.body_end, c.name + " uniform");
    expect_rising(debiased, c.range.body_begin, c.range.body_end, c.name + " debiased");
    for (const double floor : {1e-8, 0.1, 30.0}) {
      expect_rising(log_snr_nodes(c.range.end, floor), 0.0, c.range.end, c.name);
      expect_rising(mixed_nodes(uniform, c.range.end, floor, 0.25), 0.0, c.range.end, c.name + " mixed");
      expect_rising(mixed_nodes(debiased, c.range.end, floor, 0.25), 0.0, c.range.end, c.name + " mixed");
    }
  }
}

/// Node k of a mixture has the share k/cells of the two tables below it, whatever part of the range the first one
/// covers and however far its nodes are apart.
TEST(TimeLaw, MixedNodesHaveTheSharesOfBothLaws) {
  const std::vector<double> other = log_snr_nodes(1e4, 1e-3);
  std::vector<double> jumping;
  for (int k = 0; k <= 64; ++k) jumping.push_back(1e4 * k / 64);
  for (const std::vector<double>& own : {std::vector<double>{1e-5, 2e-5, 3e3}, std::vector<double>{0.0, 1e4}, jumping,
                                         std::vector<double>{10.0, 10.5, 11.0, 11.25, 11.5}}) {
    for (const double share : {0.01, 0.25, 0.99}) {
      const std::vector<double> nodes = mixed_nodes(own, 1e4, 1e-3, share);
      for (std::size_t k = 0; k <= cells; ++k)
        ASSERT_NEAR((1.0 - share) * tabulated_share(own, nodes[k]) + share * tabulated_share(other, nodes[k]),
                    static_cast<double>(k) / cells, 1e-12)
            << own.size() << " nodes, share " << share << ", node " << k;
    }
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
        const double share = std::clamp(debiased ? debiased_share(c, rho) : uniform_share(c, rho), 0.0, 1.0);
        ++counts[std::min<std::size_t>(63, static_cast<std::size_t>(share * 64.0))];
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
/// 1e-6 where every cell resolves f, and to 1e-3 for laws with cells that span decades.
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
    for (const std::vector<double>& own : {uniform_nodes(c), debiased_nodes(c)})
      EXPECT_LE(error(mixed_nodes(own, c.range.end, 0.1, 0.25), CellShape::linear_in_rho), 1e-3) << c.name;
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
    expect_rising(nodes, 0.0, old_nodes.back(), "warped");
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
