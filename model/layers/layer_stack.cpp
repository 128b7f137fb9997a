// SPDX-License-Identifier: MIT
#include "model/layers/layer_stack.h"

#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "model/layers/recomputation.h"
#include "model/layers/stack_plan.h"

namespace longplay {
namespace {

/// [tokens] in a chunk of a recurrent stack that names none: large enough to keep threads busy,
/// small enough for what a chunk makes to stay in the cache.
constexpr int64_t kDefaultChunk = 1024;

/// Residual branches add up: their last maps start smaller with depth, as in GPT-2.
void ScaleResidualProjections(torch::nn::Module& layer, double factor) {
  const torch::NoGradGuard no_grad;
  for (auto& [name, parameter] : layer.named_parameters().pairs()) {
    if (name == "mixer.projection.weight" || name == "feed_forward.contract.weight") {
      parameter.mul_(factor);
    }
  }
}

}  // namespace

LayerStackImpl::LayerStackImpl(const ModelOptions& options) : options_(options) {
  const StackPlan plan = PlanStack(options);
  recomputes_ = plan.recomputes;
  // RunRecomputed knows layers alone, nothing in front of them or around them.
  layer_by_layer_ = !plan.normalises_tokens && !plan.has_memory;
  const auto make_norm = [&] {
    return Norm(plan.layers.front().norm, options.attention.width, options.norm_epsilon);
  };
  if (plan.normalises_tokens) first_norm_ = register_module("first_norm", make_norm());
  if (plan.has_memory) {
    memory_ = register_module(
        "memory", RecurrentMemory(options.memory, make_norm(), options.attention.width));
  }
  // Each layer by its plan; one that cannot run layer by layer takes the whole stack to chunks.
  for (size_t i = 0; i < plan.layers.size(); ++i) {
    layers_.push_back(register_module(std::to_string(i), Layer(options, plan.layers[i])));
    Layer& layer = layers_.back();
    ScaleResidualProjections(*layer, 1 / std::sqrt(2.0 * static_cast<double>(options.layers)));
    layer_by_layer_ &= layer->can_recompute();
    chooses_tokens_ |= plan.layers[i].mixer == MixerKind::kTaipan;
    // Only the numbers of tensors are of interest, for Unflatten.
    const LayerState start = layer->StartState(1, torch::kFloat32);
    state_sizes_.emplace_back(start.mixer.size(), start.channel.size());
  }
}

bool LayerStackImpl::draws_noise() const {
  if (options_.kept.type == KeptType::kInt8) return true;
  return is_training() &&
         (options_.dropout > 0 || options_.attention.dropout > 0 || chooses_tokens_);
}

torch::Tensor LayerStackImpl::forward(const torch::Tensor& x, const torch::Tensor& segments,
                                      const TokenNoise& given, torch::Tensor* penalty,
                                      const SequenceSlice* slice) {
  TORCH_CHECK(options_.keep != Keep::kAuto,
              "training the layers: model.keep: expected what is kept, got auto, which `longplay "
              "train` and `longplay compare` choose by");
  // Noise that the caller has not named: row i is chain i of a key of zeros.
  const bool completes = draws_noise() && !given.defined();
  const int64_t T = slice != nullptr ? slice->length : x.size(1);
  TokenNoise noise = given;
  if (completes) {
    noise = NoiseOfTokens({}, {}, x.size(0), T, 1, x.device());
    if (slice != nullptr) noise = slice->Of(noise);
  }
  if (slice != nullptr) return RunShared(x, segments, noise, *slice, penalty);
  if (!layer_by_layer_) return RunChunks(x, segments, noise, penalty);
  return RunRecomputed(layers_, x, segments, noise, Recomputed());
}

RecomputationOptions LayerStackImpl::Recomputed() const {
  return {.keep = options_.keep,
          .kept = options_.kept,
          .tokens_at_once = options_.tokens_at_once,
          .rows_at_once = options_.attention.query_block,
          .keys_at_once = options_.attention.key_block,
          .dropout = is_training() ? options_.dropout : 0,
          .attention_dropout = is_training() ? options_.attention.dropout : 0};
}

ChunkedOptions LayerStackImpl::Chunked() const {
  // The specification runs as one chunk, all of it kept by autograd.
  if (!recomputes_) return {.recompute = false};
  return {.recompute = options_.keep != Keep::kEverything,
          .kept = options_.kept,
          .tokens_at_once = options_.tokens_at_once > 0 ? options_.tokens_at_once : kDefaultChunk};
}

torch::Tensor LayerStackImpl::RunShared(const torch::Tensor& x, const torch::Tensor& segments,
                                        const TokenNoise& noise, const SequenceSlice& slice,
                                        torch::Tensor* penalty) {
  LayersOverRanks stack{.layers = layers_,
                        .attends = recomputes_ && !memory_,
                        .splits = !memory_,
                        .stack_of = {},
                        .penalty_of = {},
                        .recomputed = Recomputed(),
                        .chunked = Chunked()};
  stack.stack_of = [this](const torch::Tensor& of, Range layers) {
    return memory_ ? MakeMemoryStack(of) : MakeChunkedStack(of, layers);
  };
  stack.penalty_of = [this](const StateTensors& last, Range layers) {
    return memory_ ? torch::Tensor() : PenaltyOf(last, layers);
  };
  if (memory_) {
    TORCH_CHECK(!segments.defined(),
                "sharing a sequence: recurrent memory: expected one chain in a row and no resets");
    stack.chunked.ends = memory_->Ends(x.size(1), {});
  }
  return RunOverRanks(stack, x, segments, noise, slice, penalty);
}

torch::Tensor LayerStackImpl::RunChunks(const torch::Tensor& x, const torch::Tensor& segments,
                                        const TokenNoise& noise, torch::Tensor* penalty) {
  const Chunk chunk{.segments = segments, .starts = StartsOf(segments), .noise = noise};
  if (memory_) return RunSegments(x, chunk, Chunked());
  const ChunkedOutput output = RunInChunks(MakeChunkedStack(x, AllLayers()), x, chunk, Chunked());
  // From the state behind the last token, which is differentiable: gradients pass back through it.
  if (penalty != nullptr) *penalty = PenaltyOf(output.last, AllLayers());
  return output.y;
}

torch::Tensor LayerStackImpl::PenaltyOf(const StateTensors& last, Range layers) const {
  const std::vector<LayerState> states = Unflatten(last, layers);
  torch::Tensor penalty;
  for (int64_t i = layers.first; i < layers.last; ++i) {
    const auto more = layers_[i]->mixer->Penalty(states[i - layers.first].mixer);
    if (more.defined()) penalty = penalty.defined() ? penalty + more : more;
  }
  return penalty;
}

/// Sequences with starts have segments of their own, one sequence at a time.
torch::Tensor LayerStackImpl::RunSegments(const torch::Tensor& x, const Chunk& chunk,
                                          ChunkedOptions chunked) {
  if (!chunk.starts.defined()) {
    chunked.ends = memory_->Ends(x.size(1), {});
    return RunInChunks(MakeMemoryStack(x), x, chunk, chunked).y;
  }
  std::vector<torch::Tensor> rows;
  for (int64_t i = 0; i < x.size(0); ++i) {
    const auto own = x.narrow(0, i, 1);
    const auto starts = chunk.starts.narrow(0, i, 1);  // [1, T]
    chunked.ends = memory_->Ends(x.size(1), starts[0].cpu().contiguous());
    const Chunk part{.starts = starts, .noise = chunk.noise.OfRows({i, i + 1})};
    rows.push_back(RunInChunks(MakeMemoryStack(own), own, part, chunked).y);
  }
  return torch::cat(rows, 0);
}

/// Some layers: where only these run, x and the result may have what is handed on behind them.
ChunkedStack LayerStackImpl::MakeChunkedStack(const torch::Tensor& x, Range layers) {
  ChunkedStack stack;
  // The layers' states travel as one flat list, which is all that RunInChunks knows of them.
  stack.map = [this, layers](const torch::Tensor& tokens, StateTensors& flat, const Chunk& chunk) {
    std::vector<LayerState> states = Unflatten(flat, layers);
    auto y = RunLayers(tokens, states, chunk, layers);
    flat = Flatten(states);
    return y;
  };
  if (layers.first == 0 && first_norm_) stack.parameters = first_norm_->parameters();
  std::vector<LayerState> start;
  for (int64_t i = layers.first; i < layers.last; ++i) {
    const Layer& layer = layers_[i];
    const auto own = layer->parameters();
    stack.parameters.insert(stack.parameters.end(), own.begin(), own.end());
    // A channel mixer's state is one token, which never grows.
    start.push_back(layer->StartState(x.size(0), x.options().requires_grad(false)));
    stack.grows.insert(stack.grows.end(), start.back().mixer.size(), layer->mixer->state_grows());
    stack.grows.insert(stack.grows.end(), start.back().channel.size(), 0);
  }
  stack.start = Flatten(start);
  return stack;
}

/// x [B, n, D]; with a value that layers below handed on [B, n, 2 D], and so is the result, unless
/// these layers are the last.
torch::Tensor LayerStackImpl::RunLayers(const torch::Tensor& x, std::vector<LayerState>& states,
                                        const Chunk& chunk, Range layers) {
  const int64_t D = options_.attention.width;
  Chunk own = chunk;
  HandedOn handed;
  auto y = x;
  if (x.size(2) > D) {
    y = x.narrow(2, 0, D);
    handed.first_value = x.narrow(2, D, D);
  }
  if (first_norm_ && layers.first == 0) y = first_norm_->forward(y);
  for (int64_t i = layers.first; i < layers.last; ++i) {
    own.noise = chunk.noise.OfLayer(i);
    y = layers_[i]->forward(y, states[i - layers.first], own, handed);
  }
  const bool hands_on = handed.first_value.defined() && layers.last < AllLayers().last;
  return hands_on ? torch::cat({y, handed.first_value}, 2) : y;
}

/// A chunk is a segment; its layers begin with nothing but the memory.
ChunkedStack LayerStackImpl::MakeMemoryStack(const torch::Tensor& x) {
  ChunkedStack stack;
  stack.map = [this](const torch::Tensor& tokens, StateTensors& state, const Chunk& chunk) {
    auto own_state = StateOf<MemoryState>(std::move(state));
    auto y = memory_->Forward(tokens, own_state, chunk, [&](const torch::Tensor& all) {
      std::vector<LayerState> states;
      for (const Layer& layer : layers_) {
        states.push_back(layer->StartState(all.size(0), all.options().requires_grad(false)));
      }
      // No starts inside: a segment begins at one, or holds none.
      const Chunk own{.first = chunk.first, .noise = memory_->NoiseAround(chunk.noise)};
      return RunLayers(all, states, own, AllLayers());
    });
    state = TensorsOf(std::move(own_state));
    return y;
  };
  stack.start = TensorsOf(memory_->Start(x.size(0), x.options().requires_grad(false)));
  stack.grows = {0, 0};
  stack.parameters = parameters();
  return stack;
}

StateTensors LayerStackImpl::Flatten(const std::vector<LayerState>& states) const {
  StateTensors flat;
  for (const LayerState& state : states) {
    flat.insert(flat.end(), state.mixer.begin(), state.mixer.end());
    flat.insert(flat.end(), state.channel.begin(), state.channel.end());
  }
  return flat;
}

std::vector<LayerState> LayerStackImpl::Unflatten(const StateTensors& flat, Range layers) const {
  std::vector<LayerState> states;
  // The inverse of Flatten, by the numbers of tensors that the constructor counted.
  auto next = flat.begin();
  for (int64_t i = layers.first; i < layers.last; ++i) {
    const auto& [mixer, channel] = state_sizes_[i];
    const auto middle = next + static_cast<int64_t>(mixer);
    const auto end = middle + static_cast<int64_t>(channel);
    states.push_back({StateTensors(next, middle), StateTensors(middle, end)});
    next = end;
  }
  return states;
}

/// Names as register_module made them: the layer's number, the mixer, the parameter.
std::vector<std::string> LayerStackImpl::WithoutDecay() const {
  std::vector<std::string> names;
  for (size_t i = 0; i < layers_.size(); ++i) {
    for (const std::string& name : layers_[i]->mixer->WithoutDecay()) {
      names.push_back(std::to_string(i) + ".mixer." + name);
    }
    if (!layers_[i]->channel_mixer) continue;
    for (const std::string& name : layers_[i]->channel_mixer->WithoutDecay()) {
      names.push_back(std::to_string(i) + ".channel_mixer." + name);
    }
  }
  return names;
}

StackContext LayerStackImpl::StartContext(int64_t batch, const ContextOptions& options) const {
  ContextOptions room = options;
  // The layers see one segment and its memory tokens at a time, never the whole context.
  if (memory_) room.capacity = std::min(room.capacity, memory_->longest());
  StackContext context;
  for (const Layer& layer : layers_) context.layers.push_back(layer->StartContext(batch, room));
  if (memory_) context.memory = memory_->StartContext(batch);
  return context;
}

torch::Tensor LayerStackImpl::Step(const torch::Tensor& x, StackContext& context) {
  const torch::NoGradGuard no_grad;
  TORCH_CHECK(context.layers.size() == layers_.size(), "continuing a context: expected ",
              layers_.size(), " layers, got ", context.layers.size());
  // With memory tokens a chain's segment may end at any token: one at a time.
  if (!memory_) return StepLayers(x, context.layers);
  std::vector<torch::Tensor> rows;
  for (int64_t t = 0; t < x.size(1); ++t) {
    rows.push_back(memory_->Step(
        x.narrow(1, t, 1), context.memory,
        [&](const torch::Tensor& tokens) { return StepLayers(tokens, context.layers); },
        [&](int64_t i, int64_t tokens) {
          for (LayerContext& layer : context.layers) {
            if (tokens < 0) {
              layer.mixer->Forget(i);
            } else {
              layer.mixer->TakeBack(i, tokens);
            }
          }
        }));
  }
  return torch::cat(rows, 1);
}

torch::Tensor LayerStackImpl::StepLayers(const torch::Tensor& x,
                                         std::vector<LayerContext>& context) {
  const Chunk chunk;
  HandedOn handed;
  auto y = first_norm_ ? first_norm_->forward(x) : x;
  for (size_t i = 0; i < layers_.size(); ++i) y = layers_[i]->Step(y, context[i], chunk, handed);
  return y;
}

void StackContext::Forget(int64_t i) {
  for (LayerContext& layer : layers) {
    layer.mixer->Forget(i);
    if (layer.channel) layer.channel->Forget(i);
  }
  if (!memory.memory.defined()) return;
  // A first segment reads the parameter's value again.
  memory.memory[i].copy_(memory.initial);
  memory.in_segment[i] = 0;
}

void StackContext::Select(const std::vector<int64_t>& rows) {
  const auto index = torch::tensor(rows, torch::kInt64);
  for (LayerContext& layer : layers) {
    layer.mixer->Select(index);
    if (layer.channel) layer.channel->Select(index);
  }
  if (!memory.memory.defined()) return;
  memory.memory = memory.memory.index_select(0, index.to(memory.memory.device()));
  std::vector<int64_t> places;
  places.reserve(rows.size());
  for (const int64_t row : rows) places.push_back(memory.in_segment[row]);
  memory.in_segment = std::move(places);
}

int64_t StackContext::bytes() const {
  int64_t sum = memory.memory.defined() ? static_cast<int64_t>(memory.memory.nbytes()) : 0;
  for (const LayerContext& layer : layers) {
    sum += layer.mixer->bytes() + (layer.channel ? layer.channel->bytes() : 0);
  }
  return sum;
}

}  // namespace longplay
