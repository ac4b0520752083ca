// The density formula against densities known in closed form: every schedule, sampler and kind of score.
//
// Li & Yan 2024 (arXiv 2408.16765), Theorem 1, generalised to affine schedules. The one bound of this file: |z| <= 6,
// two-sided, z = (estimate - truth)/sqrt(se^2 + discretization^2 + truncation^2 + arithmetic^2). The standard error
// rests on 64 or more randomisations, so z has Student's t: a right program exceeds 6 with probability 1e-7 a point,
// and the file's 6144 points fail for 1 set of names in 1600. Sums of z^2 are held to |z| <= 5 on both sides: error
// bars that are too wide fail as well.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <vector>

#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

constexpr double point_bound = 6.0;
constexpr std::size_t points_per_case = 16;

struct NamedSchedule {
  std::string name;
  Schedule schedule;
};

/// Each kind with its defaults and with other parameters, from zero noise and from a t_min.
std::vector<NamedSchedule> schedules() {
  std::vector<double> geometric(60);
  for (std::size_t k = 0; k < geometric.size(); ++k)
    geometric[k] = std::min(0.3, 1e-6 * std::pow(1.4, static_cast<double>(k)));
  struct Row {
    std::string name;
    ScheduleKind kind;
    double t_min;
  };
  const std::vector<Row> rows = {{"vp-linear", VpLinear{}, 0.03},
                                 {"vp-linear 0.5..8", VpLinear{0.5, 8.0}, 0.1},
                                 {"vp-cosine", VpCosine{}, 0.05},
                                 {"vp-cosine 0.1", VpCosine{0.1}, 0.2},
                                 {"sub-vp", SubVp{}, 0.1},
                                 {"sub-vp 1..10", SubVp{1.0, 10.0}, 0.2},
                                 {"ve", Ve{}, 0.0},
                                 {"ve 0.3..5", Ve{0.3, 5.0}, 0.2},
                                 {"edm", Edm{}, 0.05},
                                 {"edm 0.1..20", Edm{0.1, 20.0}, 0.3},
                                 {"ddpm", ddpm_linear(), 0.02},
                                 {"ddpm geometric", Ddpm{geometric}, 0.5},
                                 {"li-yan", LiYan{}, 0.01},
                                 {"li-yan to 0.9", LiYan{}, 0.2},
                                 {"flow-matching", FlowMatching{}, 0.02},
                                 {"flow-matching to 0.8", FlowMatching{}, 0.2}};
  std::vector<NamedSchedule> all;
  for (const Row& row : rows) {
    Schedule schedule{row.kind, {}, {}};
    if (row.name == "li-yan to 0.9") schedule.t_max = 0.9;
    if (row.name == "flow-matching to 0.8") schedule.t_max = 0.8;
    all.push_back({row.name, schedule});
    schedule.t_min = row.t_min;
    all.push_back({row.name + " from t_min", schedule});
  }
  return all;
}

enum class Kind { gaussian, gaussian_diagonal, shared, isotropic, diagonal, data_set };

Score score_of(Kind kind) {
  const std::uint64_t seed = hash_of_name("scores of the density formula's tests");
  switch (kind) {
    case Kind::gaussian:
      return Gaussian{{0.5, -1.0, 2.0}, {0.49}};
    case Kind::gaussian_diagonal:
      return Gaussian{{0.5, -1.0, 2.0}, {0.04, 1.0, 4.0}};
    case Kind::shared:
      return random_mixture(5, 2, Variances::shared, seed);
    case Kind::isotropic:
      return random_mixture(6, 3, Variances::isotropic, seed);
    case Kind::diagonal:
      return random_mixture(4, 2, Variances::diagonal, seed);
    case Kind::data_set:
      break;
  }
  return DataSet{random_mixture(24, 2, Variances::shared, seed).means, 0.3, {}};
}

std::string name_of_kind(Kind kind) {
  constexpr const char* names[] = {"Gaussian", "GaussianDiagonal", "Shared", "Isotropic", "Diagonal", "DataSet"};
  return names[static_cast<int>(kind)];
}

