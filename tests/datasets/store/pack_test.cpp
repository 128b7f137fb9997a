// SPDX-License-Identifier: MIT
#include "datasets/store/pack.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "datasets/files/hdf5_writer.h"
#include "datasets/store/episode_set.h"
#include "datasets/writers/minari_writer.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

/// A data set of `episodes` episodes whose numbers follow from their place.
std::string WriteSource(const std::string& name, int64_t episodes) {
  const std::string path = TemporaryPath(name);
  fs::remove_all(path);
  MinariWriter writer(path, {.observation_size = 3, .action_size = 2});
  for (int64_t e = 0; e < episodes; ++e) {
    Episode episode{.observation_size = 3, .action_columns = 2};
    const int64_t length = 5 + e % 4;
    for (int64_t k = 0; k < 3 * (length + 1); ++k) {
      episode.observations.push_back(static_cast<double>(e) + 0.25 * static_cast<double>(k));
    }
    for (int64_t k = 0; k < 2 * length; ++k) {
      episode.actions.push_back(0.01 * static_cast<double>(k));
    }
    for (int64_t t = 0; t < length; ++t) episode.rewards.push_back(static_cast<double>(e * t));
    (e % 3 == 0 ? episode.terminated : episode.truncated) = true;
    std::map<std::string, int64_t> attributes = {{"history", e / 10}};
    if (e % 5 == 1) attributes["longplay_no_final_observation"] = 1;
    writer.Write(episode, attributes);
  }
  writer.Finish();
  fs::remove_all(path + ".packed");
  fs::remove_all(path + ".packed.partial");
  return path;
}

void ExpectEqual(const EpisodeSet& a, const EpisodeSet& b) {
  ASSERT_EQ(a.episodes(), b.episodes());
  EXPECT_EQ(a.steps(), b.steps());
  EXPECT_EQ(a.hash(), b.hash());
  for (int64_t e = 0; e < a.episodes(); ++e) {
    EXPECT_TRUE(std::ranges::equal(a.observations(e), b.observations(e)));
    EXPECT_TRUE(std::ranges::equal(a.actions(e), b.actions(e)));
    EXPECT_TRUE(std::ranges::equal(a.rewards(e), b.rewards(e)));
    EXPECT_EQ(a.episode_return(e), b.episode_return(e));
    EXPECT_EQ(a.history(e), b.history(e));
    EXPECT_EQ(a.terminated(e), b.terminated(e));
    EXPECT_TRUE(std::ranges::equal(a.final_observation(e), b.final_observation(e)));
  }
  const Normalizer x = a.ComputeNormalizer(), y = b.ComputeNormalizer();
  EXPECT_EQ(x.observation_mean, y.observation_mean);
  EXPECT_EQ(x.observation_std, y.observation_std);
  EXPECT_EQ(x.action_scale, y.action_scale);
  EXPECT_EQ(x.reward_scale, y.reward_scale);
}

EpisodeSet Mapped(const std::string& path, const PackOptions& pack = {}) {
  return EpisodeSet::Load({path}, {.place = StepPlace::kMapped, .pack = pack});
}
EpisodeSet InMemory(const std::string& path) {
  return EpisodeSet::Load({path}, {.place = StepPlace::kMemory});
}

TEST(PackTest, MappedSetEqualsTheOneInMemory) {
  const std::string path = WriteSource("pack_equal.hdf5", 30);
  const EpisodeSet mapped = Mapped(path);
  EXPECT_TRUE(mapped.mapped());
  EXPECT_FALSE(InMemory(path).mapped());
  ExpectEqual(mapped, InMemory(path));
  EXPECT_FALSE(fs::exists(path + ".packed.partial"));
}

TEST(PackTest, SecondOpeningFindsThePack) {
  const std::string path = WriteSource("pack_twice.hdf5", 5);
  int64_t calls = 0;
  const PackOptions options{.on_progress = [&](int64_t, int64_t) { ++calls; }};
  Mapped(path, options);
  EXPECT_EQ(calls, 5);
  Mapped(path, options);
  EXPECT_EQ(calls, 5);
  EXPECT_TRUE(EpisodeSet::Load({path}).mapped());  // and auto takes it
}

