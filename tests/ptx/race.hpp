// Two accesses of one word by different threads, one of them a write, need a barrier between them. Lanes that run in
// the order of the text never need one, so a missing barrier would change nothing: it has to be watched for.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace scorepath::ptx {

/// Who accessed a word, and after how many barriers of its block and of its warp.
struct Access {
  std::uint32_t thread = 0;           ///< in the grid, from 1; 0 for nobody
  std::uint32_t block = 0, warp = 0;  ///< the warp in its block
  std::uint32_t block_epoch = 0, warp_epoch = 0;
  std::uint32_t statement = 0;
};

/// How far the readers of a word since its last write are spread.
enum class Spread : std::uint8_t { one, warp, block, grid };

struct Cell {
  Access writer, reader;
  Spread readers = Spread::one;
};

/// Notes the access; returns the earlier access that it races with, or null.
const Access* note_read(Cell& cell, const Access& now);
const Access* note_write(Cell& cell, const Access& now);

/// The cells of one range of global memory, made where it is touched.
class CellPages {
 public:
  Cell& at(std::size_t word) {
    const std::size_t page = word / page_size;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (!pages_[page]) pages_[page] = std::make_unique<std::array<Cell, page_size>>();
    return (*pages_[page])[word % page_size];
  }

 private:
  static constexpr std::size_t page_size = 1024;
  std::vector<std::unique_ptr<std::array<Cell, page_size>>> pages_;
};

}  // namespace scorepath::ptx
