// Independence of what the engine uses as independent: the two normals of a pair, neighbouring paths, blocks, points,
// seeds and purposes, and the numbers of one path's own stream.
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/random/noise.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/statistics.hpp"

namespace scorepath::test {
namespace {

using kernels::Purpose;

/// Where a normal comes from.
struct Address {
  std::uint64_t seed = 0;
  std::uint32_t point = 5;
  Purpose purpose = Purpose::noise;
  bool pilot = false;
  std::uint64_t path = 0;
  std::uint32_t block = 0;
  int slot = 0;  // of the block's four normals
};

double normal_at(const Address& at) {
  float z[1][4];
  kernels::random_normals<float, 1>(kernels::make_stream(at.seed, at.point, at.purpose, at.pilot), at.path, at.block,
                                    z);
  return z[0][at.slot];
}

/// Pairs of normals (x, y) -> z of: correlations of (x, y), (x^2, y^2), (|x| > 2, |y| > 2), and the 16 x 16 chi-square.
class Pairs {
 public:
  void add(double x, double y) {
    n_ += 1.0;
    xy_ += x * y;
    squares_ += (x * x - 1.0) * (y * y - 1.0);
    far_ += std::abs(x) > 2.0 && std::abs(y) > 2.0 ? 1.0 : 0.0;
    ++cells_[cell(x) * side + cell(y)];
  }
  std::vector<std::pair<std::string, double>> report() const {
    const double p = 2.0 * normal_tail(2.0);
    return {{"correlation", xy_ / std::sqrt(n_)},
            {"correlation of squares", squares_ / std::sqrt(4.0 * n_)},
            {"both beyond 2 sigma", z_of_count(far_, n_, p * p)},
            {"chi-square of 16 x 16 cells", z_of_uniform_counts(cells_)}};
  }
  bool good() const {
    for (const auto& [what, z] : report()) {
      if (!(std::abs(z) <= z_bound)) return false;
    }
    return true;
  }

