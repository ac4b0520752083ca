// The .npz writer, read back by numpy and by hand.
#include "host/npz.hpp"

#include <gtest/gtest.h>

#include "host/npy.hpp"
#include "tests/support/expect_error.hpp"
#include "tests/support/numpy.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

using Doubles = std::vector<double>;

void write_two(const std::string& path, std::uint64_t zip64_from) {
  NpzWriter archive(path, Overwrite::no, zip64_from);
  archive.add("first", npy_bytes(Doubles{1.5, 2.5, 3.5, 4.5}, {2, 2}));
  archive.add("second", npy_bytes(std::vector<std::int64_t>{7}, {1}));
  archive.commit();
}

// zip64 fields are forced from offset and size 0 on, from 190 (the second member's offset only) and never.
TEST(Npz, NumpyReadsItWithAndWithoutZip64) {
  if (numpy_python().empty()) GTEST_SKIP() << numpy_absent;
  for (const std::uint64_t zip64_from : {std::uint64_t{0}, std::uint64_t{190}, std::uint64_t{0xffffffff}}) {
    const TemporaryFolder folder;
    write_two(folder.file("a.npz"), zip64_from);
    const std::string out = run_numpy(folder.path(),
                                      "import zipfile\n"
                                      "z = zipfile.ZipFile(\"a.npz\")\n"
                                      "print(z.testzip(), [i.compress_type for i in z.infolist()])\n"
                                      "a = np.load(\"a.npz\")\n"
                                      "print(sorted(a.files), a[\"first\"].tolist(), a[\"second\"].tolist())\n");
    EXPECT_EQ(out, "None [0, 0]\n['first', 'second'] [[1.5, 2.5], [3.5, 4.5]] [7]\n") << zip64_from;
  }
}

TEST(Npz, MembersLieWholeInTheFile) {
  const TemporaryFolder folder;
  write_two(folder.file("a.npz"), 0xffffffff);
  const std::string bytes = folder.read("a.npz");
  EXPECT_EQ(bytes.substr(0, 4), "PK\x03\x04");
  EXPECT_NE(bytes.find("first.npy" + npy_bytes(Doubles{1.5, 2.5, 3.5, 4.5}, {2, 2})), std::string::npos);
  EXPECT_EQ(bytes.substr(bytes.size() - 22, 4), "PK\x05\x06");
}

TEST(Npz, PiecesGiveTheBytesOfTheWhole) {
  const TemporaryFolder folder;
  for (const std::uint64_t zip64_from : {std::uint64_t{0}, std::uint64_t{0xffffffff}}) {
    NpzWriter whole(folder.file("a.npz"), Overwrite::yes, zip64_from);
    whole.add("x", npy_bytes(Doubles{1.5, 2.5, 3.5, 4.5}, {2, 2}));
    whole.commit();
    NpzWriter pieces(folder.file("b.npz"), Overwrite::yes, zip64_from);
    pieces.add_pieces("x", [](const NpzWriter::Sink& sink) {
      sink(scorepath::npy_header({2, 2}));
      for (const double value : {1.5, 2.5, 3.5, 4.5}) sink({reinterpret_cast<const char*>(&value), sizeof(value)});
    });
    pieces.commit();
    EXPECT_EQ(folder.read("a.npz"), folder.read("b.npz"));
  }
}

TEST(Npz, SameArraysGiveSameBytes) {
  const TemporaryFolder folder;
  write_two(folder.file("a.npz"), 0xffffffff);
  write_two(folder.file("b.npz"), 0xffffffff);
  EXPECT_EQ(folder.read("a.npz"), folder.read("b.npz"));
}

TEST(Npz, NothingStandsUnderTheNameBeforeCommit) {
  const TemporaryFolder folder;
  {
    NpzWriter archive(folder.file("a.npz"), Overwrite::no);
    archive.add("first", npy_bytes(Doubles{1}, {1}));
    EXPECT_FALSE(std::filesystem::exists(folder.file("a.npz")));
  }
  EXPECT_EQ(folder.entries(), 0U);
}

}  // namespace
}  // namespace scorepath::testing
