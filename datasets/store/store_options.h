// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

namespace longplay {

/// Of packs: copies of a data set's steps as float32 arrays on disk, made once and then mapped
/// (datasets/store/pack.h has their layout).
struct PackOptions {
  std::filesystem::path folder;  // of packs; empty = beside the source
  // Called with the steps packed and their number; may be empty, may throw to stop.
  std::function<void(int64_t steps, int64_t of)> on_progress = {};
  int64_t save_every = int64_t{64} << 20;  // [bytes] packed that a kill may cost
};

/// Where the steps of a set are.
enum class StepPlace {
  kAuto,    // in memory if they take at most StoreOptions::memory_budget
  kMemory,  // read at once
  kMapped   // in a pack, made first if need be; memory does not grow
};

struct StoreOptions {
  StepPlace place = StepPlace::kAuto;
  int64_t memory_budget = int64_t{4} << 30;  // [bytes] of float32 steps, for kAuto
  // Called with the steps read into memory and their number; may be empty, may throw to stop.
  std::function<void(int64_t steps, int64_t of)> on_progress = {};
  PackOptions pack;
  // Array beside the steps (infos) with the action to predict at each step, as the file writes
  // actions, in place of the one that was taken; kept in memory. Empty = none.
  std::string labels = {};
};

}  // namespace longplay
