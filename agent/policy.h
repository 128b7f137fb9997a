// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

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
  int64_t chains = 1;   // B
  double target = 0;    // return asked for, in the task's units
  bool sample = false;  // draw actions from the head instead of taking its mean
  uint64_t seed = 0;    // of those draws
};

/// A trained policy acting for B chains at once, with everything it has seen in context (which
/// TD3+BC's policy ignores, like the target).
///
///   auto policy = ContextPolicy::Load("runs/hopper", {.target = 3000});
///   policy(view, actions);  // once per decision
///
/// This header needs no LibTorch, so that programs that only want actions compile quickly.
class ContextPolicy {
 public:
  /// `path` is a run folder or a checkpoint. Throws std::runtime_error when it cannot be loaded,
  /// std::invalid_argument when it cannot act (a categorical head has no continuous actions).
  static ContextPolicy Load(const std::string& path, const PolicyOptions& options);

  /// Actions [B, A] in the data's units and inside its bounds. Costs O(context) per decision.
  void operator()(const RolloutView& view, std::span<double> actions);

  int64_t observation_size() const;  // O
  int64_t action_size() const;       // A
  double best_return() const;        // in the data it was trained on: the usual target

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
/// The same from a policy in memory, which it shares.
ContextPolicy MakeContextPolicy(const LoadedPolicy& loaded, const PolicyOptions& options);

}  // namespace longplay
