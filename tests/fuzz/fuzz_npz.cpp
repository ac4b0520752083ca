// Archives that `scorepath plot` reads: any bytes are a sound .npz archive or an input error, down to every array.
#include "host/cli/picture_archive.hpp"
#include "tests/fuzz/fuzz_target.hpp"
#include "tests/support/npy_literals.hpp"
#include "tests/support/npz_literals.hpp"

using namespace scorepath;

namespace {

/// Runs `read`, which may fail in the one way that readers may.
template <class Read>
void attempt(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    testing::require_input_error(error);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  attempt([&] {
    const cli::Archive archive({reinterpret_cast<const char*>(data), size}, "'s.npz'");
    for (const std::string& name : archive.arrays()) {
      testing::require(archive.has(name), "an array that is listed is not there");
      attempt([&] { static_cast<void>(archive.array(name)); });
      attempt([&] { static_cast<void>(archive.text(name)); });
    }
  });
  return 0;
}

namespace scorepath::testing {

std::vector<std::string> fuzz_seeds() {
  const std::string samples = npy_doubles("(3, 2)", {1, 2, 3, 4, 5, 6});
  const std::string job = npy_bytes(std::vector<std::string>{"{\"lambda\": 0.5, \"model\": \"m\xc3\xb6\"}"}, {});
  return {npz_file({{"samples", samples}, {"job", job}}), npz_file({{"samples", samples}, {"job", job}}, 0),
          npz_file({}), numpy_savez_compressed(), npz_file({{"samples", "no array"}})};
}

std::vector<std::string> fuzz_tokens() {
  return {"PK\x03\x04",
          "PK\x01\x02",
          "PK\x05\x06",
          "PK\x06\x06",
          "PK\x06\x07",
          std::string("\x01\0\x10\0", 4),
          "\xff\xff",
          "\xff\xff\xff\xff",
          "\xff\xff\xff\xff\xff\xff\xff\xff",
          std::string("\0\0\0\0", 4),
          std::string("\x08\0", 2),
          ".npy",
          "samples"};
}

}  // namespace scorepath::testing
