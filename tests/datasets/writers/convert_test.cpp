// SPDX-License-Identifier: MIT
#include "datasets/writers/convert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <filesystem>

#include "datasets/files/guarded_process.h"
#include "datasets/files/hdf5_file.h"
#include "datasets/writers/minari_writer.h"
#include "tests/oracle_python.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

std::string Fixture(const std::string& name) {
  return std::string(LONGPLAY_SOURCE_DIR) + "/tests/datasets/fixtures/" + name;
}

ConvertResult Convert(const std::string& in, const std::string& out, TargetFormat format) {
  fs::remove_all(out);
  return ConvertDataset(in, out, format, {});
}

void ExpectSameInfos(const EpisodeExtras& a, const EpisodeExtras& b) {
  EXPECT_EQ(a.seed, b.seed);
  ASSERT_EQ(a.infos.size(), b.infos.size());
  for (const auto& [name, info] : a.infos) {
    ASSERT_TRUE(b.infos.contains(name)) << name;
    EXPECT_EQ(info.type, b.infos.at(name).type) << name;
    EXPECT_EQ(info.row_shape, b.infos.at(name).row_shape) << name;
    EXPECT_EQ(info.values, b.infos.at(name).values) << name;
  }
}

/// Everything that a format can hold, bit for bit.
void ExpectSame(const std::string& left, const std::string& right) {
  const auto a = OpenDataset(left), b = OpenDataset(right);
  ASSERT_EQ(a->info().episodes, b->info().episodes);
  EXPECT_EQ(a->info().observation_type, b->info().observation_type);
  EXPECT_EQ(a->info().action_type, b->info().action_type);
  EXPECT_EQ(a->info().reward_type, b->info().reward_type);
  EXPECT_EQ(a->info().action_kind, b->info().action_kind);
  EXPECT_EQ(a->info().action_size, b->info().action_size);
  EXPECT_EQ(a->info().action_start, b->info().action_start);
  EXPECT_EQ(a->info().action_low, b->info().action_low);
  EXPECT_EQ(a->info().action_high, b->info().action_high);
  EXPECT_EQ(a->info().environment, b->info().environment);
  EXPECT_EQ(a->info().action_repeat, b->info().action_repeat);
  EXPECT_EQ(a->info().max_episode_steps, b->info().max_episode_steps);
  EXPECT_EQ(a->info().reference_min, b->info().reference_min);
  EXPECT_EQ(a->info().reference_max, b->info().reference_max);
  for (int64_t e = 0; e < a->info().episodes; ++e) {
    const Episode x = a->Read(e), y = b->Read(e);
    EXPECT_EQ(x.observations, y.observations);
    EXPECT_EQ(x.actions, y.actions);
    EXPECT_EQ(x.rewards, y.rewards);
    EXPECT_EQ(x.terminated, y.terminated);
    EXPECT_EQ(x.truncated, y.truncated);
    EXPECT_EQ(x.history, y.history);
    ExpectSameInfos(a->ReadExtras(e), b->ReadExtras(e));
  }
}

TEST(ConvertTest, MinariToD4rlAndBackIsBitForBit) {
  for (const char* name : {"minari_box", "minari_discrete", "formats/minari_04.hdf5"}) {
    const std::string flat = TemporaryPath("flat.hdf5"), back = TemporaryPath("back");
    Convert(Fixture(name), flat, TargetFormat::kD4rl);
    Convert(flat, back, TargetFormat::kMinari);
    ExpectSame(Fixture(name), back);
  }
}

// Numbers that float32 cannot hold, seeds beyond 2^63, both end flags and none, infos with a row
// more than steps, reference scores, bounds, histories.
std::string WriteRich() {
  const std::string source = TemporaryPath("rich");
  MinariWriter writer(source, {.environment = "Toy-v0",
                               .observation_size = 2,
                               .action_size = 1,
                               .action_low = {-2},
                               .action_high = {3},
                               .max_episode_steps = 9,
                               .action_repeat = 4,
                               .action_type = "float64",
                               .reward_type = "float32",
                               .reference_min = -1.5,
                               .reference_max = 7});
  for (int e = 0; e < 4; ++e) {
    Episode episode{.observation_size = 2,
                    .action_columns = 1,
                    .observations = {0.1, 1e300, -0.0, 5e-324, 3, 1.0 / 3},
                    .actions = {0.1, 1.0 / 3},
                    .rewards = {0.5, -e * 1.0},
                    .terminated = (e & 1) != 0,
                    .truncated = (e & 2) != 0};
    EpisodeExtras extras;
    if (e != 1) extras.seed = 18121074477142510684ULL + static_cast<uint64_t>(e);
    extras.infos["goal/x"] = {"int32", {}, {1, 2, 3}};
    extras.infos["pose"] = {"float64", {2, 2}, {1, 2, 3, 4, 5, 6, 7, 8}};
    writer.Write(episode, {{"history", e / 2}}, extras);
  }
  writer.Finish();
  return source;
}

