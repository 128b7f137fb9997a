// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/mixers/acting_mixer.h"

namespace longplay::runtime {

struct NormWeights {
  const float *weight = nullptr, *bias = nullptr;  // [D]; bias null = by the root mean square
  float epsilon = 0;

  void Run(const Kernels& kernels, const float* x, int64_t rows, int64_t D, float* y) const {
    for (int64_t r = 0; r < rows; ++r) {
      kernels.norm(x + r * D, D, weight, bias, epsilon, y + r * D);
    }
  }
};
NormWeights TakeNorm(WeightLoader& weights, const PolicyFacts& facts, const std::string& prefix,
                     bool layer_norm);

/// All layers, for rows of tokens of several chains:
///
///   x ─► [norm] ─► L × (norm ─► mixer ─► + ─► norm ─► second branch ─► +)
class ActingLayers {
 public:
  ActingLayers(const PolicyFacts& facts, WeightLoader& weights, const ContextRoom& room);

  /// x [rows, D] in place; contexts of the runs' chains take their rows in. Each run's context is
  /// the chain's block of context_bytes().
  void Run(const Kernels& kernels, const TokenRun* runs, int64_t count, int64_t rows,
           float* x) const;

  int64_t context_bytes() const { return context_bytes_; }  // of one chain
  void Start(std::byte* context) const;
  int64_t saved_bytes(int64_t seen) const;
  void Save(const std::byte* context, int64_t seen, std::byte* to) const;
  void Load(const std::byte* from, int64_t seen, std::byte* context) const;

  bool grows() const;  // whether any layer's context does until its room is full
  int64_t scratch_bytes() const { return scratch_bytes_; }
  // [floats] of the layer whose intermediate results need most: planned, alive at its worst
  // operation, and without sharing.
  int64_t planned() const { return planned_; }
  int64_t live() const { return live_; }
  int64_t apart() const { return apart_; }

 private:
  struct Branch {
    NormWeights norm;
    std::unique_ptr<ActingMixer> mixer;
    int64_t context = 0;  // [bytes] where its part of a chain's block begins
  };
  void RunBranch(const Branch& branch, LayerCall& call, float* x) const;

  int64_t D_, R_, context_bytes_ = 0, scratch_bytes_ = 0;
  int64_t planned_ = 0, live_ = 0, apart_ = 0;
  bool norms_first_ = false;
  NormWeights first_norm_;
  std::vector<Branch> branches_;  // of all layers, in their order
  float *scratch_ = nullptr, *first_values_ = nullptr;
  TokenRun* runs_ = nullptr;  // [R] of the branch that runs
};

}  // namespace longplay::runtime
