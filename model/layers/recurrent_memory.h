// SPDX-License-Identifier: MIT
#pragma once

#include <torch/nn/module.h>
#include <torch/nn/pimpl.h>
#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <tuple>
#include <vector>

#include "model/mixing/sequence_mixer.h"
#include "model/options.h"
#include "model/rows/norm.h"

namespace longplay {

/// What B acting chains remember of earlier segments, and where each stands in its segment.
struct MemoryContext {
  torch::Tensor memory;             // [B, m, D]; undefined = a stack without memory tokens
  torch::Tensor initial;            // [m, D]
  std::vector<int64_t> in_segment;  // [B] tokens so far
};

/// What is handed on from segment to segment of B whole sequences.
struct MemoryState {
  torch::Tensor memory;    // [B, m, D]
  torch::Tensor segments;  // [B] int64, so far
  auto fields() { return std::tie(memory, segments); }
};

/// Memory tokens around segments of a sequence; the layers see one segment at a time.
///
///   memory ─► [ read m | tokens n | write m ] ─► layers (causal) ─► tokens' rows are the output
///     ▲                                            │
///     └──────────── memory_norm ◄── write rows ────┘
///
/// The memory is read before and written behind each segment, which starts from the same vectors in
/// both places; the masks are plainly causal, as in the official code (the paper lets memory tokens
/// of a block see each other). Their outputs are normalised before they are handed on, where the
/// official code has GPT-2's final norm.
/// Source: arXiv 2207.06881; booydar/recurrent-memory-transformer,
/// modeling_rmt/language_modeling.py.
class RecurrentMemoryImpl : public torch::nn::Module {
 public:
  /// Layers over [B, T, D] from an empty context, or the next tokens of every acting chain.
  using Layers = std::function<torch::Tensor(const torch::Tensor& x)>;
  /// Makes the layers forget all (tokens < 0) or the newest tokens of an acting chain.
  using Undo = std::function<void(int64_t chain, int64_t tokens)>;

  RecurrentMemoryImpl(const RecurrentMemoryOptions& options, const Norm& norm, int64_t width);

  /// The state before the first token.
  MemoryState Start(int64_t batch, const torch::TensorOptions& options) const;

  /// Where segments end in one sequence of T tokens: every options.segment tokens, counted from the
  /// last start; `starts` [T] bool on CPU, or undefined.
  std::vector<int64_t> Ends(int64_t T, const torch::Tensor& starts) const;

  /// One segment, or a shorter last one: x [B, n, D] → [B, n, D]. One that begins with a start
  /// begins with the memory of a first one. Gradients reach at most options.unrolled segments back:
  /// the memory is cut before every unrolled-th one.
  torch::Tensor Forward(const torch::Tensor& x, MemoryState& state, const Chunk& chunk,
                        const Layers& layers);

  /// Noise of [read m | tokens n | write m] from that of the tokens [B, n]: the memory's keys are
  /// places in the first token's.
  TokenNoise NoiseAround(const TokenNoise& tokens) const;

  MemoryContext StartContext(int64_t batch) const;

  /// The next token of every chain: x [B, 1, D] → [B, 1, D]. Chains stand at different places.
  torch::Tensor Step(const torch::Tensor& x, MemoryContext& context, const Layers& layers,
                     const Undo& undo);

  int64_t segment() const { return options_.segment; }
  /// [tokens] that the layers see at once, at most.
  int64_t longest() const { return options_.segment + 2 * options_.tokens; }

 private:
  RecurrentMemoryOptions options_;
  torch::Tensor memory_;  // [m, D]
  Norm memory_norm_{nullptr};
};
TORCH_MODULE(RecurrentMemory);

}  // namespace longplay
