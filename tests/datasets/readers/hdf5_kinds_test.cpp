// SPDX-License-Identifier: MIT
// Files that HDF5 1.10 reads only with more than itself, or not at all: they hold the arrays of
// fixtures/hdf5/control.hdf5 (fixtures/make_hdf5_fixtures.py), or say what keeps them from it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hdf5.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <sstream>

#include "datasets/episode_reader.h"
#include "datasets/files/guarded_process.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/files/hdf5_writer.h"
#include "datasets/validate.h"
#include "tests/datasets/read_all.h"
#include "tests/datasets/without_plugins.h"
#include "tests/oracle_python.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kFolder = LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/hdf5/";

void ExpectControl(const std::string& path) {
  const auto control = OpenAndReadAll(kFolder + "control.hdf5"), reader = OpenDataset(path);
  ASSERT_EQ(reader->info().episodes, 4);
  EXPECT_EQ(reader->info().steps, 83);
  for (int64_t e = 0; e < 4; ++e) {
    const Episode expected = control->Read(e), episode = reader->Read(e);
    EXPECT_EQ(episode.observations, expected.observations) << path;
    EXPECT_EQ(episode.actions, expected.actions) << path;
    EXPECT_EQ(episode.rewards, expected.rewards) << path;
    EXPECT_EQ(episode.terminated, expected.terminated) << path;
    EXPECT_EQ(episode.truncated, expected.truncated) << path;
  }
}

std::string Refusal(const std::string& path) {
  try {
    OpenAndReadAll(path);
  } catch (const std::runtime_error& error) {
    EXPECT_EQ(std::string(error.what()).find('\n'), std::string::npos) << "one line";
    return error.what();
  }
  return "opened";
}

/// A copy of the control, changed.
std::string WriteLike(const std::string& name, const std::function<void(hid_t)>& change) {
  const std::string path = TemporaryPath(name);
  fs::copy_file(kFolder + "control.hdf5", path, fs::copy_options::overwrite_existing);
  const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  change(file.get());
  return path;
}

TEST(Hdf5KindsTest, ListOfStringsAttributeIsUnknown) {
  for (const hsize_t count : {1, 3, 1000}) {
    const std::vector<const char*> ids(count, "Hopper-v5");
    const std::string path = WriteLike("list.hdf5", [&](hid_t file) {
      const Hdf5Id type(H5Tcopy(H5T_C_S1)), space(H5Screate_simple(1, &count, nullptr));
      H5Tset_size(type.get(), H5T_VARIABLE);
      const Hdf5Id id(
          H5Acreate2(file, "env_id", type.get(), space.get(), H5P_DEFAULT, H5P_DEFAULT));
      ASSERT_GE(H5Awrite(id.get(), type.get(), ids.data()), 0) << count;
    });
    ExpectControl(path);
    EXPECT_EQ(OpenAndReadAll(path)->info().environment, count == 1 ? "Hopper-v5" : "");
  }
}

TEST(Hdf5KindsTest, FileWithoutPermissionSaysSo) {
  const std::string folder = TemporaryPath("folder");
  fs::create_directories(folder);
  const std::string path = folder + "/control.hdf5";
  fs::copy_file(kFolder + "control.hdf5", path);
  const auto as_another_user = [&] {
    return RunGuarded({},
                      [&](const std::function<void()>&) {
                        if (geteuid() == 0 && setuid(65534) != 0) return std::string("stays root");
                        return Refusal(path);
                      })
        .text;
  };
  fs::permissions(path, fs::perms::none);
  if (as_another_user() == "stays root") GTEST_SKIP() << "root reads everything";
  EXPECT_EQ(as_another_user(),
            "reading data: " + path +
                ": expected a data file or folder, got permission denied: chmod +r "
                "lets it be read");
  fs::permissions(folder, fs::perms::none);
  EXPECT_EQ(as_another_user(),
            "reading data: " + path +
                ": expected a data file or folder, got permission denied to the folder " + folder +
                ": chmod +x lets it be entered");
  fs::permissions(folder, fs::perms::owner_all);
}

