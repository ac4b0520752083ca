// How many threads an arena is made of.
#include "host/parallel.hpp"

#include <gtest/gtest.h>

#include <cstddef>

namespace scorepath::testing {
namespace {

TEST(ArenaThreads, AreNoMoreThanTheProcessMayUse) {
  using Control = tbb::global_control;
  const int allowed = static_cast<int>(Control::active_value(Control::max_allowed_parallelism));
  EXPECT_EQ(arena_threads(1), 1);
  EXPECT_EQ(arena_threads(allowed), allowed);
  EXPECT_EQ(arena_threads(4096), allowed);
}

TEST(ArenaThreads, AreNoMoreThanTheProgramAllows) {
  const tbb::global_control one(tbb::global_control::max_allowed_parallelism, 1);
  EXPECT_EQ(arena_threads(1), 1);
  EXPECT_EQ(arena_threads(64), 1);
}

}  // namespace
}  // namespace scorepath::testing
