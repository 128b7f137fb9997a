// SPDX-License-Identifier: MIT
// Reporting as a user meets it on the command line.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/apps/program.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kTiny[] =
    " train.steps=2 train.log_every=1 train.tokens_per_step=64 model.layers=1 model.width=16"
    " model.heads=2 --out ";

TEST(ReportTest, TwoRunsStandSideBySide) {
  const std::string folder = TemporaryPath("");
  ASSERT_EQ(
      RunProgram("collect --env InvertedPendulum-v5 --algorithm random --steps 120 --out p", folder)
          .code,
      0);
  for (const std::string run : {"short", "long"}) {
    const std::string episodes = run == "short" ? "1" : "2";
    const Outcome trained =
        RunProgram("train --data p chain.episodes=" + episodes + kTiny + "runs/" + run, folder);
    ASSERT_EQ(trained.code, 0) << trained.error;
    ASSERT_EQ(RunProgram("eval runs/" + run + " --episodes 2 --seeds 2", folder).code, 0);
  }
  // A film without --out lies where the report finds it.
  const Outcome filmed = RunProgram("render runs/short --frames 3 --json", folder);
  ASSERT_EQ(filmed.code, 0) << filmed.error;
  EXPECT_EQ(nlohmann::json::parse(filmed.out)["video"], "runs/short/video.mp4");
  EXPECT_THAT(RunProgram("render runs/short/checkpoints/step_2", folder).error,
              HasSubstr("error: filming: runs/short/checkpoints/step_2: expected --out beside a "
                        "checkpoint, got none\n"));
  const Outcome outcome = RunProgram("report runs/short runs/long --json", folder);
  ASSERT_EQ(outcome.code, 0) << outcome.error;
  const auto json = nlohmann::json::parse(outcome.out);
  EXPECT_EQ(json["runs"], 2);
  EXPECT_EQ(json["report"], "runs/report/report.html");
  EXPECT_THAT(json["answer"].get<std::string>(),
              StartsWith("One training seed cannot tell which policy is best."));
  EXPECT_THAT(Text(folder + "runs/report/report.html"),
              AllOf(HasSubstr("<th scope=\"row\">chain.episodes</th>"),
                    HasSubstr("<a href=\"../short/\">runs/short</a>"),
                    HasSubstr("<a href=\"../short/video.mp4\">video.mp4</a>"),
                    HasSubstr("src=\"data:video/mp4;base64,"), HasSubstr("Training loss"),
                    HasSubstr("longplay report runs/short runs/long")));
  EXPECT_THAT(Text(folder + "runs/report/report.csv"), HasSubstr("Training,Training loss,long,2,"));
}

TEST(ReportTest, WrongFoldersAreOneLine) {
  EXPECT_EQ(RunProgram("report nowhere").error,
            "error: reporting: nowhere: expected a folder of `longplay train` or `longplay "
            "compare`, got none: there is no such folder\n");
  EXPECT_EQ(RunProgram("report nowhere").code, 1);
  EXPECT_EQ(RunProgram("report").code, 2);
  const std::string folder = TemporaryPath("run");
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/config.yaml") << "";
  EXPECT_THAT(RunProgram("report nowhere --out " + folder).error,
              HasSubstr("expected a folder of its own, got one of a run or comparison"));
}

}  // namespace
}  // namespace longplay
