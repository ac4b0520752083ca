// How many samples a target needs: what may be spent is never exceeded, what is needed is what the variance says.
#include "host/sizing.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace scorepath::testing {
namespace {

Sampling sampling_of(std::uint64_t paths, TimePoints points, Antithetic antithetic) {
  Options o;
  o.paths = paths;
  o.time_points = points;
  o.antithetic = antithetic;
  o.target_se = 0.01;
  return make_sampling(o);
}

template <class Check>
void for_all_samplings(const Check& check) {
  for (const TimePoints points : {TimePoints::stratified, TimePoints::plain, TimePoints::sobol}) {
    for (const Antithetic antithetic : {Antithetic::on, Antithetic::off}) {
      for (std::uint64_t paths = 1; paths <= std::uint64_t{1} << 34; paths = paths * 3 / 2 + 1) {
        SCOPED_TRACE(name_of(points) + " antithetic " + name_of(antithetic) + ", " + std::to_string(paths) + " paths");
        check(sampling_of(paths, points, antithetic));
        if (::testing::Test::HasFailure()) return;
      }
    }
  }
}

kernels::Moments pilot_of(const Sampling& s, std::uint64_t samples, double variance) {
  const std::uint64_t count = samples / s.length;
  return {count, 1.0, variance * static_cast<double>(count - 1)};
}

TEST(FirstPilot, IsAtMostABatchAndAQuarterOfTheBudgetAndTellsSomething) {
  for_all_samplings([](const Sampling& s) {
    const std::uint64_t pilot = first_pilot(s);
    EXPECT_EQ(pilot % s.length, 0u);
    EXPECT_LE(pilot, s.samples_per_batch());
    EXPECT_LE(4 * pilot, s.samples);
    EXPECT_TRUE(pilot == 0 || pilot / s.length >= enough_samples);
    if (s.samples >= 4 * s.samples_per_batch()) {
      EXPECT_EQ(pilot, s.samples_per_batch());
    }
  });
}

TEST(Sizing, NeverSpendsMoreThanItMay) {
  for_all_samplings([](const Sampling& s) {
    const std::uint64_t done = first_pilot(s);
    if (done == 0) return;
    for (const double variance : {0.0, 1e-6, 1e-2, 1.0, 1e8, 1e300}) {
      for (const double target : {1e-6, 1e-2, 10.0}) {
        for (const double fixed : {0.0, 1e-5, 1.0}) {
          const Sizing sizing = size_job(s, target, pilot_of(s, done, variance), fixed, done);
          EXPECT_LE(sizing.samples + done, s.samples);
          EXPECT_EQ(sizing.samples % s.length, 0u);
          EXPECT_GE(sizing.samples / s.length, enough_samples);
          EXPECT_GE(sizing.pilot_samples, done);
          EXPECT_LE(sizing.pilot_samples, std::max(done, s.samples / 16));
        }
      }
    }
  });
}

/// Samples = randomisations x length, randomisations = variance x safety / target^2, rounded up to whole batches.
TEST(Sizing, IsWhatTheVarianceAsksFor) {
  const Sampling s = sampling_of(std::uint64_t{1} << 30, TimePoints::stratified, Antithetic::on);
  ASSERT_EQ(s.length, 32u);
  const std::uint64_t done = first_pilot(s), batch = s.samples_per_batch();
  ASSERT_EQ(done, 2048u);
  const double safety = kernels::variance_safety(64 / 3);  // 64 randomisations, three for a degree of freedom
  const auto samples = [&](double target, double fixed_variance) {
    return size_job(s, target, pilot_of(s, done, 0.5), fixed_variance, done).samples;
  };
  const auto needed = [&](double room) {
    const auto exact = 32 * static_cast<std::uint64_t>(std::ceil(0.5 * safety / room));
    return (exact + batch - 1) / batch * batch;
  };
  EXPECT_EQ(samples(0.01, 0.0), needed(1e-4));
  EXPECT_EQ(samples(0.005, 0.0), needed(0.25e-4));
  // The part that samples cannot lower takes its share of the room; where it is all of it, everything is spent.
  EXPECT_NEAR(static_cast<double>(samples(0.01, 0.5e-4)), static_cast<double>(needed(0.5e-4)),
              static_cast<double>(batch));
  EXPECT_EQ(samples(0.01, 1e-4), s.samples - done);
  EXPECT_EQ(samples(1e3, 0.0), batch);  // never less than a batch, nor than enough_samples
}

/// The extension after a missed target goes by the samples' own variance, with a tenth to spare.
TEST(Sizing, ExtensionsGoByTheOwnVarianceAndStayWithinTheBudget) {
  const Sampling s = sampling_of(std::uint64_t{1} << 24, TimePoints::plain, Antithetic::off);
  const kernels::Moments own{4096, 0.0, 0.25 * 4095};
  const std::uint64_t wanted = static_cast<std::uint64_t>(std::ceil(0.25 * 1.1 / 1e-4));
  EXPECT_EQ(extended_samples(s, 0.01, own, 0.0), (wanted + 4095) / 4096 * 4096);
  EXPECT_EQ(extended_samples(s, 1e-9, own, 0.0), s.samples);
  EXPECT_EQ(extended_samples(s, 0.01, own, 1.0), s.samples);
}

TEST(Sizing, APilotGrowsToASixteenthOfTheJob) {
  const Sampling s = sampling_of(std::uint64_t{1} << 30, TimePoints::plain, Antithetic::off);
  const std::uint64_t done = first_pilot(s);
  const Sizing small = size_job(s, 0.01, pilot_of(s, done, 1.0), 0.0, done);
  EXPECT_EQ(small.pilot_samples, done) << "a batch is a sixteenth of what such a job needs, or more";
  const Sizing large = size_job(s, 0.001, pilot_of(s, done, 1.0), 0.0, done);
  EXPECT_GT(large.pilot_samples, done);
  EXPECT_EQ(large.pilot_samples, large.samples / 16 / s.samples_per_batch() * s.samples_per_batch());
  EXPECT_EQ(size_job(s, 0.001, pilot_of(s, large.pilot_samples, 1.0), 0.0, large.pilot_samples).pilot_samples,
            large.pilot_samples);
}

}  // namespace
}  // namespace scorepath::testing
