// SPDX-License-Identifier: MIT
#include "agent/evaluation/evaluation_request.h"

#include <torch/utils.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <stdexcept>

#include "agent/batches/load_data.h"
#include "agent/config/config_json.h"
#include "agent/evaluation/action_error.h"
#include "agent/evaluation/evaluation.h"
#include "agent/learners/choose_device.h"
#include "agent/version.h"

namespace longplay {
namespace {

constexpr int kSchema = 1;

/// FNV-1a of a file's bytes, as text.
std::string FileHash(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  uint64_t hash = 0xCBF29CE484222325ULL;
  std::vector<char> part(1 << 20);
  while (file.read(part.data(), static_cast<std::streamsize>(part.size())), file.gcount() > 0) {
    for (std::streamsize i = 0; i < file.gcount(); ++i) {
      hash = (hash ^ static_cast<unsigned char>(part[i])) * 0x100000001B3ULL;
    }
  }
  return std::to_string(hash);
}

/// What may differ between training seeds of one policy is taken out.
nlohmann::json PolicyConfig(const RunOptions& options) {
  nlohmann::json config = ConfigToJson(options);
  // Data are compared by their hash; evaluation, seed and logging make no other policy.
  config.erase("data");
  config.erase("evaluate");
  for (const char* key : {"seed", "device", "log_every", "checkpoint_every", "keep_checkpoints"}) {
    config["train"].erase(key);
  }
  // One level, "/chain/episodes": differences have a name.
  return config.flatten();
}

/// Refuses what is not the policy of `head` trained from another seed.
void CheckSamePolicy(const LoadedPolicy& head, const LoadedPolicy& run) {
  const auto refuse = [&](const std::string& expected, const std::string& got) {
    throw std::invalid_argument("evaluating runs: " + run.folder + ": expected " + expected +
                                " as in " + head.folder + ", got " + got);
  };
  const nlohmann::json expected = PolicyConfig(head.record.options);
  const nlohmann::json got = PolicyConfig(run.record.options);
  for (const auto& [key, value] : expected.items()) {
    if (!got.contains(key) || got[key] != value) {
      std::string name = key.substr(1);  // "/chain/episodes"
      std::ranges::replace(name, '/', '.');
      refuse(name + " " + value.dump(), got.value(key, nlohmann::json()).dump());
    }
  }
  if (got.size() != expected.size()) refuse("the same configuration", "more layers or files");
  if (head.record.data_hash != run.record.data_hash) refuse("the same data", "other data");
}

/// Before anything is played: all runs load and are training seeds of one policy.
void CheckRuns(const std::vector<RequestedRun>& runs) {
  if (runs.empty()) throw std::invalid_argument("evaluating runs: expected a run, got none");
  if (runs.size() == 1) return;
  const LoadedPolicy head = LoadPolicy(runs.front().folder, torch::kCPU);
  // A seed twice would count one policy twice in the interval over runs.
  std::set<uint64_t> seeds;
  for (const RequestedRun& run : runs) {
    const LoadedPolicy policy = LoadPolicy(run.folder, torch::kCPU);
    CheckSamePolicy(head, policy);
    const uint64_t seed = policy.record.options.train.seed;
    if (seeds.insert(seed).second) continue;
    throw std::invalid_argument("evaluating runs: " + run.folder +
                                ": expected a training seed of its own, got " +
                                std::to_string(seed) + " a second time");
  }
}

nlohmann::json CheckpointJson(const ChosenCheckpoint& chosen) {
  nlohmann::json json = {
      {"choice", chosen.choice}, {"step", chosen.policy.record.step}, {"selection", nullptr}};
  if (chosen.selection_seeds == 0) return json;
  nlohmann::json scores = nlohmann::json::array();
  for (const CheckpointScore& score : chosen.scores) {
    scores.push_back({{"step", score.step}, {"last", score.last}});
  }
  json["selection"] = {{"rule", "highest mean return of the last episode, on seeds of its own"},
                       {"seed", chosen.selection_seed},
                       {"seeds", chosen.selection_seeds},
                       {"scores", std::move(scores)}};
  return json;
}

nlohmann::json RunJson(const std::string& folder, const ChosenCheckpoint& chosen) {
  const PolicyRecord& record = chosen.policy.record;
  return {{"run", folder},
          {"train_seed", record.options.train.seed},
          {"data_hash", std::to_string(record.data_hash)},
          {"weights_hash", FileHash(chosen.policy.folder + "/weights.safetensors")},
          {"checkpoint", CheckpointJson(chosen)},
          {"config", ConfigToJson(record.options)}};
}

nlohmann::json Circumstances(const EvaluationRequest& request, const torch::Device& device) {
  nlohmann::json files = nlohmann::json::array();
  for (const std::string& file : request.data) files.push_back(file);
  return {{"schema", kSchema},
          {"kind", request.data.empty() ? "returns" : "action_error"},
          {"versions", Versions()},
          {"options", EvaluateToJson(request.options)},
          {"data", files},
          {"machine",
           {{"device", device.str()},
            {"processor", Processor()},
            {"threads", torch::get_num_threads()}}}};
}

/// Counts what is done over the runs and the choices of their checkpoints.
class Progress {
 public:
  Progress(const EvaluationRequest& request, std::function<void(int64_t, int64_t)> tell)
      : tell_(std::move(tell)), each_(Each(request)) {
    for (const RequestedRun& run : request.runs) total_ += Choice(request, run) + each_;
  }

