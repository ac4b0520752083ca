// A quadrature that is off says so: step counts and grids at which a comparison with every second node is blind or
// crosses zero by chance, and budgets at which one with independent slices sees nothing.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"

namespace scorepath::test {
namespace {

struct Case {
  const char* name;
  const char* mixture;
  ScheduleKind schedule;
  Grid grid;
  std::uint64_t steps, paths;
};
void PrintTo(const Case& c, std::ostream* os) { *os << c.name; }

class DiscretizationFlag : public ::testing::TestWithParam<Case> {};

/// A point is well when |error| <= 6 standard errors, or when its flag is up. Every case must have points that are off.
TEST_P(DiscretizationFlag, IsUpWhereTheErrorBarIsNotEnough) {
  const Case& c = GetParam();
  NamedProblem np = load_mixture(c.mixture);
  np.problem.schedule.kind = c.schedule;
  Options o;
  o.sampler = Sampler::paths;
  o.grid = c.grid;
  o.steps = c.steps;
  o.paths = c.paths;
  o.seed = test_seed();
  int off = 0;
  for (const PointResult& p : estimate_log_density(np.problem, np.points, o).points) {
    const double error = std::abs(*p.log_density - *p.exact_log_density);
    if (error <= 6.0 * *p.std_error) continue;
    ++off;
    EXPECT_NE(std::find(p.flags.begin(), p.flags.end(), "discretization"), p.flags.end())
        << "point " << p.index << ": error " << error << ", standard error " << *p.std_error
        << ", discretization_error " << *p.discretization_error;
    EXPECT_GE(*p.discretization_error, 0.5 * error) << "point " << p.index;
  }
  EXPECT_GT(off, 0) << "the case no longer shows what it is for";
}

INSTANTIATE_TEST_SUITE_P(Of, DiscretizationFlag,
                         ::testing::Values(Case{"EdmUniformT", "anisotropic-2", Edm{}, Grid::uniform_t, 256, 16384},
                                           Case{"EdmUniformTShort", "anisotropic-2", Edm{}, Grid::uniform_t, 128,
                                                16384},
                                           Case{"LogSnr11", "cloud-64", VpLinear{}, Grid::log_snr, 11, 16384},
                                           Case{"LogSnr10", "cloud-16", VpLinear{}, Grid::log_snr, 10, 16384},
                                           Case{"Stationary9", "anisotropic-2", VpLinear{}, Grid::stationary, 9, 16384},
                                           Case{"LogSnr7", "ring-2", VpLinear{}, Grid::log_snr, 7, 4096},
                                           Case{"LiYanStationary7", "ring-2", LiYan{}, Grid::stationary, 7, 4096},
                                           Case{"LiYanUniformT5", "ring-2", LiYan{}, Grid::uniform_t, 5, 4096},
                                           Case{"LiYanLogSnr10", "ring-2", LiYan{}, Grid::log_snr, 10, 16384}),
                         [](const auto& info) { return std::string(info.param.name); });

/// A component that few paths meet carries the bias: as few rays would see nothing of it.
TEST(DiscretizationFlag, IsUpWhereARareComponentCarriesTheBias) {
  const Problem problem{{VpLinear{}, {}, {}},
                        GaussianMixture{{0.995, 0.005}, Matrix(2, 1, {0.0, 40.0}), Matrix(2, 1, {1.0, 0.01})}};
  const Matrix points(4, 1, {-1.0, 0.0, 0.5, 2.0});
  Options o;
  o.sampler = Sampler::paths;
  o.grid = Grid::log_snr;
  o.steps = 12;
  o.paths = 1u << 20;
  o.seed = test_seed();
  for (const PointResult& p : estimate_log_density(problem, points, o).points) {
    EXPECT_GT(std::abs(*p.log_density - *p.exact_log_density), 6.0 * *p.std_error) << "no longer shows what it is for";
    EXPECT_NE(std::find(p.flags.begin(), p.flags.end(), "discretization"), p.flags.end()) << p.index;
  }
}

}  // namespace
}  // namespace scorepath::test
