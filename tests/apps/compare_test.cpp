// SPDX-License-Identifier: MIT
// Comparing as a user meets it on the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kSmall[] =
    " --episodes 1 --seeds 1 train.steps=1 train.tokens_per_step=64 model.layers=1 model.width=16"
    " model.heads=2";

/// A folder with a data set in it.
std::string FolderWithData() {
  std::string folder = TemporaryPath("");
  EXPECT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 120 --out pole",
                 folder)
          .code,
      0);
  return folder;
}

// The name of "pole/" was empty, and so was that of the only task.
TEST(CompareTest, AComparisonOfAFolderIsNamedAfterIt) {
  const std::string folder = FolderWithData();
  const Outcome listed =
      RunProgram("compare --data pole/" + std::string(kSmall) + " --list --json", folder);
  ASSERT_EQ(listed.code, 0) << listed.error;
  const nlohmann::json json = nlohmann::json::parse(listed.out);
  EXPECT_EQ(json["out"], "runs/pole_compared");
  EXPECT_EQ(json["runs"][0]["task"], "InvertedPendulum-v5");
}

// Of its characters a shell made two commands.
TEST(CompareTest, TheCommandThatMakesItAgainIsOneForAShell) {
  const std::string folder = FolderWithData(), out = "it's a & b; (c)";
  const Outcome trained = RunProgram(
      "compare --data pole" + std::string(kSmall) + " --train-only --out \"" + out + "\"", folder);
  ASSERT_EQ(trained.code, 0) << trained.error;
  const nlohmann::json json = nlohmann::json::parse(Text(folder + out + "/comparison.json"));
  const std::string command = json["command"];
  EXPECT_THAT(command, HasSubstr(" --out 'it'\\''s a & b; (c)'"));
  // As it stands, it is the same comparison.
  const std::string again = command.substr(std::string("longplay ").size());
  const Outcome listed = RunProgram(again + " --list --json", folder);
  ASSERT_EQ(listed.code, 0) << listed.error;
  EXPECT_EQ(nlohmann::json::parse(listed.out)["runs"][0]["state"], "trained");
}

// The keys were taken for more numbers of episodes.
TEST(CompareTest, KeysMayStandBehindTheNumbersOfEpisodes) {
  const std::string folder = FolderWithData();
  const Outcome listed = RunProgram(
      "compare --data pole --episodes 1,2 train.steps=1 --seeds 1 --list --json", folder);
  ASSERT_EQ(listed.code, 0) << listed.error;
  EXPECT_EQ(nlohmann::json::parse(listed.out)["runs"].size(), 2);
}

// Each run was trained before its actions could not be compared.
TEST(CompareTest, HeldOutDataOfOtherSizesAreRefusedBeforeTraining) {
  const std::string folder = FolderWithData();
  std::ofstream(folder + "seen.csv") << "x,push,reward,done\n1,2.5,3,0\n2,1.5,4,1\n";
  std::ofstream(folder + "other.csv") << "x,v,push,reward,done\n1,2,2.5,3,0\n2,3,1.5,4,1\n";
  for (const char* name : {"seen", "other"}) {
    const std::string table(name);
    ASSERT_EQ(RunProgram("data import " + table + ".csv " + table + ".hdf5 --observations x" +
                             (table == "other" ? ",v" : "") + " --actions push",
                         folder)
                  .code,
              0);
  }
  const Outcome compared =
      RunProgram("compare --data seen.hdf5 --held-out other.hdf5" + std::string(kSmall), folder);
  EXPECT_EQ(compared.code, 1);
  EXPECT_THAT(compared.error,
              HasSubstr("held-out data other.hdf5: expected 1 observations and 1 actions as in "
                        "seen.hdf5, got 2 observations and 1 actions\n"));
  EXPECT_FALSE(std::filesystem::exists(folder + "runs"));
}

TEST(CompareTest, TheOnlyRunOfTheBestRowIsFilmedForTheReport) {
  const std::string folder = FolderWithData();
  const Outcome compared =
      RunProgram("compare --data pole" + std::string(kSmall) +
                     " evaluate.seeds=2 evaluate.max_episode_steps=5 --film --out c",
                 folder);
  ASSERT_EQ(compared.code, 0) << compared.error;
  EXPECT_THAT(Text(folder + "c/report.html"),
              AllOf(HasSubstr("src=\"data:video/mp4;base64,"),
                    HasSubstr("<figcaption>The only run of the best row: 1 episode, seed 0,"),
                    HasSubstr("There is one length, and nothing to compare it with")));
}

}  // namespace
}  // namespace longplay
