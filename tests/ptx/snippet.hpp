// A few instructions run on arrays of operands: every lane takes one element of each.
#pragma once

#include <cstdint>
#include <string>
#include <tuple>
#include <type_traits>
#include <vector>

#include "tests/ptx/ptx.hpp"

namespace scorepath::ptx::test {

/// What a .ptx file begins with.
inline const std::string prologue = ".version 9.0\n.target sm_90\n.address_size 64\n";

/// A predicate in memory.
enum class Flag : std::uint8_t { no, yes };
inline Flag flag(bool value) { return value ? Flag::yes : Flag::no; }

/// An operand's type: ".pred", or the register that holds it and the type that it is loaded with.
struct Column {
  std::string reg, memory;
  unsigned bytes = 0;
};
template <class T>
Column column_of() {
  if constexpr (std::is_same_v<T, Flag>) return {".pred", ".u8", 1};
  const std::string bits = std::to_string(8 * sizeof(T));
  return {sizeof(T) == 1 ? ".b16" : ".b" + bits, (std::is_signed_v<T> && sizeof(T) == 1 ? ".s" : ".u") + bits,
          sizeof(T)};
}

/// A kernel around `body`, which finds its operands in %a, %b, ... and leaves its results in %x, %y, ...
std::string snippet_text(const std::string& body, const std::vector<Column>& operands,
                         const std::vector<Column>& results);

/// The results of `body` for the operands a[i], b[i], ...
template <class... R, class... A>
std::tuple<std::vector<R>...> evaluate_all(const std::string& body, const std::vector<A>&... operands) {
  const std::size_t sizes[] = {operands.size()...};
  const std::size_t count = sizes[0];
  std::tuple<std::vector<R>...> results{std::vector<R>(count)...};
  const Module module = parse(snippet_text(body, {column_of<A>()...}, {column_of<R>()...}), "snippet");
  Memory memory;
  (memory.allow_read(operands.data(), count * sizeof(A)), ...);
  const unsigned block = 128, grid = static_cast<unsigned>((count + block - 1) / block);
  std::apply(
      [&](auto&... to) {
        (memory.allow_write(to.data(), count * sizeof(R)), ...);
        run(module, {"k", grid, block, 0, arguments(operands.data()..., to.data()..., static_cast<unsigned>(count))},
            memory);
      },
      results);
  return results;
}
template <class R, class... A>
std::vector<R> evaluate(const std::string& body, const std::vector<A>&... operands) {
  return std::get<0>(evaluate_all<R>(body, operands...));
}

/// A kernel k with one parameter, the address of the results in %out; %t is the thread, %g its place in the grid, and
/// there are registers %r, %rd, %f, %h and %p to use.
std::string kernel_text(const std::string& body, const std::string& before_kernel = {});

/// Results of a launch: word i is what the kernel stores at %out + 4 i.
struct Outcome {
  std::vector<std::uint32_t> words;
  Statistics statistics;
};
/// Runs kernel k of the text with a parameter that points to `words` words, which begin as `fill`.
Outcome run_kernel(const std::string& text, unsigned grid, unsigned block, std::size_t words,
                   const RunOptions& options = {}, std::size_t shared_bytes = 0, std::uint32_t fill = 0);

/// The message of the Error that the action throws; empty where it throws none.
template <class Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const Error& e) {
    return e.what();
  }
  return {};
}
/// The parts that the text lacks, for EXPECT_EQ with an empty string.
std::string missing(const std::string& text, const std::vector<std::string>& parts);

}  // namespace scorepath::ptx::test
