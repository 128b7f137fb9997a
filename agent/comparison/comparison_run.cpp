// SPDX-License-Identifier: MIT
#include "agent/comparison/comparison_run.h"

#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <stdexcept>

#include "agent/batches/load_data.h"
#include "agent/comparison/run_metrics.h"
#include "agent/config/config.h"
#include "agent/config/config_difference.h"
#include "agent/evaluation/acting_cost.h"
#include "agent/evaluation/action_error.h"
#include "agent/evaluation/evaluation_request.h"
#include "agent/evaluation/result_file.h"
#include "agent/evaluation/training_evaluation.h"
#include "agent/files/atomic_write.h"
#include "agent/learners/choose_device.h"
#include "agent/training/train.h"
#include "agent/version.h"
#include "model/memory/memory_meter.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

std::string Text(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

Json ReadJson(const std::string& path) { return Json::parse(Text(path), nullptr, false); }

std::string Value(const Json& json, const char* key) {
  return json.is_object() && json.contains(key) && json[key].is_string() ? json[key] : "";
}

std::string TrainingRecordFile(const std::string& run) { return run + "/training.json"; }

/// What training leaves for the outcome: the peak of tensors, which of a run that goes on is the
/// larger of both, and in the end the number of parameters.
class TrainingRecord {
 public:
  explicit TrainingRecord(const std::string& run) : path_(TrainingRecordFile(run)) {
    const Json json = ReadJson(path_);
    if (json.is_object()) peak_ = json.value("peak_bytes", int64_t{0});
    // Only what training adds counts: all data of the comparison are there already.
    InstallMemoryMeter();
    before_ = CurrentTensorBytes();
    ResetPeakTensorBytes();
  }
  void Update() {
    const int64_t now = PeakTensorBytes() - before_;
    if (now <= peak_) return;
    // Written as it grows, so that a run that goes on after a kill knows it.
    peak_ = now;
    Write({{"peak_bytes", peak_}});
  }
  void Finish(int64_t parameters) const {
    Write({{"peak_bytes", peak_}, {"parameters", parameters}});
  }

 private:
  void Write(const Json& json) const {
    WriteAtomically(path_, json.dump(), "writing what training took");
  }

  std::string path_;
  int64_t before_ = 0, peak_ = 0;
};

/// What training left in the folder.
RunOutcome TrainingOutcome(const std::string& run) {
  const RunMetrics metrics = ReadMetrics(run);
  const Json training = ReadJson(TrainingRecordFile(run));
  RunOutcome outcome;
  outcome.steps = metrics.steps;
  outcome.losses = metrics.losses;
  outcome.measured = MeasuredCurves(metrics);
  outcome.tokens_per_second = MedianTokensPerSecond(metrics);
  outcome.train_seconds = TrainingSeconds(metrics);
  outcome.parameters = training.at("parameters");
  outcome.peak_bytes = training.at("peak_bytes");
  return outcome;
}

/// [decisions] of an episode, on average.
int64_t MeanLength(const std::vector<std::vector<int64_t>>& lengths) {
  int64_t sum = 0, count = 0;
  for (const std::vector<int64_t>& chain : lengths) {
    sum += std::accumulate(chain.begin(), chain.end(), int64_t{0});
    count += static_cast<int64_t>(chain.size());
  }
  return std::max<int64_t>(1, sum / std::max<int64_t>(count, 1));
}

/// Plays the last checkpoint; evaluation.json is a result that `longplay eval --verify` repeats.
/// Returns the mean length of an episode.
int64_t Play(const RunWork& work, const RunObserver& observer, RunOutcome& outcome) {
  const EvaluationRequest request{.runs = {{.folder = work.folder}},
                                  .options = work.options.evaluate};
  const Json result = RunEvaluation(request, [&](int64_t done, int64_t) {
    if (observer.on_evaluating) observer.on_evaluating(done);
  });
  WriteResult(work.folder + "/evaluation.json", result);
  outcome.returns = result.at("returns");
  outcome.diverged = result.at("diverged");
  outcome.notes = result.at("notes");
  const Json& reference = result.at("reference");
  if (reference.contains("score_0")) {
    outcome.reference = ReturnReference{.zero = reference.at("score_0"),
                                        .hundred = reference.at("score_100"),
                                        .source = reference.at("source")};
  }
  return MeanLength(result.at("lengths"));
}

/// Compares actions with the held-out data's, which the policy sees in chains as in training: the
/// ends of chains that are the same for all rows, so that all are scored on the same episodes.
/// Returns the mean length of an episode.
int64_t Predict(const RunWork& work, const RunObserver& observer, RunOutcome& outcome) {
  const EpisodeSet set = LoadData({.files = work.held_out});
  const EvaluateOptions& evaluate = work.options.evaluate;
  const ActionErrorResult result = MeasureActionError(
      LoadPolicy(work.folder, torch::kCPU), set,
      {.chains = evaluate.seeds, .drawn = evaluate.episodes, .seed = evaluate.seed},
      [&](int64_t chains) {
        if (observer.on_evaluating) observer.on_evaluating(chains);
      });
  // Mean error of each episode; NaN where a chain has no action to compare.
  for (const std::vector<PlaceSums>& chain : result.by_episode) {
    std::vector<double>& errors = outcome.errors.emplace_back();
    for (const PlaceSums& sums : chain) {
      errors.push_back(sums.steps > 0 ? sums.error / static_cast<double>(sums.steps) : NAN);
    }
  }
  return std::max<int64_t>(1, set.steps() / set.episodes());
}

std::string Hash(const std::string& text) {
  uint64_t hash = 0xcbf29ce484222325ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
  return digits;
}

RunOptions ConfigOfCheckpoint(const std::string& checkpoint) {
  return ParseConfig(Text(checkpoint + "/config.yaml"), checkpoint + "/config.yaml", {});
}

void EvaluateRun(const RunWork& work, const RunObserver& observer, RunOutcome& outcome) {
  const bool plays = !work.options.evaluate.environment.empty();
  const int64_t episode_steps =
      plays ? Play(work, observer, outcome) : Predict(work, observer, outcome);
  // With a context as long as that of the evaluation's last episode.
  const ActingCost cost =
      MeasureActing(LoadPolicy(work.folder, torch::kCPU),
                    {.episodes = work.options.evaluate.episodes, .episode_steps = episode_steps});
  outcome.milliseconds_per_action = cost.milliseconds;
  outcome.action_context = cost.context;
  outcome.state_bytes = cost.state_bytes;
}

/// Now, as "2026-01-31 23:59".
std::string DateInUtc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M", &parts);
  return text;
}

}  // namespace

