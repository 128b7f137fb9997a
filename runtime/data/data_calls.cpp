// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "datasets/chains/chain_batches.h"
#include "datasets/parquet/parquet_table.h"
#include "datasets/store/episode_set.h"
#include "datasets/validate.h"
#include "runtime/c_call.h"
#include "runtime/data/batch_copy.h"
#include "runtime/data/chain_options.h"
#include "runtime/data/dataset_text.h"
#include "runtime/data/longplay_data.h"
#include "runtime/data/step_draws.h"

struct longplay_dataset {
  longplay::EpisodeSet set;  // shares the steps with its copies
  longplay::Normalizer normalizer;
  std::string info;  // JSON
};

struct longplay_sampler {
  longplay_sampler(const longplay_dataset& data, const longplay_chain_options& c_options,
                   const longplay::ChainOptions& options, const longplay::Normalizer& units,
                   uint64_t seed)
      : set(data.set),
        normalizer(units),
        source(set, normalizer, options, c_options.chains,
               {.taken_actions = false, .outcomes = c_options.outcomes != 0}),
        draws(source, seed) {}

  longplay::EpisodeSet set;
  longplay::Normalizer normalizer;
  longplay::ChainBatches source;
  longplay::StepDraws draws;
};

struct longplay_batch {
  longplay::Batch batch;
  std::vector<longplay::ChainWindow> windows;
};

namespace longplay {
namespace {

thread_local std::string last_error;

template <typename Body>
int Call(const Body& body) {
  return CCall(last_error, body);
}

StoreOptions ToStoreOptions(const longplay_dataset_options& from) {
  StoreOptions options{.place = static_cast<StepPlace>(from.place),
                       .memory_budget = from.memory_budget};
  if (from.cache != nullptr) options.pack.folder = from.cache;
  if (from.progress != nullptr) {
    options.on_progress = [from](int64_t steps, int64_t of) {
      if (from.progress(from.context, steps, of) == 0) return;
      throw std::runtime_error("opening a data set: stopped by the caller");
    };
    options.pack.on_progress = options.on_progress;
  }
  return options;
}

std::vector<std::string> ToPaths(const char* const* paths, int64_t count) {
  RequirePointer(paths, "opening a data set", "paths");
  if (count < 1) {
    throw std::invalid_argument("opening a data set: count: expected at least 1, got " +
                                std::to_string(count));
  }
  std::vector<std::string> list;
  for (int64_t i = 0; i < count; ++i) {
    RequirePointer(paths[i], "opening a data set", "a path");
    list.emplace_back(paths[i]);
  }
  return list;
}

void CheckIndex(const char* what, int64_t index, size_t count) {
  if (index >= 0 && index < static_cast<int64_t>(count)) return;
  throw std::out_of_range(std::string(what) + ": expected a number from 0 to " +
                          std::to_string(static_cast<int64_t>(count) - 1) + ", got " +
                          std::to_string(index));
}

}  // namespace
}  // namespace longplay

using namespace longplay;  // NOLINT(google-build-using-namespace): this file is the edge

int longplay_data_version(void) { return LONGPLAY_DATA_VERSION; }
int longplay_data_parquet(void) { return HasParquet() ? 1 : 0; }
const char* longplay_data_error(void) { return last_error.c_str(); }

longplay_dataset_options longplay_dataset_defaults(void) {
  return {.size = sizeof(longplay_dataset_options),
          .place = LONGPLAY_PLACE_AUTO,
          .memory_budget = StoreOptions().memory_budget,
          .cache = nullptr,
          .progress = nullptr,
          .context = nullptr};
}

int longplay_dataset_open(const char* const* paths, int64_t count,
                          const longplay_dataset_options* options, longplay_dataset** data) {
  return Call([&] {
    RequirePointer(data, "opening a data set", "a place for it");
    *data = nullptr;
    EpisodeSet set = EpisodeSet::Load(ToPaths(paths, count), ToStoreOptions(KnownOptions(options)));
    Normalizer normalizer = set.ComputeNormalizer();
    std::string info = InfoText(set, normalizer);
    *data = new longplay_dataset{std::move(set), std::move(normalizer), std::move(info)};
  });
}

void longplay_dataset_close(longplay_dataset* data) {
  const std::unique_ptr<longplay_dataset> owned(data);
}

const char* longplay_dataset_info(const longplay_dataset* data) {
  return data == nullptr ? nullptr : data->info.c_str();
}

