// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace longplay {
namespace {

using Json = nlohmann::json;

/// JSON has no number for what is not finite: it is written as null.
std::vector<double> Numbers(const Json& json) {
  std::vector<double> numbers;
  for (const Json& number : json) numbers.push_back(number.is_null() ? NAN : number.get<double>());
  return numbers;
}

std::vector<std::vector<double>> Rows(const Json& json) {
  std::vector<std::vector<double>> rows;
  for (const Json& row : json) rows.push_back(Numbers(row));
  return rows;
}

Json OrNull(const std::optional<ReturnReference>& reference) {
  if (!reference) return nullptr;
  return {
      {"zero", reference->zero}, {"hundred", reference->hundred}, {"source", reference->source}};
}

std::optional<ReturnReference> Reference(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return ReturnReference{
      .zero = json.at("zero"), .hundred = json.at("hundred"), .source = json.at("source")};
}

Json Names(const std::vector<Budget>& budgets) {
  Json names = Json::array();
  for (const Budget budget : budgets) names.push_back(BudgetName(budget));
  return names;
}

std::vector<Budget> Budgets(const Json& json) {
  std::vector<Budget> budgets;
  for (const Json& name : json) {
    budgets.push_back(name == "tokens" ? Budget::kTokens : Budget::kSteps);
  }
  return budgets;
}

/// `read`, with its failure named.
template <typename Read>
auto Reading(const std::string& path, const Read& read) {
  try {
    return read();
  } catch (const Json::exception& error) {
    throw std::runtime_error("reading results: " + path +
                             ": expected results of a comparison, got " + error.what());
  }
}

Json ToJson(const ComparedRow& row) {
  const auto list = [](const std::vector<std::pair<std::string, std::string>>& pairs) {
    Json json = Json::array();
    for (const auto& [key, value] : pairs) json.push_back({key, value});
    return json;
  };
  return {{"name", row.name},
          {"line", row.line},
          {"settings", list(row.settings)},
          {"values", list(row.values)},
          {"in_grid", row.in_grid}};
}

ComparedRow RowFromJson(const Json& json) {
  ComparedRow row{.name = json.at("name"),
                  .line = json.at("line"),
                  .settings = {},
                  .in_grid = json.at("in_grid")};
  for (const Json& setting : json.at("settings")) {
    row.settings.emplace_back(setting.at(0), setting.at(1));
  }
  for (const Json& value : json.value("values", Json::array())) {
    row.values.emplace_back(value.at(0), value.at(1));
  }
  return row;
}

Json ToJson(const ComparedTask& task) {
  return {{"name", task.name},
          {"environment", task.environment},
          {"data", task.data},
          {"about", task.about},
          {"levels", task.levels},
          {"data_hash", task.data_hash},
          {"episodes", task.episodes},
          {"steps", task.steps},
          {"mean_return", task.mean_return},
          {"best_return", task.best_return},
          {"evaluation_seeds", task.evaluation_seeds},
          {"evaluation_episodes", task.evaluation_episodes}};
}

ComparedTask TaskFromJson(const Json& json) {
  return {.name = json.at("name"),
          .environment = json.at("environment"),
          .data = json.at("data"),
          .about = json.value("about", ""),
          .levels = json.value("levels", std::vector<std::pair<std::string, double>>{}),
          .data_hash = json.at("data_hash"),
          .episodes = json.at("episodes"),
          .steps = json.at("steps"),
          .mean_return = json.at("mean_return"),
          .best_return = json.at("best_return"),
          .evaluation_seeds = json.at("evaluation_seeds"),
          .evaluation_episodes = json.at("evaluation_episodes")};
}

Json ToJson(const ComparedRun& run) {
  return {{"row", run.row},
          {"task", run.task},
          {"seed", run.seed},
          {"budgets", Names(run.budgets)},
          {"steps", run.steps},
          {"tokens", run.tokens},
          {"context_episodes", run.context_episodes},
          {"scored_episode", run.scored_episode},
          {"episodes_apart", run.episodes_apart},
          {"context_steps", run.context_steps},
          {"folder", run.folder},
          {"training_hash", run.hashes.training},
          {"evaluation_hash", run.hashes.evaluation}};
}

ComparedRun RunFromJson(const Json& json) {
  return {
      .row = json.at("row"),
      .task = json.at("task"),
      .seed = json.at("seed"),
      .budgets = Budgets(json.at("budgets")),
      .steps = json.at("steps"),
      .tokens = json.at("tokens"),
      .context_episodes = json.at("context_episodes"),
      .scored_episode = json.value("scored_episode", int64_t{0}),
      .episodes_apart = json.value("episodes_apart", false),
      .context_steps = json.at("context_steps"),
      .folder = json.at("folder"),
      .hashes = {.training = json.at("training_hash"), .evaluation = json.at("evaluation_hash")}};
}

Json ToJson(const RunMachine& machine) {
  return {
      {"processor", machine.processor}, {"device", machine.device}, {"threads", machine.threads}};
}

RunMachine MachineFromJson(const Json& json) {
  return {.processor = json.value("processor", ""),
          .device = json.value("device", ""),
          .threads = json.value("threads", int64_t{0})};
}

/// Comparisons of an earlier version do not say which episode is scored.
void AddScoredEpisode(const Comparison& comparison, ComparedRun& run) {
  if (run.scored_episode > 0) return;
  const int64_t played = comparison.tasks.at(run.task).evaluation_episodes;
  const bool simulated = !comparison.tasks[run.task].environment.empty();
  run.episodes_apart = simulated && run.context_episodes == 1;
  // As ScoredEpisode says, but for windows, of which such a file says nothing.
  run.scored_episode = !simulated                  ? run.context_episodes
                       : run.context_episodes == 1 ? played
                                                   : std::min(run.context_episodes, played);
}

Json ToJson(const std::map<std::string, TrainingCurve>& measured) {
  Json json = Json::object();
  for (const auto& [name, curve] : measured) {
    json[name] = {{"steps", curve.steps}, {"values", curve.values}};
  }
  return json;
}

std::map<std::string, TrainingCurve> MeasuredFromJson(const Json& json) {
  std::map<std::string, TrainingCurve> measured;
  for (const auto& [name, curve] : json.items()) {
    measured[name] = {.steps = Numbers(curve.at("steps")), .values = Numbers(curve.at("values"))};
  }
  return measured;
}

}  // namespace

