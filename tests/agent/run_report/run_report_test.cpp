// SPDX-License-Identifier: MIT
#include "agent/run_report/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/agent/report/browser.h"
#include "tests/agent/run_report/small_reports.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string HtmlOf(const std::vector<ReportedRun>& runs) {
  WriteReport(RunReport(runs, "runs/report", "longplay report runs/a"),
              TemporaryPath("report.html"));
  return FileText(TemporaryPath("report.html"));
}

TEST(RunReportTest, TheFirstParagraphSaysWhichPolicyIsBest) {
  EXPECT_EQ(RunReport(NineRuns(), "out", "").summary,
            "“two_0 and 3 other seeds” is best: return 13.5 against 3.5 with “one_0 and 3 other "
            "seeds”, a difference of +10.0 (95 % interval 10.0 to 10.0, 4 training seeds each). 1 "
            "of 3 policies have not been evaluated (`longplay eval`).");
  std::vector<ReportedRun> single = {PlayedRun("a", 1, 0, {{0, 1}, {0, 2}}),
                                     PlayedRun("b", 2, 0, {{0, 3}, {0, 5}})};
  EXPECT_EQ(RunReport(single, "out", "").summary,
            "One training seed cannot tell which policy is best. “b” has the largest return, 4.00; "
            "“a” has 1.50.");
  single[1].options.evaluate.environment = single[1].play->environment = "Walker2d-v5";
  EXPECT_EQ(RunReport(single, "out", "").summary,
            "These runs were not evaluated alike, so nothing is said of which is best "
            "(evaluate.environment: Hopper-v5, Walker2d-v5).");
  EXPECT_THAT(HtmlOf(single), Not(HasSubstr("Return by episode")));
  for (ReportedRun& run : single) run.play.reset();
  EXPECT_THAT(RunReport(single, "out", "").summary, StartsWith("None of these runs has been"));
}

TEST(RunReportTest, ItHasReturnsCurvesSettingsAndLinks) {
  std::vector<ReportedRun> runs = NineRuns();
  runs[0].metrics.measured["return_last"] = {1, NAN, 2};
  EXPECT_THAT(HtmlOf(runs),
              AllOf(HasSubstr("Return of the scored episode"), HasSubstr("Return by episode in"),
                    HasSubstr("Training loss"), HasSubstr("Return while training"),
                    HasSubstr(">13.5 [12.5, 14.5]<"), HasSubstr(">+10.0 [10.0, 10.0]<"),
                    HasSubstr("Settings that differ"), HasSubstr(">chain.episodes<"),
                    HasSubstr("<a href=\"../two_3/\">runs/two_3</a>")));
}

TEST(RunReportTest, TheLossOfAPolicyIsTheMeanOverItsRuns) {
  const Report report = RunReport(NineRuns(), "out", "");
  const Chart& chart = report.sections[1].charts[0];
  ASSERT_EQ(chart.title, "Training loss");
  ASSERT_EQ(chart.series.size(), 3U);
  EXPECT_EQ(chart.series[0].y, (std::vector<double>{4, 2, 2.5}));
  ASSERT_EQ(chart.series[0].runs.size(), 4U);
  EXPECT_EQ(chart.series[0].runs[3].name, "seed 3");
  EXPECT_EQ(chart.series[0].runs[3].y.back(), 4);
  EXPECT_TRUE(chart.series[2].runs.empty());  // one run is its own mean
}

TEST(RunReportTest, MoreGroupsThanColoursAreSharedOutOverCharts) {
  std::vector<ReportedRun> runs;
  for (int64_t episodes = 1; episodes <= 11; ++episodes) {
    runs.push_back(PlayedRun("e" + std::to_string(episodes), episodes, 0, {{1, 2}}));
  }
  const Report report = RunReport(runs, "out", "");
  ASSERT_EQ(report.sections[1].charts.size(), 2U);
  EXPECT_EQ(report.sections[1].charts[0].title, "Training loss, 1 of 2");
  EXPECT_EQ(report.sections[1].charts[0].series.size(), 8U);
  EXPECT_EQ(report.sections[1].charts[1].series.size(), 3U);
}

TEST(RunReportTest, TheBestAndTheMedianFilmAreShown) {
  std::vector<ReportedRun> runs = NineRuns();
  std::ofstream(TemporaryPath("a.mp4"), std::ios::binary) << std::string(
      "\0\0\0\x18"
      "ftypmp42",
      12);
  for (const size_t filmed : {0, 3, 7}) runs[filmed].videos = {TemporaryPath("a.mp4")};
  const ReportSection section = RunReport(runs, "out", "").sections[0];
  ASSERT_EQ(section.videos.size(), 2U);
  EXPECT_EQ(section.videos[0].caption,
            "The best run that has a film: two_3, seed 3, return 15.0 over its evaluation seeds");
  EXPECT_THAT(section.videos[1].caption, StartsWith("The median one: two_1, seed 1, return 13.0"));
}

TEST(RunReportTest, ABrowserLaysItOutOnAPhoneAndADesktop) {
  const std::string browser = Browser();
  if (browser.empty()) GTEST_SKIP() << kNoBrowser;
  std::vector<ReportedRun> runs = NineRuns();
  for (ReportedRun& run : runs) run.name = run.folder += "_with_a_rather_long_name_of_its_folder";
  for (const int width : {360, 1280}) {
    EXPECT_THAT(Measured(browser, HtmlOf(runs), width, Scheme::kLight),
                StartsWith("light, 0 px too wide, 0 cut, 0 covered, 0 errors, asked: episode in"));
  }
}

}  // namespace
}  // namespace longplay
