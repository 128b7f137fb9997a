// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "runtime/acting/policy.h"
#include "runtime/acting/reading_queue.h"
#include "runtime/files/tensor_file.h"
#include "runtime/longplay.h"

namespace longplay::runtime {

/// What a policy did when it was exported: N decisions of one chain, in the task's units.
struct StoredProbe {
  int64_t steps = 0;                                           // N; 0 = none is stored
  std::vector<double> observations, rewards, starts, actions;  // [N, O], [N], [N], [N, C]
};

/// A policy, its memory, and its probe.
struct OpenedPolicy {
  struct FreeBlock {
    void operator()(std::byte* block) const;
  };
  std::unique_ptr<std::byte, FreeBlock> block;
  int64_t memory_bytes = 0, parameters = 0;
  std::unique_ptr<ActingPolicy> policy;
  std::unique_ptr<ReadingQueue> queue;
  uint64_t fingerprint = 0;  // of the weights and of what decides the contexts' layout
  StoredProbe probe;
  std::vector<double> probe_action;  // [C] to work in
};

/// Throws Failure.
std::unique_ptr<OpenedPolicy> OpenPolicy(const std::string& folder,
                                         const longplay_policy_options& options);

/// Plays the probe in chain 0, which begins anew: the largest difference of its actions, in the
/// policy's units; a discrete action that is another is 1. Steps that the options make different
/// (a shorter context, other episodes in it) are left out.
double PlayProbe(OpenedPolicy& opened, const longplay_policy_options& options);
/// What rounding may explain, by how numbers are held.
double ProbeTolerance(const ActingPolicy& policy);

}  // namespace longplay::runtime
