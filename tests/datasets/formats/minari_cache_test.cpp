// SPDX-License-Identifier: MIT
#include "datasets/formats/minari_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "datasets/data_error.h"
#include "datasets/episode_reader.h"
#include "datasets/formats/path_options.h"
#include "datasets/store/pack.h"
#include "tests/oracle_python.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A variable of the environment with another value, for as long as this lives.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    const char* before = std::getenv(name);
    had_ = before != nullptr;
    if (had_) before_ = before;
    setenv(name, value.c_str(), 1);
  }
  ~Variable() { had_ ? setenv(name_, before_.c_str(), 1) : unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  bool had_ = false;
  std::string before_;
};

/// Puts Minari's own data set of a fixture into a cache, by this name.
void Put(const std::string& cache, const std::string& name, const std::string& fixture) {
  fs::create_directories(cache + "/" + name);
  fs::copy(LONGPLAY_SOURCE_DIR "/tests/datasets/fixtures/" + fixture, cache + "/" + name,
           fs::copy_options::recursive | fs::copy_options::overwrite_existing);
}

std::string Refusal(const std::string& path) {
  try {
    FindInMinariCache(path);
  } catch (const DataError& error) {
    EXPECT_EQ(error.where(), path);
    return error.problem();
  }
  return "found";
}

TEST(MinariCacheTest, NamesBeginWithTheScheme) {
  EXPECT_TRUE(IsMinariName("minari:D4RL/door/human-v2"));
  EXPECT_TRUE(IsMinariName("minari:cartpole-v0"));
  EXPECT_FALSE(IsMinariName("minari/cartpole-v0"));
  EXPECT_FALSE(IsMinariName("data/minari:cartpole-v0"));
}

TEST(MinariCacheTest, DataSetsAreFoundWhereTheVariableSays) {
  const std::string cache = TemporaryPath("cache");
  Put(cache, "D4RL/door/human-v2", "minari_box");
  Put(cache, "cartpole-v0", "minari_discrete");
  const Variable variable("MINARI_DATASETS_PATH", cache);
  EXPECT_EQ(FindInMinariCache("minari:D4RL/door/human-v2"), cache + "/D4RL/door/human-v2");
  EXPECT_EQ(FindInMinariCache("minari:cartpole-v0"), cache + "/cartpole-v0");
}

TEST(MinariCacheTest, WithoutTheVariableTheCacheLiesInTheHomeFolder) {
  const std::string home = TemporaryPath("home");
  Put(home + "/.minari/datasets", "cartpole-v0", "minari_discrete");
  const Variable variable("MINARI_DATASETS_PATH", ""), folder("HOME", home);
  EXPECT_EQ(FindInMinariCache("minari:cartpole-v0"), home + "/.minari/datasets/cartpole-v0");
}

TEST(MinariCacheTest, MissingOneIsALineWithTheClosestNamesAndTheDownload) {
  const std::string cache = TemporaryPath("cache");
  for (const char* name : {"D4RL/door/human-v2", "D4RL/door/expert-v2", "atari/pong/expert-v0",
                           "hopper-v0", "mujoco/hopper/medium-v0", "walker-v0", "ant-v0", "x-v0"}) {
    Put(cache, name, "minari_box");
  }
  const Variable variable("MINARI_DATASETS_PATH", cache);
  EXPECT_EQ(Refusal("minari:D4RL/door/humans-v2"),
            "expected a data set of Minari's cache, got none of this name in " + cache +
                ", which holds D4RL/door/human-v2, D4RL/door/expert-v2, mujoco/hopper/medium-v0, "
                "ant-v0, atari/pong/expert-v0, hopper-v0 and 2 more; to download it: minari "
                "download D4RL/door/humans-v2");
  // The namespace may have been forgotten: what is meant comes first.
  EXPECT_THAT(Refusal("minari:hopper/medium-v0"), HasSubstr("holds mujoco/hopper/medium-v0, "));
  EXPECT_THAT(Refusal("minari:human-v2"), HasSubstr("holds D4RL/door/human-v2, "));
  // Minari downloads nothing without a version.
  EXPECT_THAT(Refusal("minari:hopper"), HasSubstr("holds hopper-v0, "));
  EXPECT_THAT(Refusal("minari:hopper"), EndsWith("; names end with a version, as -v0"));
}

