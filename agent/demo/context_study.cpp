// SPDX-License-Identifier: MIT
#include "agent/demo/context_study.h"

#include <torch/types.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>

#include "agent/progress_bar.h"
#include "agent/training/fit_to_data.h"
#include "agent/training/train.h"
#include "model/tensors/memory_meter.h"

namespace longplay {
namespace {

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

void TrainVariant(VariantResult& result, const TrajectorySet& set, const std::string& run,
                  const std::function<void(const std::string&)>& on_change) {
  const std::string status = "training " + result.variant.name;
  const int64_t steps = result.variant.options.train.steps;
  ProgressBar bar("  train " + result.variant.name, steps, "steps");
  const auto start = Clock::now();
  const int64_t bytes_before = CurrentTensorBytes();
  ResetPeakTensorBytes();
  std::filesystem::remove_all(run);  // of an earlier study in the same place
  result.training =
      Train(result.variant.options, set, run, RunStart::kFresh, [&](const TrainingProgress& p) {
        result.steps.push_back(static_cast<double>(p.step));
        result.losses.push_back(p.loss);
        char note[48];
        std::snprintf(note, sizeof note, "loss %.4f", p.loss);
        bar.Update(p.step, note);
        on_change(status);
      });
  result.peak_bytes = PeakTensorBytes() - bytes_before;
  result.train_seconds = SecondsSince(start);
  bar.Finish();
}

void EvaluateVariant(VariantResult& result, const std::string& run) {
  const LoadedPolicy policy = LoadPolicy(run, torch::kCPU);
  const EvaluateOptions& options = policy.record.options.evaluate;
  ProgressBar bar("  play  " + result.variant.name, options.seeds * options.episodes, "episodes");
  result.evaluation = Evaluate(policy, options, [&](int64_t episodes) { bar.Update(episodes); });
  bar.Finish();
  std::ofstream(std::filesystem::path(run) / "evaluation.json")
      << ToJson(*result.evaluation).dump(1);
}

}  // namespace

ContextStudy StartContextStudy(const std::string& title, const std::string& data_path,
                               const TrajectorySet& set) {
  ContextStudy study{.title = title, .data_path = data_path, .data = set.info()};
  std::vector<double> sums, counts;
  int64_t index = 0;
  for (int64_t e = 0; e < set.episodes(); ++e) {
    study.data_mean += set.episode_return(e) / static_cast<double>(set.episodes());
    study.data_best =
        e == 0 ? set.episode_return(e) : std::max(study.data_best, set.episode_return(e));
    index = e > 0 && set.history(e) == set.history(e - 1) ? index + 1 : 0;
    if (index >= static_cast<int64_t>(sums.size())) {
      sums.push_back(0);
      counts.push_back(0);
    }
    sums[index] += set.episode_return(e);
    counts[index] += 1;
  }
  for (size_t i = 0; i < sums.size(); ++i) study.history_means.push_back(sums[i] / counts[i]);
  return study;
}

void RunContextStudy(ContextStudy& study, const TrajectorySet& set, const std::string& folder,
                     const std::function<void(const std::string& status)>& on_change) {
  for (VariantResult& result : study.variants) {
    const std::string run = folder + "/" + result.variant.folder;
    TrainVariant(result, set, run, on_change);
    if (FitToData(result.variant.options, set).evaluate.environment.empty()) continue;
    on_change("evaluating " + result.variant.name);
    EvaluateVariant(result, run);
    on_change("evaluated " + result.variant.name);
  }
}

}  // namespace longplay
