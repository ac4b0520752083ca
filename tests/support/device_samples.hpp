// Samples of backend cuda next to the same samples on the processor, on devices that the caller brings.
#pragma once

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <string>
#include <vector>

#include "host/sample_on.hpp"
#include "tests/support/device_jobs.hpp"
#include "tests/support/reverse_jobs.hpp"

namespace scorepath::test {

inline void expect_same_values(const std::vector<double>& got, const std::vector<double>& want,
                               const std::string& what) {
  ASSERT_EQ(got.size(), want.size()) << what;
  for (std::size_t i = 0; i < want.size(); ++i)
    ASSERT_EQ(std::bit_cast<std::uint64_t>(got[i]), std::bit_cast<std::uint64_t>(want[i])) << what << ", number " << i;
}

inline void expect_same_samples_on(const CudaDevices& devices, const Problem& problem, std::uint64_t count,
                                   SampleOptions o, const std::string& what) {
  o.backend = Backend::cpu;
  const Samples want = sample(problem, count, o);
  o.backend = Backend::cuda;
  const Samples got = sample_on(problem, count, o, &devices);
  ASSERT_EQ(got.backend, "cuda");
  expect_same_values(got.samples.values, want.samples.values, what + ", samples");
  expect_same_values(got.log_density, want.log_density, what + ", log-densities");
  expect_same_values(got.std_error, want.std_error, what + ", standard errors");
  expect_same_values(got.trajectories, want.trajectories, what + ", trajectories");
}

}  // namespace scorepath::test