std::string RunMachine::text() const {
  if (processor.empty()) return "";
  return processor + ", " + device + ", " + std::to_string(threads) +
         (threads == 1 ? " thread" : " threads");
}

Json ToJson(const RunOutcome& outcome) {
  return {{"steps", outcome.steps},
          {"losses", outcome.losses},
          {"measured", ToJson(outcome.measured)},
          {"parameters", outcome.parameters},
          {"train_seconds", outcome.train_seconds},
          {"tokens_per_second", outcome.tokens_per_second},
          {"peak_bytes", outcome.peak_bytes},
          {"returns", outcome.returns},
          {"diverged", outcome.diverged},
          {"notes", outcome.notes},
          {"reference", OrNull(outcome.reference)},
          {"errors", outcome.errors},
          {"milliseconds_per_action", outcome.milliseconds_per_action},
          {"action_context", outcome.action_context},
          {"state_bytes", outcome.state_bytes},
          {"machine", ToJson(outcome.machine)},
          {"date", outcome.date}};
}

RunOutcome OutcomeFromJson(const Json& json, const std::string& path) {
  return Reading(path, [&] {
    // Keys with a default are missing in results of earlier versions.
    return RunOutcome{.steps = Numbers(json.at("steps")),
                      .losses = Numbers(json.at("losses")),
                      .measured = MeasuredFromJson(json.value("measured", Json::object())),
                      .parameters = json.at("parameters"),
                      .train_seconds = json.at("train_seconds"),
                      .tokens_per_second = json.at("tokens_per_second"),
                      .peak_bytes = json.at("peak_bytes"),
                      .returns = Rows(json.at("returns")),
                      .diverged = json.at("diverged"),
                      .notes = json.value("notes", std::vector<std::string>()),
                      .reference = Reference(json.at("reference")),
                      .errors = Rows(json.at("errors")),
                      .milliseconds_per_action = json.at("milliseconds_per_action"),
                      .action_context = json.at("action_context"),
                      .state_bytes = json.at("state_bytes"),
                      .machine = MachineFromJson(json.value("machine", Json::object())),
                      .date = json.value("date", "")};
  });
}

Json ToJson(const Comparison& comparison) {
  // Runs name rows and tasks by their places in these lists.
  Json json = {{"title", comparison.title},
               {"command", comparison.command},
               {"versions", comparison.versions},
               {"budgets", Names(comparison.budgets)},
               {"seeds", comparison.seeds},
               {"reference", comparison.reference},
               {"rows", Json::array()},
               {"tasks", Json::array()},
               {"runs", Json::array()}};
  for (const ComparedRow& row : comparison.rows) json["rows"].push_back(ToJson(row));
  for (const ComparedTask& task : comparison.tasks) json["tasks"].push_back(ToJson(task));
  for (const ComparedRun& run : comparison.runs) json["runs"].push_back(ToJson(run));
  return json;
}

Comparison ComparisonFromJson(const Json& json, const std::string& path) {
  return Reading(path, [&] {
    Comparison comparison{.title = json.at("title"),
                          .command = json.at("command"),
                          .versions = json.at("versions"),
                          .budgets = Budgets(json.at("budgets")),
                          .seeds = json.at("seeds"),
                          .reference = json.at("reference")};
    for (const Json& row : json.at("rows")) comparison.rows.push_back(RowFromJson(row));
    for (const Json& task : json.at("tasks")) comparison.tasks.push_back(TaskFromJson(task));
    for (const Json& run : json.at("runs")) comparison.runs.push_back(RunFromJson(run));
    // Last, for it looks at the tasks.
    for (ComparedRun& run : comparison.runs) AddScoredEpisode(comparison, run);
    return comparison;
  });
}

const ComparedRun& FindRun(const Comparison& comparison, size_t row, size_t task, size_t seed,
                           Budget budget) {
  // Always found: a plan has a run for every row, task, seed and budget.
  return *std::ranges::find_if(comparison.runs, [&](const ComparedRun& run) {
    return run.row == row && run.task == task && run.seed == comparison.seeds[seed] &&
           std::ranges::find(run.budgets, budget) != run.budgets.end();
  });
}

}  // namespace longplay
