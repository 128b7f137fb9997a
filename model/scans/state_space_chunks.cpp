// SPDX-License-Identifier: MIT
#include "model/scans/state_space_chunks.h"

#include <torch/types.h>

#include <utility>
#include <vector>

#include "model/scans/decayed_scores.h"

namespace longplay {
namespace {

// Below: R = B * chunks, Q = tokens in a chunk, E = H * K channels, E' = those of a group.

/// Everything about decay that is as small as delta.
struct Decaying {
  torch::Tensor steps;       // [H, R, Q] delta * a
  torch::Tensor starts;      // [R, Q] or undefined
  torch::Tensor from_start;  // [R, Q, H] of the state before the chunk, at each token
  torch::Tensor to_end;      // [R, Q, H] of each token, at the chunk's end
  torch::Tensor across;      // [B, chunks, H] of the state, over the chunk

  Decaying(const DualInputs& in, int64_t Q) {
    const int64_t B = in.x.size(0), H = in.x.size(2);
    const auto logs = (in.delta * in.a).view({-1, Q, H});  // [R, Q, H]
    steps = logs.permute({2, 0, 1}).contiguous();
    from_start = logs.cumsum(1).exp_();
    to_end = torch::zeros_like(logs);
    // Sums of the steps behind each token, from the end inwards.
    if (Q > 1) to_end.narrow(1, 0, Q - 1).copy_(logs.narrow(1, 1, Q - 1).flip(1).cumsum(1).flip(1));
    to_end.exp_();
    if (in.starts.defined()) {
      starts = in.starts.reshape({-1, Q}).contiguous();
      // Behind a start nothing is left of the state; before the last start nothing reaches the end.
      const auto counts = starts.cumsum(1).unsqueeze(2);  // [R, Q, 1]
      from_start.masked_fill_(counts > 0, 0);
      to_end.masked_fill_(counts != counts.narrow(1, Q - 1, 1), 0);
    }
    across = from_start.select(1, Q - 1).view({B, -1, H});
  }
};

/// One group's share of a pass.
struct Group {
  torch::Tensor b, c;    // [R, Q, S]
  torch::Tensor before;  // [B, chunks, S, E'] states before each chunk
  torch::Tensor last;    // [B, S, E']
};

/// The numbers of a forward pass that its backward computes again.
struct Chunks {
  const DualInputs& in;
  int64_t B, Q, H, K, G, S, heads;  // heads in a group
  Decaying decaying;
  torch::Tensor written;   // [R, Q, H, K] delta * x
  torch::Tensor weighted;  // [R, Q, H, K] written, decayed to the chunk's end

  Chunks(const DualInputs& inputs, int64_t chunk)
      : in(inputs),
        B(in.x.size(0)),
        Q(chunk),
        H(in.x.size(2)),
        K(in.x.size(3)),
        G(in.b.size(2)),
        S(in.b.size(3)),
        heads(H / G),
        decaying(in, chunk),
        written((in.x * in.delta.unsqueeze(3)).view({-1, Q, H, K})),
        weighted(written * decaying.to_end.unsqueeze(3)) {}

  /// [R, Q, H, K] → a group's channels [R, Q, E'].
  torch::Tensor Own(const torch::Tensor& of, int64_t g) const {
    return of.narrow(2, g * heads, heads).flatten(2);
  }
  /// [R, Q, H, K] → a head's channels [R, Q, K], a view.
  torch::Tensor Head(const torch::Tensor& of, int64_t h) const { return of.select(2, h); }
  /// [B, chunks, H] → [B, chunks, 1, E'].
  torch::Tensor AcrossOf(int64_t g) const {
    return decaying.across.narrow(2, g * heads, heads).repeat_interleave(K, 2).unsqueeze(2);
  }
  /// [B, H, K, S] → a group's [B, S, E'].
  torch::Tensor StateOf(const torch::Tensor& state, int64_t g) const {
    return state.narrow(1, g * heads, heads).flatten(1, 2).transpose(1, 2);
  }

  Group Of(int64_t g, const torch::Tensor& state) const {
    Group group{in.b.reshape({-1, Q, G, S}).select(2, g), in.c.reshape({-1, Q, G, S}).select(2, g)};
    // Step 1: what each chunk adds to the state, b^T (delta x, decayed to the chunk's end).
    const auto added = torch::bmm(group.b.transpose(1, 2), Own(weighted, g))
                           .view({B, -1, S, heads * K});  // [B, chunks, S, E'] by each chunk
    // Step 2: the state from chunk to chunk, kept before each.
    const auto across = AcrossOf(g);
    group.before = torch::empty_like(added);
    group.last = StateOf(state, g).contiguous();
    for (int64_t i = 0; i < added.size(1); ++i) {
      group.before.select(1, i).copy_(group.last);
      group.last.mul_(across.select(1, i)).add_(added.select(1, i));
    }
    return group;
  }

