// SPDX-License-Identifier: MIT
#include "model/wkv/wkv4.h"

#include <ATen/Dispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <vector>

#include "model/tensors/parallel_for.h"
#include "model/wkv/wkv4_loops.h"

namespace longplay {
namespace {

constexpr int64_t kChannels = 64;   // of one task: its states of a chunk fit the nearest caches
constexpr double kNothing = -1e38;  // exponent of a state that holds nothing

void Check(const Wkv4Input& input, const Wkv4State& state) {
  TORCH_CHECK(input.k.dim() == 3 && input.k.size(1) > 0 && input.v.sizes() == input.k.sizes(),
              "wkv4: k and v: expected equal shapes [B, T, D], got ", input.k.sizes(), " and ",
              input.v.sizes());
  const auto type = input.k.scalar_type();
  TORCH_CHECK(type == torch::kFloat32 || type == torch::kFloat64,
              "wkv4: type: expected float32 or float64, got ", type);
  const int64_t B = input.k.size(0), D = input.k.size(2);
  for (const torch::Tensor& one : {input.w, input.u}) {
    TORCH_CHECK(one.scalar_type() == type && one.sizes() == at::IntArrayRef({D}),
                "wkv4: w and u: expected [", D, "] ", type, ", got ", one.sizes(), " ",
                one.scalar_type());
  }
  for (const torch::Tensor& one : {state.a, state.b, state.p}) {
    TORCH_CHECK(one.scalar_type() == type && one.sizes() == at::IntArrayRef({B, D}),
                "wkv4: state: expected [", B, ", ", D, "] ", type, ", got ", one.sizes(), " ",
                one.scalar_type());
  }
  TORCH_CHECK(
      !input.starts.defined() || input.starts.sizes() == at::IntArrayRef({B, input.k.size(1)}),
      "wkv4: starts: expected [", B, ", ", input.k.size(1), "], got ", input.starts.sizes());
}

/// A pointer to a sequence's part of x [B, ..].
template <typename Scalar>
Scalar* PartOf(const torch::Tensor& x, int64_t sequence) {
  return x.data_ptr<Scalar>() + sequence * x.stride(0);
}

/// Contiguous tensors of one call of the loops.
struct Arrays {
  torch::Tensor w, u, k, v, starts, a, b, p;

  Arrays(const Wkv4Input& input, const Wkv4State& state)
      : w(input.w.contiguous()),
        u(input.u.contiguous()),
        k(input.k.contiguous()),
        v(input.v.contiguous()),
        starts(input.starts.defined() ? input.starts.contiguous() : input.starts),
        a(state.a.contiguous()),
        b(state.b.contiguous()),
        p(state.p.contiguous()) {}

  template <typename Scalar>
  Wkv4Sequence<Scalar> Sequence(int64_t sequence, int64_t channel) const {
    const int64_t T = k.size(1), D = k.size(2);
    const auto part = [&](const torch::Tensor& x) { return PartOf<Scalar>(x, sequence); };
    return {T,
            D,
            channel,
            std::min(D, channel + kChannels),
            w.data_ptr<Scalar>(),
            u.data_ptr<Scalar>(),
            part(k),
            part(v),
            starts.defined() ? starts.data_ptr<bool>() + sequence * T : nullptr,
            part(a),
            part(b),
            part(p)};
  }

