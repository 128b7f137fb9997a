// SPDX-License-Identifier: MIT
#include "agent/summary/comparison_tables.h"

#include <algorithm>
#include <cmath>

#include "agent/report/report_text.h"

namespace longplay {
namespace {

std::string Short(double value) { return FormatNumber(value); }

/// Estimates of one size in equally many digits: three of the largest, so that columns can be read
/// down.
class Digits {
 public:
  explicit Digits(double largest)
      : decimals_(largest > 0
                      ? std::clamp(2 - static_cast<int>(std::floor(std::log10(largest))), 0, 5)
                      : 2) {}

  std::string Of(double value) const { return FormatFixed(value, decimals_); }
  std::string Of(const Estimate& estimate) const {
    return Of(estimate.value) + " [" + Of(estimate.low) + ", " + Of(estimate.high) + "]";
  }
  std::string Of(const std::optional<Estimate>& estimate) const {
    return estimate ? Of(*estimate) : "–";
  }

 private:
  int decimals_;
};

const Digits kScores(10);  // normalised ones

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
  return percent(estimate->value) + " % [" + percent(estimate->low) + ", " +
         percent(estimate->high) + "]";
}

const std::string& Reference(const Comparison& comparison) {
  return comparison.rows[comparison.reference].name;
}

std::string TaskName(const ComparedTask& task) {
  if (!task.name.empty()) return task.name;
  return task.environment.empty() ? task.data : task.environment;
}

/// The row with the best last episode among those that are done, or none.
const RowSummary* BestRow(const ChartData& data) {
  const RowSummary* best = nullptr;
  for (const RowSummary& summary : data.rows) {
    if (!summary.play) continue;
    const double sign = data.plays() ? 1 : -1;
    if (best == nullptr || sign * summary.play->last.value > sign * best->play->last.value) {
      best = &summary;
    }
  }
  return best;
}

}  // namespace

Table PlayTable(const ChartData& data) {
  const bool normalised = std::ranges::any_of(
      data.rows, [](const RowSummary& summary) { return summary.normalised.has_value(); });
  Table table{.title = Capitalised(data.plays() ? "returns" : "held-out action errors") + " at " +
                       data.view.name,
              .caption = IntervalNote(data.comparison) +
                         " Difference and probability compare the last episode with that of \"" +
                         Reference(data.comparison) +
                         "\": equal training seeds are paired; the probability is that of a run "
                         "being better than one of the reference, a tie counting half.",
              .header = {"row", "last episode", "difference", "probability of improvement"},
              .rows = {}};
  if (normalised) table.header.emplace_back("last episode, normalised");
  for (const char* name : {"first episode", "mean", "best of all", "runs", "steps", "tokens"}) {
    table.header.emplace_back(name);
  }
  const Digits digits = DigitsOf(data.rows);
  for (const RowSummary& summary : data.rows) {
    const auto shown = [&](Estimate PlaySummary::*which) {
      return summary.play ? digits.Of(*summary.play.*which) : "–";
    };
    std::vector<std::string> cells = {data.comparison.rows[summary.row].name,
                                      shown(&PlaySummary::last),
                                      summary.play ? digits.Of(summary.play->difference) : "–",
                                      summary.play ? Percent(summary.play->improvement) : "–"};
    if (normalised) {
      cells.push_back(summary.normalised ? kScores.Of(summary.normalised->last) : "–");
    }
    for (const std::string& cell :
         {shown(&PlaySummary::first), shown(&PlaySummary::mean), shown(&PlaySummary::best),
          std::to_string(summary.runs), Short(static_cast<double>(summary.steps)),
          Short(std::round(summary.tokens))}) {
      cells.push_back(cell);
    }
    table.rows.push_back(cells);
  }
  return table;
}

Table CostTable(const ChartData& data) {
  Table table{
      .title = "Cost at " + data.view.name,
      .caption =
          "Peak memory: tensors alive at once while training, counted in the "
          "allocator. Times are means over training runs, measured while the "
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
  Table table{.title = "All tasks at " + view.name,
              .caption =
                  "Interquartile mean of the last episodes' scores over all training runs "
                  "of all tasks, resampled within each task. A score is 100 × (return − "
                  "zero) / (hundred − zero); the data table has both. Compared with \"" +
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
                  "normalised scores are measured by.",
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

std::string Finding(const ChartData& data) {
  const RowSummary* best = BestRow(data);
  if (best == nullptr) return "";
  const Digits digits = DigitsOf(data.rows);
  const ComparedTask& task = data.comparison.tasks[data.task];
  std::string text = TaskName(task) + ", " + data.view.name +
                     ": the best last episode is that of \"" +
                     data.comparison.rows[best->row].name + "\", " + digits.Of(best->play->last);
  const std::optional<Estimate>& difference = best->play->difference;
  if (!difference)
    return text + (best->row == data.comparison.reference ? ", the reference." : ".");
  const bool clear = difference->low > 0 || difference->high < 0;
  return text + "; the difference to \"" + Reference(data.comparison) + "\" is " +
         digits.Of(*difference) +
         (clear ? "." : ", an interval that holds zero: no difference is shown.");
}

}  // namespace longplay
