// Fuzz target: any bytes are a sound .npy array or an input error.
#include <cmath>

#include "host/npy.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/npy_literals.hpp"

using namespace scorepath;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const Array array = parse_npy({reinterpret_cast<const char*>(data), size}, "'x.npy'");
    std::size_t count = 1;
    for (const std::size_t n : array.shape) count *= n;
    testing::require(array.shape.size() <= 2 && count >= 1 && array.values.size() == count, "shape and values differ");
    testing::require(count <= size, "more elements than bytes");
    for (const double v : array.values) testing::require(std::isfinite(v), "an element is not finite");
  } catch (const Error& error) {
    testing::require_input_error(error);
  }
  return 0;
}

namespace scorepath::testing {

std::vector<std::string> fuzz_seeds() {
  const std::string data = raw_bytes<double>({1, -2, 3e300, 0.5, 5, 6});
  return {
      npy_doubles("(2, 3)", {1, 2, 3, 4, 5, 6}),
      npy_file(npy_header("<f8", "(3, 2)", "True"), data, 2),
      npy_file(npy_header("<f8", "(6,)"), data, 3),
      npy_file(npy_header("<f4", "(3, 4)"), data),
      npy_file(npy_header("<i8", "(6, 1)"), raw_bytes<std::int64_t>({1, 2, 3, 4, 5, 1LL << 53})),
      npy_file(npy_header("|u1", "(48, 1)"), data),
      npy_doubles("()", {7}),
      npy_bytes(std::vector<double>{1, 2, 3}, {3, 1}),
      npy_file(npy_header("<f8", "(1152921504606846976, 16)"), data),
  };
}

std::vector<std::string> fuzz_tokens() {
  return {"'descr'",
          "'shape'",
          "'fortran_order'",
          "True",
          "False",
          "(",
          ")",
          ",",
          "'<f8'",
          "'>i4'",
          "'|u1'",
          "4294967296",
          "18446744073709551615",
          "0",
          "L",
          std::string("\0\0\0\0\0\0\xf0\x7f", 8),
          "{",
          "}",
          "\x93NUMPY"};
}

}  // namespace scorepath::testing
