// Every lane operation and elementary function: the bits of every pack are those of the scalar float lane.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <random>
#include <vector>

#include "tests/parity/instruction_sets.hpp"
#include "tests/parity/operations.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/ulp.hpp"

namespace scorepath::test {
namespace {

struct Triple {
  std::uint32_t a, b, c;
};

std::uint32_t bits(float x) { return kernels::as_bits(x); }

/// Zeros, subnormals, the ends of every range, infinities, NaN, and the arguments where formulas change.
const std::vector<std::uint32_t>& edges() {
  static const std::vector<std::uint32_t> values = {
      0x00000000u,   0x80000000u,   0x00000001u,    0x80000001u,   0x007fffffu,    0x807fffffu,         0x00800000u,
      0x80800000u,   0x00800001u,   bits(1.0f),     bits(-1.0f),   0x3f7fffffu,    0x3f800001u,         bits(0.5f),
      bits(-2.5f),   bits(3.0f),    bits(0x1p-63f), bits(0x1p24f), bits(-0x1p31f), bits(0x1p-126f * 3), bits(88.72f),
      bits(-86.64f), bits(-120.0f), bits(128.0f),   0x7f7fffffu,   0xff7fffffu,    0x7f800000u,         0xff800000u,
      0x7fc00000u,   0xffc12345u,   0x0000003fu,    0x7fffffffu,   0xffffffffu,    0x3f3504f3u};
  return values;
}

/// All triples of edges, random bits, and sums that cancel exactly or nearly.
const std::vector<Triple>& triples() {
  static const std::vector<Triple> all = [] {
    std::vector<Triple> list;
    for (const std::uint32_t a : edges()) {
      for (const std::uint32_t b : edges()) {
        for (const std::uint32_t c : edges()) list.push_back({a, b, c});
      }
    }
    std::mt19937 words(static_cast<std::uint32_t>(hash_of_name("parity of lanes")));
    const auto word = [&] { return static_cast<std::uint32_t>(words()); };
    for (int i = 0; i < 20000; ++i) list.push_back({word(), word(), word()});
    for (int i = 0; i < 40000; ++i) {  // ordinary magnitudes; c is -a b, rounded, and some units away from it
      const float a = std::ldexp(static_cast<float>(word()), static_cast<int>(word() % 60) - 62);
      const float b = std::ldexp(static_cast<float>(word()), static_cast<int>(word() % 180) - 150);
      const std::uint32_t product = bits(-(a * b));
      list.push_back(
          {bits(a), bits(i % 2 == 0 ? b : -b), (i % 2 == 0 ? product : product ^ 0x80000000u) + word() % 5 - 2});
    }
    while (list.size() % widest_pack != 0) list.push_back({0, 0, 0});
    return list;
  }();
  return all;
}

class Lanes : public OnInstructionSet {};
INSTANTIATE_TEST_SUITE_P(Isa, Lanes, testing::ValuesIn(instruction_sets), name_of_isa);

TEST_P(Lanes, EveryOperationHasTheBitsOfTheScalarLane) {
  const PackFunctions pack = GetParam().pack_functions();
  int count = 0;
  const Operation<float>* scalar = operations<float>(count);
  ASSERT_EQ(pack.operations, count);
  for (int op = 0; op < count; ++op) {
    for (std::size_t i = 0; i < triples().size(); i += static_cast<std::size_t>(pack.width)) {
      std::uint32_t a[widest_pack], b[widest_pack], c[widest_pack], got[widest_pack];
      for (int lane = 0; lane < pack.width; ++lane) {
        const Triple& t = triples()[i + static_cast<std::size_t>(lane)];
        a[lane] = t.a;
        b[lane] = t.b;
        c[lane] = t.c;
      }
      pack.operation(op, a, b, c, got);
      for (int lane = 0; lane < pack.width; ++lane) {
        const std::uint32_t want = scalar[op].apply(a[lane], b[lane], c[lane]);
        if (got[lane] == want) continue;
        const bool both_nan = std::isnan(float_of_bits(got[lane])) && std::isnan(float_of_bits(want));
        ASSERT_TRUE(scalar[op].real && both_nan)
            << scalar[op].name << std::hex << " of " << a[lane] << ", " << b[lane] << ", " << c[lane] << " is "
            << got[lane] << ", not " << want << ", in lane " << std::dec << lane;
      }
    }
  }
}

TEST_P(Lanes, AnyAndAllSeeEveryLane) {
  const PackFunctions pack = GetParam().pack_functions();
  const float zero[widest_pack] = {};
  for (std::uint32_t pattern = 0; pattern<1u << pack.width; pattern += pack.width> 8 ? 7 : 1) {
    float negative_where[widest_pack] = {};
    for (int lane = 0; lane < pack.width; ++lane) negative_where[lane] = pattern >> lane & 1u ? -1.0f : 1.0f;
    bool some = false, every = false;
    pack.masks(negative_where, zero, &some, &every);
    ASSERT_EQ(some, pattern != 0) << pattern;
    ASSERT_EQ(every, pattern == (1u << pack.width) - 1) << pattern;
  }
}

TEST_P(Lanes, LaneIndexCountsFromZero) {
  const PackFunctions pack = GetParam().pack_functions();
  std::uint32_t index[widest_pack];
  pack.lanes(index);
  for (int lane = 0; lane < pack.width; ++lane) EXPECT_EQ(index[lane], static_cast<std::uint32_t>(lane));
}

/// What the parity above rests on: the scalar lane itself follows the rules that lane.hpp states.
TEST(ScalarLane, FollowsTheStatedRules) {
  using namespace kernels;
  const float nan = std::nanf("");
  EXPECT_EQ(as_bits(max(0.0f, -0.0f)), as_bits(-0.0f));
  EXPECT_EQ(as_bits(max(-0.0f, 0.0f)), as_bits(0.0f));
  EXPECT_EQ(as_bits(min(0.0f, -0.0f)), as_bits(-0.0f));
  EXPECT_EQ(max(nan, 2.0f), 2.0f);
  EXPECT_EQ(min(nan, 2.0f), 2.0f);
  EXPECT_TRUE(std::isnan(max(2.0f, nan)));
  EXPECT_TRUE(std::isnan(min(2.0f, nan)));
  EXPECT_EQ(as_bits(-0.0f * 1.0f), as_bits(-(0.0f)));
  EXPECT_EQ(shift_right_signed(0x80000000u, 31), 0xffffffffu);
  EXPECT_EQ(to_real_signed<float>(0x80000000u), -0x1p31f);
  std::uint32_t high, low;
  multiply_wide(0xfffffffeu, 0xffffffffu, high, low);
  EXPECT_EQ(high, 0xfffffffdu);
  EXPECT_EQ(low, 2u);
  EXPECT_TRUE(nan != nan);
}

/// The product of two floats is exact in double, and the sum is total + rest exactly (Knuth's two-sum). The midpoint
/// between neighbouring floats is a double, so where total lies decides, and at a midpoint the sign of the rest.
TEST(ScalarLane, FusedMultiplyAddRoundsOnce) {
  int ties = 0;
  for (const Triple& t : triples()) {
    const float a = float_of_bits(t.a), b = float_of_bits(t.b), c = float_of_bits(t.c);
    const float got = kernels::fma(a, b, c);
    const double product = static_cast<double>(a) * b;
    const double total = product + c;
    if (std::isnan(total) || std::isinf(total)) {
      ASSERT_TRUE(std::isnan(total) ? std::isnan(got) : got == total) << a << " " << b << " " << c;
      continue;
    }
    const double part = total - product;
    const double rest = (product - (total - part)) + (c - part);
    const double magnitude = std::fabs(total), outward = std::signbit(total) ? -rest : rest;
    if (std::isinf(got)) {
      ASSERT_TRUE(magnitude > 0x1.ffffffp127 || (magnitude == 0x1.ffffffp127 && outward >= 0));
      ASSERT_EQ(std::signbit(got), std::signbit(total));
      continue;
    }
    const float size = std::fabs(got);
    const double above =
        size == 0x1.fffffep127f ? 0x1.ffffffp127 : 0.5 * (static_cast<double>(size) + std::nextafterf(size, HUGE_VALF));
    const double below = size == 0 ? -1.0 : 0.5 * (static_cast<double>(size) + std::nextafterf(size, 0.0f));
    const bool even = (bits(size) & 1u) == 0;
    ASSERT_TRUE(magnitude < above || (magnitude == above && (outward < 0 || (outward == 0 && even))))
        << a << " " << b << " " << c;
    ASSERT_TRUE(magnitude > below || (magnitude == below && (outward > 0 || (outward == 0 && even))))
        << a << " " << b << " " << c;
    ASSERT_TRUE(std::signbit(got) == std::signbit(total)) << a << " " << b << " " << c;
    ties += magnitude == above || magnitude == below;
  }
  EXPECT_GT(ties, 0);
}

}  // namespace
}  // namespace scorepath::test
