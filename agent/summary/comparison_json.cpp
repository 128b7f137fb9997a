// SPDX-License-Identifier: MIT
// The part of agent/summary/comparison_summary.h that prints summaries as JSON.
#include "agent/summary/comparison_summary.h"

namespace longplay {
namespace {

using Json = nlohmann::json;

Json OrNull(const std::optional<Estimate>& estimate) {
  return estimate ? ToJson(*estimate) : Json(nullptr);
}

void AddPlay(const std::optional<PlaySummary>& play, Json& json) {
  // Every key is there, null until something is known.
  for (const char* key :
       {"scored_episode", "first", "last", "mean", "best", "by_episode", "beyond_training",
        "difference_to_reference", "probability_of_improvement"}) {
    json[key] = nullptr;
  }
  if (!play) return;
  json["scored_episode"] = play->scored_episode;
  json["first"] = ToJson(play->first);
  json["last"] = ToJson(play->last);
  json["mean"] = ToJson(play->mean);
  json["best"] = ToJson(play->best);
  json["difference_to_reference"] = OrNull(play->difference);
  json["probability_of_improvement"] = OrNull(play->improvement);
  json["by_episode"] = Json::array();
  for (size_t e = 0; e < play->scored_episode; ++e) {
    json["by_episode"].push_back(ToJson(play->by_episode[e]));
  }
  // Apart, so that no mean takes both in.
  if (!play->beyond) return;
  json["beyond_training"] = {{"last", ToJson(*play->beyond)},
                             {"from_episode", play->scored_episode + 1},
                             {"by_episode", Json::array()}};
  for (size_t e = play->scored_episode; e < play->by_episode.size(); ++e) {
    json["beyond_training"]["by_episode"].push_back(ToJson(play->by_episode[e]));
  }
}

Json SettingsOf(const ComparedRow& row) {
  Json settings = Json::object();
  for (const auto& [key, value] : row.settings) settings[key] = value;
  return settings;
}

/// By column, then a list over the steps.
Json MeasuredToJson(const RowSummary& summary) {
  Json json = Json::object();
  for (const auto& [name, curve] : summary.measured) {
    json[name] = {{"steps", curve.steps}, {"values", Json::array()}};
    for (const Estimate& value : curve.values) json[name]["values"].push_back(ToJson(value));
  }
  return json;
}

Json RowToJson(const Comparison& comparison, const RowSummary& summary, const BudgetView& view) {
  const ComparedRow& row = comparison.rows[summary.row];
  const ComparedTask& task = comparison.tasks[summary.task];
  Json json = {{"name", row.name},
               {"settings", SettingsOf(row)},
               {"task", TaskName(task)},
               {"budget", view.name},
               {"seeds", summary.runs},
               {"steps", summary.steps},
               {"tokens", summary.tokens},
               {"measure", task.environment.empty() ? "held-out action error" : "return"},
               {"normalized", nullptr},
               {"context_episodes", summary.context_episodes},
               {"context_steps", summary.context_steps},
               {"parameters", summary.parameters},
               {"train_seconds", summary.train_seconds},
               {"tokens_per_second", summary.tokens_per_second},
               {"peak_bytes", summary.peak_bytes},
               {"milliseconds_per_action", summary.milliseconds_per_action},
               {"action_context", summary.action_context},
               {"state_bytes", summary.state_bytes},
               {"while_training", MeasuredToJson(summary)}};
  AddPlay(summary.play, json);
  if (summary.normalised) {
    json["normalized"] = Json::object();
    AddPlay(summary.normalised, json["normalized"]);
  }
  return json;
}

}  // namespace

Json RowsToJson(const Comparison& comparison) {
  Json rows = Json::array();
  for (size_t task = 0; task < comparison.tasks.size(); ++task) {
    for (const BudgetView& view : ViewsOf(comparison)) {
      for (size_t row = 0; row < comparison.rows.size(); ++row) {
        rows.push_back(RowToJson(comparison, Summarise(comparison, row, task, view.budget), view));
      }
    }
  }
  return rows;
}

}  // namespace longplay