  /// body(sequence, first channel), on several threads.
  template <typename Body>
  void ForEachTask(const Body& body) const {
    const int64_t B = k.size(0), groups = (k.size(2) + kChannels - 1) / kChannels;
    // Channels are independent: a task is some of them in one sequence, over all tokens.
    ParallelFor(0, B * groups, 1, [&](int64_t first, int64_t last) {
      for (int64_t i = first; i < last; ++i) body(i / groups, i % groups * kChannels);
    });
  }
};

/// `kept` undefined: no backward will come.
Wkv4Output RunForward(const Arrays& arrays, const torch::Tensor& kept) {
  const auto state = [&] { return torch::empty_like(arrays.a); };
  Wkv4Output out{torch::empty_like(arrays.k), {state(), state(), state()}};
  AT_DISPATCH_FLOATING_TYPES(out.y.scalar_type(), "wkv4", [&] {
    arrays.ForEachTask([&](int64_t sequence, int64_t channel) {
      const auto part = [&](const torch::Tensor& x) { return PartOf<scalar_t>(x, sequence); };
      Wkv4Forward<scalar_t>(arrays.Sequence<scalar_t>(sequence, channel),
                            {part(out.y), part(out.last.a), part(out.last.b), part(out.last.p),
                             kept.defined() ? part(kept) : nullptr});
    });
  });
  return out;
}

torch::Tensor ContiguousOrZeros(const torch::Tensor& grad, const torch::Tensor& like) {
  return grad.defined() ? grad.contiguous() : torch::zeros_like(like);
}

/// Gradients of w, u, k, v, a, b, in this order; `grads` of y and of the last a and b, `last_p` of
/// the forward pass.
torch::autograd::variable_list RunBackward(const Arrays& arrays, const torch::Tensor& kept,
                                           const torch::Tensor& last_p,
                                           const torch::autograd::variable_list& grads) {
  const auto grad_y = ContiguousOrZeros(grads[0], arrays.k);
  const auto last_a = ContiguousOrZeros(grads[1], arrays.a);
  const auto last_b = ContiguousOrZeros(grads[2], arrays.b);
  const auto state = [&] { return torch::empty_like(arrays.a); };
  // w's and u's are summed over sequences at the end: a task writes its own.
  auto a = state(), b = state(), w = state(), u = state();  // [B, D]
  auto k = torch::empty_like(arrays.k), v = torch::empty_like(arrays.v);
  AT_DISPATCH_FLOATING_TYPES(k.scalar_type(), "wkv4", [&] {
    arrays.ForEachTask([&](int64_t sequence, int64_t channel) {
      const auto part = [&](const torch::Tensor& x) { return PartOf<scalar_t>(x, sequence); };
      Wkv4Backward<scalar_t>(arrays.Sequence<scalar_t>(sequence, channel),
                             {part(grad_y), part(kept), part(last_a), part(last_b), part(last_p),
                              part(k), part(v), part(w), part(u), part(a), part(b)});
    });
  });
  return {w.sum(0), u.sum(0), k, v, a, b};
}

class Wkv4Function : public torch::autograd::Function<Wkv4Function> {
 public:
  /// inputs: w, u, k, v, a, b. Returns y and the last a, b, p.
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                at::TensorList inputs, const torch::Tensor& p,
                                                const std::vector<torch::Tensor>& starts) {
    const Arrays arrays({inputs[0], inputs[1], inputs[2], inputs[3], starts[0]},
                        {inputs[4], inputs[5], p});
    const int64_t T = arrays.k.size(1), D = arrays.k.size(2);
    // One state (a, b, p) for each chunk; the others are computed again.
    const auto kept =
        torch::empty({arrays.k.size(0), (T + kWkv4Chunk - 1) / kWkv4Chunk, 3, D}, p.options());
    const Wkv4Output out = RunForward(arrays, kept);
    context->save_for_backward({arrays.w, arrays.u, arrays.k, arrays.v, arrays.starts, arrays.a,
                                arrays.b, arrays.p, kept, out.last.p});
    // p is a choice of scale: y and the true sums a e^p, b e^p don't depend on it.
    context->mark_non_differentiable({out.last.p});
    return {out.y, out.last.a, out.last.b, out.last.p};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "wkv4: backward: expected first derivatives only, got create_graph = true");
    const auto saved = context->get_saved_variables();
    auto result = RunBackward(
        Arrays({saved[0], saved[1], saved[2], saved[3], saved[4]}, {saved[5], saved[6], saved[7]}),
        saved[8], saved[9], grads);
    result.insert(result.end(), 2, torch::Tensor());  // p, starts
    return result;
  }
};

/// The same states at distances 1, 2, 4 ..: decay [.., D] is the log of what one multiplies the
/// states before it with, a, b, p [.., n, D] are those of one token or of a chunk that ends
/// there.
struct Spans {
  torch::Tensor decay, a, b, p;

  Spans Narrow(int64_t first, int64_t size) const {
    const auto part = [&](const torch::Tensor& x) { return x.narrow(1, first, size); };
    return {part(decay), part(a), part(b), part(p)};
  }
};

