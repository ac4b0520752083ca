// The lane operations and scores on the packs of one instruction set; compiled once for each (cmake/isa.cmake).
#include "tests/parity/pack_functions.hpp"

#include <cstdlib>

#include "kernels/cpu/pack.hpp"
#include "tests/parity/operations.hpp"

namespace scorepath::test::SCOREPATH_ISA_NAME {
namespace {

using kernels::Pack;
using Words = kernels::word_t<Pack>;

int count_operations() {
  int count = 0;
  operations<Pack>(count);
  return count;
}

void operation(int index, const std::uint32_t* a, const std::uint32_t* b, const std::uint32_t* c,
               std::uint32_t* result) {
  int count = 0;
  const Operation<Pack>& chosen = operations<Pack>(count)[index];
  store_words(result,
              chosen.apply(kernels::load_words<Pack>(a), kernels::load_words<Pack>(b), kernels::load_words<Pack>(c)));
}

void masks(const float* a, const float* b, bool* some, bool* every) {
  const auto mask = kernels::load<Pack>(a) < kernels::load<Pack>(b);
  *some = any(mask);
  *every = all(mask);
}

void lanes(std::uint32_t* index) { store_words(index, kernels::lane_index<Pack>()); }

void score(const ScoreCall& call) {
  const auto size = static_cast<std::size_t>(call_size(call.tables->dim, call.tables->panels)) * sizeof(Pack);
  auto* memory = static_cast<Pack*>(std::aligned_alloc(64, (size + 63) / 64 * 64));
  call_score<Pack>(call, memory);
  std::free(memory);
}

}  // namespace

PackFunctions pack_functions() { return {kernels::width_v<Pack>, count_operations(), operation, masks, lanes, score}; }

}  // namespace scorepath::test::SCOREPATH_ISA_NAME
