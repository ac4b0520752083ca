// The heavy-tail flag, n < 5 G^2: skewness that a t interval does not survive is seen, ordinary spread
// is not.
#include <gtest/gtest.h>

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
  return record;
}

TEST(HeavyTail, IsSkewnessBeyondTheLimit) {
  EXPECT_FALSE(has_heavy_tail(record_of(64, 1.0)));
  EXPECT_FALSE(has_heavy_tail(record_of(64, 5.0)));
  EXPECT_TRUE(has_heavy_tail(record_of(64, 20.0)));
  EXPECT_TRUE(has_heavy_tail(record_of(64, -20.0)));
  // n values of which one in a hundred is 10 and the others 0: G^2 = (1 - 2p)^2/(p (1 - p)) = 97, so 485 of them are
  // enough.
  const auto rare = [](std::size_t count) {
    std::vector<double> values(count, 0.0), scratch(count);
    for (std::size_t i = 0; i < count; i += 100) values[i] = 10.0;
    BatchRecord record;
    record.value = kernels::moments_of(values.data(), count, scratch.data());
    return record;
  };
  EXPECT_TRUE(has_heavy_tail(rare(400)));
  EXPECT_FALSE(has_heavy_tail(rare(600)));
}

TEST(HeavyTail, NeedsEnoughSamplesAndSurvivesMerging) {
  EXPECT_FALSE(has_heavy_tail(record_of(8, 1e6)));
  EXPECT_TRUE(has_heavy_tail(merge(record_of(64, 1.0), record_of(64, 40.0))));
  EXPECT_FALSE(has_heavy_tail(merge(record_of(64, 1.0), record_of(64, 1.0))));
}

}  // namespace
}  // namespace scorepath
