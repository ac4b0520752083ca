// Every operation of the lane contract and every elementary function as a map of three words, for any lane type: one
// list for the scalar lane and for the packs.
#pragma once

#include "kernels/lane/elementary.hpp"
#include "kernels/random/normal.hpp"
#include "kernels/random/philox.hpp"
#include "kernels/random/sobol.hpp"

namespace scorepath::test {

/// `real`: the result is a real number's bits, where NaN may carry any payload.
template <class F>
struct Operation {
  const char* name;
  bool real;
  kernels::word_t<F> (*apply)(kernels::word_t<F> a, kernels::word_t<F> b, kernels::word_t<F> c);
};

/// What gather() reads.
constexpr float gather_table[64] = {
    0.0f,     -0.0f,  1.0f,     -1.0f,  0.1f,   1e-45f, 1e-38f, 3e38f,  -3e38f, 2.0f,   3.0f,   5.0f,    7.0f,
    11.0f,    13.0f,  17.0f,    19.0f,  23.0f,  29.0f,  31.0f,  37.0f,  41.0f,  43.0f,  47.0f,  53.0f,   59.0f,
    61.0f,    67.0f,  71.0f,    73.0f,  79.0f,  83.0f,  89.0f,  97.0f,  101.0f, 103.0f, 107.0f, 109.0f,  113.0f,
    127.0f,   131.0f, 137.0f,   139.0f, 149.0f, 151.0f, 157.0f, 163.0f, 167.0f, 0.25f,  0.75f,  1.5e-3f, 2.5e-7f,
    3.5e-11f, 1e10f,  -1.25e5f, 6.5f,   7.5f,   8.5f,   9.5f,   10.5f,  11.5f,  12.5f,  13.5f,  14.5f};

/// The list; `count` receives its length.
template <class F>
const Operation<F>* operations(int& count) {
  using namespace kernels;
  using W = word_t<F>;
  static constexpr auto real = [](W w) { return as_real(w); };
  // In the range where log_positive_normal() is specified.
  static constexpr auto normal = [](W w) {
    return min(max(as_real(w & W(0x7fffffffu)), constant<F>(0x1p-126)), constant<F>(0x1.fffffep127));
  };
  static constexpr auto yes_or_no = [](mask_t<F> m) { return select(m, W(1u), W(0u)); };
  static const Operation<F> table[] = {
      {"add", true, [](W a, W b, W) { return as_bits(real(a) + real(b)); }},
      {"subtract", true, [](W a, W b, W) { return as_bits(real(a) - real(b)); }},
      {"multiply", true, [](W a, W b, W) { return as_bits(real(a) * real(b)); }},
      {"divide", true, [](W a, W b, W) { return as_bits(real(a) / real(b)); }},
      {"negate", false, [](W a, W, W) { return as_bits(-real(a)); }},
      {"fma", true, [](W a, W b, W c) { return as_bits(fma(real(a), real(b), real(c))); }},
      {"sqrt", true, [](W a, W, W) { return as_bits(sqrt(real(a))); }},
      {"max", true, [](W a, W b, W) { return as_bits(max(real(a), real(b))); }},
      {"min", true, [](W a, W b, W) { return as_bits(min(real(a), real(b))); }},
      {"abs", false, [](W a, W, W) { return as_bits(abs(real(a))); }},
      {"flip_sign", false, [](W a, W b, W) { return as_bits(flip_sign(real(a), b)); }},
      {"less", false, [](W a, W b, W) { return yes_or_no(real(a) < real(b)); }},
      {"less_equal", false, [](W a, W b, W) { return yes_or_no(real(a) <= real(b)); }},
      {"greater", false, [](W a, W b, W) { return yes_or_no(real(a) > real(b)); }},
      {"greater_equal", false, [](W a, W b, W) { return yes_or_no(real(a) >= real(b)); }},
      {"equal", false, [](W a, W b, W) { return yes_or_no(real(a) == real(b)); }},
      {"not_equal", false, [](W a, W b, W) { return yes_or_no(real(a) != real(b)); }},
      {"mask_and", false, [](W a, W b, W c) { return yes_or_no((real(a) < real(b)) & (real(b) < real(c))); }},
      {"mask_or", false, [](W a, W b, W c) { return yes_or_no((real(a) < real(b)) | (real(b) < real(c))); }},
      {"mask_not", false, [](W a, W b, W) { return yes_or_no(!(real(a) < real(b))); }},
      {"select", false, [](W a, W b, W c) { return as_bits(select(real(a) < real(b), real(b), real(c))); }},
      {"bits_to_real_signed", true, [](W a, W, W) { return as_bits(bits_to_real_signed(a)); }},
      {"to_real_signed", true, [](W a, W, W) { return as_bits(to_real_signed<F>(a)); }},
      {"gather", false, [](W a, W, W) { return as_bits(gather<F>(gather_table, a & W(63u))); }},
      {"broadcast", false, [](W a, W, W) { return a ^ as_bits(broadcast<F>(0.1f)) ^ as_bits(constant<F>(0.1)); }},

      {"word_add", false, [](W a, W b, W) { return a + b; }},
      {"word_subtract", false, [](W a, W b, W) { return a - b; }},
      {"word_multiply", false, [](W a, W b, W) { return a * b; }},
      {"word_and", false, [](W a, W b, W) { return a & b; }},
      {"word_or", false, [](W a, W b, W) { return a | b; }},
      {"word_xor", false, [](W a, W b, W) { return a ^ b; }},
      {"word_not", false, [](W a, W, W) { return ~a; }},
      {"xor3", false, [](W a, W b, W c) { return xor3(a, b, c); }},
      {"shift_left_0", false, [](W a, W, W) { return a << 0; }},
      {"shift_left_7", false, [](W a, W, W) { return a << 7; }},
      {"shift_left_31", false, [](W a, W, W) { return a << 31; }},
      {"shift_right_0", false, [](W a, W, W) { return a >> 0; }},
      {"shift_right_7", false, [](W a, W, W) { return a >> 7; }},
      {"shift_right_31", false, [](W a, W, W) { return a >> 31; }},
      {"shift_right_signed_0", false, [](W a, W, W) { return shift_right_signed(a, 0); }},
      {"shift_right_signed_23", false, [](W a, W, W) { return shift_right_signed(a, 23); }},
      {"shift_right_signed_31", false, [](W a, W, W) { return shift_right_signed(a, 31); }},
      {"word_less", false, [](W a, W b, W) { return yes_or_no(a < b); }},
      {"word_less_equal", false, [](W a, W b, W) { return yes_or_no(a <= b); }},
      {"word_greater", false, [](W a, W b, W) { return yes_or_no(a > b); }},
      {"word_greater_equal", false, [](W a, W b, W) { return yes_or_no(a >= b); }},
      {"word_equal", false, [](W a, W b, W) { return yes_or_no(a == b); }},
      {"word_not_equal", false, [](W a, W b, W) { return yes_or_no(a != b); }},
      {"word_select", false, [](W a, W b, W c) { return select(a < b, b, c); }},
      {"multiply_wide_high", false,
       [](W a, W, W) {
         W high, low;
         multiply_wide(a, philox_multiplier_1, high, low);
         return high;
       }},
      {"multiply_wide_low", false,
       [](W a, W, W) {
         W high, low;
         multiply_wide(a, philox_multiplier_0, high, low);
         return low;
       }},
      {"multiply_wide_largest", false,
       [](W a, W b, W) {
         W high, low;
         multiply_wide(a | b, 0xffffffffu, high, low);
         return xor3(high, low << 1, b);
       }},
      {"reverse_bits", false, [](W a, W, W) { return reverse_bits(a); }},
      {"owen_scramble_reversed", false, [](W a, W b, W c) { return owen_scramble_reversed(a, b, c); }},
      {"philox", false,
       [](W a, W, W) {
         W words[1][4];
         philox<F, 1>(philox_keys(0x123456789abcdef0u), a, 7u, 8u, 9u, words);
         return words[0][0] ^ (words[0][1] << 1) ^ (words[0][2] << 2) ^ (words[0][3] << 3);
       }},

      {"exp2", true, [](W a, W, W) { return as_bits(exp2(real(a))); }},
      {"exp2_nonpositive", true, [](W a, W, W) { return as_bits(exp2_nonpositive(min(constant<F>(127.0), real(a)))); }},
      {"exp", true, [](W a, W, W) { return as_bits(exp(real(a))); }},
      {"expm1", true, [](W a, W, W) { return as_bits(expm1(real(a))); }},
      {"log", true, [](W a, W, W) { return as_bits(log(real(a))); }},
      {"log_positive_normal", true, [](W a, W, W) { return as_bits(log_positive_normal(normal(a))); }},
      {"log2", true, [](W a, W, W) { return as_bits(log2(real(a))); }},
      {"log2_positive_normal", true, [](W a, W, W) { return as_bits(log2_positive_normal(normal(a))); }},
      {"log1p", true, [](W a, W, W) { return as_bits(log1p(real(a))); }},
      {"tanh", true, [](W a, W, W) { return as_bits(tanh(real(a))); }},
      {"sigmoid", true, [](W a, W, W) { return as_bits(sigmoid(real(a))); }},
      {"atan", true, [](W a, W, W) { return as_bits(atan(real(a))); }},
      {"sinpi", true,
       [](W a, W, W) {
         F sine, cosine;
         sincospi(real(a), sine, cosine);
         return as_bits(sine);
       }},
      {"cospi", true,
       [](W a, W, W) {
         F sine, cosine;
         sincospi(real(a), sine, cosine);
         return as_bits(cosine);
       }},
      {"normal_quantile", true, [](W a, W, W) { return as_bits(normal_quantile(real(a))); }},
      {"normal_quantile_from_word", true, [](W a, W, W) { return as_bits(normal_quantile_from_word<F>(a)); }},
      {"uniform_from_magnitude", true, [](W a, W, W) { return as_bits(uniform_from_magnitude<F>(a)); }},
      {"box_muller_0", true,
       [](W a, W b, W) {
         const W radius[1] = {a}, angle[1] = {b};
         F z0[1], z1[1];
         box_muller<F, 1>(radius, angle, z0, z1);
         return as_bits(z0[0]);
       }},
      {"box_muller_1", true,
       [](W a, W b, W) {
         const W radius[1] = {a}, angle[1] = {b};
         F z0[1], z1[1];
         box_muller<F, 1>(radius, angle, z0, z1);
         return as_bits(z1[0]);
       }},
  };
  count = static_cast<int>(sizeof table / sizeof table[0]);
  return table;
}

}  // namespace scorepath::test
