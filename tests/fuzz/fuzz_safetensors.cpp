// Fuzz target: any bytes are a sound .safetensors file or an input error, down to every tensor.
#include <cmath>

#include "host/safetensors.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/safetensors_literals.hpp"

using namespace scorepath;

namespace {

void check_tensor(const TensorFile& file, const std::string& name) {
  try {
    const Tensor tensor = file.get(name);
    std::size_t count = 1;
    for (const std::size_t n : tensor.shape) count *= n;
    testing::require(tensor.values.size() == count, "shape and values differ");
    for (const float v : tensor.values) testing::require(std::isfinite(v), "an element is not finite");
  } catch (const Error& error) {
    testing::require_input_error(error);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const TensorFile file = parse_safetensors({reinterpret_cast<const char*>(data), size}, "'x.safetensors'");
    for (const std::string& name : file.names()) {
      testing::require(file.has(name), "a tensor that is listed is not there");
      check_tensor(file, name);
    }
    check_tensor(file, "net.0.weigth");
  } catch (const Error& error) {
    testing::require_input_error(error);
  }
  return 0;
}

namespace scorepath::testing {

std::vector<std::string> fuzz_seeds() {
  const std::string data = raw_bytes<float>({1, -2, 3e38F, 0.5, 5, 6});
  const std::string weight = tensor_entry("net.0.weight", "F32", "[2,3]", "[0,24]");
  return {
      safetensors_file("{" + weight + "}", data),
      safetensors_file("{\"__metadata__\":{\"format\":\"pt\"}," + tensor_entry("a", "F16", "[4,1,2]", "[8,24]") + "," +
                           tensor_entry("b", "BF16", "[4]", "[0,8]") + "}   ",
                       data),
      safetensors_file(
          "{" + tensor_entry("steps", "I64", "[]", "[0,8]") + "," + tensor_entry("mask", "F4", "[32]", "[8,24]") + "}",
          data),
      safetensors_file("{" + tensor_entry("\\u00e4\xc3\xa4", "F32", "[0,3]", "[0,0]") + "}"),
      safetensors_file("{" + weight + "," + weight + "}", data),
      safetensors_file("{" + tensor_entry("a", "F64", "[4611686018427387904,4]", "[0,24]") + "}", data),
      safetensors_file("{}"),
      one_tensor("F16", "[12]", data),
  };
}

std::vector<std::string> fuzz_tokens() {
  return {"\"__metadata__\":{",
          "\"dtype\":",
          "\"shape\":",
          "\"data_offsets\":",
          "\"F32\"",
          "\"F16\"",
          "\"BF16\"",
          "\"I64\"",
          "[",
          "]",
          "{",
          "}",
          ",",
          "\"",
          "null",
          "-1",
          "1e999",
          "0.5",
          "18446744073709551615",
          "18446744073709551616",
          "\\ud800",
          "\\u0000",
          "\xff",
          "\xc3\xa9",
          "\x1b",
          " ",
          "[[[[[[[[",
          std::string("\0\0\x80\x7f", 4),
          std::string("\0\0\0\0\0\0\0", 7)};
}

}  // namespace scorepath::testing
