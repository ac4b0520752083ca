// The heavy-tail flag: one sample that carries the variance is seen, ordinary spread is not.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "host/point_result.hpp"

namespace scorepath {
namespace {

/// `count` values alternating between -1 and 1, the last one replaced.
BatchRecord record_of(std::size_t count, double last) {
  std::vector<double> values(count), scratch(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = i % 2 == 0 ? -1.0 : 1.0;
  values.back() = last;
  BatchRecord record;
  record.value = kernels::moments_of(values.data(), count, scratch.data());
  record.lowest = *std::min_element(values.begin(), values.end());
  record.highest = *std::max_element(values.begin(), values.end());
  return record;
}

TEST(HeavyTail, IsOneSampleWithHalfOfTheVariance) {
  EXPECT_FALSE(has_heavy_tail(record_of(64, 1.0)));
  EXPECT_FALSE(has_heavy_tail(record_of(64, 5.0)));
  EXPECT_TRUE(has_heavy_tail(record_of(64, 20.0)));
  EXPECT_TRUE(has_heavy_tail(record_of(64, -20.0)));
}

TEST(HeavyTail, NeedsEnoughSamplesAndSurvivesMerging) {
  EXPECT_FALSE(has_heavy_tail(record_of(8, 1e6)));
  EXPECT_TRUE(has_heavy_tail(merge(record_of(64, 1.0), record_of(64, 40.0))));
  EXPECT_FALSE(has_heavy_tail(merge(record_of(64, 1.0), record_of(64, 1.0))));
}

}  // namespace
}  // namespace scorepath
