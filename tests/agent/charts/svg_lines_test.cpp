// SPDX-License-Identifier: MIT
// Line charts, drawn through agent/charts/svg_chart.h.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <string>
#include <vector>

#include "agent/charts/svg_chart.h"
#include "agent/report/chart_figure.h"
#include "agent/report/table_figure.h"

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

ChartSeries Series(const std::string& name, std::vector<double> y) {
  ChartSeries series{.name = name, .x = {}, .y = std::move(y), .low = {}, .high = {}};
  for (size_t i = 0; i < series.y.size(); ++i) series.x.push_back(static_cast<double>(i + 1));
  return series;
}

Chart Lines(std::vector<ChartSeries> series) {
  return {.title = "Return",
          .x_label = "episode",
          .y_label = "return",
          .caption = "",
          .series = std::move(series),
          .levels = {}};
}

std::string Draw(const Chart& chart) { return DrawChart(chart, ChartPaper::kWide, "id"); }

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

/// "x,y x,y" of every line.
std::vector<std::string> LinesIn(const std::string& svg) {
  static const std::regex kLine("<polyline class=\"line\" points=\"([^\"]*)\"");
  std::vector<std::string> lines;
  for (std::sregex_iterator at(svg.begin(), svg.end(), kLine), end; at != end; ++at) {
    lines.push_back((*at)[1]);
  }
  return lines;
}

TEST(SvgLinesTest, WhatIsBeyondIsALineOfItsOwnThatGoesOnFromTheLastPointWithin) {
  Chart chart = Lines({Series("2 episodes", {1, 2, 3, 4})});
  chart.series[0].beyond = 2;
  chart.beyond = "beyond training";
  const std::string svg = Draw(chart);
  const std::vector<std::string> lines = LinesIn(svg);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(Count(lines[0], " ") + 1, 2U);
  EXPECT_EQ(Count(lines[1], " ") + 1, 3U);
  EXPECT_EQ(lines[1].substr(0, lines[1].find(' ')), lines[0].substr(lines[0].find(' ') + 1));
  EXPECT_EQ(Count(svg, "class=\"beyond\""), 3U);  // the line and two marks
  EXPECT_EQ(Count(svg, "(beyond training)"), 2U);
  EXPECT_THAT(ChartFigure(chart, "id"),
              AllOf(HasSubstr("</svg>beyond training</li>"), HasSubstr("4 (beyond training)")));
  chart.series[0].beyond = 4;
  EXPECT_THAT(ChartFigure(chart, "id"), Not(HasSubstr("beyond training")));
}

TEST(SvgLinesTest, FewRunsAreDotsWithoutABand) {
  Chart chart = Lines({Series("a", {2, 3})});
  chart.series[0].dots = {{1, 3}, {2.5, 3.5}};
  chart.series[0].low = chart.series[0].high = {NAN, NAN};
  const std::string svg = Draw(chart);
  EXPECT_EQ(Count(svg, "class=\"dot\""), 4U);
  EXPECT_THAT(svg, Not(HasSubstr("class=\"band\"")));
  EXPECT_THAT(ChartFigure(chart, "id"),
              AllOf(HasSubstr("2 (1, 3)"), Not(HasSubstr("class=\"band\""))));
}

TEST(SvgLinesTest, SeriesThatCoincideAreDrawnApart) {
  Chart chart = Lines({Series("a", {1, 2}), Series("b", {1, 2})});
  EXPECT_EQ(LinesIn(Draw(chart))[0], LinesIn(Draw(chart))[1]);
  chart.apart = true;
  const std::vector<std::string> apart = LinesIn(Draw(chart));
  EXPECT_NE(apart[0], apart[1]);
  chart.series[1].y = {50, 90};  // nothing covers anything: points stay at their places
  const std::vector<std::string> distant = LinesIn(Draw(chart));
  chart.apart = false;
  EXPECT_EQ(LinesIn(Draw(chart)), distant);
}

