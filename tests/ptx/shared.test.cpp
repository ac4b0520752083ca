// Shared memory and barriers: a tree sum is right, and each barrier of it is needed: the race mode sees its absence.
#include <gtest/gtest.h>

#include <numeric>

#include "tests/ptx/snippet.hpp"

namespace scorepath::ptx::test {
namespace {

const std::string arena = ".shared .align 4 .b8 sums[512];\n";
constexpr const char* barrier = "bar.sync 0;";

/// Sums of 128 values per block: thread t gives t + 1 of block 0, t + 2 of block 1, ... `left_out` of its barriers is
/// not there: 0 follows the first store, 1 to 7 follow the halvings, 8 parts a second use of the memory from the first.
std::string tree_sum(int left_out) {
  std::string body = R"(
    mov.u32 %r0, sums; shl.b32 %r1, %t, 2; add.u32 %r0, %r0, %r1;
    mov.u32 %r2, %ctaid.x; add.u32 %r2, %r2, 1; add.u32 %r2, %r2, %t;
    st.shared.u32 [%r0], %r2;
)";
  const auto synchronise = [&](int which) { body += which == left_out ? "" : std::string(barrier) + "\n"; };
  synchronise(0);
  int which = 1;
  for (int half = 64; half > 0; half /= 2) {
    const std::string n = std::to_string(half);
    body += "setp.ge.u32 %p0, %t, " + n + "; @%p0 bra SKIP" + n + ";\n" +
            "ld.shared.u32 %r3, [%r0]; ld.shared.u32 %r4, [%r0+" + std::to_string(4 * half) + "];\n" +
            "add.u32 %r3, %r3, %r4; st.shared.u32 [%r0], %r3;\nSKIP" + n + ":\n";
    synchronise(which++);
  }
  body += R"(
    ld.shared.u32 %r5, [sums];
)";
  synchronise(which);
  body += "st.shared.u32 [%r0], 1; st.global.u32 [%mine], %r5; ret;";
  return kernel_text(body, arena);
}

TEST(PtxShared, TreeSum) {
  const Outcome o = run_kernel(tree_sum(-1), 3, 128, 3 * 128);
  for (std::uint32_t b = 0; b < 3; ++b) {
    for (std::uint32_t t = 0; t < 128; ++t) ASSERT_EQ(o.words[128 * b + t], 128 * 127 / 2 + 128 * (b + 1));
  }
  EXPECT_EQ(o.statistics.barriers, 3u * 9);
}

TEST(PtxShared, EveryBarrierOfTheTreeSumIsNeeded) {
  for (int left_out = 0; left_out <= 8; ++left_out) {
    const std::string message = error_of([&] { run_kernel(tree_sum(left_out), 1, 128, 128); });
    EXPECT_EQ(missing(message, {"race for shared memory", "block 0, thread", "no barrier between them", "line "}), "")
        << left_out;
    RunOptions fast;
    fast.races = false;
    EXPECT_EQ(error_of([&] { run_kernel(tree_sum(left_out), 1, 128, 128, fast); }), "") << left_out;
  }
}

TEST(PtxShared, TheRaceNamesBoth) {
  const std::string message =
      error_of([] { run_kernel(kernel_text("mov.u32 %r0, 5;\nst.shared.u32 [sums+8], %r0;\nret;", arena), 2, 2, 4); });
  EXPECT_EQ(
      missing(message, {"k, block 0, thread 1, `st.shared.u32 [sums+8], %r0`", "writes what block 0, thread 0 wrote",
                        "line 12 (st.shared.u32 [sums+8], %r0)", "0x10008"}),
      "");
}

/// What is no race: one thread alone, many readers, and blocks with shared memory each.
TEST(PtxShared, WhatIsNoRace) {
  const Outcome o = run_kernel(kernel_text(R"(
    setp.ne.u32 %p0, %t, 0;
    @%p0 bra READ;
    st.shared.u32 [sums], %g;
    ld.shared.u32 %r1, [sums];
    add.u32 %r1, %r1, 1;
    st.shared.u32 [sums], %r1;
  READ:
    bar.sync 0, 40;
    ld.shared.u32 %r2, [sums];
    st.global.u32 [%mine], %r2;
    ret;)",
                                           arena),
                               3, 40, 120);
  for (std::uint32_t i = 0; i < 120; ++i) ASSERT_EQ(o.words[i], i / 40 * 40 + 1);
}

