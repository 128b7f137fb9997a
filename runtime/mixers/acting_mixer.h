// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>

#include "runtime/files/policy_facts.h"
#include "runtime/kernels/kernels.h"
#include "runtime/mixers/scratch_plan.h"
#include "runtime/mixers/weights.h"

namespace longplay::runtime {

/// Consecutive tokens of one chain among the rows of a call.
struct TokenRun {
  std::byte* context;  // of the chain in the layer that is called
  int64_t first_row, rows;
  int64_t seen;  // tokens of the chain that its layers saw before
};

/// What a layer's branch works on: `rows` tokens, those of each chain in their order.
struct LayerCall {
  const Kernels* kernels;
  const TokenRun* runs;
  int64_t run_count, rows;
  const float* residual;  // [R, D] the layer's input
  const float* x;         // [R, D] the same, normed
  float* y;               // [R, D] what the branch adds
  float* first_values;    // [R, D] handed on from RWKV-7's first layer
  float* scratch;         // of the layer's plan

  /// to [R, map.out] = map of from [R, stride].
  void Map(const MapWeights& map, const float* from, int64_t stride, float* to) const {
    kernels->map(map, {from, stride}, rows, {to, map.out});
  }
};

/// How much room contexts and calls need.
struct ContextRoom {
  int64_t tokens = 0;   // that a context without a bound of its own holds
  bool slides = false;  // whether it goes on as a window of so many, else it is full
  int64_t rows = 0;     // R: tokens in a call, at most
  int64_t cached = 0;   // rows of one chain in a call, at most
  NumberType type = NumberType::kFloat32;  // of keys and values
};

/// What a mixer (or RWKV's channel mix) needs when it is made.
struct MixerParts {
  const PolicyFacts* facts;
  const LayerFacts* layer;
  ContextRoom room;
  std::string prefix;  // of its tensors' names, with a dot
};

/// A sequence mixer that acts: a chain's context is a block of bytes that it lays out.
///
/// Operations of a branch, by which its tensors share memory: 0 writes x, the mixer's own follow
/// from 1, one behind them reads y.
class ActingMixer {
 public:
  ActingMixer() = default;
  ActingMixer(const ActingMixer&) = delete;
  ActingMixer& operator=(const ActingMixer&) = delete;
  virtual ~ActingMixer() = default;

  /// y of every row, and the contexts behind their rows.
  virtual void Run(const LayerCall& call) const = 0;

  virtual int64_t context_bytes() const = 0;
  /// A context that has seen nothing. Its bytes are zero, or those of an earlier one.
  virtual void Start(std::byte* context) const = 0;

  // What of a context is kept in a file: that of `seen` tokens.
  virtual int64_t saved_bytes(int64_t seen) const = 0;
  virtual void Save(const std::byte* context, int64_t seen, std::byte* to) const = 0;
  virtual void Load(const std::byte* from, int64_t seen, std::byte* context) const = 0;

  /// Whether contexts grow until their room is full.
  virtual bool grows() const { return false; }

  const ScratchPlan& plan() const { return plan_; }  // of the whole branch, for R rows
  int64_t x_place() const { return plan_.offset(x_); }
  int64_t y_place() const { return plan_.offset(y_); }

 protected:
  /// The last tensors: x is last read at operation `x_last`, y is written at `y_first`.
  void PlaceTensors(const MixerParts& parts, int x_last, int y_first, int last) {
    const int64_t floats = parts.room.rows * parts.facts->width;
    x_ = plan_.Add(floats, 0, x_last);
    y_ = plan_.Add(floats, y_first, last + 1);
    plan_.Place();
  }
  float* At(const LayerCall& call, int tensor) const { return call.scratch + plan_.offset(tensor); }

  ScratchPlan plan_;

 private:
  int x_ = 0, y_ = 0;
};

/// A mixer whose context is one list of numbers that are zero at first.
class StateMixer : public ActingMixer {
 public:
  int64_t context_bytes() const override { return numbers_ * static_cast<int64_t>(sizeof(float)); }
  void Start(std::byte* context) const override {
    std::memset(context, 0, static_cast<size_t>(context_bytes()));
  }
  int64_t saved_bytes(int64_t /*seen*/) const override { return context_bytes(); }
  void Save(const std::byte* context, int64_t /*seen*/, std::byte* to) const override {
    std::memcpy(to, context, static_cast<size_t>(context_bytes()));
  }
  void Load(const std::byte* from, int64_t /*seen*/, std::byte* context) const override {
    std::memcpy(context, from, static_cast<size_t>(context_bytes()));
  }

 protected:
  int64_t numbers_ = 0;  // of a context
};

/// body(run, row, context as numbers) for all rows, those of each chain in their order.
template <typename Body>
void ForEachRow(const LayerCall& call, const Body& body) {
  for (int64_t i = 0; i < call.run_count; ++i) {
    const TokenRun& run = call.runs[i];
    for (int64_t row = run.first_row; row < run.first_row + run.rows; ++row) {
      body(run, row, reinterpret_cast<float*>(run.context));
    }
  }
}

/// body(row, the token before) for all rows of x [R, D], where `last` [D] of a context is the last
/// token of the call before; then the last row of each chain goes there.
template <typename Body>
void ForEachShifted(const LayerCall& call, int64_t D, const Body& body) {
  ForEachRow(call, [&](const TokenRun& run, int64_t row, float* context) {
    body(row, row == run.first_row ? context : call.x + (row - 1) * D);
  });
  for (int64_t i = 0; i < call.run_count; ++i) {
    const TokenRun& run = call.runs[i];
    std::memcpy(run.context, call.x + (run.first_row + run.rows - 1) * D,
                static_cast<size_t>(D) * sizeof(float));
  }
}

using MixerMaker = std::unique_ptr<ActingMixer>(const MixerParts& parts, WeightLoader& weights);
/// The mixer that parts.layer names. Throws Failure.
MixerMaker MakeActingMixer;
// One source each.
MixerMaker MakeActingAttention, MakeActingSelective, MakeActingMamba, MakeActingMamba2,
    MakeActingRwkv4, MakeActingRwkv7, MakeActingMemSizer;
/// RWKV's second branch, of the version of its first; the other feed-forwards, which have no
/// context; null for a layer without a second branch.
MixerMaker MakeActingChannelMix, MakeActingFeedForward, MakeActingBranch;

}  // namespace longplay::runtime