/// What stands in `before`, then what stands in `after`.
Spans Join(const Spans& before, const Spans& after) {
  // Both at the larger exponent, as in the loops' Aligned.
  const auto decayed = before.p + after.decay;
  const auto largest = torch::maximum(decayed, after.p).detach();
  const auto f = (decayed - largest).exp(), g = (after.p - largest).exp();
  return {before.decay + after.decay, f * before.a + g * after.a, f * before.b + g * after.b,
          largest};
}

/// Every token's state, from those of single tokens: [B, n, D].
Spans JoinAll(Spans spans) {
  const int64_t n = spans.p.size(1);
  // After a round, each token's entry holds the token and up to 2 distance - 1 before it.
  for (int64_t distance = 1; distance < n; distance *= 2) {
    const Spans head = spans.Narrow(0, distance);
    const Spans joined = Join(spans.Narrow(0, n - distance), spans.Narrow(distance, n - distance));
    const auto both = [](const torch::Tensor& x, const torch::Tensor& y) {
      return torch::cat({x, y}, 1);
    };
    spans = {both(head.decay, joined.decay), both(head.a, joined.a), both(head.b, joined.b),
             both(head.p, joined.p)};
  }
  return spans;
}

}  // namespace

Wkv4State StartWkv4(int64_t batch, int64_t width, const torch::TensorOptions& options) {
  const auto zeros = torch::zeros({batch, width}, options);
  return {zeros, zeros.clone(), torch::full({batch, width}, kNothing, options)};
}

Wkv4Output Wkv4(const Wkv4Input& input, const Wkv4State& state) {
  Check(input, state);
  if (!input.k.device().is_cpu()) return Wkv4OnAnyDevice(input, state);
  if (!at::GradMode::is_enabled()) return RunForward(Arrays(input, state), {});
  const std::vector<torch::Tensor> inputs{input.w, input.u, input.k, input.v, state.a, state.b};
  auto out = Wkv4Function::apply(at::TensorList(inputs), state.p,
                                 std::vector<torch::Tensor>{input.starts});
  return {out[0], {out[1], out[2], out[3]}};
}

Wkv4Output Wkv4OnAnyDevice(const Wkv4Input& input, const Wkv4State& state) {
  Check(input, state);
  const int64_t T = input.k.size(1);
  auto decay = input.w.expand_as(input.k);  // [B, T, D]
  // A start decays everything before it to nothing.
  if (input.starts.defined()) decay = decay.masked_fill(input.starts.unsqueeze(-1), kNothing);
  const auto one = [](const torch::Tensor& x) { return x.unsqueeze(1); };
  Spans carried{torch::zeros_like(one(state.p)), one(state.a), one(state.b), one(state.p)};
  std::vector<torch::Tensor> y;
  for (int64_t first = 0; first < T; first += kWkv4Chunk) {
    const int64_t n = std::min(kWkv4Chunk, T - first);
    const auto k = input.k.narrow(1, first, n), v = input.v.narrow(1, first, n);
    const auto p = k.detach();
    const auto unit = (k - p).exp();  // 1, with the gradient of k
    // States behind each token of the chunk, with what was carried into it.
    const Spans behind = Join(carried, JoinAll({decay.narrow(1, first, n), unit * v, unit, p}));
    const auto before = [&](const torch::Tensor& x, const torch::Tensor& start) {
      return torch::cat({start, x.narrow(1, 0, n - 1)}, 1);  // [B, n, D] before each token
    };
    // y_t reads the state before the token, which a start has not decayed yet: hidden here.
    auto exponent = before(behind.p, carried.p);
    if (input.starts.defined()) {
      exponent = exponent.masked_fill(input.starts.narrow(1, first, n).unsqueeze(-1), kNothing);
    }
    // Numerator and denominator at the larger of the two exponents.
    const auto newest = input.u + k;
    const auto largest = torch::maximum(exponent, newest).detach();
    const auto f = (exponent - largest).exp(), g = (newest - largest).exp();
    y.push_back((f * before(behind.a, carried.a) + g * v) / (f * before(behind.b, carried.b) + g));
    carried = behind.Narrow(n - 1, 1);
  }
  const auto flat = [](const torch::Tensor& x) { return x.squeeze(1); };
  return {torch::cat(y, 1), {flat(carried.a), flat(carried.b), flat(carried.p)}};
}

}  // namespace longplay