TEST(ConvertTest, WhatD4rlHasNoPlaceForComesBack) {
  const std::string source = WriteRich();
  const std::string flat = TemporaryPath("rich.hdf5"), back = TemporaryPath("rich_back");
  const ConvertResult result = Convert(source, flat, TargetFormat::kD4rl);
  EXPECT_EQ(result.episodes, 4);
  EXPECT_EQ(result.steps, 8);
  EXPECT_THAT(result.notes,
              testing::UnorderedElementsAre(testing::HasSubstr("terminated and truncated"),
                                            testing::HasSubstr("has no end flag")));
  ExpectSame(source, flat);
  Convert(flat, back, TargetFormat::kMinari);
  ExpectSame(source, back);
}

TEST(ConvertTest, MinariLoadsWhatWasConverted) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  const std::string out = TemporaryPath("for_minari");
  Convert(WriteRich(), out, TargetFormat::kMinari);
  const std::string output = RunPython(R"(
import sys
from minari.dataset.minari_dataset import MinariDataset
data = MinariDataset(sys.argv[1] + "/data")
print(data.total_episodes, data.total_steps, data.action_space.low, data.action_space.high)
print(data.storage.metadata["ref_min_score"], data.storage.metadata["ref_max_score"])
for episode, seed in zip(data.iterate_episodes(), data.storage.get_episode_metadata(range(4))):
    print(episode.observations.dtype, episode.observations.shape, episode.actions.dtype,
          episode.rewards.dtype, episode.rewards.tolist(), episode.terminations.tolist(),
          episode.truncations.tolist(), episode.infos["goal"]["x"].tolist(), seed.get("seed"))
)",
                                       out);
  const std::string row = "float64 (3, 2) float64 float32 ";
  EXPECT_EQ(
      output,
      "4 8 [-2.] [3.]\n-1.5 7.0\n" +
          (row + "[0.5, 0.0] [False, False] [False, False] [1, 2, 3] 18121074477142510684\n") +
          (row + "[0.5, -1.0] [False, True] [False, False] [1, 2, 3] None\n") +
          (row + "[0.5, -2.0] [False, False] [False, True] [1, 2, 3] 18121074477142510686\n") +
          (row + "[0.5, -3.0] [False, True] [False, True] [1, 2, 3] 18121074477142510687\n"));
}

TEST(ConvertTest, EpisodesWithoutAFinalObservationStaySo) {
  const std::string out = TemporaryPath("no_final"), flat = TemporaryPath("no_final.hdf5");
  const ConvertResult result = Convert(Fixture("formats/d3rlpy.h5"), out, TargetFormat::kMinari);
  EXPECT_THAT(result.notes, testing::ElementsAre(testing::HasSubstr("the last one is repeated")));
  ExpectSame(Fixture("formats/d3rlpy.h5"), out);
  Convert(out, flat, TargetFormat::kD4rl);
  ExpectSame(out, flat);
}

TEST(ConvertTest, WhatIsLeftOutIsNamed) {
  const ConvertResult result =
      Convert(Fixture("d4rl.hdf5"), TemporaryPath("from_d4rl"), TargetFormat::kMinari);
  EXPECT_THAT(result.notes, testing::ElementsAre(testing::HasSubstr("metadata is left out")));
}

TEST(ConvertTest, EveryReadableLayoutConverts) {
  for (const char* name : {"minari_dict", "minari_tuple", "robomimic.hdf5", "robomimic_docs.hdf5",
                           "d3rlpy_discrete.h5", "d3rlpy_tuple.h5", "exorl", "vintix.h5"}) {
    const std::string in = Fixture("formats/") + name;
    for (const TargetFormat format : {TargetFormat::kMinari, TargetFormat::kD4rl}) {
      const std::string out = TemporaryPath("converted");
      Convert(in, out, format);
      const auto a = OpenDataset(in), b = OpenDataset(out);
      ASSERT_EQ(a->info().episodes, b->info().episodes) << name;
      for (int64_t e = 0; e < a->info().episodes; ++e) {
        EXPECT_EQ(a->Read(e).observations, b->Read(e).observations) << name;
        EXPECT_EQ(a->Read(e).actions, b->Read(e).actions) << name;
        EXPECT_EQ(a->Read(e).rewards, b->Read(e).rewards) << name;
        EXPECT_EQ(a->Read(e).terminated, b->Read(e).terminated) << name;
      }
    }
  }
}