TEST(PtxShared, SeveralReadersThenAWriteIsARace) {
  for (const unsigned reader_lanes : {1u, 2u, 33u}) {
    // Threads below reader_lanes read word 0 that thread 0 stored before the barrier; thread 34 writes it.
    const std::string text = kernel_text(
        "setp.eq.u32 %p0, %t, 0; @%p0 st.shared.u32 [sums], 1; bar.sync 0;\n"
        "setp.lt.u32 %p1, %t, " +
            std::to_string(reader_lanes) +
            "; @%p1 ld.shared.u32 %r0, [sums];\n"
            "setp.eq.u32 %p2, %t, 34; @%p2 st.shared.u32 [sums], 2; ret;",
        arena);
    EXPECT_EQ(missing(error_of([&] { run_kernel(text, 1, 40, 40); }), {"race", "writes what block 0, thread 0 read"}),
              "");
  }
}

/// Bytes of one word belong to different threads.
TEST(PtxShared, BytesAreWatchedByThemselves) {
  const auto text = [](const std::string& index) {
    return kernel_text(
        "mov.u32 %r0, sums; " + index + " add.u32 %r0, %r0, %r1; cvt.u16.u32 %h0, %t;\n" +
            "st.shared.u8 [%r0], %h0; bar.sync 0; ld.shared.u32 %r2, [sums]; st.global.u32 [%mine], %r2; ret;",
        arena);
  };
  EXPECT_EQ(run_kernel(text("mov.u32 %r1, %t;"), 1, 4, 4).words, (std::vector<std::uint32_t>(4, 0x03020100)));
  EXPECT_EQ(missing(error_of([&] { run_kernel(text("shr.u32 %r1, %t, 1;"), 1, 4, 4); }), {"race"}), "");
}

TEST(PtxShared, WarpBarriersOrderOneWarp) {
  // Thread t reads what its neighbour t ^ by wrote.
  const auto text = [](unsigned by, const std::string& synchronise) {
    return kernel_text("mov.u32 %r0, sums; shl.b32 %r1, %t, 2; add.u32 %r2, %r0, %r1; st.shared.u32 [%r2], %t;\n" +
                           synchronise + "xor.b32 %r1, %r1, " + std::to_string(4 * by) +
                           "; add.u32 %r2, %r0, %r1; ld.shared.u32 %r3, [%r2];\n" + synchronise +
                           "st.shared.u32 [%r2], 9; st.global.u32 [%mine], %r3; ret;",
                       arena);
  };
  const std::string warp = "bar.warp.sync 0xffffffff;\n";
  const Outcome o = run_kernel(text(1, warp), 2, 64, 128);
  for (std::uint32_t i = 0; i < 128; ++i) ASSERT_EQ(o.words[i], (i % 64) ^ 1);
  EXPECT_EQ(missing(error_of([&] { run_kernel(text(1, ""), 1, 64, 64); }), {"race"}), "");
  EXPECT_EQ(missing(error_of([&] { run_kernel(text(32, warp), 1, 64, 64); }), {"race"}), "");
  EXPECT_EQ(error_of([&] { run_kernel(text(32, "barrier.sync.aligned 0;\n"), 1, 64, 64); }), "");
  // A barrier of half a warp is not taken to order the whole.
  EXPECT_EQ(missing(error_of([&] {
                      run_kernel(text(16, "setp.lt.u32 %p0, %t, 16; @%p0 bar.warp.sync 0xffff;\n"), 1, 32, 32);
                    }),
                    {"race"}),
            "");
}

TEST(PtxShared, RacesForGlobalMemory) {
  // All write one word; then, apart by a barrier; then in two blocks.
  const std::string one = kernel_text("st.global.u32 [%out], 1; ret;");
  EXPECT_EQ(error_of([&] { run_kernel(one, 1, 1, 1); }), "");
  EXPECT_EQ(missing(error_of([&] { run_kernel(one, 1, 2, 1); }), {"race for global memory", "synchronise"}), "");
  EXPECT_EQ(
      missing(error_of([&] { run_kernel(one, 2, 1, 1); }),
              {"race for global memory", "no barrier orders two blocks", "block 1, thread 0", "block 0, thread 0"}),
      "");
  // Block 1 runs long after block 0, in another group of lanes: it is a race all the same.
  RunOptions alone;
  alone.lanes_at_once = 1;
  EXPECT_EQ(missing(error_of([&] { run_kernel(one, 2, 1, 1, alone); }), {"race for global memory"}), "");
  const std::string reads = kernel_text(
      "st.global.u32 [%mine], %t; bar.sync 0; xor.b32 %r0, %g, 1; mad.wide.u32 %rd0, %r0, 4, %out;\n"
      "ld.global.u32 %r1, [%rd0]; ret;");
  EXPECT_EQ(error_of([&] { run_kernel(reads, 2, 4, 8); }), "");
  EXPECT_EQ(missing(error_of([&] { run_kernel(reads, 2, 1, 2); }), {"race for global memory", "read"}), "");
  const std::string stale = kernel_text("st.global.u32 [%mine], %t; ld.global.nc.u32 %r1, [%mine]; ret;");
  EXPECT_EQ(missing(error_of([&] { run_kernel(stale, 1, 1, 1); }), {"ld.global.nc", "before the launch"}), "");
}

