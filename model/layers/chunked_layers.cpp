// SPDX-License-Identifier: MIT
#include "model/layers/chunked_layers.h"

#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <utility>

#include "model/rows/kept_tensor.h"
#include "model/tensors/range.h"

namespace longplay {
namespace {

/// The states before each chunk. Those of one shape stand in one tensor: left where they
/// were made, among what a chunk makes and frees, they would split the heap into holes too small
/// for the next chunk, and the process would grow with every chunk.
class KeptStates {
 public:
  KeptStates() = default;
  KeptStates(const ChunkedStack& stack, int64_t chunks)
      : grows_(stack.grows), odd_(chunks), lengths_(chunks) {
    for (size_t i = 0; i < stack.start.size(); ++i) {
      // One row for each chunk, of the shape that the state has at the start.
      std::vector<int64_t> sizes = stack.start[i].sizes().vec();
      sizes.insert(sizes.begin(), chunks);
      rows_.push_back(grows_[i] ? torch::Tensor() : torch::empty(sizes, stack.start[i].options()));
    }
  }

  /// What grows is left out but for its length: every later state contains it.
  void Keep(int64_t chunk, const StateTensors& state) {
    odd_[chunk].resize(state.size());
    lengths_[chunk].assign(state.size(), 0);
    for (size_t i = 0; i < state.size(); ++i) {
      if (grows_[i]) {
        lengths_[chunk][i] = state[i].size(1);
      } else if (auto row = rows_[i].select(0, chunk);
                 row.sizes() == state[i].sizes() && row.dtype() == state[i].dtype()) {
        row.copy_(state[i]);
      } else {
        odd_[chunk][i] = state[i];
      }
    }
  }

  /// `last` is the state behind the last token.
  StateTensors Restore(int64_t chunk, const StateTensors& last) const {
    StateTensors state;
    for (size_t i = 0; i < last.size(); ++i) {
      if (grows_[i]) {
        state.push_back(last[i].narrow(1, 0, lengths_[chunk][i]));
      } else {
        const torch::Tensor& odd = odd_[chunk][i];
        state.push_back(odd.defined() ? odd : rows_[i].select(0, chunk));
      }
    }
    return state;
  }