RunHashes HashesOf(const RunOptions& options, const std::string& data_hash,
                   const std::vector<std::string>& held_out) {
  return {
      .training = Hash(ConfigOf(options, {KeyRole::kPolicy, KeyRole::kSchedule, KeyRole::kData}) +
                       data_hash),
      .evaluation = Hash(ConfigOf(options, {KeyRole::kEvaluation}) + Json(held_out).dump())};
}

std::optional<RunOutcome> ReadOutcome(const std::string& folder, const RunHashes& hashes) {
  const std::string path = folder + "/result.json";
  const Json json = ReadJson(path);
  const std::string config = Value(json, "config");
  if (config.empty() || !json.contains("outcome")) return std::nullopt;
  const RunOptions made_with = ParseConfig(config, path, {});
  const auto held_out = json.value("held_out", std::vector<std::string>());
  // Earlier versions predicted other episodes for each length of a chain.
  const bool predicted = made_with.evaluate.environment.empty();
  if (predicted && !json.contains("same_last_episodes")) return std::nullopt;
  // As it was written, or from the configuration itself: a version that knows other keys hashes
  // otherwise, and its results stay what they are.
  const RunHashes written = {Value(json, "training_hash"), Value(json, "evaluation_hash")};
  if (written != hashes && HashesOf(made_with, Value(json, "data_hash"), held_out) != hashes) {
    return std::nullopt;
  }
  return OutcomeFromJson(json["outcome"], path);
}

