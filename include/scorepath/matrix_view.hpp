// The one two-dimensional shape type: row-major doubles, viewed or owned.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <scorepath/error.hpp>

namespace scorepath {

/// A read-only row-major matrix that someone else owns: element (i, j) is data[i * columns + j].
struct MatrixView {
  const double* data = nullptr;
  std::size_t rows = 0;
  std::size_t columns = 0;

  const double* row(std::size_t i) const { return data + i * columns; }
  double operator()(std::size_t i, std::size_t j) const { return data[i * columns + j]; }
  std::size_t size() const { return rows * columns; }
};

/// A row-major matrix that owns its elements.
struct Matrix {
  std::vector<double> values;  ///< [rows x columns]
  std::size_t rows = 0;
  std::size_t columns = 0;

  Matrix() = default;
  /// Zeros. Errors: usage, where no memory could hold as many.
  Matrix(std::size_t n_rows, std::size_t n_columns)
      : values(possible_size(n_rows, n_columns)), rows(n_rows), columns(n_columns) {}
  /// Errors: usage, unless there are n_rows x n_columns elements.
  Matrix(std::size_t n_rows, std::size_t n_columns, std::vector<double> elements)
      : values(std::move(elements)), rows(n_rows), columns(n_columns) {
    check_shape();
  }

  double* row(std::size_t i) { return values.data() + i * columns; }
  const double* row(std::size_t i) const { return values.data() + i * columns; }
  double& operator()(std::size_t i, std::size_t j) { return values[i * columns + j]; }
  double operator()(std::size_t i, std::size_t j) const { return values[i * columns + j]; }
  /// Errors: usage, where `rows` and `columns` were set to what `values` does not hold.
  operator MatrixView() const {
    check_shape();
    return {values.data(), rows, columns};
  }

 private:
  static std::size_t possible_size(std::size_t n_rows, std::size_t n_columns) {
    constexpr std::size_t most = PTRDIFF_MAX / sizeof(double);
    if (n_columns != 0 && n_rows > most / n_columns)
      throw Error(ErrorKind::usage, "a matrix of " + std::to_string(n_rows) + " x " + std::to_string(n_columns) +
                                        " (more elements than any memory holds) correct its shape");
    return n_rows * n_columns;
  }
  void check_shape() const {
    // By division: a product could wrap around to the right number.
    const bool fits =
        rows == 0 || columns == 0 ? values.empty() : values.size() % columns == 0 && values.size() / columns == rows;
    if (!fits)
      throw Error(ErrorKind::usage, "values has " + std::to_string(values.size()) + " elements (the matrix is " +
                                        std::to_string(rows) + " x " + std::to_string(columns) +
                                        ") give one for each place");
  }
};

}  // namespace scorepath
