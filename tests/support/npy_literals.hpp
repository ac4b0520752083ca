// .npy files made byte by byte, sound and unsound.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace scorepath::testing {

/// magic, version `major`.0, the header as given (no padding) and the data.
inline std::string npy_file(const std::string& header, const std::string& data, int major = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(major);
  bytes += '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 0xffU);
  return bytes + header + data;
}

/// {'descr': DESCR, 'fortran_order': ORDER, 'shape': SHAPE, }
inline std::string npy_header(const std::string& descr, const std::string& shape, const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

template <class T>
std::string raw_bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// A sound <f8 file of `shape`.
inline std::string npy_doubles(const std::string& shape, const std::vector<double>& values) {
  return npy_file(npy_header("<f8", shape), raw_bytes(values));
}

}  // namespace scorepath::testing