TEST(MinariCacheTest, EmptyCacheSaysSo) {
  const Variable variable("MINARI_DATASETS_PATH", TemporaryPath("nothing"));
  EXPECT_THAT(Refusal("minari:a-v0"),
              EndsWith("/nothing, which holds no data set; to download it: minari download a-v0"));
}

TEST(MinariCacheTest, NamesStayBelowTheCache) {
  const std::string cache = TemporaryPath("cache");
  Put(cache, "inside/a-v0", "minari_box");
  Put(cache, "b-v0", "minari_box");
  const Variable variable("MINARI_DATASETS_PATH", cache + "/inside");
  const std::string refused =
      "expected minari:NAMESPACE/NAME-v0 or minari:NAME-v0, got another name";
  for (const std::string name : {"", "../b-v0", "./a-v0", "/a-v0", "a-v0/"}) {
    EXPECT_EQ(Refusal("minari:" + name), refused);
  }
}

TEST(MinariCacheTest, NamesAreThoseThatMinariLists) {
  if (!HasOracles()) GTEST_SKIP() << kNoOracles;
  const std::string cache = TemporaryPath("cache");
  Put(cache, "D4RL/door/human-v2", "minari_box");
  Put(cache, "cartpole-v0", "minari_discrete");
  const Variable variable("MINARI_DATASETS_PATH", cache);
  const std::string listed = RunPython(
      "import os; from minari.storage.datasets_root_dir import get_dataset_path as p; "
      "print(os.path.exists(p(\"D4RL/door/human-v2\") / \"data\"), p(\"cartpole-v0\"))",
      "");
  EXPECT_EQ(listed, "True " + FindInMinariCache("minari:cartpole-v0") + "\n");
}

TEST(MinariCacheTest, EveryWayToOpenDataTakesTheName) {
  const std::string cache = TemporaryPath("cache");
  Put(cache, "toys/box-v0", "minari_box");
  Put(cache, "toys/choices-v1", "minari_discrete");
  const Variable variable("MINARI_DATASETS_PATH", cache);
  const std::string name = "minari:toys/box-v0", folder = cache + "/toys/box-v0";
  EXPECT_EQ(OpenDataset(name)->info().steps, OpenDataset(folder)->info().steps);
  EXPECT_EQ(ValidateDataset(name).size(), ValidateDataset(folder).size());
  // Options follow it as they follow a file.
  EXPECT_EQ(OpenDataset("minari:toys/choices-v1?actions=continuous")->info().action_kind,
            ActionKind::kContinuous);
  EXPECT_EQ(WithSourceFile("minari:toys/choices-v1?actions=continuous"),
            cache + "/toys/choices-v1?actions=continuous");
  // A packed copy lies beside the data set, whatever it was called by.
  EXPECT_EQ(PackFolder(name, {}), fs::path(folder + ".packed"));
  EXPECT_FALSE(HasPack(name, {}));
  // What is not there is one problem, not a crash.
  const std::vector<Problem> problems = ValidateDataset("minari:toys/bix-v0");
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].severity, Severity::kError);
  EXPECT_THAT(problems[0].problem, HasSubstr("which holds toys/box-v0, toys/choices-v1; "));
  try {
    OpenDataset("minari:toys/bix-v0");
    ADD_FAILURE();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), StartsWith("reading data: minari:toys/bix-v0: expected a data set"));
  }
}

TEST(MinariCacheTest, FileOfThatNameIsThatFile) {
  const std::string before = fs::current_path();
  fs::create_directories(TemporaryPath("here"));
  fs::current_path(TemporaryPath("here"));
  std::ofstream("minari:a-v0") << "x";
  const std::string file = SourceFile("minari:a-v0");
  fs::current_path(before);
  EXPECT_EQ(file, "minari:a-v0");
}

}  // namespace
}  // namespace longplay