 private:
  std::vector<uint8_t> grows_;
  std::vector<torch::Tensor> rows_;            // [chunks, ..] each; undefined where it grows
  std::vector<StateTensors> odd_;              // of another shape than the first; else undefined
  std::vector<std::vector<int64_t>> lengths_;  // of what grows
};

/// One forward pass: travels to its backward inside the autograd node.
struct ChunkedPass : torch::CustomClassHolder {
  ChunkedStack stack;
  Chunk whole;  // the sequence
  ChunkedOptions options;
  std::vector<Range> chunks;  // none after backward
  KeptTensor x;               // [B, T, D]
  KeptStates states;
  StateTensors last;  // behind the last token
};

std::vector<Range> Chunks(int64_t T, const ChunkedOptions& options) {
  std::vector<Range> chunks;
  // Named ends (segments of Recurrent Memory), else chunks of equal length.
  if (!options.ends.empty()) {
    for (const int64_t end : options.ends) {
      chunks.push_back({chunks.empty() ? 0 : chunks.back().last, end});
    }
    return chunks;
  }
  const int64_t step = options.tokens_at_once > 0 ? options.tokens_at_once : T;
  for (int64_t i = 0; i < T; i += step) chunks.push_back({i, std::min(T, i + step)});
  return chunks;
}

Chunk ChunkOf(const Chunk& whole, Range tokens) {
  const auto part = [&](const torch::Tensor& x) {
    return x.defined() ? x.narrow(1, tokens.first, tokens.size()) : x;
  };
  return {.segments = part(whole.segments),
          .starts = part(whole.starts),
          .first = whole.first + tokens.first,
          .noise = whole.noise.Of(tokens)};
}

/// What a gradient reaches: floating tensors, as leaves of a graph of their own.
StateTensors Leaves(const StateTensors& state) {
  StateTensors leaves;
  for (const torch::Tensor& tensor : state) {
    leaves.push_back(tensor.detach().requires_grad_(tensor.is_floating_point()));
  }
  return leaves;
}

/// `more` is the graph's own: the first one is copied, not taken.
void AddTo(torch::Tensor& sum, const torch::Tensor& more) {
  if (!more.defined()) return;
  sum = sum.defined() ? sum.add_(more) : more.clone();
}

class TwoPasses : public torch::autograd::Function<TwoPasses> {
 public:
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                const torch::Tensor& x,
                                                at::TensorList /*parameters*/,
                                                at::TensorList /*start*/,
                                                c10::intrusive_ptr<ChunkedPass> pass) {
    // Pass 1: chunk by chunk without a graph; the state before each is kept.
    torch::Tensor y;
    StateTensors state = pass->stack.start;
    pass->chunks = Chunks(x.size(1), pass->options);
    pass->states = KeptStates(pass->stack, static_cast<int64_t>(pass->chunks.size()));
    for (size_t c = 0; c < pass->chunks.size(); ++c) {
      const Range tokens = pass->chunks[c];
      pass->states.Keep(static_cast<int64_t>(c), state);
      const Chunk chunk = ChunkOf(pass->whole, tokens);
      const auto part = pass->stack.map(x.narrow(1, tokens.first, tokens.size()), state, chunk);
      if (!y.defined()) y = torch::empty({x.size(0), x.size(1), part.size(2)}, part.options());
      y.narrow(1, tokens.first, tokens.size()).copy_(part);
    }
    pass->last = state;
    // The layers have read x exact; backward reads what is kept. 8 bits round by the tokens' noise.
    const bool rounds = pass->options.kept.type == KeptType::kInt8;
    pass->x = KeptTensor(x, pass->options.kept,
                         rounds ? pass->whole.noise.KeysOf(NoiseUse::kKeptInput) : torch::Tensor());
    torch::autograd::variable_list outputs = {y};
    torch::autograd::variable_list fixed;
    for (torch::Tensor& tensor : state) {
      // The node's outputs must not be the tensors that it holds on to.
      outputs.push_back(tensor.view_as(tensor).detach());
      if (!tensor.is_floating_point()) fixed.push_back(outputs.back());
    }
    context->mark_non_differentiable(fixed);
    context->saved_data["pass"] = torch::IValue::make_capsule(std::move(pass));
    return outputs;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 torch::autograd::variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "backward through chunks: expected first derivatives, got create_graph = true");
    auto pass =
        c10::static_intrusive_pointer_cast<ChunkedPass>(context->saved_data["pass"].toCapsule());
    TORCH_CHECK(
        !pass->chunks.empty(),
        "backward through chunks: expected the first backward of this forward, got another");
    // Pass 2: from the last chunk to the first, with the gradient of the state handed down.
    const auto sizes = pass->x.sizes();
    std::vector<torch::Tensor> sums(pass->stack.parameters.size());
    std::vector<torch::Tensor> grad_state(grads.begin() + 1, grads.end());
    const torch::Tensor grad_y = grads[0];
    auto grad_x = torch::empty(sizes, pass->x.Restore({0, 1}).options());
    for (size_t c = pass->chunks.size(); c-- > 0;) {
      BackwardChunk(*pass, c, grad_y, grad_state, grad_x, sums);
    }
    // Freed at once; without chunks a second backward is refused above.
    pass->chunks.clear();
    pass->states = {};
    torch::autograd::variable_list result{grad_x};
    for (auto& sum : sums) result.push_back(std::move(sum));
    for (auto& grad : grad_state) result.push_back(std::move(grad));  // of the start, by now
    result.emplace_back();                                            // the pass
    return result;
  }

