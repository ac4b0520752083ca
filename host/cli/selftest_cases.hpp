// The problems of `scorepath selftest`, made in code: models with known log-densities, under every schedule and option.
#pragma once

#include <string>
#include <vector>

#include <scorepath/options.hpp>
#include <scorepath/problem.hpp>

namespace scorepath::cli {

enum class Extent { full, quick };
enum class Expected {
  estimate,           ///< within the bound of the exact value
  infinite_variance,  ///< a combination without a finite variance: it must say so and give no error bar
};

struct SelftestCase {
  std::string name;
  Problem problem;
  Matrix points;  ///< [n_points x dim]
  Options options;
  Expected expected = Expected::estimate;
};

std::vector<SelftestCase> selftest_cases(Extent extent);

}  // namespace scorepath::cli
