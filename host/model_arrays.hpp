// The arrays of a model file: numbers in place, or the names of .npy files.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <scorepath/matrix_view.hpp>

#include "host/config.hpp"

namespace scorepath {

/// A table of a model file together with the folder that .npy names are relative to, and where to note their paths.
struct ModelTable {
  ConfigTable table;
  std::string folder;
  std::vector<std::string>* arrays;
};

/// A row of numbers [n]. `shape` says what is wanted, for messages. Errors of all four: input (file, line and key of
/// what is missing, of another type or shape).
std::vector<double> read_vector(const ModelTable& source, std::string_view key, std::string_view shape);

/// A number, as [1], or a row of numbers [n].
std::vector<double> read_number_or_vector(const ModelTable& source, std::string_view key, std::string_view shape);

/// Rows of numbers; one number a row may be written as [n].
Matrix read_matrix(const ModelTable& source, std::string_view key, std::string_view shape);

/// A block of rows for each component, one below the other [K dim x n]; means [K x dim]; columns: n, 0 for any.
Matrix read_blocks(const ModelTable& source, std::string_view key, std::string_view shape, const Matrix& means,
                   std::size_t columns = 0);

}  // namespace scorepath
