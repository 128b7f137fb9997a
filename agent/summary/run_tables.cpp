// SPDX-License-Identifier: MIT
#include "agent/summary/run_tables.h"

#include <algorithm>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "agent/charts/shown_text.h"
#include "agent/scores/statistics.h"
#include "agent/summary/digits.h"

namespace longplay {
namespace {

/// A cell and where it leads to.
struct LinkedCell {
  std::string text, link = {};
};

double MeanReturn(const ComparedRun& run, const Pick& pick, bool all) {
  const auto sample = SampleOf::kTrainingRuns;
  const std::vector<double> mean =
      all ? SamplesOfAll({&run}, sample, pick) : Samples({&run}, sample, pick);
  return mean.empty() ? NAN : mean.front();
}

bool IsBeyond(const ComparedRun& run) {
  const size_t played = MeasuredOf(*run.outcome).front().size();
  return ScoredEpisodes(run, played) < played;
}

/// What runs were made on, if it is one machine.
std::set<std::string> Machines(const Comparison& comparison) {
  std::set<std::string> machines;
  for (const ComparedRun& run : comparison.runs) {
    if (run.outcome && !run.outcome->machine.text().empty()) {
      machines.insert(run.outcome->machine.text());
    }
  }
  return machines;
}

/// Which columns there are: those that say something.
struct RunColumns {
  bool task = false, beyond = false, diverged = false, machine = false;
};

RunColumns ColumnsOf(const Comparison& comparison) {
  RunColumns columns{.task = comparison.tasks.size() > 1,
                     .machine = Machines(comparison).size() > 1};
  for (const ComparedRun& run : comparison.runs) {
    if (!run.outcome) continue;
    columns.beyond = columns.beyond || IsBeyond(run);
    columns.diverged = columns.diverged || run.outcome->diverged > 0;
  }
  return columns;
}

/// What was measured: some tasks may have a simulator and others not.
std::string MeasuresOf(const Comparison& comparison) {
  const auto plays = std::ranges::count_if(comparison.tasks, PlaysIn);
  if (plays == 0) return "error";
  return plays == std::ssize(comparison.tasks) ? "return" : "return or error";
}

std::vector<std::string> HeaderOf(const RunColumns& columns, const std::string& measure) {
  std::vector<std::string> header = {"run"};
  if (columns.task) header.emplace_back("task");
  header.insert(header.end(), {"seed", "steps", measure, "of episode"});
  if (columns.beyond) header.emplace_back("last episode (beyond training)");
  if (columns.diverged) header.emplace_back("episodes in which the simulation diverged");
  header.insert(header.end(), {"training [s]", "configuration", "finished (UTC)"});
  if (columns.machine) header.emplace_back("machine");
  return header;
}

std::vector<LinkedCell> CellsOf(const Comparison& comparison, const ComparedRun& run,
                                const RunColumns& columns, const Digits& digits) {
  // In the order of HeaderOf.
  const RunOutcome& outcome = *run.outcome;
  const size_t played = MeasuredOf(outcome).front().size();
  std::vector<LinkedCell> cells = {{comparison.rows[run.row].name, run.folder + "/"}};
  if (columns.task) cells.push_back({TaskName(comparison.tasks[run.task])});
  cells.push_back({std::to_string(run.seed)});
  cells.push_back({FormatNumber(static_cast<double>(run.steps))});
  cells.push_back({digits.Of(MeanReturn(run, Last, false))});
  cells.push_back({std::to_string(ScoredEpisodes(run, played))});
  if (columns.beyond) {
    cells.push_back({IsBeyond(run) ? digits.Of(MeanReturn(run, Last, true)) : "–"});
  }
  if (columns.diverged) cells.push_back({std::to_string(outcome.diverged)});
  cells.push_back({FormatFixed(outcome.train_seconds, 1)});
  cells.push_back({"config.yaml", run.folder + "/config.yaml"});
  cells.push_back({outcome.date.empty() ? "–" : outcome.date});
  if (columns.machine) cells.push_back({outcome.machine.text()});
  return cells;
}

Digits DigitsOfTask(const Comparison& comparison, size_t task) {
  double largest = 0;
  for (const ComparedRun& run : comparison.runs) {
    if (run.task != task || !run.outcome) continue;
    const double value = MeanReturn(run, Last, false);
    if (std::isfinite(value)) largest = std::max(largest, std::abs(value));
  }
  return Digits(largest);
}

}  // namespace

Table RunTable(const std::vector<std::vector<ChartData>>& views) {
  const Comparison& comparison = views.front().front().comparison;
  const RunColumns columns = ColumnsOf(comparison);
  Table table{.title = "Runs",
              .caption =
                  "Links lead to each run's folder and configuration; they work while these lie "
                  "beside this file. Returns are means over evaluation seeds.",
              .header = HeaderOf(columns, MeasuresOf(comparison)),
              .rows = {}};
  const std::set<std::string> machines = Machines(comparison);
  if (machines.size() == 1) table.caption += " All were made on: " + *machines.begin() + ".";
  // By task and row, whenever the runs were made.
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    const Digits digits = DigitsOfTask(comparison, task);
    for (size_t row = 0; row < comparison.rows.size(); ++row) {
      for (const ComparedRun& run : comparison.runs) {
        if (run.task != task || run.row != row || !run.outcome) continue;
        table.rows.emplace_back();
        table.links.emplace_back();
        for (const LinkedCell& cell : CellsOf(comparison, run, columns, digits)) {
          table.rows.back().push_back(cell.text);
          table.links.back().push_back(cell.link);
        }
      }
    }
  }
  return table;
}

Table NoteTable(const Comparison& comparison) {
  Table table{.title = "Played beyond training",
              .caption = "",
              .header = {"row", "in this evaluation, the policy"},
              .rows = {}};
  if (comparison.tasks.size() > 1) table.header.insert(table.header.begin() + 1, "task");
  // Runs from other seeds say the same: once.
  std::set<std::vector<std::string>> known;
  for (const ComparedRun& run : comparison.runs) {
    if (!run.outcome) continue;
    for (const std::string& note : run.outcome->notes) {
      std::vector<std::string> cells = {comparison.rows[run.row].name, note};
      if (comparison.tasks.size() > 1) {
        cells.insert(cells.begin() + 1, TaskName(comparison.tasks[run.task]));
      }
      if (known.insert(cells).second) table.rows.push_back(cells);
    }
  }
  return table;
}

Table DifferenceTable(const Comparison& comparison) {
  Table table{.title = "What differs between the rows",
              .caption =
                  "Every key that is not the same for all rows. Steps and seeds are in the table "
                  "of runs.",
              .header = {"row"},
              .rows = {}};
  for (const auto& [key, value] : comparison.rows.front().values) table.header.push_back(key);
  if (table.header.size() == 1) return table;
  for (const ComparedRow& row : comparison.rows) {
    table.rows.push_back({row.name});
    for (const auto& [key, value] : row.values) table.rows.back().push_back(value);
  }
  return table;
}

}  // namespace longplay
