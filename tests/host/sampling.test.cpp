// How a point's samples are grouped: the rules of host/sampling.hpp over a sweep of path counts and options.
#include "host/sampling.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <string>
#include <vector>

namespace scorepath::testing {
namespace {

std::vector<std::uint64_t> path_counts() {
  std::vector<std::uint64_t> counts;
  for (std::uint64_t n = 1; n <= 300; ++n) counts.push_back(n);
  for (std::uint64_t n = 512; n <= std::uint64_t{1} << 36; n = n * 3 / 2) {
    for (const std::uint64_t near : {n - 1, n, n + 1}) counts.push_back(near);
  }
  for (const std::uint64_t n : {4095, 4096, 4097, 8191, 8192, 8193, 16384, 262143, 262144, 262145}) counts.push_back(n);
  counts.push_back(std::uint64_t{1} << 40);
  return counts;
}

template <class Check>
void for_all_options(const Check& check) {
  for (const Sampler sampler : {Sampler::slices, Sampler::paths}) {
    for (const TimePoints points : {TimePoints::stratified, TimePoints::plain, TimePoints::sobol}) {
      for (const Antithetic antithetic : {Antithetic::on, Antithetic::off}) {
        for (const bool target : {false, true}) {
          for (const std::uint64_t paths : path_counts()) {
            Options o;
            o.sampler = sampler;
            o.time_points = points;
            o.antithetic = antithetic;
            if (target) o.target_se = 0.01;
            o.paths = paths;
            SCOPED_TRACE(name_of(sampler) + " " + name_of(points) + " antithetic " + name_of(antithetic) +
                         (target ? " with target, " : ", ") + std::to_string(paths) + " paths");
            check(o, make_sampling(o));
            if (::testing::Test::HasFailure()) return;
          }
        }
      }
    }
  }
}

TEST(Sampling, RoundsUpToWholePairsAndRandomisations) {
  for_all_options([](const Options& o, const Sampling& s) {
    EXPECT_EQ(s.paths_per_sample, o.antithetic == Antithetic::on ? 2u : 1u);
    EXPECT_EQ(s.samples % s.length, 0u);
    EXPECT_GE(s.paths(), o.paths);
    EXPECT_LT(s.paths(), o.paths + s.paths_per_sample * (s.length + 1));  // not one randomisation too many
  });
}

TEST(Sampling, RandomisationsArePowersOfTwoThatDivideBatches) {
  for_all_options([](const Options&, const Sampling& s) {
    EXPECT_TRUE(std::has_single_bit(s.length));
    EXPECT_EQ(s.samples_per_batch() % s.length, 0u);
    EXPECT_EQ(s.samples_per_batch() * s.paths_per_sample, batch_paths);
  });
}

TEST(Sampling, HasSixtyFourRandomisationsFromABatchOnAndSixteenBefore) {
  for_all_options([](const Options& o, const Sampling& s) {
    const std::uint64_t wanted = (o.paths + s.paths_per_sample - 1) / s.paths_per_sample;
    const std::uint64_t randomisations = s.samples / s.length;
    if (o.paths >= 4096) {
      EXPECT_GE(randomisations, 64u);
    }
    if (wanted >= 16) {
      EXPECT_GE(randomisations, 16u);
    }
    if (wanted < 16) {
      EXPECT_EQ(s.length, 1u);
    }
  });
}

TEST(Sampling, OnlyStratifiedAndSobolSlicesAreTiedTogether) {
  for_all_options([](const Options& o, const Sampling& s) {
    if (o.sampler == Sampler::paths || o.time_points == TimePoints::plain) {
      EXPECT_EQ(s.length, 1u);
    } else if (!o.target_se.has_value() && o.paths >= 4096) {
      // As long as the rule allows: twice as long would leave fewer than 64, or not fit a batch.
      const std::uint64_t wanted = (o.paths + s.paths_per_sample - 1) / s.paths_per_sample;
      EXPECT_TRUE(wanted < 64 * 2 * s.length || 2 * s.length > s.samples_per_batch());
    }
  });
}

TEST(Sampling, ATargetKeepsRandomisationsShort) {
  for_all_options([](const Options& o, const Sampling& s) {
    if (o.target_se.has_value()) {
      EXPECT_GE(s.samples_per_batch() / s.length, 64u);
    }
  });
}

TEST(Sampling, BatchesCoverTheSamplesOnce) {
  for_all_options([](const Options& o, const Sampling& s) {
    if (o.paths > 10'000'000) return;
    std::uint64_t sum = 0;
    for (std::uint64_t b = 0; b < s.batches(); ++b) {
      EXPECT_GT(s.samples_in(b), 0u);
      EXPECT_EQ(s.samples_in(b) % s.length, 0u);
      if (b + 1 < s.batches()) {
        EXPECT_EQ(s.samples_in(b), s.samples_per_batch());
      }
      sum += s.samples_in(b);
    }
    EXPECT_EQ(sum, s.samples);
  });
}

/// By hand, for the documented default and its neighbours.
TEST(Sampling, KnownCases) {
  const auto sampling = [](std::uint64_t paths, Antithetic antithetic) {
    Options o;
    o.paths = paths;
    o.antithetic = antithetic;
    return make_sampling(o);
  };
  EXPECT_EQ(sampling(16384, Antithetic::on).length, 128u);  // 8192 pairs / 64
  EXPECT_EQ(sampling(16384, Antithetic::off).length, 256u);
  EXPECT_EQ(sampling(4096, Antithetic::on).length, 32u);
  EXPECT_EQ(sampling(4095, Antithetic::on).length, 32u);  // 2048 pairs, rounded up
  EXPECT_EQ(sampling(4094, Antithetic::on).length, 16u);  // 2047 / 64 = 31.98
  EXPECT_EQ(sampling(4094, Antithetic::on).samples, 2048u);
  EXPECT_EQ(sampling(1, Antithetic::on).samples, 1u);
  EXPECT_EQ(sampling(std::uint64_t{1} << 30, Antithetic::off).length, 4096u);  // never longer than a batch
}

}  // namespace
}  // namespace scorepath::testing
