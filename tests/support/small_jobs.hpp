// A small job on a mixture of three components, and equality of results to the bit.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string>

#include <scorepath/scorepath.hpp>

namespace scorepath::testing {

inline Problem problem() {
  return {Schedule{},
          GaussianMixture{{0.3, 0.5, 0.2}, Matrix(3, 2, {0, 0, 2, 1, -1, 2}), Matrix(3, 1, {0.2, 0.5, 0.1})}};
}
inline Matrix points() { return Matrix(4, 2, {0.1, 0.2, 2.0, 0.5, -3.0, 1.0, 0.0, 0.0}); }

inline Options small(Sampler sampler = Sampler::slices) {
  Options o;
  o.sampler = sampler;
  o.paths = 4096;
  o.steps = 16;
  o.threads = 1;
  return o;
}

inline bool has_flag(const PointResult& p, const std::string& flag) {
  return std::find(p.flags.begin(), p.flags.end(), flag) != p.flags.end();
}

inline void expect_same_number(const std::optional<double>& a, const std::optional<double>& b, const char* what) {
  ASSERT_EQ(a.has_value(), b.has_value()) << what;
  if (!a.has_value()) return;
  EXPECT_EQ(std::bit_cast<std::uint64_t>(*a), std::bit_cast<std::uint64_t>(*b)) << what;
}
inline void expect_same_bits(const PointResult& a, const PointResult& b) {
  expect_same_number(a.log_density, b.log_density, "log_density");
  expect_same_number(a.std_error, b.std_error, "std_error");
  expect_same_number(a.ci95_lower, b.ci95_lower, "ci95_lower");
  expect_same_number(a.ci95_upper, b.ci95_upper, "ci95_upper");
  expect_same_number(a.discretization_error, b.discretization_error, "discretization_error");
  expect_same_number(a.truncation_error, b.truncation_error, "truncation_error");
  expect_same_number(a.arithmetic_error, b.arithmetic_error, "arithmetic_error");
  EXPECT_EQ(a.paths, b.paths);
  EXPECT_EQ(a.score_evaluations, b.score_evaluations);
  EXPECT_EQ(a.flags, b.flags);
}
inline void expect_same_bits(const Result& a, const Result& b) {
  ASSERT_EQ(a.points.size(), b.points.size());
  for (std::size_t i = 0; i < a.points.size(); ++i) expect_same_bits(a.points[i], b.points[i]);
}

}  // namespace scorepath::testing