  static int64_t Choice(const EvaluationRequest& request, const RequestedRun& run) {
    const int64_t seeds = run.checkpoint.selection_seeds;
    return CandidateCount(run.folder, run.checkpoint) * request.options.episodes *
           (seeds > 0 ? seeds : request.options.seeds);
  }
  /// Units of a run beside its choice.
  static int64_t Each(const EvaluationRequest& request) {
    return request.options.seeds * (request.data.empty() ? request.options.episodes : 1);
  }

  /// The next `units` of the whole: what is told there counts from 0.
  std::function<void(int64_t)> Part(int64_t units) {
    const int64_t before = before_;
    before_ += units;
    return [this, before](int64_t done) {
      if (tell_) tell_(before + done, total_);
    };
  }
  int64_t each() const { return each_; }

 private:
  std::function<void(int64_t, int64_t)> tell_;
  int64_t each_, total_ = 0, before_ = 0;
};

template <typename Result>
nlohmann::json Document(const EvaluationRequest& request, const torch::Device& device,
                        const std::vector<ChosenCheckpoint>& chosen,
                        const std::vector<Result>& results) {
  // All runs together, how they were made, then each run alone.
  nlohmann::json json = ToJson(std::span<const Result>(results));
  json.update(Circumstances(request, device));
  json["runs"] = nlohmann::json::array();
  for (size_t i = 0; i < results.size(); ++i) {
    nlohmann::json run = ToJson(std::span<const Result>(&results[i], 1));
    run.update(RunJson(request.runs[i].folder, chosen[i]));
    json["runs"].push_back(std::move(run));
  }
  if (results.size() == 1) {
    json["run"] = request.runs.front().folder;
    json["checkpoint_step"] = chosen.front().policy.record.step;
  }
  return json;
}

}  // namespace

EvaluateOptions DefaultOptions(const EvaluationRequest& request) {
  const RunOptions trained =
      ChooseCheckpoint(request.runs.at(0).folder, {}, {}, torch::kCPU).policy.record.options;
  EvaluateOptions options = trained.evaluate;
  if (!request.data.empty()) options.episodes = trained.chain.episodes;
  return options;
}

nlohmann::json RunEvaluation(const EvaluationRequest& request,
                             const std::function<void(int64_t, int64_t)>& on_progress) {
  // Phase 1: checks, before anything is played.
  const torch::Device device = ChooseDevice(request.device);
  CheckRuns(request.runs);
  Progress progress(request, on_progress);
  // Phase 2: checkpoints of all runs, which may mean playing each one.
  std::vector<ChosenCheckpoint> chosen;
  for (const RequestedRun& run : request.runs) {
    chosen.push_back(ChooseCheckpoint(run.folder, run.checkpoint, request.options, device,
                                      progress.Part(Progress::Choice(request, run))));
  }
  if (request.data.empty()) {
    // Phase 3 without data: returns in the environment.
    std::vector<EvaluationResult> results;
    results.reserve(chosen.size());
    for (const ChosenCheckpoint& run : chosen) {
      results.push_back(Evaluate(run.policy, request.options, progress.Part(progress.each())));
    }
    return Document(request, device, chosen, results);
  }
  // Phase 3 with data: errors of actions, in the same chains for every run.
  const EpisodeSet set = LoadData({.files = request.data});
  const ActionErrorOptions options{.chains = request.options.seeds,
                                   .episodes = request.options.episodes,
                                   .seed = request.options.seed};
  std::vector<ActionErrorResult> results;
  results.reserve(chosen.size());
  for (const ChosenCheckpoint& run : chosen) {
    results.push_back(MeasureActionError(run.policy, set, options, progress.Part(progress.each())));
  }
  nlohmann::json json = Document(request, device, chosen, results);
  json["data_hash"] = std::to_string(set.hash());
  return json;
}

}  // namespace longplay
