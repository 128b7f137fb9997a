// SPDX-License-Identifier: MIT
#include "agent/evaluation/training_evaluation.h"

#include <torch/types.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <utility>

#include "agent/batches/passes.h"
#include "agent/batches/training_batch.h"
#include "agent/batches/training_tokens.h"
#include "agent/evaluation/action_error.h"
#include "agent/evaluation/evaluation.h"
#include "agent/runs/checkpoint.h"
#include "agent/runs/scored_episode.h"
#include "datasets/chains/chain_batches.h"
#include "model/policy/action_head.h"

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

/// The head's loss, without dropout and penalties, in as many chains as a step of training draws.
double MeanLoss(const LoadedPolicy& policy, const EpisodeSet& set) {
  const torch::NoGradGuard no_grad;
  const RunOptions& options = policy.record.options;
  ChainOptions chain = options.chain;
  chain.random_maps = 0;  // as it acts
  chain.symmetry = ChainSymmetry::kNone;
  const ChainBatches source(set, policy.record.normalizer, chain, ChainsPerStep(options, set));
  PolicyNetwork network = policy.network;
  const auto tensor_options = network->parameters().front().options().requires_grad(false);
  // The same chains at every evaluation.
  std::mt19937_64 random(options.evaluate.seed);
  const std::vector<ChainWindow> drawn = source.Draw(random);
  double loss = 0, steps = 0;
  for (const auto& part :
       SplitIntoPasses(drawn, {.steps = StepsPerPass(options)}, source.packed())) {
    std::vector<Batch> pass(1);
    source.Load(part, pass[0]);
    const TrainingBatch batch = ToTrainingBatches(pass, 0, 0, tensor_options).front();
    loss += ActionLoss(options.model.head, network->Predict(batch.inputs).output,
                       batch.target_actions, batch.in_loss)
                .sum.item<double>();
    steps += static_cast<double>(batch.steps_in_loss);
  }
  return steps > 0 ? loss / steps : NAN;
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
  if (validation_) columns.insert(columns.end(), {"validation_loss", "validation_error"});
  return columns;
}

std::vector<double> TrainingEvaluation::Measure(const TensorMap& weights,
                                                const PolicyRecord& record) {
  const LoadedPolicy policy = PolicyOf(weights, record);
  std::vector<double> figures;
  if (plays_) {
    // With a number of seeds of its own, because it is done often, and within what is trained.
    EvaluateOptions options = record.options.evaluate;
    options.seeds = options.every_seeds;
    options.episodes = ScoredEpisode(record.options);
    const EvaluationResult result = Evaluate(policy, options);
    for (const auto measure :
         {longplay::Measure::kFirst, longplay::Measure::kLast, longplay::Measure::kMean}) {
      figures.push_back(Mean(result.PerSeed(measure)));
    }
  }
  if (validation_) {
    figures.push_back(MeanLoss(policy, *validation_));
    figures.push_back(MeanError(MeasureActionError(
        policy, *validation_,
        {.chains = record.options.evaluate.seeds, .seed = record.options.evaluate.seed})));
  }
  return figures;
}

}  // namespace longplay
