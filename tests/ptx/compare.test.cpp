// setp, set, selp, slct: every comparison of every type, with every combination.
#include <gtest/gtest.h>

#include <functional>

#include "tests/ptx/exact.hpp"

namespace scorepath::ptx::test {
namespace {

enum class Relation { less, equal, greater, unordered };

template <class T>
Relation relation_of(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (is_nan(a) || is_nan(b)) return Relation::unordered;
    const std::int64_t x = order_of(a), y = order_of(b);
    return x < y ? Relation::less : x > y ? Relation::greater : Relation::equal;
  } else {
    __extension__ using Exact = __int128;
    const Exact difference = Exact{a} - Exact{b};
    return difference < 0 ? Relation::less : difference > 0 ? Relation::greater : Relation::equal;
  }
}

/// The relations for which a comparison holds.
struct Comparison {
  std::string name;
  bool less, equal, greater, unordered;
  bool operator()(Relation r) const {
    return r == Relation::less ? less : r == Relation::equal ? equal : r == Relation::greater ? greater : unordered;
  }
};
const std::vector<Comparison> equalities = {{"eq", false, true, false, false}, {"ne", true, false, true, false}};
const std::vector<Comparison> orders = {{"lt", true, false, false, false},
                                        {"le", true, true, false, false},
                                        {"gt", false, false, true, false},
                                        {"ge", false, true, true, false}};
const std::vector<Comparison> unsigned_orders = {{"lo", true, false, false, false},
                                                 {"ls", true, true, false, false},
                                                 {"hi", false, false, true, false},
                                                 {"hs", false, true, true, false}};
const std::vector<Comparison> unordered_comparisons = {
    {"equ", false, true, false, true}, {"neu", true, false, true, true},  {"ltu", true, false, false, true},
    {"leu", true, true, false, true},  {"gtu", false, false, true, true}, {"geu", false, true, true, true},
    {"num", true, true, true, false},  {"nan", false, false, false, true}};

template <class T>
void check_comparisons(const std::string& type, const std::vector<Comparison>& comparisons) {
  const auto with = binary_operands<T, T>();
  std::vector<Flag> c;
  for (std::size_t k = 0; k < with.a.size(); ++k) c.push_back(flag(k % 3 == 0));
  for (const Comparison& comparison : comparisons) {
    const std::string name = comparison.name;
    const auto plain = evaluate<Flag>("setp." + name + "." + type + " %x, %a, %b;", with.a, with.b);
    const auto [p, q] = evaluate_all<Flag, Flag>("setp." + name + "." + type + " %x|%y, %a, %b;", with.a, with.b);
    const auto words = evaluate<std::uint32_t>("set." + name + ".u32." + type + " %x, %a, %b;", with.a, with.b);
    const auto floats = evaluate<float>("set." + name + ".f32." + type + " %x, %a, %b;", with.a, with.b);
    for (std::size_t k = 0; k < with.a.size(); ++k) {
      const bool want = comparison(relation_of(with.a[k], with.b[k]));
      ASSERT_EQ(plain[k], flag(want)) << name << type << " " << +with.a[k] << " " << +with.b[k];
      ASSERT_EQ(p[k], flag(want));
      ASSERT_EQ(q[k], flag(!want));
      ASSERT_EQ(words[k], want ? 0xffffffffu : 0u);
      ASSERT_EQ(floats[k], want ? 1.0f : 0.0f);
    }
    const std::pair<std::string, std::function<bool(bool, bool)>> combinations[] = {
        {"and", std::logical_and<bool>()}, {"or", std::logical_or<bool>()}, {"xor", std::not_equal_to<bool>()}};
    for (const auto& [operation, combine] : combinations) {
      const std::string start = "setp." + name + "." + operation + "." + type;
      const auto [r, s] = evaluate_all<Flag, Flag>(start + " %x|%y, %a, %b, %c;", with.a, with.b, c);
      const auto negated = evaluate<Flag>(start + " %x, %a, %b, !%c;", with.a, with.b, c);
      // The result may replace what it is combined with.
      const auto in_place = evaluate<Flag>(start + " %c, %a, %b, %c; mov.pred %x, %c;", with.a, with.b, c);
      const auto set = evaluate<std::uint32_t>("set." + name + "." + operation + ".s32." + type + " %x, %a, %b, %c;",
                                               with.a, with.b, c);
      for (std::size_t k = 0; k < with.a.size(); ++k) {
        const bool holds = comparison(relation_of(with.a[k], with.b[k])), third = c[k] == Flag::yes;
        ASSERT_EQ(r[k], flag(combine(holds, third))) << start;
        ASSERT_EQ(s[k], flag(combine(!holds, third))) << start;
        ASSERT_EQ(negated[k], flag(combine(holds, !third))) << start;
        ASSERT_EQ(in_place[k], r[k]) << start;
        ASSERT_EQ(set[k], combine(holds, third) ? 0xffffffffu : 0u) << start;
      }
    }
  }
}

template <class T>
void check_unsigned(const std::string& bits) {
  check_comparisons<T>("b" + bits, equalities);
  for (const auto& list : {equalities, orders, unsigned_orders}) check_comparisons<T>("u" + bits, list);
  for (const auto& list : {equalities, orders}) check_comparisons<std::make_signed_t<T>>("s" + bits, list);
}

TEST(PtxComparisons, OfIntegers) {
  check_unsigned<std::uint16_t>("16");
  check_unsigned<std::uint32_t>("32");
  check_unsigned<std::uint64_t>("64");
}
TEST(PtxComparisons, OfFloats) {
  for (const auto& list : {equalities, orders, unordered_comparisons}) check_comparisons<float>("f32", list);
}
TEST(PtxComparisons, OfDoubles) {
  for (const auto& list : {equalities, orders, unordered_comparisons}) check_comparisons<double>("f64", list);
}

template <class T>
void check_selections(const std::vector<std::string>& types) {
  const auto with = binary_operands<T, T>();
  std::vector<Flag> first;
  std::vector<std::int32_t> word;
  std::vector<float> real;
  const std::vector<float> reals = {0.0f, -0.0f, 1.0f, -1.0f, 1e-45f, -1e-45f, NAN, INFINITY, -INFINITY};
  for (std::size_t k = 0; k < with.a.size(); ++k) {
    first.push_back(flag(k % 3 == 0));
    word.push_back(k % 5 == 0 ? 0 : static_cast<std::int32_t>(k % 7) - 3);
    real.push_back(reals[k % reals.size()]);
  }
  for (const std::string& type : types) {
    const auto chosen = evaluate<T>("selp." + type + " %x, %a, %b, %c;", with.a, with.b, first);
    const auto by_word = evaluate<T>("slct." + type + ".s32 %x, %a, %b, %c;", with.a, with.b, word);
    const auto by_real = evaluate<T>("slct." + type + ".f32 %x, %a, %b, %c;", with.a, with.b, real);
    for (std::size_t k = 0; k < with.a.size(); ++k) {
      const auto a = bits_of(with.a[k]), b = bits_of(with.b[k]);
      ASSERT_EQ(bits_of(chosen[k]), first[k] == Flag::yes ? a : b) << type;
      ASSERT_EQ(bits_of(by_word[k]), word[k] >= 0 ? a : b) << type;
      ASSERT_EQ(bits_of(by_real[k]), !is_nan(real[k]) && order_of(real[k]) >= 0 ? a : b) << type << real[k];
    }
  }
}
TEST(PtxComparisons, Selections) {
  check_selections<std::uint16_t>({"b16", "u16", "s16"});
  check_selections<std::uint32_t>({"b32", "u32", "s32"});
  check_selections<std::uint64_t>({"b64", "u64", "s64"});
  check_selections<float>({"f32"});
  check_selections<double>({"f64"});
}

}  // namespace
}  // namespace scorepath::ptx::test
