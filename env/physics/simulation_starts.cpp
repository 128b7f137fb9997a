// SPDX-License-Identifier: MIT
// How episodes start: the part of SimulationBatch behind Reset().
#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "env/physics/apply_batch.h"
#include "env/physics/simulation_batch.h"

namespace longplay {
namespace {

constexpr int kFewStarts = 32;

/// Episodes that are started together, in ascending order of their simulations (mjb_apply takes no
/// other): the k-th with the k-th generator.
struct EpisodeStarts {
  SimulationBatch* batch;
  std::vector<int> simulations;
  std::vector<RandomGenerator> randoms;

  size_t place(int simulation) const {
    return std::ranges::lower_bound(simulations, simulation) - simulations.begin();
  }
  /// On any thread: draws the k-th start in `data`.
  void Start(const mjModel* model, mjData* data, size_t k) {
    const int i = simulations[k];
    mj_resetData(model, data);
    const Simulation simulation = {model, data, batch->parameter(i)};
    batch->task->Initialize(simulation, randoms[k]);
    batch->task->Observe(
        simulation, SimulationBatch::Row(batch->observations, i, batch->spec.observation_size));
  }
};

[[noreturn]] void Fail(const SimulationBatch& all, mjBatch* batch, int count) {
  std::string problem;
  for (int k = 0; k < count; ++k) {
    if (mjb_status(batch)[k] != 0) problem = mjb_error(batch, k);
  }
  throw std::runtime_error("starting an episode: " + all.spec.id + ": " + problem);
}

}  // namespace

void SimulationBatch::DrawModel(int64_t i, RandomGenerator& random) {
  if (fields->empty()) return;
  // From the model's own values, not from those of the episode before.
  fields->Restore(i);
  task->WriteModel(parameter(i), random, fields->rows(i));
  if (!task->model_constants_change()) return;
  const int id = static_cast<int>(i);
  mjb_setConst(batch.get(), &id, 1);
}

void SimulationBatch::CopyModel(int64_t i, int starter) {
  if (fields->empty()) return;
  for (size_t k = 0; k < fields->names().size(); ++k) {
    std::ranges::copy(fields->row(k, i), starter_fields->row(k, starter).begin());
  }
  if (task->model_constants_change()) mjb_setConst(starters.get(), &starter, 1);
}

void SimulationBatch::Start(std::span<const int64_t> simulations, std::span<const uint64_t> seeds) {
  std::vector<std::pair<int, uint64_t>> ordered;
  for (size_t k = 0; k < simulations.size(); ++k) {
    ordered.emplace_back(static_cast<int>(simulations[k]), seeds[k]);
  }
  std::ranges::sort(ordered);
  // Starters: as many episodes at once as there are of them.
  const bool in_place = task->reset_disable_flags() == 0;
  const size_t at_once = in_place ? ordered.size() : starts.size();
  for (size_t first = 0; first < ordered.size(); first += at_once) {
    const size_t count = std::min(at_once, ordered.size() - first);
    const auto part = std::span(ordered).subspan(first, count);
    in_place ? StartInPlace(part) : StartInStarters(part);
  }
  for (int64_t i : simulations) task_steps[i] = over[i] = 0;
}

void SimulationBatch::StartInPlace(std::span<const std::pair<int, uint64_t>> episodes) {
  EpisodeStarts call = {this, {}, {}};
  for (const auto& [i, seed] : episodes) {
    call.simulations.push_back(i);
    DrawModel(i, call.randoms.emplace_back(seed, RandomGenerator::Stream::kEpisode));
  }
  const auto begin = [](const mjModel* model, mjData* data, int i, void* argument) {
    auto& starting = *static_cast<EpisodeStarts*>(argument);
    starting.Start(model, data, starting.place(i));
  };
  // A start takes microseconds, waking the threads many more: a few are done one by one, here.
  const auto count = static_cast<int>(episodes.size());
  const int together = count < kFewStarts ? 1 : count;
  for (int k = 0; k < count; k += together) {
    if (ApplyToBatch(batch.get(), &call.simulations[k], together, begin, &call, 1) != 0) {
      Fail(*this, batch.get(), static_cast<int>(options.batch));
    }
  }
}

void SimulationBatch::StartInStarters(std::span<const std::pair<int, uint64_t>> episodes) {
  EpisodeStarts call = {this, {}, {}};
  std::vector<int> used;
  // Phase 1: generators and model fields, one simulation after another.
  for (const auto& [i, seed] : episodes) {
    used.push_back(static_cast<int>(used.size()));
    call.simulations.push_back(i);
    DrawModel(i, call.randoms.emplace_back(seed, RandomGenerator::Stream::kEpisode));
    CopyModel(i, used.back());
  }
  // Phase 2, on all threads: starter k draws episode k's start.
  const auto begin = [](const mjModel* model, mjData* data, int k, void* argument) {
    auto& starting = *static_cast<EpisodeStarts*>(argument);
    starting.Start(model, data, k);
    mj_copyData(starting.batch->starts[k].get(), model, data);
  };
  // Phase 3, on all threads: starts go to their simulations.
  const auto copy = [](const mjModel* model, mjData* data, int i, void* argument) {
    const auto& starting = *static_cast<const EpisodeStarts*>(argument);
    mj_copyData(data, model, starting.batch->starts[starting.place(i)].get());
  };
  const int count = static_cast<int>(used.size());
  if (ApplyToBatch(starters.get(), used.data(), count, begin, &call, 0) != 0) {
    Fail(*this, starters.get(), count);
  }
  ApplyToBatch(batch.get(), call.simulations.data(), count, copy, &call, 1);
}

}  // namespace longplay
