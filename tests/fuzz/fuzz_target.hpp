// What a fuzz target provides: the entry point that libFuzzer calls too, and inputs to start from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <scorepath/error.hpp>

/// Feeds one input to a parser; aborts when the parser breaks its contract.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace scorepath::testing {

/// Sound inputs and near misses.
std::vector<std::string> fuzz_seeds();
/// Pieces of the format's own language, for mutations to insert.
std::vector<std::string> fuzz_tokens();

/// Ends the process so that every fuzzer notices.
inline void require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "broken contract: %s\n", what);
  std::abort();
}

/// The only failure a parser may have: a one-line message of kind input.
inline void require_input_error(const Error& error) {
  const std::string message = error.what();
  require(error.kind() == ErrorKind::input, "the error is not of kind input");
  require(message.find('\n') == std::string::npos && message.find('\x1b') == std::string::npos,
          "the message is not one plain line");
  require(message.find(" (") != std::string::npos && message.size() < 2000, "the message has no reason or no end");
}

}  // namespace scorepath::testing
