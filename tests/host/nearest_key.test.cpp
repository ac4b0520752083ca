// The suggestion for a mistyped key.
#include "host/nearest_key.hpp"

#include <gtest/gtest.h>

namespace scorepath::testing {
namespace {

TEST(EditDistance, CountsEditsAndSwaps) {
  EXPECT_EQ(edit_distance("", ""), 0U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("beta_mni", "beta_min"), 1U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // optimal string alignment, not unrestricted Damerau (2)
}

TEST(Suggestion, NamesTheNearestOrAll) {
  const std::vector<std::string_view> keys = {"beta_min", "beta_max", "t_min"};
  EXPECT_EQ(suggestion("beta_mim", keys), "did you mean 'beta_min'?");
  EXPECT_EQ(suggestion("betamax", keys), "did you mean 'beta_max'?");
  EXPECT_EQ(suggestion("colour", keys), "use one of beta_min, beta_max, t_min");
  EXPECT_EQ(suggestion("", keys), "use one of beta_min, beta_max, t_min");
  EXPECT_EQ(suggestion(std::string(100000, 'x'), keys), "use one of beta_min, beta_max, t_min");
}

}  // namespace
}  // namespace scorepath::testing
