// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_tables.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "agent/charts/shown_text.h"
#include "agent/summary/digits.h"
#include "agent/summary/run_samples.h"

namespace longplay {
namespace {

std::string Short(double value) { return FormatNumber(value); }

const Digits kScores(10);  // normalised ones

/// The same for a whole table, by its largest value.
Digits DigitsOf(const std::vector<RowSummary>& rows) {
  double largest = 0;
  for (const RowSummary& row : rows) {
    if (!row.play) continue;
    for (const Estimate* estimate : {&row.play->first, &row.play->last, &row.play->best}) {
      if (std::isfinite(estimate->value)) largest = std::max(largest, std::abs(estimate->value));
    }
  }
  return Digits(largest);
}

std::string Percent(const std::optional<Estimate>& estimate) {
  if (!estimate) return "–";
  const auto percent = [](double share) { return FormatFixed(100 * share, 0); };
  std::string value = percent(estimate->value) + " %";
  if (estimate->spread != Spread::kInterval) return value;
  return value + " [" + percent(estimate->low) + ", " + percent(estimate->high) + "]";
}

const std::string& Reference(const Comparison& comparison) {
  return comparison.rows[comparison.reference].name;
}

/// A column of the table of returns, after the row's name.
struct PlayColumn {
  std::string name;
  std::function<std::string(const RowSummary&)> of;
};

bool Any(const ChartData& data, const std::function<bool(const PlaySummary&)>& has) {
  return std::ranges::any_of(
      data.rows, [&](const RowSummary& summary) { return summary.play && has(*summary.play); });
}

/// "–" for rows that were not played.
PlayColumn OfPlay(const std::string& name,
                  const std::function<std::string(const PlaySummary&)>& of) {
  return {name, [of](const RowSummary& summary) {
            return summary.play ? of(*summary.play) : std::string("–");
          }};
}

std::string BeyondName(const ChartData& data) {
  return "at " + std::to_string(data.comparison.tasks[data.task].evaluation_episodes) +
         " episodes (beyond training)";
}

std::vector<PlayColumn> PlayColumns(const ChartData& data) {
  const Digits digits = DigitsOf(data.rows);
  const auto estimate = [&](const std::string& name, Estimate PlaySummary::*which) {
    return OfPlay(name, [=](const PlaySummary& play) { return digits.Of(play.*which); });
  };
  // The scored episode and how it compares; then what explains it; last what it took.
  std::vector<PlayColumn> columns = {
      estimate(data.plays() ? "return" : "error", &PlaySummary::last),
      OfPlay("of episode",
             [](const PlaySummary& play) { return std::to_string(play.scored_episode); }),
      OfPlay("difference", [=](const PlaySummary& play) {
        if (!play.difference) return std::string("–");
        return digits.Signed(play.difference->value) + digits.BoundsOf(*play.difference);
      })};
  // A column without a value in any row is left out.
  if (Any(data, [](const PlaySummary& play) { return play.improvement.has_value(); })) {
    columns.push_back(OfPlay("probability of improvement",
                             [](const PlaySummary& play) { return Percent(play.improvement); }));
  }
  const bool normalised = std::ranges::any_of(
      data.rows, [](const RowSummary& summary) { return summary.normalised.has_value(); });
  if (normalised) {
    columns.push_back({"normalised score", [](const RowSummary& summary) {
                         return summary.normalised ? kScores.Of(summary.normalised->last) : "–";
                       }});
  }
  if (Any(data, [](const PlaySummary& play) { return play.beyond.has_value(); })) {
    columns.push_back(
        OfPlay(BeyondName(data), [=](const PlaySummary& play) { return digits.Of(play.beyond); }));
  }
  columns.push_back(estimate("first episode", &PlaySummary::first));
  columns.push_back(estimate("mean within training", &PlaySummary::mean));
  columns.push_back(estimate("best within training", &PlaySummary::best));
  columns.push_back({"runs", [](const RowSummary& row) { return std::to_string(row.runs); }});
  columns.push_back(
      {"steps", [](const RowSummary& row) { return Short(static_cast<double>(row.steps)); }});
  columns.push_back(
      {"tokens", [](const RowSummary& row) { return Short(std::round(row.tokens)); }});
  return columns;
}

}  // namespace

Table PlayTable(const ChartData& data) {
  const std::vector<PlayColumn> columns = PlayColumns(data);
  Table table{.title = Capitalised(data.plays() ? "returns" : "held-out action errors") + " at " +
                       data.view.name,
              .caption = "",
              .header = {"row"},
              .rows = {}};
  for (const PlayColumn& column : columns) table.header.push_back(column.name);
  for (const RowSummary& summary : data.rows) {
    std::vector<std::string>& cells = table.rows.emplace_back();
    cells.push_back(data.comparison.rows[summary.row].name);
    for (const PlayColumn& column : columns) {
      cells.push_back(column.of(summary));
    }
  }
  return table;
}

std::string PlayTableNote(const Comparison& comparison) {
  const size_t rows = comparison.rows.size();
  std::string text = IntervalNote(comparison) + " The difference is to \"" + Reference(comparison) +
                     "\": runs from equal seeds are paired.";
  const auto differs = [&](const ComparedRun& run) {
    return run.scored_episode != comparison.runs.front().scored_episode;
  };
  if (std::ranges::any_of(comparison.runs, differs)) {
    text +=
        " A row that plays each episode from an empty context is compared on the episode on which "
        "the other row is scored. Two other rows that are scored on different episodes also meet "
        "different start states, which no interval includes.";
  }
  if (comparison.seeds.size() >= kFewestForInterval) {
    text +=
        " The probability of improvement is the probability that a run of the row is better than "
        "a run of \"" +
        Reference(comparison) + "\"; a tie counts half.";
  }
  if (rows > 2) {
    text += " With " + std::to_string(rows) +
            " rows, chance has a part in which one looks best; no interval includes this.";
  }
  return text;
}

Table CostTable(const ChartData& data) {
  Table table{
      .title = "Cost at " + data.view.name,
      .caption =
          "Peak memory: tensors alive at once while training, counted in the allocator. Times "
          "are means over training runs, that of an action is the least; measured while the "
          "comparison ran.",
      .header = {"row", "parameters", "context [time steps]", "training [s]", "tokens/s",
                 "peak memory [MiB]", "ms per action", "at [time steps]", "acting chain [KiB]"},
      .rows = {}};
  for (const RowSummary& summary : data.rows) {
    if (summary.runs == 0) continue;
    table.rows.push_back({data.comparison.rows[summary.row].name,
                          Short(static_cast<double>(summary.parameters)),
                          FormatFixed(summary.context_steps, 0),
                          FormatFixed(summary.train_seconds, 1), Short(summary.tokens_per_second),
                          FormatFixed(static_cast<double>(summary.peak_bytes) / (1 << 20), 1),
                          FormatFixed(summary.milliseconds_per_action, 2),
                          Short(static_cast<double>(summary.action_context)),
                          FormatFixed(static_cast<double>(summary.state_bytes) / 1024, 1)});
  }
  return table;
}

Table OverallTable(const Comparison& comparison, const BudgetView& view) {
  Table table{
      .title = "All tasks at " + view.name,
      .caption =
          "Interquartile mean of the scores over all training runs of all tasks, each 100 × "
          "(return − zero) / (hundred − zero). Compared with \"" +
          Reference(comparison) + "\" as in the tables of the tasks.",
      .header = {"row", "interquartile mean", "difference", "probability of improvement"},
      .rows = {}};
  for (size_t row = 0; row < comparison.rows.size(); ++row) {
    const auto overall = SummariseOverall(comparison, row, view.budget);
    table.rows.push_back({comparison.rows[row].name,
                          overall ? kScores.Of(overall->interquartile_mean) : "–",
                          overall ? kScores.Of(overall->difference) : "–",
                          overall ? Percent(overall->improvement) : "–"});
  }
  return table;
}

Table DataTable(const Comparison& comparison) {
  Table table{.title = "Data",
              .caption =
                  "Hash: of all contents. Score zero and hundred: the returns that "
                  "normalise to 0 and 100.",
              .header = {"task", "data", "hash", "episodes", "steps", "mean return", "best return",
                         "score zero", "score hundred", "from"},
              .rows = {}};
  for (size_t i = 0; i < comparison.tasks.size(); ++i) {
    const ComparedTask& task = comparison.tasks[i];
    const ReturnReference score = ScoresOf(comparison, i);
    table.rows.push_back(
        {TaskName(task), task.data, task.data_hash, Short(static_cast<double>(task.episodes)),
         Short(static_cast<double>(task.steps)), Short(task.mean_return), Short(task.best_return),
         Short(score.zero), Short(score.hundred), score.source});
  }
  return table;
}

}  // namespace longplay