 private:
  static constexpr std::size_t side = 16;
  static std::size_t cell(double z) {
    return std::min(side - 1, static_cast<std::size_t>(normal_cdf(z) * static_cast<double>(side)));
  }
  double n_ = 0.0, xy_ = 0.0, squares_ = 0.0, far_ = 0.0;
  std::vector<std::uint64_t> cells_ = std::vector<std::uint64_t>(side * side);
};

void expect_good(const Pairs& pairs) {
  for (const auto& [what, z] : pairs.report()) EXPECT_LE(std::abs(z), z_bound) << what;
}

/// Two addresses that differ in one way.
struct Relation {
  std::string name;
  std::function<void(Address&)> move;
};
void PrintTo(const Relation& relation, std::ostream* os) { *os << relation.name; }

/// Normals at 512 x 512 addresses (paths x blocks), each with its partner.
Pairs pairs_of(const Relation& relation) {
  Pairs pairs;
  for (std::uint32_t i = 0; i < 512; ++i) {
    for (std::uint32_t j = 0; j < 512; ++j) {
      Address at;
      at.seed = test_seed();
      at.path = i;
      at.block = 2 * j;
      at.slot = static_cast<int>(j % 2 * 2);
      Address partner = at;
      relation.move(partner);
      pairs.add(normal_at(at), normal_at(partner));
    }
  }
  return pairs;
}

class RandomnessOfNeighbours : public testing::TestWithParam<Relation> {};

TEST_P(RandomnessOfNeighbours, AreIndependent) { expect_good(pairs_of(GetParam())); }

const Relation relations[] = {
    {"PairOfBoxMuller", [](Address& a) { a.slot += 1; }},
    {"OtherPairOfTheBlock", [](Address& a) { a.slot = (a.slot + 2) % 4; }},
    {"NextBlock", [](Address& a) { a.block += 1; }},
    {"BlockFarAway", [](Address& a) { a.block += 0x80000000u; }},
    {"PathAfterThese", [](Address& a) { a.path += 512; }},
    {"PathBeyond32Bits", [](Address& a) { a.path += std::uint64_t{1} << 32; }},
    {"LastPaths", [](Address& a) { a.path = kernels::max_paths - 1 - a.path; }},
    {"NextPoint", [](Address& a) { a.point += 1; }},
    {"NextSeed", [](Address& a) { a.seed += 1; }},
    {"SeedBeyond32Bits", [](Address& a) { a.seed += std::uint64_t{1} << 32; }},
    {"OtherPurpose", [](Address& a) { a.purpose = Purpose::time; }},
    {"Pilot", [](Address& a) { a.pilot = true; }},
    {"PathAndBlockExchanged",
     [](Address& a) {
       const auto path = static_cast<std::uint32_t>(a.path);
       a.path = a.block + 1u;
       a.block = path;
     }},
};
INSTANTIATE_TEST_SUITE_P(Of, RandomnessOfNeighbours, testing::ValuesIn(relations),
                         [](const testing::TestParamInfo<Relation>& info) { return info.param.name; });

TEST(RandomnessOfStreams, ReusedAndRelatedCountersWouldBeSeen) {
  EXPECT_FALSE(pairs_of({"reused counter", [](Address&) {}}).good());
  Pairs antithetic, tied;
  for (std::uint32_t i = 0; i < 1u << 18; ++i) {
    Address at;
    at.seed = test_seed();
    at.block = i;
    const double x = normal_at(at);
    at.slot = 1;
    const double y = normal_at(at);
    antithetic.add(x, i % 32 == 0 ? -x : y);  // one pair in 32 counted as independent
    tied.add(x, std::abs(y) * (i % 16 == 0 ? std::copysign(1.0, x) : std::copysign(1.0, y)));
  }
  EXPECT_FALSE(antithetic.good());
  EXPECT_FALSE(tied.good());
}

/// A path's stream: normal number k is slot k mod 4 of block k / 4.
std::vector<double> stream_of_path(std::uint64_t path, std::uint32_t blocks) {
  std::vector<double> stream;
  const kernels::Stream noise = kernels::make_stream(test_seed(), 5, Purpose::noise, false);
  for (std::uint32_t block = 0; block < blocks; block += 4) {
    float z[4][4];
    kernels::random_normals<float, 4>(noise, path, block, z);
    for (const auto& four : z) stream.insert(stream.end(), four, four + 4);
  }
  return stream;
}

TEST(RandomnessOfStreams, ALongPathHasNoSerialCorrelation) {
  const std::vector<double> z = stream_of_path(77, 1u << 18);
  const auto n = static_cast<double>(z.size());
  for (std::size_t lag = 1; lag <= 32; ++lag) {
    double sum = 0.0, squares = 0.0;
    for (std::size_t i = lag; i < z.size(); ++i) {
      sum += z[i] * z[i - lag];
      squares += (z[i] * z[i] - 1.0) * (z[i - lag] * z[i - lag] - 1.0);
    }
    EXPECT_LE(std::abs(sum / std::sqrt(n - static_cast<double>(lag))), z_bound) << "lag " << lag;
    EXPECT_LE(std::abs(squares / std::sqrt(4.0 * (n - static_cast<double>(lag)))), z_bound) << "lag " << lag;
  }
  // Serial test of triples that do not overlap, 8 x 8 x 8 cells: they run through the blocks of four at all offsets.
  std::vector<std::uint64_t> cells(512);
  for (std::size_t i = 0; i + 3 <= z.size(); i += 3) {
    std::size_t cell = 0;
    for (std::size_t j = 0; j < 3; ++j)
      cell = cell * 8 + std::min<std::size_t>(7, static_cast<std::size_t>(8.0 * normal_cdf(z[i + j])));
    ++cells[cell];
  }
  EXPECT_LE(std::abs(z_of_uniform_counts(cells)), z_bound);
  // Runs of equal sign: the number of changes is binomial.
  double changes = 0.0;
  for (std::size_t i = 1; i < z.size(); ++i) changes += (z[i] < 0.0) != (z[i - 1] < 0.0) ? 1.0 : 0.0;
  EXPECT_LE(std::abs(z_of_count(changes, n - 1.0, 0.5)), z_bound);
}

// Brownian endpoints: the scaled sum of a path's normals is N(0, 1), and the paths' sums are independent. A correlation
// between any two of a path's numbers, too small to be seen alone, adds up here.
TEST(RandomnessOfStreams, SumsOfPathsAreStandardNormal) {
  constexpr std::uint32_t paths = 1u << 13, blocks = 64;
  double mean = 0.0, square = 0.0, fourth = 0.0, chain = 0.0, previous = 0.0;
  for (std::uint32_t path = 0; path < paths; ++path) {
    double sum = 0.0;
    for (const double z : stream_of_path(path, blocks)) sum += z;
    sum /= std::sqrt(4.0 * blocks);
    mean += sum / paths;
    square += sum * sum / paths;
    fourth += sum * sum * sum * sum / paths;
    chain += sum * previous;
    previous = sum;
  }
  EXPECT_LE(std::abs(z_of_mean(mean, 0.0, 1.0, paths)), z_bound);
  EXPECT_LE(std::abs(z_of_mean(square, 1.0, 2.0, paths)), z_bound);
  EXPECT_LE(std::abs(z_of_mean(fourth, 3.0, 96.0, paths)), z_bound);
  EXPECT_LE(std::abs(chain / std::sqrt(paths - 1.0)), z_bound);
}

}  // namespace
}  // namespace scorepath::test