// It was "filesystem error: cannot make absolute path".
TEST(PackTest, AFileNamedWithoutItsFolderIsPacked) {
  const std::string path = WriteSource("pack_bare.hdf5", 3);
  const fs::path before = fs::current_path();
  fs::current_path(fs::path(path).parent_path());
  const EpisodeSet mapped = Mapped("pack_bare.hdf5");
  fs::current_path(before);
  EXPECT_EQ(mapped.episodes(), 3);
  EXPECT_TRUE(fs::exists(path + ".packed/manifest.json"));
  // By its whole name it is the same pack.
  const auto written = fs::last_write_time(path + ".packed/manifest.json");
  EXPECT_EQ(Mapped(path).episodes(), 3);
  EXPECT_EQ(fs::last_write_time(path + ".packed/manifest.json"), written);
}

TEST(PackTest, ChangedSourceIsPackedAgain) {
  const std::string path = WriteSource("pack_changed.hdf5", 5);
  Mapped(path);
  const std::string kept = path + ".kept";
  fs::rename(path + ".packed", kept);
  WriteSource("pack_changed.hdf5", 7);
  fs::rename(kept, path + ".packed");
  EXPECT_FALSE(HasPack(path, {}));
  EXPECT_EQ(Mapped(path).episodes(), 7);
}

TEST(PackTest, ChangedSourceOfAVirtualDataSetIsPackedAgain) {
  // A data set whose observations lie in another file, three steps of them.
  const std::string part = TemporaryPath("part.hdf5"), path = TemporaryPath("virtual.hdf5");
  const auto write_part = [&](double first) {
    const Hdf5Id file = CreateHdf5File(part);
    WriteArray(file.get(), "x", {3, 1}, "float64",
               std::vector<double>{first, first + 1, first + 2});
  };
  write_part(0);
  {
    const Hdf5Id file = CreateHdf5File(path);
    const std::array<hsize_t, 2> size = {3, 1};
    const Hdf5Id space(H5Screate_simple(2, size.data(), nullptr));
    const Hdf5Id properties(H5Pcreate(H5P_DATASET_CREATE));
    ASSERT_GE(H5Pset_virtual(properties.get(), space.get(), "part.hdf5", "x", space.get()), 0);
    ASSERT_TRUE(Hdf5Id(H5Dcreate2(file.get(), "observations", H5T_IEEE_F64LE, space.get(),
                                  H5P_DEFAULT, properties.get(), H5P_DEFAULT)));
    WriteArray(file.get(), "actions", {3, 1}, "float32", std::vector<double>{0.5, 0.25, 0.125});
    WriteArray(file.get(), "rewards", {3}, "float32", std::vector<double>{1, 2, 3});
    WriteArray(file.get(), "terminals", {3}, "bool", std::vector<double>{0, 0, 1});
    WriteArray(file.get(), "timeouts", {3}, "bool", std::vector<double>{0, 0, 0});
  }
  EXPECT_EQ(Mapped(path).observations(0)[1], 1.0F);
  EXPECT_TRUE(HasPack(path, {}));
  EXPECT_EQ(SourceIdentity(path)["others"].size(), 1U);
  EXPECT_EQ(SourceIdentity(path)["others"][0][0], "part.hdf5");
  // Other numbers in as many bytes: its time alone tells them apart.
  const auto before = fs::last_write_time(part);
  write_part(10);
  fs::last_write_time(part, before + std::chrono::seconds(2));
  EXPECT_FALSE(HasPack(path, {}));
  EXPECT_EQ(Mapped(path).observations(0)[1], 11.0F);
  EXPECT_TRUE(HasPack(path, {}));
}

TEST(PackTest, AnOlderPackIsMadeAnew) {
  const std::string path = WriteSource("pack_older.hdf5", 5);
  Mapped(path);
  const std::string file = path + ".packed/manifest.json";
  nlohmann::json manifest = nlohmann::json::parse(std::ifstream(file));
  manifest["source"]["version"] = 1;
  std::ofstream(file) << manifest;
  fs::remove(path + ".packed/final_observations.f32");  // which version 1 had not
  EXPECT_FALSE(HasPack(path, {}));
  ExpectEqual(Mapped(path), InMemory(path));
}

TEST(PackTest, AutoMapsWhatIsAboveTheBudget) {
  const std::string path = WriteSource("pack_budget.hdf5", 20);
  EXPECT_FALSE(EpisodeSet::Load({path}, {.memory_budget = 1 << 20}).mapped());
  EXPECT_TRUE(EpisodeSet::Load({path}, {.memory_budget = 1000}).mapped());
}

