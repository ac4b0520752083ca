// Which accesses a barrier orders.
#include "tests/ptx/race.hpp"

#include <algorithm>

namespace scorepath::ptx {
namespace {

/// Whether a barrier (or being the same thread) puts `before` before `now`. No barrier orders two blocks.
bool ordered(const Access& before, const Access& now) {
  if (before.thread == now.thread) return true;
  if (before.block != now.block) return false;
  if (before.block_epoch != now.block_epoch) return true;
  return before.warp == now.warp && before.warp_epoch != now.warp_epoch;
}

Spread spread_of(const Access& a, const Access& b) {
  if (a.thread == b.thread) return Spread::one;
  if (a.block != b.block) return Spread::grid;
  return a.warp == b.warp ? Spread::warp : Spread::block;
}

/// Whether all readers of the cell come before `now`; the cell names one of them.
bool readers_ordered(const Cell& cell, const Access& now) {
  const Access& one = cell.reader;
  if (one.thread == 0) return true;
  if (cell.readers == Spread::one) return ordered(one, now);
  if (cell.readers == Spread::grid || one.block != now.block) return false;
  if (one.block_epoch != now.block_epoch) return true;
  return cell.readers == Spread::warp && one.warp == now.warp && one.warp_epoch != now.warp_epoch;
}

}  // namespace

const Access* note_read(Cell& cell, const Access& now) {
  if (cell.writer.thread != 0 && !ordered(cell.writer, now)) return &cell.writer;
  if (readers_ordered(cell, now)) {
    cell.reader = now;
    cell.readers = Spread::one;
  } else {
    cell.readers = std::max(cell.readers, spread_of(cell.reader, now));
  }
  return nullptr;
}

const Access* note_write(Cell& cell, const Access& now) {
  if (cell.writer.thread != 0 && !ordered(cell.writer, now)) return &cell.writer;
  if (!readers_ordered(cell, now)) return &cell.reader;
  cell.writer = now;
  // Whoever comes after this write comes after those readers too.
  cell.reader = {};
  cell.readers = Spread::one;
  return nullptr;
}

}  // namespace scorepath::ptx
