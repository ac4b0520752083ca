// Jobs on the interpreting device, next to the same jobs on the processor.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "host/estimate_on.hpp"
#include "tests/ptx/ptx_device.hpp"
#include "tests/support/problems.hpp"

namespace scorepath::test {

inline bool has_library_kernels() {
#if defined(SCOREPATH_PTX_FOLDER)
  return true;
#else
  return false;
#endif
}

template <class Kind>
Schedule schedule_of(Kind kind) {
  Schedule schedule;
  schedule.kind = std::move(kind);
  return schedule;
}
inline std::vector<Schedule> every_schedule() {
  return {schedule_of(VpLinear{}), schedule_of(VpCosine{}),    schedule_of(SubVp{}),
          schedule_of(Ve{}),       schedule_of(Edm{}),         schedule_of(Ddpm{std::vector<double>(200, 0.03)}),
          schedule_of(LiYan{}),    schedule_of(FlowMatching{})};
}

enum class Layout { shared, isotropic, diagonal };

/// A random mixture; one component is a Gaussian.
inline Score mixture(Layout layout, int dim, int components, std::uint64_t seed) {
  Draws draws(seed);
  const auto d = static_cast<std::size_t>(dim), k = static_cast<std::size_t>(components);
  GaussianMixture m;
  m.means = Matrix(k, d);
  m.variances = Matrix(k, layout == Layout::diagonal ? d : 1);
  for (double& mean : m.means.values) mean = 1.5 * draws.normal();
  for (double& variance : m.variances.values) variance = 0.1 + draws.uniform();
  if (layout == Layout::shared) std::fill(m.variances.values.begin(), m.variances.values.end(), 0.3);
  double total = 0.0;
  for (std::size_t i = 0; i < k; ++i) m.weights.push_back(0.2 + draws.uniform());
  for (const double weight : m.weights) total += weight;
  for (double& weight : m.weights) weight /= total;
  return m;
}

/// `count` interpreting devices.
inline CudaDevices ptx_devices(std::size_t count, const PtxDeviceOptions& options = {}) {
  CudaDevices devices;
  for (std::size_t i = 0; i < count; ++i) devices.push_back(std::make_unique<PtxDevice>(library_kernels(), options));
  return devices;
}

inline void expect_same_bits(std::optional<double> got, std::optional<double> want, const std::string& what) {
  ASSERT_EQ(got.has_value(), want.has_value()) << what;
  if (want.has_value()) {
    ASSERT_EQ(std::bit_cast<std::uint64_t>(*got), std::bit_cast<std::uint64_t>(*want))
        << what << ": " << *got << " against " << *want;
  }
}

/// Every number of two results but times and names.
inline void expect_same_result(const Result& got, const Result& want, const std::string& what) {
  ASSERT_EQ(got.points.size(), want.points.size()) << what;
  for (std::size_t p = 0; p < want.points.size(); ++p) {
    const PointResult &a = got.points[p], &b = want.points[p];
    const std::string where = what + ", point " + std::to_string(p);
    ASSERT_EQ(a.samples.size(), b.samples.size()) << where;
    for (std::size_t i = 0; i < b.samples.size(); ++i) {
      ASSERT_EQ(std::bit_cast<std::uint64_t>(a.samples[i]), std::bit_cast<std::uint64_t>(b.samples[i]))
          << where << ", sample " << i << ": " << a.samples[i] << " against " << b.samples[i];
    }
    expect_same_bits(a.log_density, b.log_density, where + ", log density");
    expect_same_bits(a.std_error, b.std_error, where + ", standard error");
    expect_same_bits(a.ci95_lower, b.ci95_lower, where + ", lower end");
    expect_same_bits(a.ci95_upper, b.ci95_upper, where + ", upper end");
    expect_same_bits(a.discretization_error, b.discretization_error, where + ", discretisation");
    expect_same_bits(a.arithmetic_error, b.arithmetic_error, where + ", arithmetic");
    ASSERT_EQ(a.flags, b.flags) << where;
    ASSERT_EQ(a.paths, b.paths) << where;
    ASSERT_EQ(a.score_evaluations, b.score_evaluations) << where;
    ASSERT_EQ(a.independent_samples, b.independent_samples) << where;
  }
}

/// Two points; the job on one interpreting device and on the processor.
inline void expect_same_on_device(const Problem& problem, Options options, const std::string& what) {
  const Matrix points = draw_points(problem, 2, options.seed);
  options.backend = Backend::cpu;
  const Result want = estimate_log_density(problem, points, options);
  options.backend = Backend::cuda;
  const CudaDevices devices = ptx_devices(1);
  const Result got = estimate_on(problem, points, options, &devices);
  ASSERT_EQ(got.backend, "cuda");
  expect_same_result(got, want, what);
}

}  // namespace scorepath::test
