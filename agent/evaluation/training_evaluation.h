// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/training/step_evaluator.h"
#include "datasets/store/episode_set.h"

namespace longplay {

/// Short evaluations every evaluate.every steps: returns of evaluate.every_seeds contexts where there
/// is a simulator, and how well actions are predicted in episodes that were kept out of training.
///   return_first, return_last, return_mean  of the episodes of a context, means over the contexts;
///                                           the last is the one that a row is scored on
///                                           (ScoredEpisode): later ones are not played
///   validation_loss                         what training minimises, without dropout and penalties,
///                                           in as many chains as a step draws
///   validation_error                        see ActionErrorResult; means over the steps
class TrainingEvaluation : public StepEvaluator {
 public:
  /// `options` are fitted to the data. `validation`: data.validation's share, or none.
  /// Throws std::invalid_argument when there is nothing to measure with.
  TrainingEvaluation(const RunOptions& options, std::optional<EpisodeSet> validation);

  std::vector<std::string> columns() const override;
  std::vector<double> Measure(const TensorMap& weights, const PolicyRecord& record) override;

 private:
  bool plays_;
  std::optional<EpisodeSet> validation_;
};

}  // namespace longplay
