// SPDX-License-Identifier: MIT
#include "agent/batches/load_data.h"

#include <chrono>
#include <optional>

#include "agent/progress_bar.h"
#include "datasets/store/validation_split.h"

namespace longplay {

EpisodeSet LoadData(const DataOptions& options) {
  // A bar for each file that takes long enough to wonder.
  using Clock = std::chrono::steady_clock;
  std::optional<ProgressBar> bar;
  std::optional<Clock::time_point> start;
  const auto show = [&](const char* title) {
    return [&bar, &start, title](int64_t steps, int64_t of) {
      if (!start) start = Clock::now();
      if (!bar && Clock::now() - *start > std::chrono::seconds(1)) bar.emplace(title, of, "steps");
      if (bar) bar->Update(steps);
      if (steps < of) return;
      if (bar) bar->Finish();
      bar.reset();
      start.reset();
    };
  };
  const StoreOptions store = {.place = options.place,
                              .memory_budget = options.memory_budget << 20,
                              .on_progress = show("read data"),
                              .pack = {.folder = options.cache, .on_progress = show("pack data")}};
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
