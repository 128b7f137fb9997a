// SPDX-License-Identifier: MIT
#include "agent/report/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

namespace longplay {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

class ReportTest : public ::testing::Test {
 protected:
  ReportTest()
      : folder_(std::filesystem::temp_directory_path() /
                ("longplay_report_" + std::to_string(getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~ReportTest() override { std::filesystem::remove_all(folder_); }

  std::string Path(const std::string& name) const { return (folder_ / name).string(); }

  std::string Read(const std::string& name) const {
    std::ifstream file(folder_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }

  void Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_ / name, std::ios::binary) << bytes;
  }

  std::string Html(const Report& report) const {
    WriteReport(report, Path("report.html"));
    return Read("report.html");
  }

  std::string Csv(const Report& report) const {
    WriteReportCsv(report, Path("report.csv"));
    return Read("report.csv");
  }

 private:
  std::filesystem::path folder_;
};

ChartSeries Series(const std::string& name, std::vector<double> x, std::vector<double> y) {
  return {.name = name, .x = std::move(x), .y = std::move(y), .low = {}, .high = {}};
}

Chart Lines(std::vector<ChartSeries> series) {
  return {.title = "Return",
          .x_label = "episode",
          .y_label = "return",
          .caption = "",
          .series = std::move(series),
          .levels = {}};
}

Chart Bars(std::vector<std::string> categories, std::vector<ChartSeries> series) {
  Chart chart = Lines(std::move(series));
  chart.kind = ChartKind::kBars;
  chart.categories = std::move(categories);
  return chart;
}

ReportSection Section(std::vector<Chart> charts) {
  return {.title = "Section", .text = "", .charts = std::move(charts), .tables = {}};
}

Report With(std::vector<Chart> charts) {
  return {.title = "Title",
          .summary = "",
          .command = "",
          .status = "complete",
          .sections = {Section(std::move(charts))},
          .refresh_seconds = {}};
}

// Everything a report can hold.
Report FullReport() {
  ChartSeries banded = Series("8 episodes", {1, 2, 3}, {1, 2, 4});
  banded.low = {0.5, 1.5, 3.5};
  banded.high = {1.5, 2.5, 4.5};
  Chart lines = Lines({banded, Series("1 episode", {1, 2, 3}, {1, 1, 1})});
  lines.caption = "Band: 95 % interval.";
  lines.levels = {Series("oracle", {}, {9}), Series("data, mean", {}, {2.5})};
  lines.log_x = true;
  Chart bars = Bars({"1 episode", "8 episodes"}, {Series("memory", {}, {80, 140})});
  bars.levels = lines.levels;
  Report report = With({lines, bars});
  report.summary = "One finding.";
  report.command = "longplay demo";
  report.sections[0].text = "First paragraph.\n\nSecond paragraph.";
  report.sections[0].tables = {{.title = "Returns",
                                .caption = "In episodes.",
                                .header = {"policy", "mean"},
                                .rows = {{"8 episodes", "4.0"}, {"1 episode", "1.0"}}}};
  report.sections.resize(3, report.sections[0]);
  return report;
}

size_t Count(const std::string& text, const std::string& part) {
  size_t count = 0;
  for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

// "" if every tag that is opened is closed in order, otherwise what is wrong. Scripts have texts of
// their own.
std::string TagProblem(std::string html) {
  html =
      std::regex_replace(html, std::regex("<script([^>]*)>[^]*?</script>"), "<script$1></script>");
  static const std::regex kTag(
      R"re(<(/?)([a-zA-Z][\w]*)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*(/?)>)re");
  std::vector<std::string> open;
  size_t tags = 0;
  for (std::sregex_iterator tag(html.begin(), html.end(), kTag), end; tag != end; ++tag, ++tags) {
    const std::string name = (*tag)[2];
    if (name == "meta" || (*tag)[4] == "/") continue;
    if ((*tag)[1] != "/") {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return "</" + name + "> closes " + (open.empty() ? "nothing" : "<" + open.back() + ">");
    } else {
      open.pop_back();
    }
  }
  if (!open.empty()) return "<" + open.back() + "> stays open";
  const size_t doctype = 1;
  return tags + doctype == Count(html, "<") ? "" : "a < that begins no well-formed tag";
}

std::vector<std::string> Drawings(const std::string& html) {
  std::vector<std::string> drawings;
  for (size_t at = html.find("<svg xmlns"); at != std::string::npos;
       at = html.find("<svg xmlns", at + 1)) {
    drawings.push_back(html.substr(at, html.find("</svg>", at) - at));
  }
  return drawings;
}

void ExpectOnlyFiniteNumbers(const std::string& html) {
  for (const std::string& drawing : Drawings(html)) {
    EXPECT_THAT(drawing, AllOf(Not(HasSubstr("nan")), Not(HasSubstr("inf"))));
  }
}

std::string ErrorOf(const std::function<void()>& act) {
  try {
    act();
  } catch (const std::exception& error) {
    return error.what();
  }
  return "no error";
}

TEST_F(ReportTest, EveryTagIsClosedInOrder) { EXPECT_EQ(TagProblem(Html(FullReport())), ""); }

TEST_F(ReportTest, NothingIsLoadedFromOutside) {
  Write("video.mp4", std::string("\0\0\0\x18"
                                 "ftypmp42",
                                 12));
  Report report = FullReport();
  report.sections[0].videos = {{Path("video.mp4")}};
  std::string html = Html(report);
  html = std::regex_replace(html, std::regex("xmlns=\"http://www.w3.org/2000/svg\""), "");
  for (const char* outside :
       {"http:", "https:", "//", "url(", "@import", "<link", "import(", "fetch"}) {
    EXPECT_THAT(html, Not(HasSubstr(outside)));
  }
  EXPECT_EQ(Count(html, "src="), Count(html, "src=\"data:video/mp4;base64,"));
}

TEST_F(ReportTest, TextOfTheCallerIsEscapedEverywhere) {
  const std::string evil = "<i>\"a\" & 'b'\x01";
  ChartSeries series = Series(evil, {1, 2}, {1, 2});
  Chart lines = Lines({series}), bars = Bars({evil, evil}, {series, series});
  for (Chart* chart : {&lines, &bars}) {
    chart->title = chart->x_label = chart->y_label = chart->caption = evil;
    chart->levels = {Series(evil, {}, {1})};
  }
  Report report = With({lines, bars});
  report.title = report.summary = report.command = report.status = evil;
  report.sections[0].title = report.sections[0].text = evil;
  report.sections[0].tables = {
      {.title = evil, .caption = evil, .header = {evil}, .rows = {{evil}}}};
  const std::string html = Html(report);
  EXPECT_EQ(TagProblem(html), "");
  EXPECT_THAT(html, AllOf(Not(HasSubstr("<i>")), Not(HasSubstr("\x01"))));
  EXPECT_THAT(html, HasSubstr("<h1>&lt;i&gt;&quot;a&quot; &amp; &#39;b&#39;</h1>"));
}

TEST_F(ReportTest, ValuesThatAreNotFiniteAreGapsInTheLine) {
  const std::string html = Html(
      With({Lines({Series("a", {1, 2, 3, 4, 5, kNan, 7}, {1, 2, kNan, 4, 5, 6, -kInfinity})})}));
  EXPECT_EQ(TagProblem(html), "");
  ExpectOnlyFiniteNumbers(html);
  ASSERT_EQ(Drawings(html).size(), 2u);  // for wide and narrow pages
  for (const std::string& drawing : Drawings(html)) {
    EXPECT_EQ(Count(drawing, "<polyline"), 2u);
    EXPECT_EQ(Count(drawing, "<circle"), 4u);
  }
}

TEST_F(ReportTest, ALonePointIsMarkedHoweverLongTheLine) {
  ChartSeries series = Series("a", {}, {});
  for (int i = 0; i < 100; ++i) {
    series.x.push_back(i);
    series.y.push_back(i == 50 ? 1 : kNan);
  }
  for (const std::string& drawing : Drawings(Html(With({Lines({series})})))) {
    EXPECT_EQ(Count(drawing, "<polyline"), 0u);
    EXPECT_EQ(Count(drawing, "<circle"), 1u);
  }
}

TEST_F(ReportTest, ABandHasAGapWhereABoundIsMissing) {
  ChartSeries series = Series("a", {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5});
  series.low = {0, 1, kNan, 3, 4};
  series.high = {2, 3, 4, 5, 6};
  for (const std::string& drawing : Drawings(Html(With({Lines({series})})))) {
    EXPECT_EQ(Count(drawing, "class=\"band\""), 2u);
    EXPECT_EQ(Count(drawing, "<polyline"), 1u);
  }
}

TEST_F(ReportTest, ExtremeAndEqualValuesAreDrawn) {
  const double largest = std::numeric_limits<double>::max();
  const double least = std::numeric_limits<double>::denorm_min();
  const std::vector<std::vector<double>> cases = {{0, 0},          {5, 5},
                                                  {-1e9, 1e9},     {largest, -largest},
                                                  {least, 1e-200}, {1e17, 1e17 + 16},
                                                  {1e299, -1e299}, {-3, -3.0000001},
                                                  {1e-240, 1e240}, {-7, 0}};
  for (const std::vector<double>& values : cases) {
    for (const bool log : {false, true}) {
      Chart lines = Lines({Series("a", values, values)});
      Chart bars = Bars({"b", "c"}, {Series("a", {}, values)});
      lines.log_x = lines.log_y = bars.log_y = log;
      lines.levels = bars.levels = {Series("level", {}, {values[0]})};
      const std::string html = Html(With({lines, bars}));
      EXPECT_EQ(TagProblem(html), "");
      ExpectOnlyFiniteNumbers(html);
      EXPECT_LT(html.size(), 60000u) << values[0] << " " << values[1];  // not a tick per unit
    }
  }
}

TEST_F(ReportTest, EmptySeriesAndChartsAreDrawnAsSuch) {
  const std::string html = Html(With({Lines({}), Lines({Series("a", {}, {})}), Bars({}, {}),
                                      Bars({"b"}, {Series("a", {}, {kNan})})}));
  EXPECT_EQ(TagProblem(html), "");
  ExpectOnlyFiniteNumbers(html);
  EXPECT_EQ(Count(html, "no data yet"), 6u);
  EXPECT_EQ(Count(html, "no value"), 2u);
  EXPECT_EQ(TagProblem(Html(Report{})), "");
}

TEST_F(ReportTest, ValuesBelowZeroAreLeftOutOfALogarithmicAxis) {
  Chart chart = Lines({Series("a", {0, 1, 10, 100}, {1, 10, -1, 100})});
  chart.log_x = chart.log_y = true;
  chart.levels = {Series("negative", {}, {-1})};
  for (const std::string& drawing : Drawings(Html(With({chart})))) {
    EXPECT_EQ(Count(drawing, "<circle"), 2u);
    EXPECT_THAT(drawing, AllOf(Not(HasSubstr("negative")), HasSubstr("return (log scale)")));
  }
}

TEST_F(ReportTest, LevelsAreNamedAtTheRightWithTheirValue) {
  Chart chart = Lines({Series("a", {1, 2}, {1, 2})});
  chart.levels = {Series("oracle", {}, {17.25}), Series("without value", {}, {}),
                  Series("unknown", {}, {kNan})};
  const std::string html = Html(With({chart}));
  EXPECT_EQ(Count(html, "class=\"level level-"), 2u);
  EXPECT_THAT(html, HasSubstr("class=\"level-name\">oracle 17.25</text>"));
  EXPECT_THAT(html, HasSubstr("<b>a</b>oracle 17.25"));  // on narrow pages
}

TEST_F(ReportTest, NamesOfLevelsNeverOverlap) {
  Chart chart = Lines({Series("a", {1, 2}, {0, 100})});
  for (int i = 0; i < 30; ++i) chart.levels.push_back(Series("level", {}, {50 + 0.01 * i}));
  const std::string drawing = Drawings(Html(With({chart})))[0];
  const std::regex name(R"re(y="([-\d.]+)" class="level-name")re");
  std::vector<double> heights;
  for (std::sregex_iterator at(drawing.begin(), drawing.end(), name), end; at != end; ++at) {
    heights.push_back(std::stod((*at)[1]));
  }
  ASSERT_EQ(heights.size(), 30u);
  std::ranges::sort(heights);
  for (size_t i = 1; i < heights.size(); ++i) EXPECT_GE(heights[i] - heights[i - 1], 12);
}

TEST_F(ReportTest, AVeryLongLineIsDrawnAsMeansAndSaysSo) {
  ChartSeries series = Series("loss", {}, {});
  for (int i = 0; i < 100000; ++i) {
    series.x.push_back(i);
    series.y.push_back(std::sin(i));
  }
  const std::string html = Html(With({Lines({series})}));
  EXPECT_LT(html.size(), 60000u);
  EXPECT_THAT(html, HasSubstr("Lines are means of up to 625 consecutive points"));
}

TEST_F(ReportTest, EveryDrawingHasATitleAndADescription) {
  const std::string html = Html(FullReport());
  for (const std::string& drawing : Drawings(html)) {
    EXPECT_THAT(drawing, AllOf(HasSubstr("role=\"img\""), HasSubstr("<title id="),
                               HasSubstr("<desc id="), HasSubstr("Level oracle: 9.")));
  }
  const std::regex id(" id=\"([^\"]+)\"");
  std::vector<std::string> ids;
  for (std::sregex_iterator at(html.begin(), html.end(), id), end; at != end; ++at) {
    ids.push_back((*at)[1]);
  }
  std::ranges::sort(ids);
  EXPECT_EQ(std::ranges::adjacent_find(ids), ids.end()) << "an id occurs twice";
}

TEST_F(ReportTest, ItReloadsOnlyWhileWorkGoesOn) {
  Report report = FullReport();
  EXPECT_THAT(Html(report), AllOf(Not(HasSubstr("http-equiv=\"refresh\"")),
                                  HasSubstr("role=\"status\">complete</p>")));
  report.status = "running: training";
  report.refresh_seconds = 5;
  EXPECT_THAT(Html(report), AllOf(HasSubstr("<meta http-equiv=\"refresh\" content=\"5\">"),
                                  HasSubstr("running: training")));
}

TEST_F(ReportTest, BlankLinesSeparateParagraphs) {
  EXPECT_THAT(Html(FullReport()), HasSubstr("<p>First paragraph.</p>\n<p>Second paragraph.</p>"));
}

TEST_F(ReportTest, TheVideoIsInlined) {
  Report report = FullReport();
  const std::string bytes(
      "\0\0\0\x18"
      "ftypmp42",
      12);
  Write("video.mp4", bytes + "\xff");
  report.sections[0].videos = {{Path("video.mp4"), "The best policy."},
                               {Path("video.mp4"), "The median one."}};
  EXPECT_THAT(Html(report), AllOf(HasSubstr("base64,AAAAGGZ0eXBtcDQy/w==\""),
                                  HasSubstr("<figcaption>The best policy.</figcaption>"),
                                  HasSubstr("<figcaption>The median one.</figcaption>")));
}

TEST_F(ReportTest, AMissingOrForeignVideoIsNamed) {
  Report report = FullReport();
  report.sections[0].videos = {{Path("none.mp4")}};
  EXPECT_EQ(ErrorOf([&] { Html(report); }),
            "embedding the video of section 'Section': " + Path("none.mp4") +
                ": expected an mp4 file, got no readable file");
  Write("text.mp4", "hello");
  report.sections[0].videos = {{Path("text.mp4")}};
  EXPECT_THAT(ErrorOf([&] { Html(report); }), HasSubstr("got 5 bytes of something else"));
}

TEST_F(ReportTest, LengthsThatDisagreeAreRejectedByName) {
  EXPECT_EQ(ErrorOf([&] {
              Html(With({Lines({Series("a", {1, 2}, {1})})}));
            }),
            "drawing a chart: 'Return', series 'a', y: expected 2 values as in x, got 1");
  ChartSeries series = Series("a", {1, 2}, {1, 2});
  series.low = {1, 1};
  EXPECT_THAT(ErrorOf([&] { Csv(With({Lines({series})})); }),
              HasSubstr("series 'a', high: expected 2 values as in x, got 0"));
  EXPECT_THAT(ErrorOf([&] {
                Html(With({Bars({"b"}, {Series("a", {}, {1, 2})})}));
              }),
              HasSubstr("expected 1 values as there are categories, got 2"));
  Report report = FullReport();
  report.sections[0].tables[0].rows[1].pop_back();
  EXPECT_EQ(ErrorOf([&] { Html(report); }),
            "drawing a table: 'Returns', row 2: expected 2 cells as in the header, got 1");
}

TEST_F(ReportTest, AFailedWriteLeavesTheOldReportAndNothingElse) {
  const std::string before = Html(FullReport());
  Report broken = FullReport();
  broken.sections[0].videos = {{Path("none.mp4")}};
  EXPECT_THROW(WriteReport(broken, Path("report.html")), std::runtime_error);
  EXPECT_EQ(Read("report.html"), before);
  std::filesystem::create_directories(Path("folder/inside"));
  EXPECT_THAT(ErrorOf([&] { WriteReport(FullReport(), Path("folder")); }),
              HasSubstr("writing the report: " + Path("folder") + ": expected"));
  size_t entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(Path(""))) {
    ++entries;
  }
  EXPECT_EQ(entries, 2u);  // report.html and folder
}

TEST_F(ReportTest, MissingFoldersAreMade) {
  WriteReport(FullReport(), Path("new/folder/report.html"));
  EXPECT_FALSE(Read("new/folder/report.html").empty());
}

TEST_F(ReportTest, TheSameReportGivesTheSameBytes) {
  EXPECT_EQ(Html(FullReport()), Html(FullReport()));
}

TEST_F(ReportTest, CsvHoldsEveryNumberWithAllItsDigits) {
  ChartSeries banded = Series("a", {1, 2}, {0.1, kNan});
  banded.low = {0.05, 1};
  banded.high = {1.0 / 3, 2};
  Chart lines = Lines({banded});
  lines.levels = {Series("oracle", {}, {9.5})};
  EXPECT_EQ(Csv(With({lines, Bars({"8 episodes"}, {Series("memory", {}, {140})})})),
            "section,chart,series,x,y,low,high\r\n"
            "Section,Return,a,1,0.1,0.05,0.3333333333333333\r\n"
            "Section,Return,a,2,nan,1,2\r\n"
            "Section,Return,oracle,,9.5,,\r\n"
            "Section,Return,memory,8 episodes,140,,\r\n");
}

TEST_F(ReportTest, ThinLinesOfRunsAreDrawnAndInTheCsv) {
  ChartSeries series = Series("a", {1, 2}, {2, 3});
  series.runs = {{"seed 0", {1, 2}, {1, 2}}, {"seed 1", {1, 2, 3}, {3, 4, kNan}}};
  const Report report = With({Lines({series})});
  const std::string html = Html(report);
  EXPECT_EQ(TagProblem(html), "");
  for (const std::string& drawing : Drawings(html)) {
    EXPECT_EQ(Count(drawing, "<polyline class=\"run\""), 2u);
  }
  EXPECT_THAT(Csv(report), HasSubstr("Section,Return,\"a, seed 1\",2,4,,\r\n"));
  series.runs[0].y.pop_back();
  EXPECT_EQ(ErrorOf([&] { Html(With({Lines({series})})); }),
            "drawing a chart: 'Return', series 'a', seed 0: expected 2 values as in x, got 1");
}

// Of every chart and table the page holds its own numbers to be saved.
TEST_F(ReportTest, ChartsAndTablesCanBeSavedAsCsv) {
  Report report = With({Lines({Series("5 % & more", {1}, {0.1})})});
  report.sections[0].tables = {{.title = "Returns: last",
                                .caption = "",
                                .header = {"row", "value"},
                                .rows = {{"a, b", "−1.5 [−2, −1]"}}}};
  const std::string html = Html(report);
  EXPECT_THAT(html, HasSubstr("download=\"return.csv\" href=\"data:text/csv;charset=utf-8,"
                              "series,x,y,low,high%0D%0A5%20%25%20%26%20more,1,0.1,,%0D%0A\""));
  EXPECT_THAT(html, HasSubstr("download=\"returns-last.csv\" href=\"data:text/csv;charset=utf-8,"
                              "row,value%0D%0A%22a,%20b%22,%22-1.5%20[-2,%20-1]%22%0D%0A\""));
  // One that is too long for the page is in report.csv alone, to which a link leads.
  ChartSeries series = Series("long", {}, {});
  for (int i = 0; i < 20000; ++i) {
    series.x.push_back(i);
    series.y.push_back(std::sin(i));
  }
  Report large = With({Lines({series})});
  EXPECT_THAT(Html(large), Not(HasSubstr("href=")));
  large.csv = "report.csv";
  EXPECT_THAT(Html(large), HasSubstr("<a href=\"report.csv\" download>report.csv</a>"));
}

TEST_F(ReportTest, ThePageHoldsTheValuesThatAPointerShows) {
  ChartSeries series = Series("</script><b>", {1, 2, 3}, {1, kNan, 12345.678});
  series.low = {0.5, 0, 12000};
  series.high = {1.5, 2, 13000};
  const std::string html = Html(With({Lines({series}), Bars({"b"}, {Series("a", {}, {2})})}));
  const std::string open = "<script type=\"application/json\">";
  ASSERT_EQ(Count(html, open), 1u);  // bars show theirs
  const size_t start = html.find(open) + open.size();
  const auto json =
      nlohmann::json::parse(html.substr(start, html.find("</script>", start) - start));
  EXPECT_EQ(json["x"], "episode");
  EXPECT_EQ(json["series"][0]["name"], "</script><b>");
  EXPECT_EQ(json["series"][0]["points"].size(), 2u);
  EXPECT_EQ(json["series"][0]["points"][1], (nlohmann::json{3.0, "3", "12,346 [12,000, 13,000]"}));
  EXPECT_EQ(json["plots"].size(), 2u);
  EXPECT_EQ(json["plots"][0][0], 520.0);  // [px]
  EXPECT_EQ(json["plots"][1][0], 340.0);
}

TEST_F(ReportTest, NumbersStandAtTheRightAndNamesWithNumbersAtTheLeft) {
  Report report = With({});
  report.sections[0].tables = {{.title = "t",
                                .caption = "",
                                .header = {"row", "value", "policy", "share"},
                                .rows = {{"a", "+1.5 (1 to 2)", "4 episodes", "40 % [30, 50]"},
                                         {"b", "–", "1 episode", "2.5×10⁶"}}}};
  const std::string html = Html(report);
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">+1.5 (1 to 2)</td>"));
  EXPECT_THAT(html, HasSubstr("<td>4 episodes</td>"));
  EXPECT_THAT(html, HasSubstr("<td class=\"number\">2.5×10⁶</td>"));
}

TEST_F(ReportTest, TheFirstParagraphIsTheAnswer) {
  Report report = FullReport();
  report.summary = "Two is best.\n\nIt costs more.";
  EXPECT_THAT(Html(report), HasSubstr("<p class=\"summary answer\">Two is best.</p>\n"
                                      "<p class=\"summary\">It costs more.</p>"));
}

TEST_F(ReportTest, CsvQuotesCommasQuotesAndLineBreaks) {
  Report report = With({Lines({Series("say \"hi\"", {1}, {2})})});
  report.sections[0].title = "data, mean";
  report.sections[0].charts[0].title = "two\nlines";
  EXPECT_THAT(Csv(report),
              HasSubstr("\r\n\"data, mean\",\"two\nlines\",\"say \"\"hi\"\"\",1,2,,\r\n"));
}

}  // namespace
}  // namespace longplay
