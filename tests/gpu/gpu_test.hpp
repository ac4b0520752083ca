// The base of the tests that need a CUDA device: without one they are skipped, or fail where SCOREPATH_REQUIRE_GPU=1
// says that there must be one.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

#include <scorepath/backend.hpp>

#include "host/cuda_group.hpp"
#include "tests/support/device_jobs.hpp"

namespace scorepath::test {

/// For a fixture's SetUp(): the test goes no further where it skips or fails.
inline void need_device() {
  if (available(Backend::cuda)) return;
  const char* required = std::getenv("SCOREPATH_REQUIRE_GPU");
  if (required != nullptr && std::string_view(required) == "1") {
    FAIL() << "no CUDA device (" << why_unavailable(Backend::cuda) << ") run without SCOREPATH_REQUIRE_GPU to skip";
  }
  GTEST_SKIP() << "no CUDA device";
}

class GpuTest : public ::testing::Test {
 protected:
  void SetUp() override { need_device(); }
};

}  // namespace scorepath::test