int longplay_dataset_episode(const longplay_dataset* data, int64_t index,
                             longplay_episode* episode) {
  return Call([&] {
    RequirePointer(data, "reading an episode", "a data set");
    RequirePointer(episode, "reading an episode", "a place for it");
    const EpisodeSet& set = data->set;
    CheckIndex("reading an episode", index, static_cast<size_t>(set.episodes()));
    const auto final_observation = set.final_observation(index);
    *episode = {.length = set.length(index),
                .observations = set.observations(index).data(),
                .actions = set.actions(index).data(),
                .rewards = set.rewards(index).data(),
                .final_observation = final_observation.empty() ? nullptr : final_observation.data(),
                .episode_return = set.episode_return(index),
                .history = set.history(index),
                .terminated = set.terminated(index) ? 1 : 0};
  });
}

int longplay_data_validate(const char* path, char** json) {
  return Call([&] {
    RequirePointer(path, "validating data", "a path");
    RequirePointer(json, "validating data", "a place for the text");
    *json = nullptr;
    const std::string text = ProblemsText(ValidateDataset(path));
    // The caller's: of the C library, as its free.
    auto* copy = static_cast<char*>(std::malloc(text.size() + 1));
    if (copy == nullptr) throw std::bad_alloc();
    std::memcpy(copy, text.c_str(), text.size() + 1);
    *json = copy;
  });
}

void longplay_data_free(char* text) { std::free(text); }

longplay_chain_options longplay_chain_defaults(void) {
  const ChainOptions options;
  return {.size = sizeof(longplay_chain_options),
          .chains = 1,
          .episodes = options.episodes,
          .skip = options.skip,
          .window = options.window,
          .order = static_cast<int>(options.order),
          .target = static_cast<int>(options.target),
          .loss = static_cast<int>(options.loss),
          .source = static_cast<int>(options.source),
          .boundary = static_cast<int>(options.boundary),
          .weight = static_cast<int>(options.weight),
          .rows = static_cast<int>(options.rows),
          .best_fraction = options.best_fraction,
          .temperature = options.temperature,
          .query_fraction = options.query_fraction,
          .random_maps = options.random_maps,
          .units = LONGPLAY_UNITS_POLICY,
          .outcomes = 0};
}

int longplay_sampler_open(const longplay_dataset* data, const longplay_chain_options* options,
                          uint64_t seed, longplay_sampler** sampler) {
  return Call([&] {
    RequirePointer(data, "sampling chains", "a data set");
    RequirePointer(sampler, "sampling chains", "a place for the sampler");
    *sampler = nullptr;
    const longplay_chain_options known = KnownOptions(options);
    const Normalizer& own = data->normalizer;
    *sampler = new longplay_sampler(*data, known, ToChainOptions(known),
                                    known.units == LONGPLAY_UNITS_POLICY
                                        ? own
                                        : UnitNormalizer(own.observation_size(), own.action_size()),
                                    seed);
  });
}

void longplay_sampler_close(longplay_sampler* sampler) {
  const std::unique_ptr<longplay_sampler> owned(sampler);
}

int longplay_batch_make(longplay_batch** batch) {
  return Call([&] {
    RequirePointer(batch, "making a batch", "a place for it");
    *batch = nullptr;
    *batch = new longplay_batch();
  });
}

void longplay_batch_close(longplay_batch* batch) {
  const std::unique_ptr<longplay_batch> owned(batch);
}

int longplay_sampler_load(longplay_sampler* sampler, int64_t step, longplay_batch* batch) {
  return Call([&] {
    RequirePointer(sampler, "sampling chains", "a sampler");
    RequirePointer(batch, "sampling chains", "a batch");
    batch->windows = sampler->draws.Draw(step);
    sampler->source.Load(batch->windows, batch->batch);
  });
}

int longplay_batch_arrays(longplay_batch* batch, longplay_batch_arrays_of* arrays) {
  return Call([&] {
    RequirePointer(batch, "reading a batch", "a batch");
    RequirePointer(arrays, "reading a batch", "a place for its arrays");
    *arrays = LendArrays(batch->batch);
  });
}

int longplay_batch_copy(const longplay_batch* batch, const longplay_batch_arrays_of* arrays) {
  return Call([&] {
    RequirePointer(batch, "copying a batch", "a batch");
    RequirePointer(arrays, "copying a batch", "a place for its arrays");
    CopyArrays(LendArrays(const_cast<Batch&>(batch->batch)), batch->batch.rows.observation_size,
               batch->batch.rows.action_size, *arrays);
  });
}

int longplay_batch_chain(const longplay_batch* batch, int64_t chain, longplay_chain_of* made_of) {
  return Call([&] {
    RequirePointer(batch, "reading a chain", "a batch");
    RequirePointer(made_of, "reading a chain", "a place for it");
    CheckIndex("reading a chain", chain, batch->windows.size());
    const ChainWindow& window = batch->windows[chain];
    *made_of = {.episodes = static_cast<int64_t>(window.chain.episodes.size()),
                .numbers = window.chain.episodes.data(),
                .targets = window.chain.targets.data(),
                .first = window.first,
                .length = window.length};
  });
}
