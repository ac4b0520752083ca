// Branches: lanes that part meet again, and each does exactly its own instructions.
#include <gtest/gtest.h>

#include "tests/ptx/snippet.hpp"

namespace scorepath::ptx::test {
namespace {

/// Instructions that kernel_text() puts before the body. Lanes whose guard fails have not executed an instruction, so a
/// branch counts for the lanes that take it.
constexpr std::uint64_t preamble = 6;

TEST(PtxControl, StraightLine) {
  const Outcome o = run_kernel(kernel_text("add.u32 %r0, %g, 5; st.global.u32 [%mine], %r0; ret;"), 3, 40, 120);
  for (std::uint32_t i = 0; i < 120; ++i) ASSERT_EQ(o.words[i], i + 5);
  EXPECT_EQ(o.statistics.instructions, preamble + 3);
  EXPECT_EQ(o.statistics.lane_instructions, 120 * (preamble + 3));
  EXPECT_EQ(o.statistics.divergent_branches, 0u);
}

TEST(PtxControl, BothWaysMeetAgain) {
  // After the join, one step serves all lanes.
  const Outcome o = run_kernel(kernel_text(R"(
    and.b32 %r0, %t, 1;
    setp.eq.u32 %p0, %r0, 0;
    @%p0 bra EVEN;
    mov.u32 %r1, 100;
    bra JOIN;
  EVEN:
    mov.u32 %r1, 200;
  JOIN:
    add.u32 %r1, %r1, %t;
    st.global.u32 [%mine], %r1;
    ret;)"),
                               1, 64, 64);
  for (std::uint32_t i = 0; i < 64; ++i) ASSERT_EQ(o.words[i], i + (i % 2 == 0 ? 200 : 100));
  EXPECT_EQ(o.statistics.instructions, preamble + 3 + 2 + 1 + 3);
  EXPECT_EQ(o.statistics.lane_instructions, 64 * (preamble + 2 + 3) + 32 * (1 + 2 + 1));
  EXPECT_EQ(o.statistics.divergent_branches, 1u);
}

TEST(PtxControl, LoopsOfDifferentLengths) {
  // Lane t goes round t % 7 + 1 times; the lanes meet behind the loop.
  const Outcome o = run_kernel(kernel_text(R"(
    rem.u32 %r0, %t, 7;
    mov.u32 %r1, 0;
    mov.u32 %r2, 0;
  LOOP:
    add.u32 %r1, %r1, %t;
    add.u32 %r2, %r2, 1;
    setp.le.u32 %p0, %r2, %r0;
    @%p0 bra LOOP;
    st.global.u32 [%mine], %r1;
    ret;)"),
                               2, 33, 66);
  std::uint64_t rounds = 0;
  for (std::uint32_t i = 0; i < 66; ++i) {
    const std::uint32_t t = i % 33;
    ASSERT_EQ(o.words[i], t * (t % 7 + 1));
    rounds += t % 7 + 1;
  }
  EXPECT_EQ(o.statistics.instructions, preamble + 3 + 7 * 4 + 2);
  EXPECT_EQ(o.statistics.lane_instructions, 66 * (preamble + 3 + 2) + 4 * rounds - 66);
  EXPECT_EQ(o.statistics.divergent_branches, 6u);
}

TEST(PtxControl, NestedBranchesAndEarlyExit) {
  // t < 8 leaves at once; then by t % 4: 0 nothing, 1 a loop with a continue, 2 and 3 an inner branch.
  const Outcome o = run_kernel(kernel_text(R"(
    st.global.u32 [%mine], 7;
    setp.lt.u32 %p0, %t, 8;
    @%p0 ret;
    and.b32 %r0, %t, 3;
    mov.u32 %r1, 0;
    setp.eq.u32 %p1, %r0, 0;
    @%p1 bra JOIN;
    setp.eq.u32 %p2, %r0, 1;
    @!%p2 bra OTHER;
    mov.u32 %r2, 0;
  LOOP:
    add.u32 %r2, %r2, 1;
    and.b32 %r3, %r2, 1;
    setp.eq.u32 %p3, %r3, 0;
    @%p3 bra NEXT;
    add.u32 %r1, %r1, %r2;
  NEXT:
    setp.lt.u32 %p3, %r2, %t;
    @%p3 bra LOOP;
    bra JOIN;
  OTHER:
    setp.eq.u32 %p4, %r0, 2;
    @%p4 mov.u32 %r1, 1000;
    @!%p4 mov.u32 %r1, 2000;
  JOIN:
    { .reg .b32 %r1x;
      mov.u32 %r1x, %r1;
      st.global.u32 [%mine], %r1x; }
    exit;)"),
                               1, 50, 50);
  for (std::uint32_t t = 0; t < 50; ++t) {
    std::uint32_t want = 0;
    if (t % 4 == 1) {
      for (std::uint32_t k = 1; k <= t; k += 2) want += k;
    }
    if (t % 4 >= 2) want = t % 4 == 2 ? 1000 : 2000;
    ASSERT_EQ(o.words[t], t < 8 ? 7 : want) << t;
  }
}

TEST(PtxControl, GuardsHoldInstructionsBack) {
  const Outcome o = run_kernel(kernel_text(R"(
    setp.lt.u32 %p0, %t, 5;
    mov.u32 %r0, 1;
    @%p0 mov.u32 %r0, 2;
    @!%p0 add.u32 %r0, %r0, 10;
    setp.gt.u32 %p1, %t, 1000;
    @%p1 mov.u32 %r0, 3;
    @%p1 bra NOWHERE;
    @%p0 st.global.u32 [%mine], %r0;
    @!%p0 st.global.u32 [%mine], %r0;
  NOWHERE:
    ret;)"),
                               1, 12, 12);
  for (std::uint32_t t = 0; t < 12; ++t) ASSERT_EQ(o.words[t], t < 5 ? 2u : 11u);
  EXPECT_EQ(o.statistics.divergent_branches, 0u);
  EXPECT_EQ(o.statistics.lane_instructions, 12 * (preamble + 4) + 12 + 12);
}

/// Of many places the lowest goes first, in whatever order the lanes went there: each part, and the end, runs once.
TEST(PtxControl, ManyWaysMeetAgain) {
  const std::string ways[] = {"A", "B", "C", "D"};
  for (const std::string order : {"ABCD", "DCBA", "BDAC", "CADB"}) {
    std::string body = "and.b32 %r0, %t, 3; mov.u32 %r2, 0;\n";
    for (std::size_t k = 0; k < 4; ++k) {
      body += "setp.eq.u32 %p0, %r0, " + std::to_string(k) + "; @%p0 bra " + order[k] + ";\n";
    }
    for (std::size_t k = 0; k < 4; ++k) body += ways[k] + ": mov.u32 %r1, " + std::to_string(k) + "; bra JOIN;\n";
    const Outcome o = run_kernel(kernel_text(body + "JOIN: st.global.u32 [%mine], %r1; ret;"), 1, 64, 64);
    for (std::uint32_t t = 0; t < 64; ++t) {
      ASSERT_EQ(o.words[t], static_cast<std::uint32_t>(order[t % 4] - 'A'));
    }
    EXPECT_EQ(o.statistics.instructions, preamble + 2 + 4 * 2 + 4 * 2 + 2) << order;
  }
}

/// Lanes far ahead do not keep those behind them from meeting.
TEST(PtxControl, TheLowestOfThreePlacesGoesFirst) {
  const Outcome o = run_kernel(kernel_text(R"(
    rem.u32 %r0, %t, 3;
    setp.eq.u32 %p0, %r0, 0;
    @%p0 bra FAR;
    setp.eq.u32 %p0, %r0, 1;
    @%p0 bra LOW;
    bra MIDDLE;
  LOW:
    mov.u32 %r1, 1;
    bra MEET;
  MIDDLE:
    mov.u32 %r1, 2;
  MEET:
    add.u32 %r1, %r1, 10;
    bra END;
  FAR:
    mov.u32 %r1, 3;
  END:
    st.global.u32 [%mine], %r1;
    ret;)"),
                               1, 30, 30);
  for (std::uint32_t t = 0; t < 30; ++t) ASSERT_EQ(o.words[t], t % 3 == 0 ? 3 : 10 + t % 3);
  EXPECT_EQ(o.statistics.instructions, preamble + 6 + 2 + 1 + 2 + 1 + 2);
}

/// Code that nvcc moves behind the end of the kernel comes back to a lower place.
TEST(PtxControl, BranchesBackwards) {
  const Outcome o = run_kernel(kernel_text(R"(
    setp.eq.u32 %p0, %t, 3;
    mov.u32 %r0, 1;
    @%p0 bra RARE;
  BACK:
    st.global.u32 [%mine], %r0;
    ret;
  RARE:
    mov.u32 %r0, 9;
    bra.uni BACK;)"),
                               1, 5, 5);
  EXPECT_EQ(o.words, (std::vector<std::uint32_t>{1, 1, 1, 9, 1}));
}

TEST(PtxControl, SpecialRegisters) {
  const Outcome o = run_kernel(kernel_text(R"(
    mov.u32 %r0, %nctaid.x; mov.u32 %r1, %laneid; mov.u32 %r2, %warpid; mov.u32 %r3, %tid.y; mov.u32 %r4, %ntid.z;
    mov.u32 %r5, %lanemask_lt; mov.u32 %r6, %lanemask_ge; mov.u32 %r7, %nwarpid; popc.b32 %r5, %r5; popc.b32 %r6, %r6;
    mad.lo.u32 %r8, %r0, 100, %r1; mad.lo.u32 %r8, %r2, 10000, %r8; add.u32 %r8, %r8, %r3; add.u32 %r8, %r8, %r4;
    sub.u32 %r9, 32, %r6; setp.ne.u32 %p0, %r5, %r9; @%p0 mov.u32 %r8, 0; mad.lo.u32 %r8, %r7, 1000000, %r8;
    st.global.u32 [%mine], %r8; ret;)"),
                               2, 70, 140);
  for (std::uint32_t i = 0; i < 140; ++i) {
    const std::uint32_t t = i % 70;
    ASSERT_EQ(o.words[i], 2 * 100 + t % 32 + t / 32 * 10000 + 0 + 1 + 3 * 1000000);
  }
}

TEST(PtxControl, MasksOfLanes) {
  const auto masks = [](const std::string& name) {
    return run_kernel(kernel_text("mov.u32 %r0, %lanemask_" + name + "; st.global.u32 [%mine], %r0; ret;"), 1, 33, 33)
        .words;
  };
  const auto eq = masks("eq"), lt = masks("lt"), le = masks("le"), gt = masks("gt"), ge = masks("ge");
  for (std::uint32_t t = 0; t < 33; ++t) {
    const std::uint64_t bit = std::uint64_t{1} << (t % 32), all = 0xffffffff;
    EXPECT_EQ(eq[t], bit);
    EXPECT_EQ(lt[t], bit - 1);
    EXPECT_EQ(le[t], 2 * bit - 1);
    EXPECT_EQ(gt[t], all - (2 * bit - 1));
    EXPECT_EQ(ge[t], all - (bit - 1));
  }
}

TEST(PtxControl, AnEndlessLoopIsFound) {
  RunOptions options;
  options.instruction_limit = 1000;
  const std::string message = error_of([&] { run_kernel(kernel_text("L: bra L;"), 1, 1, 1, options); });
  EXPECT_EQ(missing(message, {"test.ptx:", "no end after 1000 instructions", "`bra L`"}), "");
}

TEST(PtxControl, FallingOffTheEndIsLeaving) {
  const Outcome o = run_kernel(kernel_text("st.global.u32 [%mine], 4;"), 1, 3, 3);
  EXPECT_EQ(o.words, (std::vector<std::uint32_t>{4, 4, 4}));
  EXPECT_EQ(o.statistics.instructions, preamble + 1);
}

}  // namespace
}  // namespace scorepath::ptx::test