RunState StateOf(const RunWork& work) {
  if (ReadOutcome(work.folder, work.hashes)) return RunState::kDone;
  // Without a result: whose run this is, and how far, by its newest checkpoint. A damaged one tells
  // nothing: Train goes on from the one before, and says what is wrong where there is none.
  const std::string newest = NewestCheckpoint(work.folder);
  if (newest.empty()) return RunState::kNew;
  const std::string checkpoint = NewestReadableCheckpoint(work.folder);
  if (checkpoint.empty()) return RunState::kStarted;
  const std::string data_hash = Value(ReadJson(checkpoint + "/policy.json"), "data_hash");
  if (HashesOf(ConfigOfCheckpoint(checkpoint), data_hash, {}).training != work.hashes.training) {
    return RunState::kAnother;
  }
  // The number of parameters is written once training is over.
  const Json training = ReadJson(TrainingRecordFile(work.folder));
  const bool over = training.is_object() && training.contains("parameters");
  return over && checkpoint == newest ? RunState::kTrained : RunState::kStarted;
}

void RefuseAnotherRun(const RunWork& work) {
  if (StateOf(work) != RunState::kAnother) return;
  const std::string checkpoint = NewestReadableCheckpoint(work.folder);
  const auto differences = DifferencesBetween(ConfigOfCheckpoint(checkpoint), work.options);
  std::string shown;
  for (const KeyRole role : {KeyRole::kPolicy, KeyRole::kSchedule, KeyRole::kData}) {
    const std::string some = ShownDifferences(differences, role);
    if (!some.empty()) shown += (shown.empty() ? "" : "; ") + some;
  }
  // The hashes differ and no key does.
  if (shown.empty()) shown = "other data";
  throw std::invalid_argument("comparing: " + work.folder + ": holds another run, expected " +
                              shown + " (choose another --out, or --replace to train it anew)");
}

void RemoveAnotherRun(const RunWork& work) {
  if (StateOf(work) == RunState::kAnother) fs::remove_all(work.folder);
}

void TrainRun(const RunWork& work, const RunObserver& observer) {
  RefuseAnotherRun(work);
  const RunState state = StateOf(work);
  if (state == RunState::kTrained || state == RunState::kDone) return;
  fs::create_directories(work.folder);
  TrainingRecord record(work.folder);
  std::optional<TrainingEvaluation> evaluation;
  if (work.options.evaluate.every > 0) evaluation.emplace(work.options, work.validation);
  // kResume also begins where there is no checkpoint.
  const TrainingResult result = Train(
      work.options, work.data, work.folder, RunStart::kResume,
      [&](const TrainingProgress& progress) {
        record.Update();
        if (observer.on_training) observer.on_training(progress);
      },
      evaluation ? &*evaluation : nullptr);
  record.Finish(result.parameters);
}

RunOutcome PerformRun(const RunWork& work, const RunObserver& observer) {
  // Training that is done is not done again; playing is.
  TrainRun(work, observer);
  RunOutcome outcome = TrainingOutcome(work.folder);
  if (observer.on_trained) observer.on_trained();
  EvaluateRun(work, observer, outcome);
  outcome.machine = {.processor = Processor(),
                     .device = ChooseDevice(work.options.train.device).str(),
                     .threads = torch::get_num_threads()};
  outcome.date = DateInUtc();
  // The last file of the folder: while it is missing, the run is not done.
  const Json json = {{"config", ConfigToYaml(work.options)},
                     {"data_hash", std::to_string(work.data.hash())},
                     {"held_out", work.held_out},
                     {"training_hash", work.hashes.training},
                     {"evaluation_hash", work.hashes.evaluation},
                     {"same_last_episodes", true},
                     {"versions", Versions()},
                     {"outcome", ToJson(outcome)}};
  WriteAtomically(work.folder + "/result.json", json.dump(1) + "\n", "writing results");
  return outcome;
}

}  // namespace longplay
