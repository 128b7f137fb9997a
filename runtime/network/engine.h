// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/files/policy_facts.h"
#include "runtime/network/chain.h"
#include "runtime/network/layers.h"
#include "runtime/network/step_store.h"
#include "runtime/network/token_maker.h"

namespace longplay::runtime {

/// Steps in, outputs of the head out, for several chains whose contexts differ in length: no
/// padding, each row is a token of some chain.
class StepEngine {
 public:
  /// Consecutive steps of one chain.
  struct StepSpan {
    ActingChain* chain;
    StepStore steps;
    int64_t count;
    float* output;              // [P] of the last step; null = it is not asked for
    float* features = nullptr;  // [D] what the head reads there; null = not asked for
  };

  StepEngine(const PolicyFacts& facts, WeightLoader& weights, const ContextRoom& room,
             int64_t chains);

  void TakeContext(Arena& arena, ActingChain& chain) const;
  /// The chain's context is as new.
  void Forget(ActingChain& chain) const;

  /// At most steps_at_once() steps of all spans together, a chain in one span alone.
  void Feed(const Kernels& kernels, const StepSpan* spans, int64_t count) const;
  /// Any number of steps of one chain.
  void FeedAll(const Kernels& kernels, const StepSpan& all) const;

  int64_t steps_at_once() const { return room_.rows / tokens_.tokens_per_step(); }
  const ActingLayers& layers() const { return layers_; }
  const TokenMaker& tokens() const { return tokens_; }
  int64_t memory_floats() const { return m_ * D_; }
  int64_t saved_bytes(const ActingChain& chain) const { return layers_.saved_bytes(chain.seen); }

 private:
  void RunRows(const Kernels& kernels, ActingChain& chain, float* x, int64_t rows) const;
  void RunSegments(const Kernels& kernels, ActingChain& chain, float* x, int64_t rows) const;
  void ReadHead(const Kernels& kernels, const StepSpan* spans, int64_t count) const;

  int64_t D_, P_, m_, segment_;
  ContextRoom room_;
  StepLayout layout_;
  TokenMaker tokens_;
  ActingLayers layers_;
  NormWeights final_norm_, memory_norm_;
  MapWeights head_;
  const float* memory_ = nullptr;  // [m, D] that a first segment reads
  // Work: tokens [R, D], a map of them [R, D], memory tokens [m, D], outputs [R, P].
  float *x_ = nullptr, *work_ = nullptr, *memory_rows_ = nullptr, *outputs_ = nullptr;
  TokenRun* runs_ = nullptr;      // [R]
  int64_t* last_rows_ = nullptr;  // [R] of each span
};

}  // namespace longplay::runtime
