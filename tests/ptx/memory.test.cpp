// Loads and stores of every type and space; and every address that is wrong.
#include <gtest/gtest.h>

#include "tests/ptx/operands.hpp"

namespace scorepath::ptx::test {
namespace {

TEST(PtxMemory, NarrowValuesAreExtended) {
  const std::vector<std::uint64_t> a = {0x8081828384858687u, 0x0102030405060708u, 0xffffffffffffffffu};
  const auto load = [&](const std::string& type, const std::string& reg) {
    const std::string extend = reg == ".b64" ? "" : "cvt.u64.u" + reg.substr(2) + " %x, %v;";
    return evaluate<std::uint64_t>(
        ".reg " + reg + " %v; ld.global." + type + (reg == ".b64" ? " %x" : " %v") + ", [%at_a+1];" + extend, a);
  };
  using Words = std::vector<std::uint64_t>;
  // Only types of one byte may stand at an odd address.
  EXPECT_EQ(load("u8", ".b16"), (Words{0x86, 0x07, 0xff}));
  EXPECT_EQ(load("s8", ".b16"), (Words{0xff86, 0x07, 0xffff}));
  EXPECT_EQ(load("b8", ".b32"), (Words{0x86, 0x07, 0xff}));
  EXPECT_EQ(load("s8", ".b32"), (Words{0xffffff86, 0x07, 0xffffffff}));
  EXPECT_EQ(load("s8", ".b64"), (Words{0xffffffffffffff86, 0x07, 0xffffffffffffffff}));
  const auto wide = [&](const std::string& type) {
    return evaluate<std::uint64_t>("ld.global." + type + " %x, [%at_a+4];", a);
  };
  EXPECT_EQ(wide("u16"), (Words{0x8283, 0x0304, 0xffff}));
  EXPECT_EQ(wide("s16"), (Words{0xffffffffffff8283, 0x0304, 0xffffffffffffffff}));
  EXPECT_EQ(wide("u32"), (Words{0x80818283, 0x01020304, 0xffffffff}));
  EXPECT_EQ(wide("s32"), (Words{0xffffffff80818283, 0x01020304, 0xffffffffffffffff}));
}

TEST(PtxMemory, VectorsAndHints) {
  const Outcome o = run_kernel(kernel_text(R"(
    mul.wide.u32 %rd0, %t, 32; add.u64 %rd0, %out, %rd0; and.b64 %rd1, %rd0, 15;
    mov.u32 %r0, 0x11111111; mov.u32 %r1, 0x22222222; mov.u32 %r2, 0x33333333;
    st.global.v4.b32 [%rd0], {%r0, %r1, %r2, %t};
    ld.global.v2.u64 {%rd1, %rd2}, [%rd0];
    add.u64 %rd1, %rd1, %rd2;
    st.global.wb.u64 [%rd0+16], %rd1;
    ld.global.L1::no_allocate.L2::128B.v2.u16 {%r3, _}, [%rd0+8];
    st.global.u16 [%rd0+24], %r3;
    st.global.cs.u8 [%rd0+26], %r1;
    ld.f32 %f2, [%rd0+28]; neg.f32 %f2, %f2; st.f32 [%rd0+28], %f2;
    ret;)"),
                               1, 2, 16, {}, 0, 0x3f800000);
  for (std::uint32_t t = 0; t < 2; ++t) {
    const std::vector<std::uint32_t> got(o.words.begin() + 8 * t, o.words.begin() + 8 * t + 8);
    EXPECT_EQ(got, (std::vector<std::uint32_t>{0x11111111, 0x22222222, 0x33333333, t, 0x44444444, 0x22222222 + t,
                                               0x3f223333, 0xbf800000}));
  }
}

TEST(PtxMemory, LocalMemoryOfEachLane) {
  const std::string text = kernel_text(R"(
    .local .align 16 .b8 depot[64]; .reg .b64 %SP, %SPL;
    mov.u64 %SPL, depot; cvta.local.u64 %SP, %SPL;
    mul.wide.u32 %rd0, %t, 4; add.u64 %rd1, %SP, %rd0; add.u64 %rd2, %SPL, %rd0;
    add.u32 %r0, %t, 50; st.u32 [%rd1], %r0; ld.local.u32 %r1, [%rd2];
    cvta.to.local.u64 %rd3, %rd1; ld.local.u32 %r2, [%rd3]; add.u32 %r1, %r1, %r2;
    st.global.u32 [%mine], %r1; ret;)");
  const Outcome o = run_kernel(text, 1, 16, 16);
  for (std::uint32_t t = 0; t < 16; ++t) ASSERT_EQ(o.words[t], 2 * (t + 50));
  EXPECT_EQ(missing(error_of([&] { run_kernel(text, 1, 17, 17); }),
                    {"out of bounds", "thread 16", "local memory has 64 bytes"}),
            "");
}

TEST(PtxMemory, VariablesStandWhereTheyAreAligned) {
  const Outcome o = run_kernel(kernel_text(R"(
    .shared .b8 one[3]; .shared .align 8 .b8 two[8]; .local .b8 three[1]; .local .align 16 .b8 four[16];
    st.shared.u8 [one+2], 5; st.shared.u64 [two], 6; st.local.u8 [three], 7; st.local.v4.u32 [four], {%t, %t, %t, %t};
    ld.shared.u8 %r0, [one+2]; ld.shared.u32 %r1, [two]; ld.local.u8 %r2, [three]; ld.local.u32 %r3, [four+12];
    mad.lo.u32 %r0, %r0, 10, %r1; mad.lo.u32 %r0, %r0, 10, %r2; mad.lo.u32 %r0, %r0, 10, %r3;
    st.global.u32 [%mine], %r0; ret;)"),
                               1, 1, 1);
  EXPECT_EQ(o.words[0], 5670u);
}

TEST(PtxMemory, GenericAddressesOfEverySpace) {
  const std::string text = prologue + R"(
.const .align 4 .u32 table[4] = {10, 20, 0x1e, 40};
.global .align 8 .f64 half = 0d3FE0000000000000;
.shared .align 8 .b8 words[256];
.visible .entry k(.param .u64 out, .param .align 8 .b8 pair[16])
{
  .reg .b64 %rd<12>; .reg .b32 %r<12>, %t; .reg .f64 %fd<3>;
  mov.u32 %t, %tid.x; ld.param.u64 %rd0, [out]; mad.wide.u32 %rd0, %t, 4, %rd0; cvta.to.global.u64 %rd0, %rd0;
  and.b32 %r0, %t, 3;
  mov.u64 %rd1, table; mad.wide.u32 %rd1, %r0, 4, %rd1; ld.const.u32 %r1, [%rd1];
  cvta.const.u64 %rd2, %rd1; ld.u32 %r2, [%rd2];
  mov.u64 %rd3, words; cvta.shared.u64 %rd4, %rd3; mad.wide.u32 %rd4, %t, 4, %rd4; st.u32 [%rd4], %r2;
  cvta.to.shared.u64 %rd5, %rd4; ld.shared.u32 %r3, [%rd5];
  cvta.param.u64 %rd6, pair; ld.u32 %r4, [%rd6+8]; ld.param.u32 %r5, [pair+12];
  ld.global.f64 %fd0, [half]; cvt.rn.f64.u32 %fd1, %r5; mul.rn.f64 %fd1, %fd1, %fd0; cvt.rzi.u32.f64 %r5, %fd1;
  add.u32 %r1, %r1, %r3; add.u32 %r1, %r1, %r4; add.u32 %r1, %r1, %r5;
  st.global.u32 [%rd0], %r1; ret;
})";
  struct Pair {
    std::uint64_t first;
    std::uint32_t second, third;
  };
  std::vector<std::uint32_t> words(8);
  Memory memory;
  memory.allow_write(words.data(), 32);
  run(parse(text, "spaces"), {"k", 1, 8, 0, arguments(words.data(), Pair{1, 1000, 8})}, memory);
  for (std::uint32_t t = 0; t < 8; ++t) ASSERT_EQ(words[t], 2 * 10 * (t % 4 + 1) + 1000 + 4);
}

TEST(PtxMemory, PartsOfWholes) {
  const auto a = unary_operands<std::uint64_t>();
  const auto swapped = evaluate<std::uint64_t>(".reg .b32 %l, %h; mov.b64 {%l, %h}, %a; mov.b64 %x, {%h, %l};", a);
  const auto quarters = evaluate<std::uint64_t>(
      ".reg .b16 %q<4>; mov.b64 {%q0, %q1, %q2, %q3}, %a; mov.b64 %x, {%q3, %q2, %q1, %q0};", a);
  const auto halves = evaluate<std::uint32_t>(
      ".reg .b32 %l; .reg .b16 %q<2>; mov.b64 {_, %l}, %a; mov.b32 {%q0, %q1}, %l; mov.b32 %x, {%q1, %q0};", a);
  for (std::size_t k = 0; k < a.size(); ++k) {
    ASSERT_EQ(swapped[k], a[k] << 32 | a[k] >> 32);
    ASSERT_EQ(quarters[k], a[k] << 48 | (a[k] & 0xffff0000u) << 16 | (a[k] >> 16 & 0xffff0000u) | a[k] >> 48);
    ASSERT_EQ(halves[k], static_cast<std::uint32_t>(a[k] >> 48 | (a[k] >> 32 & 0xffffu) << 16));
  }
}

/// A NaN that is only moved keeps its payload.
TEST(PtxMemory, CopiesKeepBits) {
  const auto a = unary_operands<float>();
  const auto x = evaluate<float>(".reg .f32 %m; mov.f32 %m, %a; selp.f32 %x, %m, %m, 1;", a);
  for (std::size_t k = 0; k < a.size(); ++k) ASSERT_EQ(bits_of(x[k]), bits_of(a[k]));
}

std::string message_of(const std::string& body, std::size_t words = 4) {
  return error_of([&] { run_kernel(kernel_text(body), 1, 4, words); });
}

TEST(PtxMemory, OutOfBounds) {
  const std::string outside = "is out of bounds";
  EXPECT_EQ(message_of("st.global.u32 [%mine], 1; ret;"), "");
  const std::string message = message_of("\nst.global.u32 [%mine+4], 1; ret;");
  EXPECT_EQ(missing(message, {"test.ptx:11: k, block 0, thread 3, `st.global.u32 [%mine+4], 1`: store of 4 bytes at 0x",
                              outside}),
            "");
  EXPECT_EQ(missing(message_of("ld.global.u32 %r0, [%mine+-4]; ret;"), {outside, "thread 0", "load of 4 bytes"}), "");
  EXPECT_EQ(missing(message_of("ld.global.u64 %rd0, [%out+16]; ret;"), {outside}), "");
  EXPECT_EQ(missing(message_of("ld.global.u32 %r0, [0]; ret;"), {outside, "at 0x0"}), "");
  EXPECT_EQ(missing(message_of("ld.u32 %r0, [%mine+16]; ret;"), {outside}), "");
  EXPECT_EQ(missing(message_of("ld.param.u32 %r0, [out+8]; ret;"), {outside, "the parameters have 8 bytes"}), "");
  EXPECT_EQ(missing(message_of("st.param.u32 [out], %t; ret;"), {"store to a parameter"}), "");
  EXPECT_EQ(missing(message_of("ld.shared.u32 %r0, [%out]; ret;"), {outside, "shared memory has 0 bytes"}), "");
  EXPECT_EQ(missing(message_of("ld.const.u32 %r0, [%out]; ret;"), {outside, ".const"}), "");
  EXPECT_EQ(missing(message_of("ld.global.v4.u32 {%r0, %r1, %r2, %r3}, [%out+16]; ret;"), {"load of 16 bytes"}), "");
  const std::string table = ".global .align 4 .b8 table[8] = {1, 2, 3, 4, 5, 6, 7, 8};\n";
  const auto with_table = [&](const std::string& body) {
    return error_of([&] { run_kernel(kernel_text(body, table), 1, 1, 1); });
  };
  EXPECT_EQ(with_table("ld.global.u32 %r0, [table+4]; st.global.u32 [%out], %r0; ret;"), "");
  EXPECT_EQ(missing(with_table("ld.global.u32 %r0, [table+8]; ret;"), {outside}), "");
  EXPECT_EQ(missing(with_table("st.global.u32 [table], 1; ret;"), {"store to table", "read-only"}), "");
}

/// Ranges whose ends lie inside a word.
TEST(PtxMemory, OutOfBoundsByPartOfAWord) {
  const std::string text = prologue +
                           ".visible .entry k(.param .u64 in) { .reg .b64 %a; .reg .b32 %r<2>; .reg .b16 %h;\n"
                           ".shared .align 4 .b8 sh[7]; .local .align 4 .b8 lo[7]; ld.param.u64 %a, [in];\n";
  alignas(8) std::byte bytes[7] = {};
  Memory readable, writable;
  readable.allow_read(bytes, 7);
  writable.allow_write(bytes, 7);
  const auto message = [&](const std::string& body, const Memory& memory) {
    return error_of([&] { run(parse(text + body + " ret; }", "part"), {"k", 1, 1, 0, arguments(&bytes[0])}, memory); });
  };
  EXPECT_EQ(message("ld.global.u16 %h, [%a+4]; st.shared.u16 [sh+4], %h; st.local.u16 [lo+4], %h;", readable), "");
  EXPECT_EQ(missing(message("ld.global.u32 %r0, [%a]; ld.global.u32 %r0, [%a+4];", readable), {"out of bounds"}), "");
  EXPECT_EQ(missing(message("st.global.u32 [%a+4], 0;", writable), {"out of bounds"}), "");
  EXPECT_EQ(missing(message("st.shared.u32 [sh+4], 0;", readable), {"out of bounds"}), "");
  EXPECT_EQ(missing(message("st.local.u32 [lo+4], 0;", readable), {"out of bounds"}), "");
}

/// One load: the first lanes are inside a table, the last one is behind it.
TEST(PtxMemory, OutOfBoundsAfterLanesInside) {
  const std::string text = prologue +
                           ".visible .entry k(.param .u64 in) { .reg .b64 %a; .reg .b32 %t, %r;\n"
                           "mov.u32 %t, %tid.x; ld.param.u64 %a, [in]; mad.wide.u32 %a, %t, 4, %a;\n"
                           "ld.global.u32 %r, [%a]; ret; }";
  const std::uint32_t table[4] = {};
  Memory memory;
  memory.allow_read(table, 12);
  const Module module = parse(text, "table");
  run(module, {"k", 1, 3, 0, arguments(&table[0])}, memory);
  EXPECT_EQ(missing(error_of([&] {
                      run(module, {"k", 1, 4, 0, arguments(&table[0])}, memory);
                    }),
                    {"out of bounds", "thread 3"}),
            "");
}

/// A range that may be read, of which a part may be written: that part is watched for races.
TEST(PtxMemory, RangesMayOverlap) {
  const std::string text =
      prologue +
      ".visible .entry k(.param .u64 in) { .reg .b64 %a<2>; .reg .b32 %t, %i, %r; .reg .pred %p<2>;\n"
      "mov.u32 %t, %tid.x; ld.param.u64 %a0, [in];\n"
      "setp.eq.u32 %p0, %t, 3; @%p0 st.global.u32 [%a0+12], %t;\n"
      "setp.eq.u32 %p1, %t, 2; selp.u32 %i, 3, 0, %p1; mad.wide.u32 %a1, %i, 4, %a0;\n"
      "ld.global.u32 %r, [%a1]; ret; }";
  std::uint32_t table[4] = {};
  Memory memory;
  memory.allow_read(table, 16);
  memory.allow_write(table + 2, 8);
  EXPECT_EQ(missing(error_of([&] {
                      run(parse(text, "overlap"), {"k", 1, 4, 0, arguments(&table[0])}, memory);
                    }),
                    {"race for global memory", "thread 2", "what block 0, thread 3 wrote"}),
            "");
}

TEST(PtxMemory, ReadableIsNotWritable) {
  const std::string text = prologue +
                           ".visible .entry k(.param .u64 in, .param .u64 out) { .reg .b64 %rd<2>; .reg .b32 %r0;\n"
                           "ld.param.u64 %rd0, [in]; ld.param.u64 %rd1, [out]; ld.global.u32 %r0, [%rd0];\n"
                           "st.global.u32 [%rd1], %r0; ld.global.u32 %r0, [%rd1]; st.global.u32 [%rd1], %r0; ret; }";
  const std::uint32_t in = 5;
  std::uint32_t out = 0;
  Memory memory;
  memory.allow_read(&in, 4);
  memory.allow_write(&out, 4);
  const Module module = parse(text, "two");
  run(module, {"k", 1, 1, 0, arguments(&in, &out)}, memory);
  EXPECT_EQ(out, 5u);
  EXPECT_EQ(missing(error_of([&] {
                      run(module, {"k", 1, 1, 0, arguments(&in, &in)}, memory);
                    }),
                    {"no range that the launch may write"}),
            "");
  EXPECT_EQ(missing(error_of([&] {
                      run(module, {"k", 1, 1, 0, arguments(&in, &out)}, Memory());
                    }),
                    {"no range that the launch may read"}),
            "");
}

TEST(PtxMemory, Misaligned) {
  EXPECT_EQ(missing(message_of("ld.global.u16 %h0, [%out+1]; ret;"), {"misaligned load", "2 bytes", "thread 0"}), "");
  EXPECT_EQ(missing(message_of("st.global.u32 [%out+2], 1; ret;"), {"misaligned store", "4 bytes"}), "");
  EXPECT_EQ(
      missing(
          message_of("add.u64 %rd0, %out, 8; and.b64 %rd0, %rd0, -16; ld.global.v2.u32 {%r0, %r1}, [%rd0+4]; ret;", 8),
          {"misaligned load", "8 bytes"}),
      "");
}

TEST(PtxMemory, Uninitialised) {
  const std::string never = "nothing was written to it before";
  EXPECT_EQ(missing(message_of("add.u32 %r0, %r1, 1; ret;"), {"uninitialised register %r1 read", never, "thread 0"}),
            "");
  EXPECT_EQ(missing(message_of("@%p0 bra L; L: ret;"), {"uninitialised register %p0"}), "");
  EXPECT_EQ(missing(message_of("st.global.f32 [%mine], %f3; ret;"), {"uninitialised register %f3"}), "");
  EXPECT_EQ(missing(message_of("ld.global.u32 %r0, [%rd7]; ret;"), {"uninitialised register %rd7"}), "");
  EXPECT_EQ(missing(message_of("addc.u32 %r0, %t, %t; ret;"), {"uninitialised register the carry"}), "");
  // Some lanes wrote it, others did not.
  const std::string some = "setp.lt.u32 %p0, %t, 2; @%p0 mov.u32 %r0, 1; ";
  EXPECT_EQ(missing(message_of(some + "st.global.u32 [%mine], %r0; ret;"), {"%r0", "thread 2"}), "");
  EXPECT_EQ(message_of(some + "@%p0 st.global.u32 [%mine], %r0; ret;"), "");
  EXPECT_EQ(message_of(some + "@!%p0 mov.u32 %r0, 2; st.global.u32 [%mine], %r0; ret;"), "");
  const std::string arenas =
      ".shared .b8 sh[8]; .local .b8 lo[8]; st.local.u16 [lo], 1; setp.eq.u32 %p0, %t, 0; "
      "@%p0 st.shared.u32 [sh+4], 1; bar.sync 0; ";
  EXPECT_EQ(message_of(arenas + "ld.shared.u32 %r0, [sh+4]; ld.local.u16 %h0, [lo]; ret;"), "");
  EXPECT_EQ(missing(message_of(arenas + "ld.shared.u32 %r0, [sh]; ret;"), {"uninitialised shared memory"}), "");
  EXPECT_EQ(missing(message_of(arenas + "ld.local.u32 %r0, [lo]; ret;"), {"uninitialised local memory"}), "");
  // A second group of blocks does not see what the first one left.
  RunOptions alone;
  alone.lanes_at_once = 1;
  const std::string first_only =
      kernel_text("setp.eq.u32 %p0, %g, 0; @%p0 mov.u32 %r0, 1; st.global.u32 [%mine], %r0; ret;");
  EXPECT_EQ(missing(error_of([&] { run_kernel(first_only, 2, 1, 2, alone); }), {"%r0", "block 1, thread 0"}), "");
}

}  // namespace
}  // namespace scorepath::ptx::test
