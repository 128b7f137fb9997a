// SPDX-License-Identifier: MIT
#include "agent/batches/load_data.h"

#include <optional>

#include "agent/progress_bar.h"
#include "datasets/store/validation_split.h"

namespace longplay {

EpisodeSet LoadData(const DataOptions& options) {
  // Shown only where something is packed.
  std::optional<ProgressBar> bar;
  StoreOptions store = {.place = options.place,
                        .memory_budget = options.memory_budget << 20,
                        .pack = {.folder = options.cache}};
  store.pack.on_progress = [&bar](int64_t steps, int64_t of) {
    if (!bar) bar.emplace("pack data", of, "steps");
    bar->Update(steps);
    if (steps < of) return;
    bar->Finish();
    bar.reset();  // the next file has its own
  };
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
