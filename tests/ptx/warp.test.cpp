// Shuffles and votes.
#include <gtest/gtest.h>

#include <functional>

#include "tests/ptx/snippet.hpp"

namespace scorepath::ptx::test {
namespace {

/// A shuffle of the values 100 + lane as CUDA's programming guide explains it, for a width of 32, 16, 8, ...
std::uint32_t shuffled(const std::string& kind, std::uint32_t lane, std::uint32_t by, std::uint32_t width,
                       bool& moved) {
  const std::uint32_t begin = lane / width * width;
  std::int64_t source = 0;
  if (kind == "up") source = std::int64_t{lane} - by;
  if (kind == "down") source = std::int64_t{lane} + by;
  if (kind == "bfly") source = lane ^ by;
  if (kind == "idx") source = begin + by % width;
  moved = source >= begin && source < begin + width;
  // A butterfly may reach segments before its own.
  if (kind == "bfly") moved = source < begin + width;
  return 100 + (moved ? static_cast<std::uint32_t>(source) : lane);
}

TEST(PtxWarps, Shuffles) {
  for (const std::string kind : {"up", "down", "bfly", "idx"}) {
    for (const std::uint32_t width : {32u, 16u, 8u, 4u, 2u, 1u}) {
      const std::uint32_t c = (32 - width) << 8 | (kind == "up" ? 0 : 31);
      for (const std::uint32_t by : {0u, 1u, 2u, 3u, 5u, 8u, 16u, 21u, 31u}) {
        const std::string operands = "%r0, " + std::to_string(by) + ", " + std::to_string(c) + ", 0xffffffff;\n";
        const Outcome o =
            run_kernel(kernel_text("mov.u32 %r1, %laneid; add.u32 %r0, %r1, 100;\nshfl.sync." + kind +
                                   ".b32 %r2|%p0, " + operands + "shfl.sync." + kind + ".b32 %r0, " + operands +
                                   "sub.u32 %r0, %r0, %r2; selp.u32 %r3, 1000, 2000, %p0; add.u32 %r2, %r2, %r3;\n"
                                   "add.u32 %r2, %r2, %r0; st.global.u32 [%mine], %r2; ret;"),
                       2, 64, 128);
        EXPECT_EQ(o.statistics.shuffles, 2u * 4);
        for (std::uint32_t i = 0; i < 128; ++i) {
          bool moved = false;
          const std::uint32_t want = shuffled(kind, i % 32, by, width, moved);
          ASSERT_EQ(o.words[i], want + (moved ? 1000 : 2000))
              << kind << " by " << by << ", width " << width << ", " << i;
        }
      }
    }
  }
}

TEST(PtxWarps, DistancesMayDifferFromLaneToLane) {
  const Outcome o = run_kernel(kernel_text("mul.lo.u32 %r0, %t, 7; add.u32 %r1, %t, 3; and.b32 %r1, %r1, 31;\n"
                                           "shfl.sync.idx.b32 %r2, %r0, %r1, 31, -1; st.global.u32 [%mine], %r2; ret;"),
                               1, 32, 32);
  for (std::uint32_t t = 0; t < 32; ++t) ASSERT_EQ(o.words[t], (t + 3) % 32 * 7);
}

/// A sum over a warp of a block that does not fill it: the lanes beyond are nobody.
TEST(PtxWarps, PartialWarps) {
  const std::string text = kernel_text(
      "vote.sync.ballot.b32 %r0, 1, 0xffffffff; activemask.b32 %r1; setp.eq.u32 %p0, %r0, %r1;\n"
      "vote.sync.all.pred %p1, %p0, 0xffffffff; selp.u32 %r2, %r0, 0, %p1; st.global.u32 [%mine], %r2; ret;");
  const Outcome o = run_kernel(text, 1, 40, 40);
  for (std::uint32_t t = 0; t < 40; ++t) ASSERT_EQ(o.words[t], t < 32 ? 0xffffffffu : 0xffu);
  const std::string reads =
      kernel_text("shfl.sync.down.b32 %r0, %t, 1, 31, 0xffffffff; st.global.u32 [%mine], %r0; ret;");
  EXPECT_EQ(missing(error_of([&] { run_kernel(reads, 1, 40, 40); }), {"shuffle reads lane 8", "thread 39"}), "");
}

TEST(PtxWarps, Votes) {
  const std::function<bool(std::uint32_t)> votes[] = {
      [](std::uint32_t) { return true; }, [](std::uint32_t) { return false; }, [](std::uint32_t t) { return t == 37; },
      [](std::uint32_t t) { return t != 5; }};
  const std::string predicates[] = {"setp.ge.u32 %p0, %t, 0;", "setp.lt.u32 %p0, %t, 0;", "setp.eq.u32 %p0, %t, 37;",
                                    "setp.ne.u32 %p0, %t, 5;"};
  for (std::size_t k = 0; k < 4; ++k) {
    for (const bool negated : {false, true}) {
      const std::string operand = negated ? ", !%p0, 0xffffffff; " : ", %p0, 0xffffffff; ";
      const Outcome o = run_kernel(
          kernel_text(
              predicates[k] + "vote.sync.all.pred %p1" + operand + "vote.sync.any.pred %p2" + operand +
              "vote.sync.uni.pred %p3" + operand + "vote.sync.ballot.b32 %r0" + operand +
              "selp.u32 %r1, 1, 0, %p1; selp.u32 %r2, 2, 0, %p2; selp.u32 %r3, 4, 0, %p3; add.u32 %r1, %r1, %r2;\n"
              "add.u32 %r1, %r1, %r3; popc.b32 %r0, %r0; shl.b32 %r0, %r0, 4; add.u32 %r1, %r1, %r0;\n"
              "st.global.u32 [%mine], %r1; ret;"),
          1, 64, 64);
      for (std::uint32_t t = 0; t < 64; ++t) {
        std::uint32_t yes = 0;
        for (std::uint32_t other = t / 32 * 32; other < t / 32 * 32 + 32; ++other) yes += votes[k](other) != negated;
        ASSERT_EQ(o.words[t], (yes == 32) + 2 * (yes > 0) + 4 * (yes == 0 || yes == 32) + (yes << 4)) << k << t;
      }
    }
  }
}

/// Lanes that have parted may still exchange among themselves.
TEST(PtxWarps, HalvesOfAWarp) {
  const Outcome o = run_kernel(kernel_text(R"(
    setp.lt.u32 %p0, %t, 16;
    @%p0 bra LOW;
    shfl.sync.bfly.b32 %r0, %t, 1, 31, 0xffff0000;
    bra JOIN;
  LOW:
    activemask.b32 %r0;
  JOIN:
    st.global.u32 [%mine], %r0; ret;)"),
                               1, 32, 32);
  for (std::uint32_t t = 0; t < 32; ++t) ASSERT_EQ(o.words[t], t < 16 ? 0xffffu : t ^ 1);
}

TEST(PtxWarps, MasksMustBeTrue) {
  const auto message = [](const std::string& body) {
    return error_of([&] { run_kernel(kernel_text("setp.lt.u32 %p0, %t, 16; " + body + " ret;"), 1, 32, 32); });
  };
  const std::string elsewhere = "that lane is elsewhere";
  EXPECT_EQ(missing(message("@%p0 shfl.sync.bfly.b32 %r0, %t, 1, 31, 0xffffffff;"),
                    {elsewhere, "mask names block 0, thread 16"}),
            "");
  EXPECT_EQ(missing(message("@!%p0 vote.sync.any.pred %p1, %p0, 0xffff8000;"), {elsewhere, "thread 15"}), "");
  EXPECT_EQ(missing(message("@%p0 bar.warp.sync 0xffffffff;"), {elsewhere}), "");
  EXPECT_EQ(missing(message("vote.sync.ballot.b32 %r0, %p0, 0xffff;"), {"mask without the lane itself", "thread 16"}),
            "");
  EXPECT_EQ(missing(message("selp.u32 %r0, 0xffffffff, 0x0000ffff, %p0; @%p0 shfl.sync.up.b32 %r1, %t, 1, 0, %r0;"),
                    {elsewhere}),
            "");
  EXPECT_EQ(
      missing(
          message(
              "setp.eq.u32 %p1, %t, 3; selp.u32 %r0, 0x0000fff8, 0xffffffff, %p1; vote.sync.any.pred %p2, %p0, %r0;"),
          {"masks differ"}),
      "");
  // Lanes that have left the kernel are not waited for, but cannot be read.
  EXPECT_EQ(message("@%p0 ret; vote.sync.any.pred %p1, %p0, 0xffffffff;"), "");
  EXPECT_EQ(missing(message("@%p0 ret; shfl.sync.idx.b32 %r0, %t, 3, 31, 0xffffffff;"), {"shuffle reads lane 3"}), "");
}

}  // namespace
}  // namespace scorepath::ptx::test