TEST(PackTest, PackGoesWhereTheOptionsSay) {
  const std::string path = WriteSource("pack_elsewhere.hdf5", 5);
  const fs::path cache = TemporaryPath("pack_cache");
  fs::remove_all(cache);
  ExpectEqual(Mapped(path, {.folder = cache}), InMemory(path));
  EXPECT_FALSE(fs::exists(path + ".packed"));
  EXPECT_EQ(PackFolder(path, {.folder = cache}).parent_path(), cache);
}

TEST(PackTest, FolderThatCannotBeWrittenIsNamed) {
  const std::string path = WriteSource("pack_readonly.hdf5", 2);
  std::ofstream(path + ".packed.partial") << "a file in its place";
  EXPECT_THAT([&] { Mapped(path); },
              testing::ThrowsMessage<std::runtime_error>(
                  testing::HasSubstr(".packed.partial: expected a folder that can be written")));
  fs::remove(path + ".packed.partial");
}

// Killed at every episode in turn, with what was written since the last progress.json thrown about.
TEST(PackTest, KilledPackGoesOnWithoutALoss) {
  const std::string path = WriteSource("pack_killed.hdf5", 12);
  const EpisodeSet expected = InMemory(path);
  for (int64_t survived = 1; survived <= 12; ++survived) {
    fs::remove_all(path + ".packed");
    const pid_t child = fork();
    if (child == 0) {
      int64_t packed = 0;
      Mapped(path, {.on_progress =
                        [&](int64_t, int64_t) {
                          if (++packed == survived) kill(getpid(), SIGKILL);
                        },
                    .save_every = 1000});
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_FALSE(fs::exists(path + ".packed")) << survived;
    if (fs::exists(path + ".packed.partial/rewards.f32")) {
      std::ofstream(path + ".packed.partial/rewards.f32", std::ios::app) << "half a row";
    }
    ExpectEqual(Mapped(path), expected);
  }
}

TEST(PackTest, ResumedPackDoesNotReadTheBeginningAgain) {
  const std::string path = WriteSource("pack_resumed.hdf5", 12);
  int64_t packed = 0;
  PackOptions options{.on_progress =
                          [&](int64_t, int64_t) {
                            if (++packed == 9) throw std::runtime_error("stop");
                          },
                      .save_every = 1};
  EXPECT_THROW(Mapped(path, options), std::runtime_error);
  packed = 100;
  Mapped(path, options);
  EXPECT_EQ(packed, 100 + 12 - 8);
}

TEST(PackTest, DamagedProgressStartsAnew) {
  const std::string path = WriteSource("pack_damaged.hdf5", 4);
  for (const char* text : {"{", "[1]", "{\"source\":1}", ""}) {
    fs::create_directories(path + ".packed.partial");
    std::ofstream(path + ".packed.partial/progress.json") << text;
    ExpectEqual(Mapped(path), InMemory(path));
    fs::remove_all(path + ".packed");
  }
}

TEST(ColumnStatisticsTest, RowsInTurnGiveWhatAllRowsGive) {
  const std::vector<float> rows = {1, 10, 2, 20, 4, 50, -3, 7};
  ColumnStatistics whole(2), parts(2);
  whole.Add(rows);
  parts.Add(std::span(rows).first(2));
  parts.Add(std::span(rows).subspan(2));
  EXPECT_EQ(whole.rows(), 4);
  EXPECT_DOUBLE_EQ(whole.mean()[0], 1);
  EXPECT_DOUBLE_EQ(whole.deviation()[0], std::sqrt((0 + 1 + 9 + 16) / 4.0));
  for (int k = 0; k < 2; ++k) {
    EXPECT_NEAR(parts.mean()[k], whole.mean()[k], 1e-12);
    EXPECT_NEAR(parts.deviation()[k], whole.deviation()[k], 1e-12);
  }
  EXPECT_EQ(parts.smallest(), (std::vector<double>{-3, 7}));
  EXPECT_EQ(parts.largest(), (std::vector<double>{4, 50}));
  const ColumnStatistics back = ColumnStatistics::FromJson(parts.ToJson());
  EXPECT_EQ(back.mean(), parts.mean());
  EXPECT_EQ(back.deviation(), parts.deviation());
}

TEST(PackTest, PlaceThatCannotBeWrittenSaysWhy) {
  const std::string source = WriteSource("nowhere", 2), file = TemporaryPath("no_folder");
  std::ofstream(file) << "a file";
  try {
    OpenPack(source, {.folder = fs::path(file) / "below"});
    FAIL() << "packed below a file";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("got Not a directory"));
  }
}

}  // namespace
}  // namespace longplay
