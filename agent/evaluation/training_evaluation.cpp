// SPDX-License-Identifier: MIT
#include "agent/evaluation/training_evaluation.h"

#include <cmath>
#include <stdexcept>
#include <utility>

#include "agent/evaluation/action_error.h"
#include "agent/evaluation/evaluation.h"
#include "agent/runs/checkpoint.h"

namespace longplay {
namespace {

/// Over all steps of all chains.
double MeanError(const ActionErrorResult& result) {
  double error = 0, steps = 0;
  for (const std::vector<PlaceSums>& chain : result.by_episode) {
    for (const PlaceSums& sums : chain) {
      error += sums.error;
      steps += static_cast<double>(sums.steps);
    }
  }
  return steps > 0 ? error / steps : NAN;
}

bool IsSequence(const RunOptions& options) {
  return EntryOf(options.train.method).acts_with == ActsWith::kSequenceModel;
}

}  // namespace

TrainingEvaluation::TrainingEvaluation(const RunOptions& options,
                                       std::optional<EpisodeSet> validation)
    : plays_(!options.evaluate.environment.empty()), validation_(std::move(validation)) {
  // An actor that sees one observation has no chains to be measured on.
  if (!IsSequence(options)) validation_.reset();
  if (plays_ || validation_) return;
  throw std::invalid_argument(
      "evaluating while training: evaluate.every: expected an environment (evaluate.environment) "
      "or episodes kept out (data.validation) of a sequence model, got neither");
}

std::vector<std::string> TrainingEvaluation::columns() const {
  std::vector<std::string> columns;
  if (plays_) columns = {"return_first", "return_last", "return_mean"};
  if (validation_) columns.emplace_back("validation_error");
  return columns;
}

std::vector<double> TrainingEvaluation::Measure(const TensorMap& weights,
                                                const PolicyRecord& record) {
  const LoadedPolicy policy = PolicyOf(weights, record);
  std::vector<double> figures;
  if (plays_) {
    // With a number of seeds of its own, because it is done often.
    EvaluateOptions options = record.options.evaluate;
    options.seeds = options.every_seeds;
    const EvaluationResult result = Evaluate(policy, options);
    for (const auto measure :
         {longplay::Measure::kFirst, longplay::Measure::kLast, longplay::Measure::kMean}) {
      figures.push_back(Mean(result.PerSeed(measure)));
    }
  }
  if (validation_) {
    figures.push_back(MeanError(MeasureActionError(
        policy, *validation_,
        {.chains = record.options.evaluate.seeds, .seed = record.options.evaluate.seed})));
  }
  return figures;
}

}  // namespace longplay
