// .npy arrays in and out (numpy.lib.format, versions 1.0 to 3.0). Input is treated as hostile.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace scorepath {

/// An array of rank 0 to 3 as doubles, row-major whatever the file's order was; every element is finite.
struct Array {
  std::vector<double> values;
  std::vector<std::size_t> shape;  ///< empty: a single number
};

/// "[3 x 2]", as messages write a shape; "a single number" for rank 0.
std::string shape_text(const std::vector<std::size_t>& shape);

/// Decodes a whole .npy file held in memory: little-endian f4, f8 or integers of 1 to 8 bytes, C or Fortran order.
/// `name` is how messages call it. Allocates no more than the bytes given justify.
/// Errors: input (not a .npy file, truncated, trailing bytes, another element type, rank above 3, no elements, NaN,
/// infinity, integers beyond 2^53).
Array parse_npy(std::string_view bytes, const std::string& name);

/// parse_npy() of a file; `use` says in messages what it was read for, such as "score.means of 'model.toml'".
Array read_npy(const std::string& path, const std::string& use = "");

/// A version 1.0 file, C order, of `shape`: f8, i8, or unicode strings (from UTF-8) as wide as the longest.
std::string npy_bytes(const std::vector<double>& values, const std::vector<std::size_t>& shape);
std::string npy_bytes(const std::vector<std::int64_t>& values, const std::vector<std::size_t>& shape);
std::string npy_bytes(const std::vector<std::string>& texts, const std::vector<std::size_t>& shape);
/// What stands before the numbers of an f8 file.
std::string npy_header(const std::vector<std::size_t>& shape);

}  // namespace scorepath
