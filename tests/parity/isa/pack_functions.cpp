// The lane operations and scores on the packs of one instruction set; compiled once for each (cmake/isa.cmake).
#include "tests/parity/pack_functions.hpp"

#include <cstdlib>

#include "kernels/cpu/pack.hpp"
#include "tests/parity/operations.hpp"

namespace scorepath::test::SCOREPATH_ISA_NAME {
namespace {

template <class P>
int count_operations() {
  int count = 0;
  operations<P>(count);
  return count;
}

template <class P>
void operation(int index, const std::uint32_t* a, const std::uint32_t* b, const std::uint32_t* c,
               std::uint32_t* result) {
  int count = 0;
  const Operation<P>& chosen = operations<P>(count)[index];
  store_words(result, chosen.apply(kernels::load_words<P>(a), kernels::load_words<P>(b), kernels::load_words<P>(c)));
}

template <class P>
void masks(const float* a, const float* b, bool* some, bool* every) {
  const auto mask = kernels::load<P>(a) < kernels::load<P>(b);
  *some = any(mask);
  *every = all(mask);
}

template <class P>
void lanes(std::uint32_t* index) {
  store_words(index, kernels::lane_index<P>());
}

template <class P>
void score(const ScoreCall& call) {
  const auto size = static_cast<std::size_t>(call_size(*call.tables)) * sizeof(P);
  auto* memory = static_cast<P*>(std::aligned_alloc(64, (size + 63) / 64 * 64));
  call_score<P>(call, memory);
  std::free(memory);
}

template <class P>
PackFunctions functions_of() {
  return {kernels::width_v<P>, count_operations<P>(), operation<P>, masks<P>, lanes<P>, score<P>};
}

}  // namespace

PackFunctions pack_functions() { return functions_of<kernels::Pack>(); }
PackFunctions wide_pack_functions() { return functions_of<kernels::WidePack>(); }

}  // namespace scorepath::test::SCOREPATH_ISA_NAME
