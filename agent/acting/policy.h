// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "agent/config/context_use.h"

namespace longplay {

class ActorPolicy;
struct PolicyRecord;

/// What a roll-out shows its policy before each decision of B chains. All in the task's units.
struct RolloutView {
  std::span<const double> observations;  // [B, O]
  std::span<const double> rewards;       // [B] of the previous decision; 0 at a chain's first
  std::span<const uint8_t> starts;       // [B] 1 = the first decision of an episode
  std::span<const uint8_t> active;       // [B] 0 = this chain has done all its episodes
};

struct PolicyOptions {
  int64_t chains = 1;      // B
  double target = 0;       // return asked for, in the task's units
  double target_step = 0;  // share of the target's size added after an episode that reached it
  bool sample = false;     // draw actions from the head instead of taking its mean
  uint64_t seed = 0;       // of those draws
  // What is remembered; see EvaluateOptions in agent/config/run_options.h for the meaning of the
  // defaults.
  ContextUse context = ContextUse::kAuto;
  int64_t window = 0;  // [steps]; 0 = as trained
  WindowUse window_use = WindowUse::kCached;
};

/// A trained policy acting for B chains at once, with everything it has seen in context (which
/// TD3+BC's policy ignores, like the target).
///
///   auto policy = ContextPolicy::Load("runs/hopper", {.target = 3000});
///   policy(view, actions);  // once per decision
///
/// Chains need not be in step with each other: each has a context of its own length. One that is no
/// longer active is dropped and must not become active again.
/// This header needs no LibTorch, so that programs that only want actions compile quickly.
class ContextPolicy {
 public:
  /// `path` is a run folder or a checkpoint. Throws std::runtime_error when it cannot be loaded,
  /// std::invalid_argument when it cannot act (a categorical head has no continuous actions).
  static ContextPolicy Load(const std::string& path, const PolicyOptions& options);

  /// Actions [B, A] in the data's units and inside its bounds; those of chains that are not active
  /// stay as they are. Costs O(context) per decision with attention, else O(1).
  void operator()(const RolloutView& view, std::span<double> actions);

  /// Takes a decision in that was made elsewhere: `actions` [B, A] in the data's units. Random
  /// numbers are used up as by a decision of its own.
  void Watch(const RolloutView& view, std::span<const double> actions);

  int64_t observation_size() const;  // O
  int64_t action_size() const;       // A
  double best_return() const;        // in the data it was trained on: the usual target
  int64_t context_bytes() const;     // of memory that the contexts take now
  double model_seconds() const;      // of all decisions so far, spent in the network

  struct Impl;
  explicit ContextPolicy(std::unique_ptr<Impl> impl);
  explicit ContextPolicy(std::unique_ptr<ActorPolicy> actor);
  ContextPolicy(ContextPolicy&&) noexcept;
  ~ContextPolicy();

 private:
  const PolicyRecord& record() const;

  std::unique_ptr<Impl> impl_;          // a sequence model, or
  std::unique_ptr<ActorPolicy> actor_;  // TD3+BC's policy, which needs no context
};

struct LoadedPolicy;
/// Whether each episode is a chain of its own when the policy is used so.
bool PlaysSingleEpisodes(const LoadedPolicy& policy, ContextUse use);
/// Whether the policy remembers the running episode alone.
bool ForgetsEpisodes(const LoadedPolicy& policy, ContextUse use);

/// The same from a policy in memory, which it shares.
ContextPolicy MakeContextPolicy(const LoadedPolicy& loaded, const PolicyOptions& options);

}  // namespace longplay
