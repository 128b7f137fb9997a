// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include "runtime/files/policy_facts.h"
#include "runtime/kernels/kernels.h"
#include "runtime/mixers/weights.h"
#include "runtime/network/step_store.h"

namespace longplay::runtime {

/// Turns time steps into tokens, as model/policy/token_embedding.h does.
class TokenMaker {
 public:
  TokenMaker(const PolicyFacts& facts, WeightLoader& weights);

  /// `count` steps → tokens [count * tokens_per_step, D]. `work` holds [count, D].
  void Make(const Kernels& kernels, const StepStore& steps, int64_t count, float* tokens,
            float* work) const;

  int64_t tokens_per_step() const { return tokens_per_step_; }
  int64_t previous_tokens() const { return previous_tokens_; }

 private:
  struct Kind {
    MapWeights map;
    int64_t place;  // of its numbers in a step's row
  };
  void AddPlace(const int64_t* place, bool of_step_before, float* token) const;

  StepLayout layout_;
  int64_t D_, tokens_per_step_, previous_tokens_;
  bool interleaved_;
  Kind kinds_[5];
  int kind_count_ = 0;
  int64_t step_rows_ = 0, episode_rows_ = 0;
  const float *steps_ = nullptr, *episodes_ = nullptr;  // [rows, D]; null = tokens hold none
  const float *norm_ = nullptr, *norm_bias_ = nullptr, *offset_ = nullptr;  // [D]; null = none
};

}  // namespace longplay::runtime