TEST(ConvertTest, NothingIsOverwrittenAndNothingHalfMadeStays) {
  const std::string out = TemporaryPath("there.hdf5");
  Convert(Fixture("minari_box"), out, TargetFormat::kD4rl);
  EXPECT_THROW(ConvertDataset(Fixture("minari_box"), out, TargetFormat::kD4rl, {}),
               std::invalid_argument);
  for (const TargetFormat format : {TargetFormat::kMinari, TargetFormat::kD4rl}) {
    const std::string half = TemporaryPath("half");
    EXPECT_THROW(ConvertDataset(Fixture("minari_box"), half, format,
                                [](int64_t, int64_t) { throw std::runtime_error("killed"); }),
                 std::runtime_error);
    EXPECT_FALSE(fs::exists(half));
    EXPECT_FALSE(fs::exists(half + ".partial"));
  }
}

// A limit on the size of files stands for a full disk; HDF5 holds much back until it closes a file.
TEST(ConvertTest, FullDiskIsAnErrorAndLeavesNothing) {
  const std::string source = Fixture("minari_box"), out = TemporaryPath("full");
  for (const TargetFormat format : {TargetFormat::kMinari, TargetFormat::kD4rl}) {
    bool fitted = false;
    for (rlim_t most = 0; !fitted && most < (1 << 30); most = 2 * most + 1000) {
      const GuardedResult result = RunGuarded({}, [&](const std::function<void()>&) {
        signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{.rlim_cur = most, .rlim_max = most};
        setrlimit(RLIMIT_FSIZE, &limit);
        Convert(source, out, format);
        return std::string("written");
      });
      fitted = result.finished;
      EXPECT_EQ(fs::exists(out), fitted) << most;
      EXPECT_FALSE(fs::exists(out + ".partial")) << most;
      EXPECT_THAT(result.text, testing::HasSubstr(fitted ? "written" : "File too large")) << most;
    }
    EXPECT_TRUE(fitted);
    ExpectSame(source, out);
    fs::remove_all(out);
  }
}

/// An array of the enum {0, 300, -2} over int16 below `infos` of a flat file.
void AddEnumInfo(const std::string& path, const std::vector<int16_t>& values) {
  const Hdf5Id file(H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT));
  const Hdf5Id type(H5Tenum_create(H5T_NATIVE_INT16));
  for (const auto& [name, value] :
       std::map<std::string, int16_t>{{"ZERO", 0}, {"FAR", 300}, {"BELOW", -2}}) {
    ASSERT_GE(H5Tenum_insert(type.get(), name.c_str(), &value), 0);
  }
  const hsize_t rows = values.size();
  const Hdf5Id space(H5Screate_simple(1, &rows, nullptr));
  const Hdf5Id array(H5Dcreate2(file.get(), "infos/mode", type.get(), space.get(), H5P_DEFAULT,
                                H5P_DEFAULT, H5P_DEFAULT));
  ASSERT_GE(H5Dwrite(array.get(), type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), 0);
}

TEST(ConvertTest, EnumsInInfosKeepTheirNumbers) {
  const std::string source = WriteRich(), flat = TemporaryPath("modes.hdf5"),
                    out = TemporaryPath("modes");
  Convert(source, flat, TargetFormat::kD4rl);
  AddEnumInfo(flat, {300, -2, 0, 300, -2, -2, 0, 0});
  Convert(flat, out, TargetFormat::kMinari);
  const InfoArray mode = OpenDataset(out)->ReadExtras(1).infos.at("mode");
  EXPECT_EQ(mode.type, "int16");
  EXPECT_EQ(mode.values, (std::vector<double>{0, 300}));
}

TEST(ConvertTest, EndingSlashIsNoOtherPlace) {
  const std::string out = TemporaryPath("slash");
  Convert(Fixture("minari_box"), out + "/", TargetFormat::kMinari);
  ExpectSame(Fixture("minari_box"), out);
  const std::string file = TemporaryPath("there.hdf5");
  Convert(Fixture("minari_box"), file, TargetFormat::kD4rl);
  EXPECT_THROW(ConvertDataset(Fixture("minari_box"), file + "/", TargetFormat::kD4rl, {}),
               std::invalid_argument);
}

}  // namespace
}  // namespace longplay