  /// What a group's tokens read of the state before their chunk, not yet decayed: [R, Q, heads, K].
  torch::Tensor ReadOf(const Group& group) const {
    return torch::bmm(group.c, group.before.flatten(0, 1)).unflatten(2, {heads, K});
  }
  torch::Tensor DecaysOf(int64_t h) const { return Decays({decaying.steps[h], decaying.starts}); }
};

/// Sums of one backward pass, laid out by chunk.
struct ChunkSums {
  torch::Tensor written;             // [R, Q, H, K]
  torch::Tensor steps;               // [H, R, Q] where tokens of a chunk meet
  torch::Tensor read, ended;         // [R, Q, H] logarithms of from_start, of to_end
  torch::Tensor across;              // [B, chunks, H] logarithm
  torch::Tensor b, c;                // [R, Q, G, S]
  std::vector<torch::Tensor> state;  // per group [B, H / G, K, S]
};

/// Gradient of each chunk's last state [B, chunks, S, E'], and of the state before the first.
/// `read` is what the chunks themselves pass to the states before them.
std::pair<torch::Tensor, torch::Tensor> GradientsBehind(const torch::Tensor& read,
                                                        const torch::Tensor& across,
                                                        torch::Tensor grad_last) {
  auto behind = torch::empty_like(read);
  // Forward's recurrence turned around: last = across * before + added, and before is read.
  for (int64_t i = read.size(1); i-- > 0;) {
    behind.select(1, i).copy_(grad_last);
    grad_last.mul_(across.select(1, i)).add_(read.select(1, i));
  }
  return {behind, grad_last};
}

/// What passes through the states of one group. Returns the group's gradients of b and c.
std::pair<torch::Tensor, torch::Tensor> BackwardStates(const Chunks& chunks, const Group& group,
                                                       int64_t g, const torch::Tensor& grad_y,
                                                       const torch::Tensor& grad_state,
                                                       ChunkSums& sums) {
  const auto own = [&](const torch::Tensor& of) {
    return of.narrow(2, g * chunks.heads, chunks.heads);
  };
  const auto by_head = [&](const torch::Tensor& of) {
    return of.unflatten(-1, {chunks.heads, chunks.K});
  };
  // Between chunks y = from_start * (c before). Gradient of c before:
  const auto grad_read = own(grad_y) * own(chunks.decaying.from_start).unsqueeze(3);
  const auto rows = grad_read.flatten(2);  // [R, Q, E']
  // Each chunk passes c^T grad_read to the state before it; with the recurrence: behind each.
  const auto [behind, before_first] =
      GradientsBehind(torch::bmm(group.c.transpose(1, 2), rows).view(group.before.sizes()),
                      chunks.AcrossOf(g), chunks.StateOf(grad_state, g).clone());
  sums.state.push_back(by_head(before_first).permute({0, 2, 3, 1}));  // [B, H / G, K, S]
  // Of log from_start, at each token: gradient * value; of log across likewise.
  own(sums.read).copy_((grad_read * chunks.ReadOf(group)).sum(3));
  own(sums.across)
      .copy_(by_head((behind * group.before).sum(2)).sum(3) * own(chunks.decaying.across));
  // The chunk added b^T weighted with weighted = written * to_end: gradients of weighted,
  // of log to_end, and of written.
  const auto flat = behind.flatten(0, 1);                  // [R, S, E']
  const auto passed = by_head(torch::bmm(group.b, flat));  // [R, Q, heads, K]
  own(sums.ended).copy_((passed * own(chunks.weighted)).sum(3));
  auto own_written = own(sums.written);
  torch::mul_out(own_written, passed, own(chunks.decaying.to_end).unsqueeze(3));
  // Of b: weighted behind^T; of c: grad_read before^T.
  return {torch::bmm(chunks.Own(chunks.weighted, g), flat.transpose(1, 2)),
          torch::bmm(rows, group.before.flatten(0, 1).transpose(1, 2))};
}

/// What tokens of one chunk pass to each other, for one group.
void BackwardScores(const Chunks& chunks, const Group& group, int64_t g,
                    const torch::Tensor& grad_y, ChunkSums& sums, torch::Tensor& grad_scores) {
  const auto scores = torch::bmm(group.c, group.b.transpose(1, 2));  // [R, Q, Q]
  for (int64_t h = g * chunks.heads; h < (g + 1) * chunks.heads; ++h) {
    const auto decays = chunks.DecaysOf(h);
    const auto grad = chunks.Head(grad_y, h);  // [R, Q, K]
    // Within a chunk y = (decays * scores) written.
    const auto weights = decays * scores;
    chunks.Head(sums.written, h).add_(torch::bmm(weights.transpose(1, 2), grad));
    // Gradient of the scores, which the group's heads share: (grad written^T) * decays.
    const auto grad_decayed =
        torch::bmm(grad, chunks.Head(chunks.written, h).transpose(1, 2)).mul_(decays);
    grad_scores.add_(grad_decayed);
    // decays = exp(sums): gradient of the sums = (grad written^T) * decays * scores.
    auto grad_steps = sums.steps[h];
    AddStepGradients(torch::mul(grad_decayed, scores), grad_steps);
  }
}

/// [R, Q, H] gradients of delta * a: a step counts for every sum that holds it.
torch::Tensor StepGradients(const ChunkSums& sums) {
  const auto read = sums.read.flip(1).cumsum(1).flip(1);       // of the tokens from here on
  const auto ended = sums.ended.cumsum(1).sub_(sums.ended);    // of the tokens before
  const auto across = sums.across.flatten(0, 1).unsqueeze(1);  // [R, 1, H]
  return sums.steps.permute({1, 2, 0}) + read + ended + across;
}

}  // namespace

DualResult DualForward(const DualInputs& in, const torch::Tensor& state, int64_t chunk) {
  const Chunks chunks(in, chunk);
  auto y = torch::empty(chunks.written.sizes(), in.x.options());  // [R, Q, H, K]
  std::vector<torch::Tensor> last;
  for (int64_t g = 0; g < chunks.G; ++g) {
    const Group group = chunks.Of(g, state);
    const auto scores = torch::bmm(group.c, group.b.transpose(1, 2));  // [R, Q, Q]
    const auto own = [&](const torch::Tensor& of) {
      return of.narrow(2, g * chunks.heads, chunks.heads);
    };
    // Between chunks first (what the state before each adds), then within, head by head.
    auto own_y = own(y);
    torch::mul_out(own_y, chunks.ReadOf(group), own(chunks.decaying.from_start).unsqueeze(3));
    for (int64_t h = g * chunks.heads; h < (g + 1) * chunks.heads; ++h) {
      const auto weights = chunks.DecaysOf(h).mul_(scores);
      chunks.Head(y, h).add_(torch::bmm(weights, chunks.Head(chunks.written, h)));
    }
    last.push_back(group.last.transpose(1, 2).unflatten(1, {chunks.heads, chunks.K}));
  }
  y = y.view(in.x.sizes()).addcmul_(in.x, in.d.unsqueeze(1));
  return {y, torch::cat(last, 1)};
}

DualGradients DualBackward(const DualInputs& in, const torch::Tensor& state, int64_t chunk,
                           const DualResult& grads) {
  const Chunks chunks(in, chunk);
  const auto by_chunk = grads.y.view(chunks.written.sizes());  // [R, Q, H, K]
  ChunkSums sums{.written = torch::empty_like(by_chunk),
                 .steps = torch::zeros_like(chunks.decaying.steps),
                 .read = torch::empty_like(chunks.decaying.to_end),
                 .ended = torch::empty_like(chunks.decaying.to_end),
                 .across = torch::empty_like(chunks.decaying.across),
                 .b = torch::empty({by_chunk.size(0), chunk, chunks.G, chunks.S}, in.b.options())};
  sums.c = torch::empty_like(sums.b);
  for (int64_t g = 0; g < chunks.G; ++g) {
    const Group group = chunks.Of(g, state);
    auto [grad_b, grad_c] = BackwardStates(chunks, group, g, by_chunk, grads.state, sums);
    auto grad_scores = torch::zeros({by_chunk.size(0), chunk, chunk}, in.x.options());
    BackwardScores(chunks, group, g, by_chunk, sums, grad_scores);
    // scores = c b^T: of b grad_scores^T c, of c grad_scores b, beside what passed the states.
    sums.b.select(2, g).copy_(grad_b.baddbmm_(grad_scores.transpose(1, 2), group.c));
    sums.c.select(2, g).copy_(grad_c.baddbmm_(grad_scores, group.b));
  }
  // written = delta x and steps = delta a: both pass to delta; x has d's way, too.
  const auto grad_steps = StepGradients(sums).view(in.delta.sizes());  // [B, T, H]
  const auto grad_written = sums.written.view(in.x.sizes());
  return {.x = torch::addcmul(grad_written * in.delta.unsqueeze(3), grads.y, in.d.unsqueeze(1)),
          .delta = (grad_written * in.x).sum(3).addcmul_(grad_steps, in.a),
          .a = (grad_steps * in.delta).sum(torch::IntArrayRef{0, 1}),
          .b = sums.b.view(in.b.sizes()),
          .c = sums.c.view(in.c.sizes()),
          .d = (grads.y * in.x).sum({0, 1, 3}),
          .state = torch::cat(sums.state, 1)};
}

}  // namespace longplay