TEST(SvgLinesTest, OneThingHasOneColourAndMarkWhateverItsPlace) {
  Chart chart = Lines({Series("c", {1, 2})});
  chart.series[0].colour = 3;
  const std::string svg = Draw(chart);
  EXPECT_THAT(svg, AllOf(HasSubstr("class=\"series-3\""), HasSubstr("d=\"M0-4.9L4.9 0L0 4.9L"),
                         Not(HasSubstr("<circle"))));
  chart.series[0].colour.reset();
  chart.series[0].point_colours = {5, 6};
  EXPECT_THAT(Draw(chart), AllOf(HasSubstr("class=\"series-grey\""), HasSubstr("\"series-5\""),
                                 HasSubstr("\"series-6\"")));
}

TEST(SvgLinesTest, LongLinesKeepAFewMarksThatTellThemApartInPrint) {
  Chart chart =
      Lines({Series("a", std::vector<double>(100, 1)), Series("b", std::vector<double>(100, 2))});
  const std::string svg = Draw(chart);
  EXPECT_GE(Count(svg, "class=\"mark\""), 10U);
  EXPECT_LE(Count(svg, "class=\"mark\""), 16U);
}

// A long line lost what of it is beyond, and its dots.
TEST(SvgLinesTest, LongLinesThatAreThinnedKeepWhatIsBeyondAndTheirDots) {
  Chart chart = Lines({Series("a", std::vector<double>(401, 1))});
  ChartSeries& series = chart.series[0];
  chart.beyond = "beyond training";
  series.beyond = 200;
  const std::vector<std::string> lines = LinesIn(Draw(chart));
  ASSERT_EQ(lines.size(), 2U);  // within, beyond
  // Every third point; of one line that ends at 200, the other goes on from there.
  EXPECT_EQ(Count(lines[0], " ") + 1, 67U);
  EXPECT_EQ(Count(lines[1], " ") + 1, 68U);
  EXPECT_GE(Count(Draw(chart), "(beyond training)"), 2U);
  // The same with intervals of its own, and with a dot for each run.
  series.low = std::vector<double>(401, 0.5);
  series.high = std::vector<double>(401, 1.5);
  EXPECT_EQ(LinesIn(Draw(chart)).size(), 2U);
  series.low = series.high = std::vector<double>(401, NAN);
  series.dots = std::vector<std::vector<double>>(401, {0.9, 1.1});
  EXPECT_EQ(Count(Draw(chart), "class=\"dot\""), 2U * 134U);
  EXPECT_EQ(LinesIn(Draw(chart)).size(), 2U);
}

TEST(SvgLinesTest, PanelsThatHoldTheSameValuesHaveTheSameAxis) {
  Chart one = Lines({Series("a", {1.01, 1.02})}), other = Lines({Series("a", {1, 9})});
  one.show_y = other.show_y = {0, 10};
  const std::regex label("text-anchor=\"end\">([^<]*)<");
  const auto labels = [&](const std::string& svg) {
    std::vector<std::string> found;
    for (std::sregex_iterator at(svg.begin(), svg.end(), label), end; at != end; ++at) {
      found.push_back((*at)[1]);
    }
    return found;
  };
  EXPECT_EQ(labels(Draw(one)), labels(Draw(other)));
  EXPECT_FALSE(labels(Draw(one)).empty());
}

TEST(SvgLinesTest, ATableLinksToPlacesBesideThePage) {
  Table table{.title = "Runs",
              .caption = "",
              .header = {"run", "seed"},
              .rows = {{"a", "0"}},
              .links = {{"a/seed-0/", ""}}};
  EXPECT_THAT(TableFigure(table),
              HasSubstr("<a href=\"a/seed-0/\">a</a></th><td class=\"number\">0<"));
  table.links[0].pop_back();
  EXPECT_THROW(TableFigure(table), std::invalid_argument);
}

}  // namespace
}  // namespace longplay
