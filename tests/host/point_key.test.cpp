// The point's number in the random counter: a function of the coordinates' values alone, and well spread.
#include "host/point_key.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <random>
#include <set>
#include <vector>

#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::testing {
namespace {

std::uint32_t key(const std::vector<double>& x) { return point_key(x.data(), x.size()); }

TEST(PointKey, IsFnv1aWithTheStatedMixing) {
  // FNV-1a of eight zero bytes: the offset basis times the prime to the eighth power; then splitmix64's finaliser.
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (int i = 0; i < 8; ++i) hash *= 0x100000001b3u;
  hash = (hash ^ hash >> 30) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ hash >> 27) * 0x94d049bb133111ebu;
  EXPECT_EQ(key({0.0}), static_cast<std::uint32_t>(hash ^ hash >> 31));
}

TEST(PointKey, TreatsEqualNumbersAlike) {
  EXPECT_EQ(key({-0.0, 1.5}), key({0.0, 1.5}));
  EXPECT_EQ(key({1.5, -0.0, -0.0}), key({1.5, 0.0, 0.0}));
}

TEST(PointKey, TellsOrderSignAndLastBitsApart) {
  EXPECT_NE(key({1.0, 2.0}), key({2.0, 1.0}));
  EXPECT_NE(key({1.0}), key({-1.0}));
  EXPECT_NE(key({1.0}), key({1.0, 0.0}));
  EXPECT_NE(key({1.0}), key({1.0 + 0x1p-52}));
}

/// An image's points may share every pixel but the last.
TEST(PointKey, DependsOnEveryCoordinate) {
  const std::vector<double> point(3072, 0.5);
  std::set<std::uint32_t> seen = {key(point)};
  for (std::size_t j = 0; j < point.size(); ++j) {
    std::vector<double> other = point;
    other[j] = 0.25;
    seen.insert(key(other));
  }
  EXPECT_GE(seen.size(), point.size());  // 2^32 numbers: two equal ones once in 900 choices of point
}

/// 2^16 points of a grid and their neighbours: as many collisions as 2^17 random words of 32 bits have (2 on average),
/// every bit set half of the time.
TEST(PointKey, SpreadsNeighbouringPoints) {
  std::set<std::uint32_t> seen;
  std::vector<int> ones(32, 0);
  std::uint64_t total = 0;
  for (int i = 0; i < 256; ++i) {
    for (int j = 0; j < 256; ++j) {
      for (const double shift : {0.0, 0x1p-40}) {
        const std::uint32_t k = key({i / 16.0 + shift, j / 16.0});
        seen.insert(k);
        ++total;
        for (int b = 0; b < 32; ++b) ones[static_cast<std::size_t>(b)] += k >> b & 1u;
      }
    }
  }
  EXPECT_LE(std::fabs(test::z_of_rare_count(total - seen.size(), 2.0)), test::z_bound);
  for (const int count : ones)
    EXPECT_LE(std::fabs(test::z_of_count(count, static_cast<double>(total), 0.5)), test::z_bound);
}

}  // namespace
}  // namespace scorepath::testing
