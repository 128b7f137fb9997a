// SPDX-License-Identifier: MIT
#include "agent/batches/load_data.h"

#include "agent/progress_bar.h"
#include "datasets/store/validation_split.h"

namespace longplay {

EpisodeSet LoadData(const DataOptions& options, LoadProgress progress) {
  StoreOptions store;
  store.place = options.place;
  store.memory_budget = options.memory_budget << 20;
  store.pack.folder = options.cache;
  store.labels = options.labels;
  if (progress == LoadProgress::kShown) {
    store.on_progress = ProgressOfLongWork("read data", "steps");
    store.pack.on_progress = ProgressOfLongWork("pack data", "steps");
  }
  return EpisodeSet::Load(options.files, store);
}

TrainingData LoadTrainingData(const RunOptions& options, LoadProgress progress) {
  const EpisodeSet all = LoadData(options.data, progress);
  if (options.data.validation == 0) return {.training = all};
  // Chains of one history: then whole histories are kept out, or training would know half of them.
  const bool by_history = options.chain.source == ChainSource::kHistory;
  const ValidationSplit split =
      SplitForValidation(all, options.data.validation,
                         by_history ? ValidationUnit::kHistory : ValidationUnit::kEpisode);
  return {.training = split.training, .validation = split.validation};
}

}  // namespace longplay
