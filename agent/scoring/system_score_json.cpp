// SPDX-License-Identifier: MIT
// How the scores of systems are written: one JSON value, or rows of a table.
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

#include "agent/scoring/system_score.h"

namespace longplay {
namespace {

nlohmann::json CurveJson(const std::vector<Estimate>& curve) {
  auto rows = nlohmann::json::array();
  for (size_t i = 0; i < curve.size(); ++i) {
    nlohmann::json row = ToJson(curve[i]);
    row["n"] = i + 1;
    rows.push_back(std::move(row));
  }
  return rows;
}

nlohmann::json OrNull(const std::optional<Estimate>& estimate) {
  return estimate ? ToJson(*estimate) : nlohmann::json();
}

nlohmann::json RowJson(const TaskScore& score) {
  const TrialCurves& curves = score.curves;
  return {{"system", score.system},
          {"task", score.task},
          {"runs", score.runs},
          {"contexts", score.contexts},
          {"episodes", curves.last.size()},
          {"first", ToJson(curves.last.front())},
          {"last", ToJson(curves.last.back())},
          {"mean", ToJson(curves.mean.back())},
          {"best", ToJson(curves.best.back())},
          {"control", OrNull(score.control)},
          {"gained", OrNull(score.gained)},
          {"by_episode", CurveJson(curves.last)},
          {"best_of", CurveJson(curves.best)},
          {"mean_of", CurveJson(curves.mean)},
          {"less_reference", CurveJson(score.less_reference)},
          {"best_of_runs", score.best_of_runs}};
}

/// The shortest that reads back; empty for what is not known.
std::string CsvNumber(double value) {
  if (!std::isfinite(value)) return "";
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// Quoted where it has to be (RFC 4180).
std::string CsvText(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

void AppendCurve(const TaskScore& score, const char* measure, const std::vector<Estimate>& curve,
                 std::string& csv) {
  for (size_t i = 0; i < curve.size(); ++i) {
    csv += CsvText(score.system) + "," + CsvText(score.task) + "," + std::to_string(i + 1) + "," +
           measure + "," + CsvNumber(curve[i].value) + "," + CsvNumber(curve[i].low) + "," +
           CsvNumber(curve[i].high) + "\n";
  }
}

}  // namespace

nlohmann::json ToJson(const SystemScores& scores) {
  auto rows = nlohmann::json::array(), aggregates = nlohmann::json::array();
  for (const TaskScore& score : scores.tasks) rows.push_back(RowJson(score));
  for (const AggregateScore& score : scores.aggregates) {
    aggregates.push_back({{"system", score.system},
                          {"interquartile_mean", ToJson(score.interquartile_mean)},
                          {"mean", ToJson(score.mean)},
                          {"median", ToJson(score.median)},
                          {"optimality_gap", ToJson(score.optimality_gap)},
                          {"probability_of_improvement", OrNull(score.improvement)}});
  }
  return {{"reference", scores.played[scores.reference].name},
          {"resampled", scores.resampled},
          {"rows", rows},
          {"aggregates", aggregates}};
}

std::string SystemScoresCsv(const SystemScores& scores) {
  std::string csv = "system,task,n,measure,mean,low,high\n";
  for (const TaskScore& score : scores.tasks) {
    AppendCurve(score, "return", score.curves.last, csv);
    AppendCurve(score, "best_of", score.curves.best, csv);
    AppendCurve(score, "mean_of", score.curves.mean, csv);
    AppendCurve(score, "less_reference", score.less_reference, csv);
    if (score.control) AppendCurve(score, "control", {*score.control}, csv);
    std::vector<Estimate> best_of_runs;
    for (const double value : score.best_of_runs) best_of_runs.push_back({.value = value});
    AppendCurve(score, "best_of_runs", best_of_runs, csv);
  }
  return csv;
}

}  // namespace longplay
