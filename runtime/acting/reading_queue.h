// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "runtime/acting/batch_costs.h"
#include "runtime/acting/policy.h"
#include "runtime/longplay.h"
#include "runtime/mixers/arena.h"

namespace longplay::runtime {

/// Recorded steps of several chains, read in together: recordings in ascending order of what is
/// left of them are cut into groups by a dynamic program over measured costs, and a group is read
/// in rounds in which each of its chains takes as many steps as there are rows for.
/// Source: arXiv 2010.05680, section 5 (there groups are padded to their longest; here nothing is).
class ReadingQueue {
 public:
  ReadingQueue(ActingPolicy& policy, Arena& arena);

  BatchCosts& costs() { return costs_; }
  /// Checks and queues; the arrays stay the caller's.
  int Submit(const longplay_recording& recording, int64_t* ticket);
  bool Waits(int64_t chain) const { return waiting_[chain].steps != 0; }
  /// The chain's recording is forgotten.
  void Drop(int64_t chain) { waiting_[chain].steps = 0; }
  /// Reads whole rounds until `tokens` are read (below 0: all).
  int Poll(int64_t tokens);
  int64_t tokens_left() const;

 private:
  struct Waiting {
    longplay_recording recording;
    int64_t steps;  // of it; 0 = nothing waits
    int64_t done;
    int64_t left() const { return steps - done; }
  };
  int Check(const longplay_recording& recording) const;
  void Plan();
  void TakeGroup();
  double GroupCost(int64_t first, int64_t last) const;
  int64_t RunRound(int* code);
  int64_t EncodeSteps(int64_t chain, int64_t most, const StepStore& to, int* code);

  ActingPolicy& policy_;
  BatchCosts costs_;
  int64_t rows_ = 0;            // steps in a round, at most
  Waiting* waiting_ = nullptr;  // [B]
  // [B] chains that waited when it was planned, by what was left; of these: all, and those whose
  // group was taken.
  int64_t* order_ = nullptr;
  int64_t ordered_ = 0, next_ = 0;
  bool planned_ = true;       // nothing was submitted since
  int64_t* group_ = nullptr;  // [B] chains of the running group
  int64_t group_size_ = 0, tickets_ = 0;
  double* best_ = nullptr;                 // [B + 1] cost of the first i of order_
  int64_t* cuts_ = nullptr;                // [B + 1] where their last group begins
  int64_t* ends_ = nullptr;                // [B + 1] where the group that begins there ends
  StepStore steps_;                        // [rows]
  StepEngine::StepSpan* spans_ = nullptr;  // [rows]
};

}  // namespace longplay::runtime
