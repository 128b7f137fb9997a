// SPDX-License-Identifier: MIT
// The part of agent/evaluation/evaluation.h that turns results into JSON.
#include <algorithm>
#include <array>
#include <utility>

#include "agent/evaluation/evaluation.h"
#include "agent/scores/statistics.h"

namespace longplay {
namespace {

constexpr std::array<std::pair<const char*, Measure>, 4> kMeasures = {{{"first", Measure::kFirst},
                                                                       {"last", Measure::kLast},
                                                                       {"mean", Measure::kMean},
                                                                       {"best", Measure::kBest}}};

/// What intervals resample: the seeds of the only run, or the runs.
template <typename Function>
std::vector<double> Units(std::span<const EvaluationResult> runs, Function per_seed) {
  if (runs.size() == 1) return per_seed(runs.front());
  std::vector<double> means;
  for (const EvaluationResult& run : runs) means.push_back(Mean(per_seed(run)));
  return means;
}

nlohmann::json ByEpisode(std::span<const EvaluationResult> runs) {
  nlohmann::json rows = nlohmann::json::array();
  for (size_t e = 0; e < runs.front().returns.front().size(); ++e) {
    nlohmann::json row = ToJson(BootstrapMean(Units(runs, [e](const EvaluationResult& run) {
      std::vector<double> values;
      for (const std::vector<double>& seed : run.returns) values.push_back(seed[e]);
      return values;
    })));
    row["episode"] = e;
    rows.push_back(std::move(row));
  }
  return rows;
}

nlohmann::json ReferenceJson(const std::optional<ReturnReference>& reference) {
  if (!reference) return {{"source", "none: returns are raw"}};
  return {{"source", reference->source},
          {"score_0", reference->zero},
          {"score_100", reference->hundred}};
}

/// Those of all runs, each once.
std::vector<std::string> Notes(std::span<const EvaluationResult> runs) {
  std::vector<std::string> notes;
  for (const EvaluationResult& run : runs) {
    for (const std::string& note : run.notes) {
      if (std::ranges::count(notes, note) == 0) notes.push_back(note);
    }
  }
  return notes;
}

void AddEpisodes(std::span<const EvaluationResult> runs, nlohmann::json& json) {
  json["returns"] = json["lengths"] = nlohmann::json::array();
  int64_t diverged = 0;
  double seconds = 0;
  for (const EvaluationResult& run : runs) {
    for (const auto& seed : run.returns) json["returns"].push_back(seed);
    for (const auto& seed : run.lengths) json["lengths"].push_back(seed);
    diverged += run.diverged;
    seconds += run.seconds;
  }
  json["diverged"] = diverged;
  json["seconds"] = seconds;
}

const char* NameOf(ActionChoice choice) {
  switch (choice) {
    case ActionChoice::kMean:
      return "mean";
    case ActionChoice::kSample:
      return "sample";
    case ActionChoice::kBestOf:
      return "best_of";
  }
  return "";
}

}  // namespace

nlohmann::json ToJson(std::span<const EvaluationResult> runs) {
  const EvaluationResult& head = runs.front();
  nlohmann::json json = {
      {"environment", head.environment},
      {"target", head.target},
      {"act", NameOf(head.act)},
      {"seed", head.seed},
      {"interval",
       IntervalJson(runs.size() == 1 ? "evaluation seeds of one checkpoint" : "training runs",
                    runs.size() == 1 ? head.returns.size() : runs.size())},
      {"reference", ReferenceJson(head.reference)},
      {"by_episode", ByEpisode(runs)},
      {"notes", Notes(runs)},
      {"normalized", nullptr}};
  AddEpisodes(runs, json);
  for (const auto& [name, measure] : kMeasures) {
    // Returns, and as scores where there is a reference.
    std::vector<double> units = Units(
        runs, [measure = measure](const EvaluationResult& run) { return run.PerSeed(measure); });
    json[name] = SummaryOf(units);
    if (!head.reference) continue;
    for (double& unit : units) unit = head.reference->Score(unit);
    json["normalized"][name] = SummaryOf(units);
  }
  return json;
}

nlohmann::json ToJson(const EvaluationResult& result) { return ToJson({&result, 1}); }

}  // namespace longplay
