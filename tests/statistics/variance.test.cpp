// A regression bound on the price of an estimate: variance x score evaluations of the default options, one point.
//
// The figures to keep are those of the first prototype (stratified in log-SNR, one Gaussian control variate); 1.3
// allows for the noise of a measured variance (128 repeats: relative standard error 0.13 with moderately heavy tails).
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "tests/support/problems.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

struct Price {
  const char* mixture;
  double prototype;  // variance x evaluations [nat^2]
};
void PrintTo(const Price& price, std::ostream* os) { *os << price.mixture; }

class VarianceTimesEvaluations : public testing::TestWithParam<Price> {};

TEST_P(VarianceTimesEvaluations, OfDefaultSlicesStaysBelowThePrototypes) {
  constexpr std::size_t repeats = 128;
  const NamedProblem np = load_mixture(GetParam().mixture);
  const Matrix point(1, np.points.columns, std::vector<double>(np.points.row(0), np.points.row(0) + np.points.columns));
  Options o;
  o.threads = 1;
  o.paths = 8192;
  std::vector<double> estimates;
  double evaluations = 0.0;
  for (std::size_t r = 0; r < repeats; ++r) {
    o.seed = test_seed() + r;
    const PointResult p = estimate_log_density(np.problem, point, o).points[0];
    estimates.push_back(*p.log_density);
    evaluations += static_cast<double>(p.score_evaluations) / repeats;
  }
  const double price = summarise(estimates).variance * evaluations;  // between runs: no error bar is believed
  std::printf("  %s: %.2f (prototype %.0f)\n", GetParam().mixture, price, GetParam().prototype);
  EXPECT_LE(price, 1.3 * GetParam().prototype);
  EXPECT_GE(price, 0.01 * GetParam().prototype);  // a hundredfold gain would be a constant that somebody wrote down
}

INSTANTIATE_TEST_SUITE_P(On, VarianceTimesEvaluations,
                         testing::Values(Price{"ring-2", 114.0}, Price{"cloud-16", 723.0}, Price{"cloud-64", 2885.0}),
                         [](const auto& info) {
                           std::string name;
                           for (const char c : std::string(info.param.mixture)) {
                             if (c != '-') name += c;
                           }
                           return name;
                         });

}  // namespace
}  // namespace scorepath::test
