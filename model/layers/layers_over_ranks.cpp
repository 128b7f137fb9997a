// SPDX-License-Identifier: MIT
#include "model/layers/layers_over_ranks.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>

#include "model/layers/stack_plan.h"
#include "model/ranks/hand_on.h"

namespace longplay {
namespace {

/// Consecutive layers that run the same way.
struct LayerGroup {
  Range layers;
  bool attends;  // around the ring, else with a state
};

/// Chains of one unit: enough units to keep all ranks at work, not so many that each is small.
int64_t RowsOfUnit(int64_t B, int64_t ranks) { return (B + 4 * ranks - 1) / (4 * ranks); }

std::vector<LayerGroup> GroupsOf(const LayersOverRanks& stack, bool one_by_one) {
  const auto L = static_cast<int64_t>(stack.layers.size());
  std::vector<LayerGroup> groups;
  for (int64_t i = 0; i < L; ++i) {
    const bool attends = stack.attends && stack.layers[i]->can_recompute();
    const bool joins = !groups.empty() && groups.back().attends == attends &&
                       (attends || !one_by_one || !stack.splits);
    if (joins) {
      groups.back().layers.last = i + 1;
    } else {
      groups.push_back({{i, i + 1}, attends});
    }
  }
  return groups;
}

/// One unit: its state comes from the rank before, and goes to the one behind.
torch::Tensor RunUnit(const LayersOverRanks& stack, Range layers, const torch::Tensor& x,
                      const Chunk& chunk, const SequenceSlice& slice, torch::Tensor& penalty) {
  ChunkedStack own = stack.stack_of(x, layers);
  if (slice.ranks->rank() > 0) {
    own.start = TakeState(x, static_cast<int64_t>(own.start.size()), *slice.ranks);
  }
  const ChunkedOutput output = RunInChunks(own, x, chunk, stack.chunked);
  if (!slice.is_last()) return HandOn(output.y, output.last, *slice.ranks);
  // Sums over the sequence are in the state behind its last token.
  penalty = stack.penalty_of(output.last, layers);
  return output.y;
}

/// All chains through some layers, unit by unit.
torch::Tensor RunUnits(const LayersOverRanks& stack, Range layers, const torch::Tensor& x,
                       const Chunk& whole, const SequenceSlice& slice, torch::Tensor* penalty) {
  const int64_t B = x.size(0), step = RowsOfUnit(B, slice.ranks->size());
  // What is kept of x rounds by noise of its own in every unit; layers take theirs from it.
  const TokenNoise noise = layers.first > 0 ? whole.noise.OfLayer(layers.first) : whole.noise;
  std::vector<torch::Tensor> rows;
  for (int64_t i = 0; i < B; i += step) {
    const Range own{i, std::min(B, i + step)};
    const auto part = [&](const torch::Tensor& of) {
      return of.defined() ? of.narrow(0, own.first, own.size()) : of;
    };
    const Chunk chunk{.segments = part(whole.segments),
                      .starts = part(whole.starts),
                      .first = whole.first,
                      .noise = noise.OfRows(own)};
    torch::Tensor more;
    rows.push_back(RunUnit(stack, layers, part(x), chunk, slice, more));
    // A mean over chains.
    if (penalty == nullptr || !more.defined()) continue;
    more = more * (static_cast<double>(own.size()) / static_cast<double>(B));
    *penalty = penalty->defined() ? *penalty + more : more;
  }
  return rows.size() == 1 ? rows.front() : torch::cat(rows, 0);
}

/// Around the ring; what lower layers handed on stands behind x's own D numbers, and stays.
torch::Tensor RunRing(const LayersOverRanks& stack, Range layers, const torch::Tensor& x,
                      const torch::Tensor& segments, const TokenNoise& noise,
                      const SequenceSlice& slice, int64_t D) {
  std::vector<Layer> own(stack.layers.begin() + layers.first, stack.layers.begin() + layers.last);
  RecomputationOptions options = stack.recomputed;
  options.first_layer = layers.first;
  options.slice = slice;
  const auto y = RunRecomputed(own, x.narrow(2, 0, D), segments, noise, options);
  return x.size(2) == D ? y : torch::cat({y, x.narrow(2, D, x.size(2) - D)}, 2);
}

}  // namespace

SlicePlan PlanSlices(const ModelOptions& options) {
  const StackPlan plan = PlanStack(options);
  if (plan.has_memory) return {.unit = options.memory.segment};
  // As LayerImpl::can_recompute.
  const bool all_attend = plan.attends_blockwise && plan.recomputes && !plan.normalises_tokens &&
                          std::ranges::all_of(plan.layers, [](const LayerPlan& layer) {
                            return layer.feed_forward != FeedForwardKind::kNone &&
                                   layer.feed_forward != FeedForwardKind::kSwiGlu;
                          });
  const bool sees_all =
      std::ranges::any_of(plan.layers, [](const LayerPlan& layer) { return layer.span == 0; });
  return {.order = all_attend && sees_all ? SliceOrder::kZigzag : SliceOrder::kInOrder};
}

torch::Tensor RunOverRanks(const LayersOverRanks& stack, const torch::Tensor& x,
                           const torch::Tensor& segments, const TokenNoise& noise,
                           const SequenceSlice& slice, torch::Tensor* penalty) {
  TORCH_CHECK(x.size(1) == slice.size(), "sharing a sequence: expected this rank's ", slice.size(),
              " tokens, got ", x.size(1));
  const int64_t B = x.size(0), R = slice.ranks->size(), step = RowsOfUnit(B, R);
  const bool is_lean = stack.recomputed.keep == Keep::kLayerInputs;
  const bool one_by_one = !is_lean && (B + step - 1) / step < 2 * R;
  const Chunk whole{.segments = slice.Of(segments),
                    .starts = slice.Of(StartsOf(segments)),
                    .first = slice.own().front().first,
                    .noise = noise};
  auto y = x;
  for (const LayerGroup& group : GroupsOf(stack, one_by_one)) {
    y = group.attends ? RunRing(stack, group.layers, y, segments, noise, slice, x.size(2))
                      : RunUnits(stack, group.layers, y, whole, slice, penalty);
  }
  return y;
}

torch::Tensor StartsOf(const torch::Tensor& segments) {
  if (!segments.defined()) return {};
  auto starts = torch::zeros_like(segments, segments.options().dtype(torch::kBool));
  const int64_t T = segments.size(1);
  starts.narrow(1, 1, T - 1).copy_(segments.narrow(1, 1, T - 1) != segments.narrow(1, 0, T - 1));
  return starts;
}

}  // namespace longplay