class DensityFormulaTheorem1 : public testing::TestWithParam<std::tuple<Sampler, Kind>> {
 protected:
  Options options() const {
    Options o;
    o.sampler = std::get<0>(GetParam());
    o.paths = o.sampler == Sampler::slices ? 65536 : 1024;
    // The control variate takes all of a Gaussian score's variance off, and nothing would be left to test.
    const Kind kind = std::get<1>(GetParam());
    if (kind == Kind::gaussian || kind == Kind::gaussian_diagonal) o.control_variate = ControlVariate::none;
    o.threads = 1;
    return o;
  }
};

/// (estimate - truth) over the whole error budget.
double budget_z(const PointResult& p, double truth) {
  const double budget = std::hypot(std::hypot(*p.std_error, *p.discretization_error),
                                   std::hypot(*p.truncation_error, *p.arithmetic_error));
  return (*p.log_density - truth) / budget;
}

TEST_P(DensityFormulaTheorem1, EveryScheduleGivesTheDensityWithinItsErrorBar) {
  const auto [sampler, kind] = GetParam();
  double pooled = 0.0, signed_sum = 0.0, count = 0.0;
  for (const NamedSchedule& s : schedules()) {
    const Problem problem{s.schedule, score_of(kind)};
    Options o = options();
    o.seed = test_seed() ^ hash_of_name(s.name);  // no two schedules share their random numbers
    const Matrix points = draw_points(problem, points_per_case, o.seed, 1.3);
    const Result result = estimate_log_density(problem, points, o);
    double squares = 0.0, largest = 0.0;
    for (const PointResult& p : result.points) {
      const double truth = true_log_density(problem, points.row(p.index));
      ASSERT_TRUE(p.log_density && p.std_error) << s.name;
      ASSERT_TRUE(p.exact_log_density);
      EXPECT_NEAR(*p.exact_log_density, truth, 1e-10 * (1.0 + std::abs(truth))) << s.name << ", the oracle itself";
      const double z = budget_z(p, truth);
      EXPECT_LE(std::abs(z), point_bound)
          << s.name << ", point " << p.index << ": " << *p.log_density << " for " << truth << ", se " << *p.std_error;
      squares += z * z;
      signed_sum += z;
      largest = std::max(largest, std::abs(z));
    }
    EXPECT_LE(std::abs(z_of_chi_square(squares, points_per_case)), z_bound) << s.name << ": sum of z^2 is " << squares;
    pooled += squares;
    count += points_per_case;
  }
  // z has Student's t with 63 or more degrees of freedom: E z^2 is up to 63/61, Var z^2 up to 2.2.
  std::printf("  sum z^2 / n = %.3f, mean z = %.3f (n = %.0f)\n", pooled / count, signed_sum / count, count);
  EXPECT_LE(std::abs(signed_sum / std::sqrt(count * 63.0 / 61.0)), z_bound);
  EXPECT_LE(pooled / count, 63.0 / 61.0 + z_bound * std::sqrt(2.2 / count));
  EXPECT_GE(pooled / count, 1.0 - z_bound * std::sqrt(2.2 / count));
}

// With the control variate a Gaussian's samples are all equal to its log-density, up to rounding.
TEST(DensityFormulaReference, GaussianScoresLeaveOnlyRounding) {
  for (const NamedSchedule& s : schedules()) {
    for (const Kind kind : {Kind::gaussian, Kind::gaussian_diagonal}) {
      const Problem problem{s.schedule, score_of(kind)};
      const Matrix points = draw_points(problem, points_per_case, test_seed(), 1.3);
      for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
        Options o;
        o.sampler = sampler;
        o.paths = 64;
        o.threads = 1;
        const Result result = estimate_log_density(problem, points, o);
        for (const PointResult& p : result.points) {
          EXPECT_NEAR(*p.log_density, true_log_density(problem, points.row(p.index)), 2e-5) << s.name;
        }
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Of, DensityFormulaTheorem1,
                         testing::Combine(testing::Values(Sampler::slices, Sampler::paths),
                                          testing::Values(Kind::gaussian, Kind::gaussian_diagonal, Kind::shared,
                                                          Kind::isotropic, Kind::diagonal, Kind::data_set)),
                         [](const auto& info) {
                           return std::string(std::get<0>(info.param) == Sampler::slices ? "Slices" : "Paths") + "Of" +
                                  name_of_kind(std::get<1>(info.param));
                         });

}  // namespace
}  // namespace scorepath::test
