// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_reason.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <sstream>

#include "datasets/data_error.h"
#include "datasets/files/guarded_process.h"
#include "datasets/files/hdf5_call.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/files/hdf5_version.h"
#include "datasets/files/hdf5_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kFixtures = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/hdf5/";

/// A call that fails: no such file.
hid_t OpenNothing(const std::string& name) {
  SilenceHdf5();
  return H5Fopen(TemporaryPath(name).c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
}

/// A sound file with the array `group/array`, compressed, which has an attribute.
std::string WriteSound(const std::string& name) {
  const std::string path = TemporaryPath(name);
  const Hdf5Id file = CreateHdf5File(path), group = MakeGroup(file.get(), "group");
  const Hdf5Id properties(H5Pcreate(H5P_DATASET_CREATE));
  const hsize_t rows = 2;
  H5Pset_chunk(properties.get(), 1, &rows);
  H5Pset_deflate(properties.get(), 4);
  const Hdf5Id space(H5Screate_simple(1, &rows, nullptr));
  const Hdf5Id array(H5Dcreate2(group.get(), "array", H5T_IEEE_F32LE, space.get(), H5P_DEFAULT,
                                properties.get(), H5P_DEFAULT));
  const float values[2] = {1, 2};
  EXPECT_GE(H5Dwrite(array.get(), H5T_NATIVE_FLOAT, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), 0);
  WriteAttribute(array.get(), "number", 1.0);
  return path;
}

std::string BytesOf(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  return bytes.str();
}

std::string WriteBytes(const std::string& name, const std::string& bytes) {
  const std::string path = TemporaryPath(name);
  std::ofstream(path, std::ios::binary) << bytes;
  return path;
}

/// Why a file is not opened; "opened" when it is.
std::string WhyNot(const std::string& path) {
  SilenceHdf5();
  std::string why;
  return OpenHdf5File(path, why) ? "opened" : why;
}

// ---- The error stack

TEST(Hdf5ReasonTest, DescriptionsAreOneLine) {
  ASSERT_LT(OpenNothing("two\nlines\x7f.hdf5"), 0);
  EXPECT_THAT(Hdf5Error(), HasSubstr("two lines .hdf5"));
}

TEST(Hdf5ReasonTest, WithoutAnErrorThereIsNoDescription) {
  H5Eclear2(H5E_DEFAULT);
  EXPECT_EQ(Hdf5Error(), "an error of HDF5 without a description");
}

/// Where the messages of an object of the oldest format are, by their types:
/// https://support.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html, IV.A.1.a.
std::map<int, size_t> MessagesOf(const std::string& bytes, size_t header) {
  constexpr int kContinuation = 0x10;
  const auto number = [&](size_t at, size_t size) {
    size_t value = 0;
    std::memcpy(&value, bytes.data() + at, size);
    return value;
  };
  std::map<int, size_t> messages;
  std::vector<std::pair<size_t, size_t>> blocks = {{header + 16, number(header + 8, 4)}};
  for (size_t k = 0; k < blocks.size(); ++k) {
    for (size_t at = blocks[k].first, end = at + blocks[k].second; at < end;) {
      const int type = static_cast<int>(number(at, 2));
      if (type == kContinuation) blocks.emplace_back(number(at + 8, 8), number(at + 16, 8));
      messages[type] = at + 8;
      at += 8 + number(at + 2, 2);
    }
  }
  return messages;
}

struct Part {
  const char* name;
  int type;       // of the message
  size_t offset;  // of what HDF5 does not know
  char value;
};

// Each says in other words that its version, class or flag is unknown.
TEST(Hdf5ReasonTest, PartsOfANewerHdf5AreCalledSo) {
  constexpr Part kParts[] = {
      {"wrong version number in dataspace message", 1, 0, 9},
      {"bad version number for datatype message", 3, 0, '\x91'},
      {"unknown datatype class found", 3, 0, '\x1b'},  // 11: complex numbers of HDF5 2
      {"bad version number for fill value message", 5, 0, 9},
      {"bad version number for layout message", 8, 0, 5},  // as HDF5 2 writes it
      {"bad version number for filter pipeline message", 11, 0, 9},
      {"bad version number for attribute message", 12, 0, 9},
  };
  const std::string sound = WriteSound("sound.hdf5"), bytes = BytesOf(sound);
  H5O_info_t info;
  {
    const Hdf5Id file(H5Fopen(sound.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
    ASSERT_GE(H5Oget_info_by_name(file.get(), "group/array", &info, H5P_DEFAULT), 0);
  }
  const std::map<int, size_t> messages = MessagesOf(bytes, info.addr);
  for (const Part& part : kParts) {
    ASSERT_TRUE(messages.contains(part.type)) << part.name;
    std::string newer = bytes;
    newer[messages.at(part.type) + part.offset] = part.value;
    const std::string path = WriteBytes("newer.hdf5", newer);
    const auto read = [&] {
      const Hdf5File file(path);
      file.Open("group/array").Read();
      file.NumberAttribute("group/array", "number");
    };
    EXPECT_THAT(read, testing::ThrowsMessage<DataError>(HasSubstr(
                          ", got what HDF5 " + Hdf5Version() + " does not know (" + part.name +
                          "): a newer HDF5 wrote it, or it is damaged; write its arrays anew with "
                          "h5py and libver='earliest' (")));
  }
}

TEST(Hdf5ReasonTest, SuperblockOfANewerHdf5IsCalledSo) {
  std::string bytes = BytesOf(WriteSound("sound.hdf5"));
  bytes[8] = 4;
  EXPECT_THAT(WhyNot(WriteBytes("newer.hdf5", bytes)),
              StartsWith("what HDF5 " + Hdf5Version() +
                         " does not know (version 4 of the superblock): a newer HDF5 wrote it"));
}

// ---- Files

TEST(Hdf5ReasonTest, WhatIsNoFileOfHdf5IsToldApart) {
  EXPECT_EQ(WhyNot(WriteSound("sound.hdf5")), "opened");
  EXPECT_EQ(WhyNot(TemporaryPath("nothing")), "none: there is no such file");
  EXPECT_EQ(WhyNot(WriteBytes("empty", "")), "an empty one");
  EXPECT_EQ(WhyNot(WriteBytes("short", "text")), "something else");
  EXPECT_EQ(WhyNot(WriteBytes("text", std::string(5000, 'x'))), "something else");
  EXPECT_EQ(WhyNot(fs::path(TemporaryPath("text")).parent_path()), "a folder");
  EXPECT_EQ(WhyNot("/dev/null"), "something else");
  const std::string fifo = TemporaryPath("fifo");
  ASSERT_EQ(mkfifo(fifo.c_str(), 0600), 0);
  EXPECT_EQ(WhyNot(fifo), "something else") << "and nothing waits for a writer";
}

TEST(Hdf5ReasonTest, FileBehindAUsersOwnBlockIsRead) {
  const std::string path = TemporaryPath("block.hdf5");
  const Hdf5Id properties(H5Pcreate(H5P_FILE_CREATE));
  H5Pset_userblock(properties.get(), 2048);
  Hdf5Id(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, properties.get(), H5P_DEFAULT));
  EXPECT_EQ(WhyNot(path), "opened");
  std::string bytes = BytesOf(path);
  bytes[2048 + 8] = 7;
  EXPECT_THAT(WhyNot(WriteBytes("newer", bytes)), HasSubstr("version 7 of the superblock"));
}

TEST(Hdf5ReasonTest, PathsThatLeadNowhereSayWhy) {
  const std::string file = WriteSound("sound.hdf5"), loop = TemporaryPath("loop");
  fs::create_symlink(loop, loop);
  fs::create_symlink("gone", TemporaryPath("link"));
  EXPECT_EQ(WhyNot(file + "/below"), "none: a part of its path is no folder");
  EXPECT_EQ(WhyNot(loop), "a loop of symbolic links");
  EXPECT_EQ(WhyNot(TemporaryPath("link")), "a symbolic link to nothing");
  EXPECT_EQ(WhyNot(TemporaryPath(std::string(300, 'x'))),
            "nothing that can be read: File name too long");
  EXPECT_EQ(PathError(file, EACCES), "permission denied: chmod +r lets it be read");
}

/// What another user than root sees of it; "stays root" where this process may not become one.
std::string AsAnotherUser(const std::function<std::string()>& look) {
  return RunGuarded({},
                    [&](const std::function<void()>&) {
                      if (geteuid() == 0 && setuid(65534) != 0) return std::string("stays root");
                      return look();
                    })
      .text;
}

TEST(Hdf5ReasonTest, FileThatMustNotBeReadSaysSo) {
  const std::string path = WriteSound("closed.hdf5");
  fs::permissions(path, fs::perms::none);
  const std::string why = AsAnotherUser([&] { return WhyNot(path); });
  if (why == "stays root") GTEST_SKIP() << "root reads everything";
  EXPECT_EQ(why, "permission denied: chmod +r lets it be read");
}

TEST(Hdf5ReasonTest, FolderThatMustNotBeEnteredIsNamed) {
  const std::string folder = TemporaryPath("folder");
  fs::create_directories(folder + "/below");
  WriteSound("folder/below/sound.hdf5");
  fs::permissions(folder, fs::perms::none);
  const auto look = [&] {
    return WhyNot(folder + "/below/sound.hdf5") + "; " + WhyNotReached(folder);
  };
  const std::string why = AsAnotherUser(look);
  fs::permissions(folder, fs::perms::owner_all);
  if (why.find("stays root") != std::string::npos) GTEST_SKIP() << "root enters everything";
  EXPECT_EQ(why, "permission denied to the folder " + folder +
                     ": chmod +x lets it be entered; permission denied: chmod +r lets it be read");
}

TEST(Hdf5ReasonTest, FileThatIsLockedSaysWhoHoldsIt) {
  if (std::getenv("HDF5_USE_FILE_LOCKING") != nullptr) GTEST_SKIP() << "locking is chosen outside";
  const std::string path = WriteSound("locked.hdf5");
  const int other = open(path.c_str(), O_RDWR | O_CLOEXEC);
  ASSERT_EQ(flock(other, LOCK_EX), 0);
  EXPECT_EQ(WhyNot(path),
            "one that another program has open for writing: close it there, or set "
            "HDF5_USE_FILE_LOCKING=FALSE to read what is in it by now");
  close(other);
  EXPECT_EQ(WhyNot(path), "opened");
}

TEST(Hdf5ReasonTest, FileThatWasNotClosedSaysHowToMendIt) {
  for (const bool is_swmr : {false, true}) {
    const std::string path =
        kFixtures + (is_swmr ? "killed_swmr_writer.hdf5" : "killed_writer.hdf5");
    EXPECT_EQ(WhyNot(path), std::string("one that is marked as open for ") +
                                (is_swmr ? "SWMR " : "") +
                                "writing: it is open in another program, or it was not closed "
                                "because its writer was killed: then h5clear -s " +
                                path + " takes the mark away");
  }
}

TEST(Hdf5ReasonTest, FileThatWasNotClosedAndIsCutShortSaysBoth) {
  const std::string bytes = BytesOf(kFixtures + "killed_writer.hdf5");
  const std::string why = WhyNot(WriteBytes("cut.hdf5", bytes.substr(0, bytes.size() / 2)));
  EXPECT_THAT(why, StartsWith("an error of HDF5: truncated file: eof = "));
  EXPECT_THAT(why, HasSubstr(", and its writer did not close it"));
}

TEST(Hdf5ReasonTest, WithoutFileDescriptorsAFileIsNotCalledAnother) {
#ifdef __SANITIZE_ADDRESS__
  GTEST_SKIP() << "sanitizers need file descriptors of their own";
#endif
  const std::string path = WriteSound("sound.hdf5");
  const GuardedResult result = RunGuarded({}, [&](const std::function<void()>&) {
    const rlimit none{.rlim_cur = 0, .rlim_max = 0};
    if (setrlimit(RLIMIT_NOFILE, &none) != 0) throw std::runtime_error("setrlimit");
    return WhyNot(path);
  });
  EXPECT_THAT(result.text, HasSubstr("Too many open files"));
}

// ---- Files that others name

TEST(Hdf5ReasonTest, OtherFilesAreLookedForWhereHdf5LooksForThem) {
  EXPECT_THAT(PlacesOf("part.hdf5", "data/all.hdf5", "/one::/two/three"),
              ElementsAre("/one/part.hdf5", "/two/three/part.hdf5", "data/part.hdf5", "part.hdf5",
                          "part.hdf5"));
  EXPECT_THAT(PlacesOf("/old/part.hdf5", "data/all.hdf5", ""),
              ElementsAre("/old/part.hdf5", "data/part.hdf5", "part.hdf5", "part.hdf5"))
      << "moved together with the file that names it";
}

TEST(Hdf5ReasonTest, OtherFilesAreLookedForBesideWhatASymbolicLinkMeans) {
  fs::create_directories(TemporaryPath("real"));
  WriteSound("real/all.hdf5");
  fs::create_symlink("real/all.hdf5", TemporaryPath("link.hdf5"));
  EXPECT_EQ(PlacesOf("part.hdf5", TemporaryPath("link.hdf5"), "").back(),
            fs::canonical(TemporaryPath("real")) / "part.hdf5");
}

TEST(Hdf5ReasonTest, FirstFileThatCanBeOpenedIsTaken) {
  const std::string sound = WriteSound("sound.hdf5"), none = TemporaryPath("none");
  const std::string text = WriteBytes("text", std::string(600, 'x'));
  std::string why;
  EXPECT_TRUE(OpenFirstOf({none, text, sound}, why));
  EXPECT_EQ(why, "");
  EXPECT_FALSE(OpenFirstOf({none, text, none}, why));
  EXPECT_EQ(why, "something else");
  EXPECT_FALSE(OpenFirstOf({none, none}, why));
  EXPECT_EQ(why, kNoSuchFile);
}

// ---- Links

/// The link itself and its target; "none" when all lead somewhere.
std::string Dangling(const std::string& path, const std::string& name) {
  SilenceHdf5();
  const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  const auto found = FindDanglingLink(file.get(), name);
  return found ? found->name + ": " + found->target : "none";
}

TEST(Hdf5ReasonTest, LinksThatLeadNowhereAreNamedWithTheirTarget) {
  const std::string path = TemporaryPath("links.hdf5");
  WriteSound("other.hdf5");
  WriteBytes("text.hdf5", std::string(600, 'x'));
  {
    const Hdf5Id file = CreateHdf5File(path), group = MakeGroup(file.get(), "group");
    const auto soft = [&](const char* name, const char* target) {
      H5Lcreate_soft(target, file.get(), name, H5P_DEFAULT, H5P_DEFAULT);
    };
    const auto external = [&](const char* name, const char* of, const char* target) {
      H5Lcreate_external(of, target, file.get(), name, H5P_DEFAULT, H5P_DEFAULT);
    };
    soft("soft", "/gone");
    soft("good_soft", "group");
    soft("circle", "circle");
    external("group/gone_file", "gone.hdf5", "/data");
    external("text", "text.hdf5", "/data");
    external("gone_array", "other.hdf5", "/gone");
    external("good", "other.hdf5", "/group");
  }
  EXPECT_EQ(Dangling(path, "soft"), "soft: a dangling link to /gone");
  EXPECT_EQ(Dangling(path, "soft/below/it"), "soft: a dangling link to /gone");
  EXPECT_EQ(Dangling(path, "circle"), "circle: a dangling link to circle");
  EXPECT_EQ(Dangling(path, "group/gone_file"),
            "group/gone_file: a dangling link to gone.hdf5:/data (no such file)");
  EXPECT_EQ(Dangling(path, "/group/gone_file/x"),
            "/group/gone_file: a dangling link to gone.hdf5:/data (no such file)");
  EXPECT_EQ(Dangling(path, "text"), "text: a dangling link to text.hdf5:/data (something else)");
  EXPECT_EQ(Dangling(path, "gone_array"),
            "gone_array: a dangling link to other.hdf5:/gone (nothing there)");
  for (const char* name : {"group", "good_soft", "good", "good/array", "none", "group/none", "/"}) {
    EXPECT_EQ(Dangling(path, name), "none") << name;
  }
}

TEST(Hdf5ReasonTest, LinksOfOtherFilesAreFollowedFromThere) {
  fs::create_directories(TemporaryPath("parts"));
  const std::string path = TemporaryPath("all.hdf5"), part = TemporaryPath("parts/part.hdf5");
  {
    const Hdf5Id file = CreateHdf5File(path), other = CreateHdf5File(part);
    H5Lcreate_external("parts/part.hdf5", "/", file.get(), "part", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("beside.hdf5", "/group", other.get(), "next", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_EQ(Dangling(path, "part/next"),
            "part/next: a dangling link to beside.hdf5:/group (no such file)");
  WriteSound("parts/beside.hdf5");
  EXPECT_EQ(Dangling(path, "part/next/array"), "none");
}

}  // namespace
}  // namespace longplay