 private:
  /// `grad_state` in: gradient of the state behind the chunk; afterwards: of that before it.
  static void BackwardChunk(const ChunkedPass& pass, size_t c, const torch::Tensor& grad_y,
                            std::vector<torch::Tensor>& grad_state, torch::Tensor& grad_x,
                            std::vector<torch::Tensor>& sums) {
    // Step 1: the chunk's forward again, in a graph of its own that begins at x and the state.
    const torch::AutoGradMode enable(true);
    const Range tokens = pass.chunks[c];
    const StateTensors before = Leaves(pass.states.Restore(static_cast<int64_t>(c), pass.last));
    const auto x = pass.x.Restore(tokens).detach().requires_grad_();  // [B, n, D]
    StateTensors state = before;
    const Chunk chunk = ChunkOf(pass.whole, tokens);
    // Step 2: where gradients come from (y, state behind) and go to (x, state before, parameters).
    torch::autograd::variable_list outputs, output_grads, inputs = {x};
    const auto ask = [&](const torch::Tensor& output, const torch::Tensor& grad) {
      if (!output.requires_grad() || !grad.defined()) return;
      outputs.push_back(output);
      output_grads.push_back(grad);
    };
    const auto y = pass.stack.map(x, state, chunk);
    if (grad_y.defined()) ask(y, grad_y.narrow(1, tokens.first, tokens.size()));
    for (size_t i = 0; i < state.size(); ++i) ask(state[i], grad_state[i]);
    for (const torch::Tensor& tensor : before) {
      if (tensor.requires_grad()) inputs.push_back(tensor);
    }
    inputs.insert(inputs.end(), pass.stack.parameters.begin(), pass.stack.parameters.end());
    // Neither y nor the state behind has a gradient: x has zeros, the state before none.
    if (outputs.empty()) {
      grad_x.narrow(1, tokens.first, tokens.size()).zero_();
      grad_state.assign(grad_state.size(), {});
      return;
    }
    // Step 3: through this chunk's graph, which is then gone.
    const auto grads = torch::autograd::grad(outputs, inputs, output_grads, /*retain_graph=*/false,
                                             /*create_graph=*/false, /*allow_unused=*/true);
    const torch::NoGradGuard no_grad;
    auto own = grad_x.narrow(1, tokens.first, tokens.size());
    if (grads[0].defined()) {
      own.copy_(grads[0]);
    } else {
      own.zero_();
    }
    // In the order of `inputs`: behind x the state's floating tensors, then the parameters.
    size_t next = 1;
    for (size_t i = 0; i < before.size(); ++i) {
      grad_state[i] = before[i].requires_grad() ? grads[next++] : torch::Tensor();
    }
    for (torch::Tensor& sum : sums) AddTo(sum, grads[next++]);
  }
};

}  // namespace

ChunkedOutput RunInChunks(const ChunkedStack& stack, const torch::Tensor& x, const Chunk& whole,
                          const ChunkedOptions& options) {
  // The plain loop: autograd keeps all of it, or nothing is differentiated.
  if (!options.recompute || !at::GradMode::is_enabled()) {
    ChunkedOutput output{.y = {}, .last = stack.start};
    std::vector<torch::Tensor> parts;
    for (const Range tokens : Chunks(x.size(1), options)) {
      const Chunk own = ChunkOf(whole, tokens);
      parts.push_back(stack.map(x.narrow(1, tokens.first, tokens.size()), output.last, own));
    }
    output.y = parts.size() == 1 ? parts.front() : torch::cat(parts, 1);
    return output;
  }
  // Parameters and start are arguments only so that the node passes gradients to them.
  auto pass = c10::make_intrusive<ChunkedPass>();
  pass->stack = stack;
  for (torch::Tensor& tensor : pass->stack.start) tensor = tensor.detach();
  pass->whole = whole;
  pass->options = options;
  auto outputs = TwoPasses::apply(x.contiguous(), at::TensorList(stack.parameters),
                                  at::TensorList(stack.start), pass);
  return {outputs.front(), StateTensors(outputs.begin() + 1, outputs.end())};
}

}  // namespace longplay
