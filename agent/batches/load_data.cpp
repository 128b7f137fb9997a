// SPDX-License-Identifier: MIT
#include "agent/batches/load_data.h"

#include "agent/progress_bar.h"
#include "datasets/store/validation_split.h"

namespace longplay {

EpisodeSet LoadData(const DataOptions& options) {
  const StoreOptions store = {
      .place = options.place,
      .memory_budget = options.memory_budget << 20,
      .on_progress = ProgressOfLongWork("read data", "steps"),
      .pack = {.folder = options.cache, .on_progress = ProgressOfLongWork("pack data", "steps")}};
  return EpisodeSet::Load(options.files, store);
}

TrainingData LoadTrainingData(const RunOptions& options) {
  const EpisodeSet all = LoadData(options.data);
  if (options.data.validation == 0) return {.training = all};
  // Chains of one history: then whole histories are kept out, or training would know half of them.
  const bool by_history = options.chain.source == ChainSource::kHistory;
  const ValidationSplit split =
      SplitForValidation(all, options.data.validation,
                         by_history ? ValidationUnit::kHistory : ValidationUnit::kEpisode);
  return {.training = split.training, .validation = split.validation};
}

}  // namespace longplay