TEST(Hdf5KindsTest, FileThatIsOpenOrWasNotClosedSaysSo) {
  for (const char* name : {"killed_writer.hdf5", "killed_swmr_writer.hdf5"}) {
    EXPECT_THAT(Refusal(kFolder + name),
                AllOf(HasSubstr(std::string(name) +
                                ": expected an HDF5 file, got one that is marked as open for"),
                      HasSubstr("h5clear -s " + kFolder + name)));
  }
}

TEST(Hdf5KindsTest, FiltersAreReadOrNamed) {
  ExpectControl(kFolder + "lzf.hdf5");
  ExpectControl(kFolder + "lzf_shuffled.hdf5");
  EXPECT_THAT(ValidateDataset(kFolder + "lzf.hdf5"), IsEmpty());
  const WithoutPlugins none;
  EXPECT_THAT(Refusal(kFolder + "zstandard.hdf5"),
              HasSubstr("Zstandard (filter 32015), for which"));
  EXPECT_THAT(Refusal(kFolder + "blosc.hdf5"), HasSubstr("Blosc (filter 32001), for which"));
  EXPECT_THAT(Refusal(kFolder + "two_filters.hdf5"),
              AllOf(HasSubstr("two_filters.hdf5:rewards: expected readable values, got values "
                              "compressed by Zstandard (filter 32015), bzip2 (filter 307), for"),
                    HasSubstr("h5repack -f GZIP=4 " + kFolder + "two_filters.hdf5 OUT")));
}

TEST(Hdf5KindsTest, FilesOfANewerHdf5AreCalledSo) {
  for (const char* name : {"version_112.hdf5", "version_200.hdf5", "version_200_growing.hdf5"}) {
    const std::string refusal = Refusal(kFolder + name);
    if (refusal == "opened") {  // this HDF5 is new enough
      ExpectControl(kFolder + name);
      continue;
    }
    EXPECT_THAT(refusal,
                AllOf(HasSubstr(" does not know (bad version number for "),
                      HasSubstr(": a newer HDF5 wrote it"), HasSubstr("libver='earliest'")));
  }
}

TEST(Hdf5KindsTest, FormatSaysHowFilesOfANewerHdf5AreWrittenAnew) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  std::ostringstream page;
  page << std::ifstream(LONGPLAY_SOURCE_DIR "/datasets/FORMAT.md").rdbuf();
  const size_t first = page.str().find("import h5py"), last = page.str().find("```", first);
  const std::string code = page.str().substr(first, last - first);
  for (const char* name : {"version_112.hdf5", "version_200.hdf5"}) {
    const std::string path = TemporaryPath(name);
    std::string run = code;
    run.replace(run.find("IN"), 2, kFolder + name);
    run.replace(run.find("OUT"), 3, path);
    ASSERT_EQ(RunPython(run, ""), "");
    ExpectControl(path);
  }
}

TEST(Hdf5KindsTest, VirtualDataSetsAreReadOrTheirMissingFileIsNamed) {
  ExpectControl(kFolder + "virtual.hdf5");
  EXPECT_EQ(
      Refusal(kFolder + "virtual_gone.hdf5"),
      "reading data: " + kFolder +
          "virtual_gone.hdf5:observations: expected 129 values of gone.hdf5:observations in this "
          "virtual data set, got no such file: it belongs beside this one, or in a folder of "
          "HDF5_VDS_PREFIX");
  EXPECT_THAT(ValidateDataset(kFolder + "virtual_gone.hdf5"), testing::Not(IsEmpty()));
}

TEST(Hdf5KindsTest, LinksToOtherFilesAreReadOrNamed) {
  const auto link = [](const std::string& to) {
    return WriteLike("links.hdf5", [&](hid_t file) {
      H5Ldelete(file, "rewards", H5P_DEFAULT);
      H5Lcreate_external(to.c_str(), "/rewards", file, "rewards", H5P_DEFAULT, H5P_DEFAULT);
    });
  };
  ExpectControl(link(kFolder + "lzf.hdf5"));
  const std::string path = link("gone.hdf5");
  EXPECT_EQ(Refusal(path), "reading data: " + path +
                               ":rewards: expected an array, got a dangling link to "
                               "gone.hdf5:/rewards (no such file)");
}

}  // namespace
}  // namespace longplay