TEST(PtxShared, DivergentBarriers) {
  const auto message = [](const std::string& body) {
    return error_of([&] { run_kernel(kernel_text("setp.lt.u32 %p0, %t, 16; " + body, arena), 2, 64, 128); });
  };
  const std::string divergent = "divergent barrier";
  // Only some come, and the others end.
  EXPECT_EQ(missing(message("@%p0 bar.sync 0; ret;"), {divergent, "ends while others of its block wait"}), "");
  EXPECT_EQ(missing(message("@!%p0 bra END; bar.sync 0; END: ret;"), {divergent, "thread 16"}), "");
  // Each half comes to a barrier of its own.
  EXPECT_EQ(missing(message("@%p0 bra ONE; bar.sync 0; bra END; ONE: bar.sync 0; END: ret;"),
                    {divergent, "others of the block wait at line"}),
            "");
  // The threads go round a loop with a barrier 1 to 64 times.
  EXPECT_EQ(
      missing(message("mov.u32 %r0, 0; L: bar.sync 0; add.u32 %r0, %r0, 1; setp.lt.u32 %p1, %r0, %t; @%p1 bra L; ret;"),
              {divergent}),
      "");
  EXPECT_EQ(missing(message("bar.sync 0, 32; ret;"), {"barrier of 32 threads", "the block has 64"}), "");
}

/// Whole blocks may differ, threads may have ended before, and a block may come piece by piece; then all go on
/// together.
TEST(PtxShared, BarriersThatAllReach) {
  const auto run = [](const std::string& body) {
    return run_kernel(kernel_text("setp.lt.u32 %p0, %t, 16; " + body), 2, 64, 128);
  };
  const std::string end = " shfl.sync.bfly.b32 %r1, %t, 1, 31, 0xffffffff; st.global.u32 [%mine], %r1; ret;\n";
  const Outcome one_block = run("mov.u32 %r0, %ctaid.x; setp.eq.u32 %p1, %r0, 1; @%p1 bar.sync 0;" + end);
  const Outcome some_ended = run("@%p0 ret; bar.sync 0;" + end);
  const Outcome pieces = run("@%p0 bra FAR; BACK: bar.sync 0;" + end + "FAR: bra BACK;");
  EXPECT_EQ(one_block.statistics.barriers, 1u);
  EXPECT_EQ(some_ended.statistics.barriers, 2u);
  EXPECT_EQ(pieces.statistics.barriers, 2u);
  for (std::uint32_t i = 0; i < 128; ++i) {
    const std::uint32_t t = i % 64;
    ASSERT_EQ(one_block.words[i], t ^ 1);
    ASSERT_EQ(some_ended.words[i], t < 16 ? 0 : t ^ 1);
    ASSERT_EQ(pieces.words[i], t ^ 1);
  }
}

TEST(PtxShared, DynamicMemoryFollowsTheStatic) {
  const std::string text = kernel_text(R"(
    .shared .align 2 .b8 small[6];
    mov.u64 %rd0, dynamic; mad.wide.u32 %rd1, %t, 8, %rd0; cvt.u64.u32 %rd2, %t; st.shared.u64 [%rd1], %rd2;
    setp.eq.u32 %p0, %t, 0; mov.u16 %h0, 77; @%p0 st.shared.u16 [small+4], %h0;
    bar.sync 0;
    xor.b32 %r0, %t, 7; mad.wide.u32 %rd1, %r0, 8, %rd0; ld.shared.u32 %r1, [%rd1]; ld.shared.u16 %r2, [small+4];
    add.u32 %r1, %r1, %r2; mov.u32 %r3, dynamic; and.b32 %r3, %r3, 15; add.u32 %r1, %r1, %r3;
    st.global.u32 [%mine], %r1; ret;)",
                                       ".extern .shared .align 16 .b8 dynamic[];\n");
  EXPECT_EQ(run_kernel(text, 1, 8, 8, {}, 64).words, (std::vector<std::uint32_t>{84, 83, 82, 81, 80, 79, 78, 77}));
  EXPECT_EQ(missing(error_of([&] { run_kernel(text, 1, 8, 8, {}, 56); }),
                    {"out of bounds", "thread 7", "shared memory has 72 bytes"}),
            "");
}

}  // namespace
}  // namespace scorepath::ptx::test
