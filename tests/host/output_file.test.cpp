// Output files: whole or absent, never over something that is not to be overwritten.
#include "host/output_file.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "tests/support/expect_error.hpp"
#include "tests/support/temporary_folder.hpp"

namespace scorepath::testing {
namespace {

/// Both ways to the same refusal: the check before computing and the writing itself.
void expect_refused(const std::string& path, Overwrite overwrite, const std::vector<std::string>& fragments) {
  expect_error(ErrorKind::output, fragments, [&] { check_writable(path, overwrite); });
  expect_error(ErrorKind::output, fragments, [&] { write_text_file(path, "new", overwrite); });
}

TEST(OutputFile, WritesAllBytesAndLeavesNothingElse) {
  const TemporaryFolder folder;
  const std::string text("line\n\0binary", 12);
  write_text_file(folder.file("a.txt"), text, Overwrite::no);
  EXPECT_EQ(folder.read("a.txt"), text);
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, CheckLeavesNoTrace) {
  const TemporaryFolder folder;
  check_writable(folder.file("a.txt"), Overwrite::no);
  EXPECT_EQ(folder.entries(), 0U);
  folder.write("a.txt", "old");
  check_writable(folder.file("a.txt"), Overwrite::yes);
  EXPECT_EQ(folder.read("a.txt"), "old");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, ExistingFileNeedsOverwrite) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.txt", "old");
  expect_refused(path, Overwrite::no, {path, "exists already", "--force"});
  EXPECT_EQ(folder.read("a.txt"), "old");
  write_text_file(path, "new", Overwrite::yes);
  EXPECT_EQ(folder.read("a.txt"), "new");
  EXPECT_EQ(folder.entries(), 1U);
}

TEST(OutputFile, FileThatAppearsWhileWritingIsKept) {
  const TemporaryFolder folder;
  OutputFile file(folder.file("a.txt"), Overwrite::no);
  file.write("mine");
  folder.write("a.txt", "someone else's");
  expect_error(ErrorKind::output, {"a.txt", "exists already"}, [&] { file.commit(); });
  EXPECT_EQ(folder.read("a.txt"), "someone else's");
}

TEST(OutputFile, AbandonedFileVanishes) {
  const TemporaryFolder folder;
  {
    OutputFile file(folder.file("a.txt"), Overwrite::no);
    file.write("half");
    EXPECT_EQ(folder.entries(), 1U);
  }
  EXPECT_EQ(folder.entries(), 0U);
}

TEST(OutputFile, OverwritingKeepsPermissionsAndFollowsLinks) {
  const TemporaryFolder folder;
  const std::string path = folder.write("real.txt", "old");
  ASSERT_EQ(::chmod(path.c_str(), 0640), 0);
  std::filesystem::create_symlink("real.txt", folder.file("link.txt"));
  expect_refused(folder.file("link.txt"), Overwrite::no, {"link.txt", "exists already"});
  write_text_file(folder.file("link.txt"), "new", Overwrite::yes);
  EXPECT_TRUE(std::filesystem::is_symlink(folder.file("link.txt")));
  EXPECT_EQ(folder.read("real.txt"), "new");
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(OutputFile, NewFilesObeyTheUmask) {
  const TemporaryFolder folder;
  const mode_t old = ::umask(027);
  write_text_file(folder.file("a.txt"), "x", Overwrite::no);
  ::umask(old);
  struct stat status {};
  ASSERT_EQ(::stat(folder.file("a.txt").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0640U);
}

TEST(OutputFile, DanglingLinkCountsAsExisting) {
  const TemporaryFolder folder;
  std::filesystem::create_symlink("nowhere", folder.file("link.txt"));
  expect_refused(folder.file("link.txt"), Overwrite::no, {"link.txt", "exists already"});
}

TEST(OutputFile, FolderAsTarget) {
  const TemporaryFolder folder;
  expect_refused(folder.path(), Overwrite::yes, {folder.path(), "folder"});
  expect_refused(folder.file("new/"), Overwrite::no, {"new/", "folder"});
}

TEST(OutputFile, DeviceAsTarget) { expect_refused("/dev/null", Overwrite::yes, {"/dev/null", "device"}); }
TEST(OutputFile, EmptyName) { expect_refused("", Overwrite::no, {"empty"}); }

TEST(OutputFile, MissingFolder) {
  const TemporaryFolder folder;
  expect_refused(folder.file("no/such/a.txt"), Overwrite::no, {"no/such/a.txt", "No such file or directory"});
}

TEST(OutputFile, FileWhereAFolderIsNeeded) {
  const TemporaryFolder folder;
  expect_refused(folder.write("file", "x") + "/a.txt", Overwrite::no, {"Not a directory"});
}

// /proc takes no files from anyone, root included.
TEST(OutputFile, ReadOnlyFolder) { expect_refused("/proc/a.txt", Overwrite::no, {"/proc/a.txt", "takes no new file"}); }

// A limit on the file size stands in for a full disk: the write fails half-way.
TEST(OutputFile, FailedWriteLeavesTheOldFileAndNothingElse) {
  const TemporaryFolder folder;
  const std::string path = folder.write("a.txt", "old");
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{1000, usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  expect_error(ErrorKind::output, {path, "File too large"},
               [&] { write_text_file(path, std::string(5000, 'x'), Overwrite::yes); });
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(folder.read("a.txt"), "old");
  EXPECT_EQ(folder.entries(), 1U);
}

}  // namespace
}  // namespace scorepath::testing
