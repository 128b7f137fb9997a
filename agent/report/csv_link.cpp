// SPDX-License-Identifier: MIT
#include "agent/report/csv_link.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <string_view>

namespace longplay {
namespace {

// RFC 4180: quoted where it must be, quotes doubled.
std::string Field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

// The shortest digits that read back as the same number; "nan", "inf", "-inf" as such.
std::string Field(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return std::string(text, end);
}

std::string Bound(const std::vector<double>& bound, size_t i) {
  return i < bound.size() && !std::isnan(bound[i]) ? Field(bound[i]) : "";
}

// `start`: the fields before the series.
std::string Rows(const std::string& start, const Chart& chart, const ChartSeries& series) {
  std::string rows;
  const bool bars = chart.kind == ChartKind::kBars;
  for (size_t i = 0; i < series.y.size(); ++i) {
    const bool beyond = !bars && series.x[i] > series.beyond;
    rows += start + Field(series.name + (beyond ? " (" + chart.beyond + ")" : "")) + "," +
            (bars ? Field(chart.categories[i]) : Field(series.x[i])) + "," + Field(series.y[i]) +
            "," + Bound(series.low, i) + "," + Bound(series.high, i) + "\r\n";
  }
  for (const ChartRun& run : series.runs) {
    for (size_t i = 0; i < run.y.size(); ++i) {
      rows += start + Field(series.name + ", " + run.name) + "," + Field(run.x[i]) + "," +
              Field(run.y[i]) + ",,\r\n";
    }
  }
  return rows;
}

// Programs know no other minus than that of ASCII.
std::string WithPlainMinus(std::string text) {
  constexpr std::string_view kMinus = "−";
  for (size_t at = text.find(kMinus); at != std::string::npos; at = text.find(kMinus, at)) {
    text.replace(at, kMinus.size(), "-");
  }
  return text;
}

// What may stand in a URL as it is; everything else is written as %XX.
std::string Encoded(std::string_view text) {
  constexpr std::string_view kPlain = "-_.~,:;()[]/=+*!";
  std::string encoded;
  for (const char c : text) {
    const bool letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      encoded += c;
      continue;
    }
    std::array<char, 4> hex{};
    std::snprintf(hex.data(), hex.size(), "%%%02X", static_cast<unsigned char>(c));
    encoded += hex.data();
  }
  return encoded;
}

// "Return by episode: attention" becomes "return-by-episode-attention".
std::string FileName(const std::string& title) {
  std::string name;
  for (const char c : title) {
    const char small = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    const bool letter = (small >= '0' && small <= '9') || (small >= 'a' && small <= 'z');
    if (letter) {
      name += small;
    } else if (!name.empty() && name.back() != '-') {
      name += '-';
    }
  }
  while (name.ends_with('-')) name.pop_back();
  return (name.empty() ? "numbers" : name) + ".csv";
}

constexpr size_t kLargestLink = 1 << 18;  // [bytes]

}  // namespace

std::string ChartRows(const std::vector<std::string>& before, const Chart& chart) {
  std::string start;
  for (const std::string& cell : before) start += Field(cell) + ",";
  CheckChart(chart);
  std::string rows;
  for (const ChartSeries& series : chart.series) rows += Rows(start, chart, series);
  // A level is one row without a place on x.
  for (const ChartSeries& level : chart.levels) {
    if (level.y.empty()) continue;
    rows += start + Field(level.name) + ",," + Field(level.y[0]) + "," + Bound(level.low, 0) + "," +
            Bound(level.high, 0) + "\r\n";
  }
  return rows;
}

std::string ChartCsv(const Chart& chart) {
  return "series,x,y,low,high\r\n" + ChartRows({}, chart);
}

std::string TableCsv(const Table& table) {
  std::string csv;
  const auto add = [&](const std::vector<std::string>& cells) {
    for (size_t i = 0; i < cells.size(); ++i)
      csv += (i == 0 ? "" : ",") + Field(WithPlainMinus(cells[i]));
    csv += "\r\n";
  };
  add(table.header);
  for (const std::vector<std::string>& row : table.rows) add(row);
  return csv;
}

std::string CsvLink(const std::string& csv, const std::string& title) {
  if (csv.size() > kLargestLink) return "";
  return "<a class=\"csv\" download=\"" + FileName(title) +
         "\" href=\"data:text/csv;charset=utf-8," + Encoded(csv) + "\">Save as csv</a>\n";
}

}  // namespace longplay
