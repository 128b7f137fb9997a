// SPDX-License-Identifier: MIT
// A report of everything, laid out by a browser where there is one.
#include "tests/agent/report/browser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "agent/summary/comparison_report.h"
#include "tests/agent/summary/small_comparison.h"

namespace longplay {
namespace {

using ::testing::StartsWith;

/// Long names, many lines, levels, curves of single runs: what takes most room.
std::string FullHtml() {
  Comparison comparison = LongerThanTrained();
  comparison.rows[1].name = "a row whose name is long, with four settings beside its length";
  comparison.rows[0].values = comparison.rows[1].values = {
      {"chain.tokens", "[return, observation, action, reward, completion]"}};
  comparison.tasks[0].levels = {{"an oracle that sees what is hidden", 24}};
  for (ComparedRun& run : comparison.runs) {
    run.outcome->steps = {100, 200, 300};
    run.outcome->losses = {0.5, 0.25, 0.125 + 0.01 * static_cast<double>(run.seed)};
    run.outcome->measured["return_last"] = {.steps = {100, 300}, .values = {-12345.5, 20}};
  }
  Report report = ComparisonReport(comparison, "running");
  report.csv = "report.csv";
  WriteReport(report, TemporaryPath("report.html"));
  return FileText(TemporaryPath("report.html"));
}

class ReportInABrowserTest : public ::testing::TestWithParam<std::tuple<int, Scheme>> {};

TEST_P(ReportInABrowserTest, NothingIsCutAndNoScriptFails) {
  const std::string browser = Browser();
  if (browser.empty()) GTEST_SKIP() << kNoBrowser;
  const auto [width, scheme] = GetParam();
  EXPECT_THAT(
      Measured(browser, FullHtml(), width, scheme),
      StartsWith(std::string(scheme == Scheme::kDark ? "dark" : "light") +
                 ", 0 px too wide, 0 cut, 0 covered, 0 errors, asked: episodes in context "));
}

INSTANTIATE_TEST_SUITE_P(Screens, ReportInABrowserTest,
                         ::testing::Combine(::testing::Values(360, 1280),
                                            ::testing::Values(Scheme::kLight, Scheme::kDark)));

TEST(PointerInABrowserTest, ThePointerShowsTheValuesOfAllLines) {
  const std::string browser = Browser();
  if (browser.empty()) GTEST_SKIP() << kNoBrowser;
  ChartSeries one{.name = "one", .x = {1, 2, 3}, .y = {1, 2, 3}};
  ChartSeries two{
      .name = "two", .x = {1, 2, 3}, .y = {4, 5.5, 6}, .low = {3, 5, 5}, .high = {5, 6, 7}};
  Report report{
      .title = "t",
      .sections = {
          {.title = "s",
           .charts = {{.title = "c", .x_label = "step", .y_label = "y", .series = {one, two}}}}}};
  WriteReport(report, TemporaryPath("report.html"));
  EXPECT_EQ(Measured(browser, FileText(TemporaryPath("report.html")), 1280, Scheme::kLight),
            "light, 0 px too wide, 0 cut, 0 covered, 0 errors, asked: step 2 | one | 2 | two | 5.5 "
            "[5, 6]");
}

}  // namespace
}  // namespace longplay
