// SPDX-License-Identifier: MIT
#include "model/layers/recurrent_memory.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "model/tensors/initialization.h"

namespace longplay {

RecurrentMemoryImpl::RecurrentMemoryImpl(const RecurrentMemoryOptions& options, const Norm& norm,
                                         int64_t width)
    : options_(options) {
  TORCH_CHECK(
      options.tokens > 0 && options.segment > 0 && options.unrolled >= 0,
      "building a recurrent memory: expected at least 1 memory token, 1 token a segment and "
      "0 unrolled segments, got ",
      options.tokens, ", ", options.segment, ", ", options.unrolled);
  memory_ = register_parameter("memory", torch::randn({options.tokens, width}) * kWeightScale);
  memory_norm_ = register_module("memory_norm", norm);
}

MemoryState RecurrentMemoryImpl::Start(int64_t batch, const torch::TensorOptions& options) const {
  // A placeholder: a first segment reads the parameter itself, so that gradients reach it.
  return {torch::zeros({batch, memory_.size(0), memory_.size(1)}, options),
          torch::zeros({batch}, options.dtype(torch::kInt64))};
}

std::vector<int64_t> RecurrentMemoryImpl::Ends(int64_t T, const torch::Tensor& starts) const {
  std::vector<int64_t> ends;
  int64_t begin = 0;
  for (int64_t t = 1; t < T; ++t) {
    // A segment ends before a start, or when it is full.
    const bool cut = starts.defined() && starts.const_data_ptr<bool>()[t];
    if (!cut && t - begin < options_.segment) continue;
    ends.push_back(t);
    begin = t;
  }
  ends.push_back(T);
  return ends;
}

torch::Tensor RecurrentMemoryImpl::Forward(const torch::Tensor& x, MemoryState& state,
                                           const Chunk& chunk, const Layers& layers) {
  const int64_t B = x.size(0), n = x.size(1), m = memory_.size(0);
  // A first segment reads the parameter; later ones what the last wrote.
  const bool begins =
      chunk.first == 0 || (chunk.starts.defined() && chunk.starts.select(1, 0).all().item<bool>());
  const int64_t index = begins ? 0 : state.segments[0].item<int64_t>();
  auto memory = begins ? memory_.to(x.scalar_type()).expand({B, -1, -1}) : state.memory;
  // Truncated backpropagation: the graph is cut before every unrolled-th segment.
  if (!begins && options_.unrolled > 0 && index % options_.unrolled == 0) memory = memory.detach();
  // [read m | tokens n | write m]: the write rows see all of the segment.
  const auto y = layers(torch::cat({memory, x, memory}, 1));
  state = {memory_norm_->forward(y.narrow(1, m + n, m)),
           torch::full_like(state.segments, index + 1)};
  return y.narrow(1, m, n);
}

TokenNoise RecurrentMemoryImpl::NoiseAround(const TokenNoise& tokens) const {
  if (!tokens.defined()) return {};
  const auto first = tokens.Of({0, 1}).KeysOf(NoiseUse::kMemory);  // [B, 1]
  std::vector<torch::Tensor> keys;
  for (int64_t i = 0; i < 2 * memory_.size(0); ++i) {
    keys.push_back(KeysAt(first, static_cast<uint64_t>(i)));
  }
  // m places, the tokens, m places.
  keys.insert(keys.begin() + memory_.size(0), tokens.keys);
  const auto all = torch::cat(keys, 1);  // [B, m + n + m]
  return {all, torch::arange(all.size(1), all.options()).expand_as(all)};
}

MemoryContext RecurrentMemoryImpl::StartContext(int64_t batch) const {
  const auto initial = memory_.detach();
  return {.memory = initial.unsqueeze(0).repeat({batch, 1, 1}),
          .initial = initial,
          .in_segment = std::vector<int64_t>(batch, 0)};
}

torch::Tensor RecurrentMemoryImpl::Step(const torch::Tensor& x, MemoryContext& context,
                                        const Layers& layers, const Undo& undo) {
  const int64_t B = x.size(0), m = memory_.size(0);
  // Runs the memory tokens of every chain; those that have no use for them take them back.
  const auto run_memory = [&](int64_t wanted) {
    auto y = layers(context.memory);
    for (int64_t i = 0; i < B; ++i) {
      if (context.in_segment[i] != wanted) undo(i, m);
    }
    return y;
  };
  const auto any_at = [&](int64_t place) {
    return std::ranges::find(context.in_segment, place) != context.in_segment.end();
  };
  // Step 1: chains at the end of a segment write their memory, and their layers forget it.
  if (any_at(options_.segment)) {
    const auto written = memory_norm_->forward(run_memory(options_.segment));
    for (int64_t i = 0; i < B; ++i) {
      if (context.in_segment[i] != options_.segment) continue;
      context.memory[i].copy_(written[i]);
      context.in_segment[i] = 0;
      undo(i, -1);
    }
  }
  // Step 2: chains at the beginning of a segment read their memory.
  if (any_at(0)) run_memory(0);
  // Step 3: the token itself, for every chain.
  for (int64_t& place : context.in_segment) ++place;
  return layers(x);
}

}  // namespace longplay
