// Matrices and views that a caller of the library can get wrong, and the small functions of numbers beside them.
#include <scorepath/scorepath.hpp>

#include <gtest/gtest.h>

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "tests/support/expect_error.hpp"

namespace scorepath::testing {
namespace {

TEST(MatrixShape, EveryPlaceHasItsElement) {
  const Matrix matrix(2, 2, {1, 2, 3, 4});
  EXPECT_EQ(matrix(1, 0), 3);
  EXPECT_NO_THROW(Matrix(0, 2, {}));
  EXPECT_NO_THROW(Matrix(3, 0, {}));
}

TEST(MatrixShape, OtherNumbersOfElementsAreRefused) {
  expect_error(ErrorKind::usage, {"values has 3 elements", "2 x 2"}, [] { Matrix(2, 2, {-.9, .1, 0}); });
  expect_error(ErrorKind::usage, {"values has 5 elements", "2 x 2"}, [] { Matrix(2, 2, {1, 2, 3, 4, 5}); });
  expect_error(ErrorKind::usage, {"values has 1 elements", "0 x 1"}, [] { Matrix(0, 1, {1}); });
  constexpr std::size_t half = std::size_t{1} << (std::numeric_limits<std::size_t>::digits / 2);
  expect_error(ErrorKind::usage, {"values has 0 elements"}, [] { Matrix(half, half, {}); });  // the product wraps to 0
}

TEST(MatrixShape, NoMemoryHoldsEverything) {
  constexpr std::size_t huge = std::size_t{1} << 63;
  expect_error(ErrorKind::usage, {"9223372036854775808 x 2", "any memory"}, [] { Matrix(huge, 2); });
  expect_error(ErrorKind::usage, {"1 x 9223372036854775808"}, [] { Matrix(1, huge); });
  const Problem problem{Schedule{}, Gaussian{{0, 0}, {1}}};
  const std::vector<double> one = {0.5, 0.5};
  expect_error(ErrorKind::input, {"points is 9223372036854775808 x 2"}, [&] {
    exact_log_density(problem, MatrixView{one.data(), huge, 2});
  });
}

TEST(MatrixShape, ViewsOfAChangedShapeAreRefused) {
  const Problem problem{Schedule{}, Gaussian{{0, 0}, {1}}};
  Matrix points(2, 2);
  points.rows = 100;
  expect_error(ErrorKind::usage, {"values has 4 elements", "100 x 2"}, [&] { estimate_log_density(problem, points); });
}

TEST(PointsView, NullPointerIsNotAnEmptyList) {
  const Problem problem{Schedule{}, Gaussian{{0, 0}, {1}}};
  const auto ask = [&](MatrixView points) { return exact_log_density(problem, points); };
  expect_error(ErrorKind::input, {"points has no data (null pointer"}, [&] { ask({nullptr, 3, 2}); });
  expect_error(ErrorKind::input, {"points has no data"}, [&] { estimate_log_density(problem, {nullptr, 1, 2}); });
  expect_error(ErrorKind::input, {"points is empty"}, [&] { ask({nullptr, 0, 2}); });
  const std::vector<double> one = {0.5, 0.5};
  expect_error(ErrorKind::input, {"points is empty"}, [&] { ask({one.data(), 0, 2}); });
}

TEST(BitsPerDimension, AreThoseOfTheOriginalData) {
  EXPECT_NEAR(bits_per_dimension(-2 * std::log(2.0), 2), 1.0, 1e-15);
  EXPECT_NEAR(bits_per_dimension(-2 * std::log(2.0), 2, 256.0), 9.0, 1e-14);
}

TEST(BitsPerDimension, RefuseImpossibleDimensionsAndScales) {
  expect_error(ErrorKind::usage, {"dim is 0"}, [] { bits_per_dimension(-1.0, 0); });
  expect_error(ErrorKind::usage, {"scale is 0"}, [] { bits_per_dimension(-1.0, 2, 0.0); });
  expect_error(ErrorKind::usage, {"scale is -2"}, [] { bits_per_dimension(-1.0, 2, -2.0); });
  expect_error(ErrorKind::usage, {"scale is nan"}, [] { bits_per_dimension(-1.0, 2, std::nan("")); });
  expect_error(ErrorKind::usage, {"scale is inf"}, [] { bits_per_dimension(-1.0, 2, HUGE_VAL); });
}

}  // namespace
}  // namespace scorepath::testing
