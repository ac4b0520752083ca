// The flow's log-density against an independent solver: SciPy's DOP853 on the textbook score in the plain frame. The
// table is what bench/peers/flow_scipy.py prints, with SciPy 1.17.1 and NumPy 2.4.6.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include "tests/support/problems.hpp"

namespace scorepath::test {
namespace {

struct Reference {
  const char* mixture;
  std::size_t point;
  double log_density;
};
constexpr Reference references[] = {
    {"ring-2", 0, -5.92325026092},        {"ring-2", 5, -2.65021038669},
    {"ring-2", 10, -0.897853436916},      {"anisotropic-2", 0, -2.44124532419},
    {"anisotropic-2", 5, -2.99613381843}, {"anisotropic-2", 10, -0.0962227191693},
    {"cloud-16", 0, -12.4214795717},      {"cloud-16", 5, -9.25409001334},
    {"cloud-16", 10, -0.349326158915},    {"anisotropic-16", 0, 0.613464741115},
    {"anisotropic-16", 5, 1.37623113174}, {"anisotropic-16", 10, 6.91380961814},
    {"cloud-64", 0, -20.2653184982},      {"cloud-64", 5, -22.8236485043},
    {"cloud-64", 10, -26.2850019366},
};

TEST(FlowReference, AgreesWithAnotherSolver) {
  for (const Reference& reference : references) {
    const NamedProblem mixture = load_mixture(reference.mixture);
    const MatrixView point = {mixture.points.row(reference.point), 1, mixture.points.columns};
    Options o;
    o.method = Method::ode;
    o.threads = 1;
    for (const double tolerance : {1e-4, 1e-8}) {
      o.atol = tolerance;
      o.rtol = 1e-2 * tolerance;
      const PointResult p = estimate_log_density(mixture.problem, point, o).points.front();
      EXPECT_NEAR(*p.log_density, reference.log_density, *p.discretization_error + 1e-9)
          << reference.mixture << ", point " << reference.point;
    }
  }
}

}  // namespace
}  // namespace scorepath::test
