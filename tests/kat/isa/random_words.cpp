// The random formulas on the packs of one instruction set; compiled once for each (cmake/isa.cmake).
#include "tests/kat/random_words.hpp"

#include "kernels/cpu/pack.hpp"
#include "kernels/random/noise.hpp"
#include "kernels/random/sobol.hpp"

namespace scorepath::test::SCOREPATH_ISA_NAME {
namespace {

using kernels::Pack;
using Words = kernels::word_t<Pack>;
constexpr int width = kernels::width_v<Pack>;

void philox(std::uint64_t seed, const std::uint32_t* c0, std::uint32_t c1, std::uint32_t c2, std::uint32_t c3,
            std::uint32_t* words) {
  Words blocks[kat_blocks][4];
  kernels::philox<Pack, kat_blocks>(kernels::philox_keys(seed), kernels::load_words<Pack>(c0), c1, c2, c3, blocks);
  for (int i = 0; i < 4 * kat_blocks; ++i) store_words(words + i * width, blocks[i / 4][i % 4]);
}

void normals(std::uint64_t seed, std::uint32_t point, std::uint64_t first_path, std::uint32_t block, float* z) {
  Pack blocks[kat_blocks][4];
  const kernels::Stream stream = kernels::make_stream(seed, point, kernels::Purpose::noise, false);
  kernels::random_normals<Pack, kat_blocks>(stream, first_path, block, blocks);
  for (int i = 0; i < 4 * kat_blocks; ++i) store(z + i * width, blocks[i / 4][i % 4]);
}

void box_muller(const std::uint32_t* radius, const std::uint32_t* angle, float* z) {
  const Words w_radius[1] = {kernels::load_words<Pack>(radius)};
  const Words w_angle[1] = {kernels::load_words<Pack>(angle)};
  Pack first[1], second[1];
  kernels::box_muller<Pack, 1>(w_radius, w_angle, first, second);
  store(z, first[0]);
  store(z + width, second[0]);
}

void sobol(const std::uint32_t* directions, const std::uint32_t* index, int index_bits, std::uint32_t offset,
           std::uint32_t multiplier, std::uint32_t* words) {
  const Words k = kernels::load_words<Pack>(index);
  store_words(words, kernels::sobol_word<Pack>(directions, k, index_bits));
  store_words(words + width,
              kernels::scrambled_sobol_word<Pack>(directions, k, index_bits, Words(offset), Words(multiplier)));
}

}  // namespace

RandomWords random_words() { return {width, philox, normals, box_muller, sobol}; }

}  // namespace scorepath::test::SCOREPATH_ISA_NAME
