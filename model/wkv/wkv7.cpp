// SPDX-License-Identifier: MIT
#include "model/wkv/wkv7.h"

#include <ATen/Dispatch.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <vector>

#include "model/tensors/parallel_for.h"
#include "model/wkv/wkv7_loops.h"

namespace longplay {
namespace {

constexpr int64_t kRowsOfTask = 16;     // of the state, in forward
constexpr int64_t kOperatorChunk = 16;  // [tokens] of Wkv7OnAnyDevice

void Check(const Wkv7Input& input, const torch::Tensor& state) {
  const auto sizes = input.r.sizes();
  TORCH_CHECK(sizes.size() == 4 && sizes[1] > 0 && sizes[3] % 8 == 0,
              "wkv7: r: expected [B, T, H, K] with K a multiple of 8, got ", sizes);
  const auto type = input.r.scalar_type();
  TORCH_CHECK(type == torch::kFloat32 || type == torch::kFloat64,
              "wkv7: type: expected float32 or float64, got ", type);
  for (const torch::Tensor& one : {input.w, input.k, input.v, input.a, input.b}) {
    TORCH_CHECK(one.scalar_type() == type && one.sizes() == sizes, "wkv7: w, k, v, a, b: expected ",
                sizes, " ", type, " as r, got ", one.sizes(), " ", one.scalar_type());
  }
  const std::array<int64_t, 4> wanted{sizes[0], sizes[2], sizes[3], sizes[3]};
  TORCH_CHECK(state.scalar_type() == type && state.sizes() == at::IntArrayRef(wanted),
              "wkv7: state: expected ", at::IntArrayRef(wanted), " ", type, ", got ", state.sizes(),
              " ", state.scalar_type());
  TORCH_CHECK(!input.starts.defined() || input.starts.sizes() == sizes.slice(0, 2),
              "wkv7: starts: expected ", sizes.slice(0, 2), ", got ", input.starts.sizes());
}

Wkv7Input Contiguous(const Wkv7Input& input) {
  return {input.r.contiguous(),
          input.w.contiguous(),
          input.k.contiguous(),
          input.v.contiguous(),
          input.a.contiguous(),
          input.b.contiguous(),
          input.starts.defined() ? input.starts.contiguous() : input.starts};
}

/// Token 0 of a head in x [B, T, H, K].
template <typename Scalar>
Scalar* HeadOf(const torch::Tensor& x, int64_t sequence, int64_t head) {
  return x.data_ptr<Scalar>() + sequence * x.stride(0) + head * x.stride(2);
}
/// A head's state in x [.., H, K, K] of one sequence.
template <typename Scalar>
Scalar* StateOf(const torch::Tensor& x, int64_t sequence, int64_t head) {
  return x.data_ptr<Scalar>() + sequence * x.stride(0) + head * x.stride(-3);
}

template <typename Scalar>
Wkv7Head<Scalar> Head(const Wkv7Input& in, int64_t sequence, int64_t head) {
  const auto of = [&](const torch::Tensor& x) { return HeadOf<Scalar>(x, sequence, head); };
  return {in.r.size(1),
          in.r.size(3),
          in.r.stride(1),
          of(in.r),
          of(in.w),
          of(in.k),
          of(in.v),
          of(in.a),
          of(in.b),
          in.starts.defined() ? in.starts.data_ptr<bool>() + sequence * in.r.size(1) : nullptr};
}

/// y. `state` becomes the last one. `kept` [B, chunks, H, K, K], or undefined: no backward will
/// come.
torch::Tensor RunForward(const Wkv7Input& in, const torch::Tensor& state,
                         const torch::Tensor& kept) {
  const int64_t B = in.r.size(0), H = in.r.size(2), K = in.r.size(3);
  // The state's rows, one for each value, don't need each other: a task is some rows of a head.
  const int64_t parts = (K + kRowsOfTask - 1) / kRowsOfTask;
  auto y = torch::empty_like(in.r);
  AT_DISPATCH_FLOATING_TYPES(y.scalar_type(), "wkv7", [&] {
    ParallelFor(0, B * H * parts, 1, [&](int64_t begin, int64_t end) {
      for (int64_t task = begin; task < end; ++task) {
        const int64_t sequence = task / parts / H, head = task / parts % H;
        const int64_t first = task % parts * kRowsOfTask;
        Wkv7Forward<scalar_t>(
            Head<scalar_t>(in, sequence, head),
            {first, std::min(K, first + kRowsOfTask), H * K * K,
             HeadOf<scalar_t>(y, sequence, head), StateOf<scalar_t>(state, sequence, head),
             kept.defined() ? StateOf<scalar_t>(kept, sequence, head) : nullptr});
      }
    });
  });
  return y;
}

/// Gradients of r, w, k, v, a, b and the state, in this order.
torch::autograd::variable_list RunBackward(const Wkv7Input& in, const torch::Tensor& kept,
                                           const torch::Tensor& grad_y,
                                           const torch::Tensor& grad_last) {
  const int64_t B = in.r.size(0), H = in.r.size(2), K = in.r.size(3);
  torch::autograd::variable_list grads;
  // Zeros, as the loops add to them block by block of rows; the state's gradient is passed back in
  // place.
  for (int i = 0; i < 6; ++i) grads.push_back(torch::zeros_like(in.r));
  grads.push_back(grad_last.clone(at::MemoryFormat::Contiguous));
  AT_DISPATCH_FLOATING_TYPES(in.r.scalar_type(), "wkv7", [&] {
    ParallelFor(0, B * H, 1, [&](int64_t begin, int64_t end) {
      // Gradients of r, w, k, a, b sum over the state's rows, so a task is a whole head.
      std::vector<scalar_t> scratch(Wkv7Scratch(K));
      for (int64_t task = begin; task < end; ++task) {
        const int64_t sequence = task / H, head = task % H;
        const auto of = [&](const torch::Tensor& x) { return HeadOf<scalar_t>(x, sequence, head); };
        Wkv7Backward<scalar_t>(
            Head<scalar_t>(in, sequence, head),
            {H * K * K, of(grad_y), StateOf<scalar_t>(kept, sequence, head), of(grads[0]),
             of(grads[1]), of(grads[2]), of(grads[3]), of(grads[4]), of(grads[5]),
             StateOf<scalar_t>(grads[6], sequence, head), scratch.data()});
      }
    });
  });
  return grads;
}

class Wkv7Function : public torch::autograd::Function<Wkv7Function> {
 public:
  /// inputs: r, w, k, v, a, b, state. Returns y and the last state.
  static torch::autograd::variable_list forward(torch::autograd::AutogradContext* context,
                                                at::TensorList inputs,
                                                const std::vector<torch::Tensor>& starts) {
    const Wkv7Input in =
        Contiguous({inputs[0], inputs[1], inputs[2], inputs[3], inputs[4], inputs[5], starts[0]});
    // A copy: the loops move it on in place.
    const auto state = inputs[6].clone(at::MemoryFormat::Contiguous);
    const int64_t B = in.r.size(0), T = in.r.size(1), H = in.r.size(2), K = in.r.size(3);
    // One state for each chunk; the others are computed again.
    const auto kept =
        torch::empty({B, (T + kWkv7Chunk - 1) / kWkv7Chunk, H, K, K}, state.options());
    const auto y = RunForward(in, state, kept);
    context->save_for_backward({in.r, in.w, in.k, in.v, in.a, in.b, in.starts, kept});
    return {y, state};
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& grads) {
    TORCH_CHECK(!at::GradMode::is_enabled(),
                "wkv7: backward: expected first derivatives only, got create_graph = true");
    const auto saved = context->get_saved_variables();
    const Wkv7Input in{saved[0], saved[1], saved[2], saved[3], saved[4], saved[5], saved[6]};
    const torch::Tensor& kept = saved[7];
    const auto grad_y = grads[0].defined() ? grads[0].contiguous() : torch::zeros_like(in.r);
    const auto grad_last = grads[1].defined() ? grads[1] : torch::zeros_like(kept.select(1, 0));
    auto result = RunBackward(in, kept, grad_y, grad_last);
    result.emplace_back();  // starts
    return result;
  }
};

/// A chunk of n tokens of Wkv7OnAnyDevice, [B, H, n, K] each, and what its tokens see.
struct OperatorChunk {
  torch::Tensor r, w, k, v, a, b;
  torch::Tensor start;  // [B, 1, n, 1], 1 = sees the state before the chunk; undefined = all do
  torch::Tensor pairs;  // [B, 1, n, n], 1 = token and earlier token of one segment; or undefined

  OperatorChunk(const Wkv7Input& input, int64_t first, int64_t n) {
    const auto part = [&](const torch::Tensor& x) { return x.narrow(1, first, n).transpose(1, 2); };
    r = part(input.r);
    w = part(input.w);
    k = part(input.k);
    v = part(input.v);
    a = part(input.a);
    b = part(input.b);
    if (!input.starts.defined()) return;
    const auto segment = input.starts.narrow(1, first, n).cumsum(1);  // [B, n]
    start = (segment == 0).to(r.scalar_type()).view({-1, 1, n, 1});
    pairs = (segment.unsqueeze(2) == segment.unsqueeze(1)).to(r.scalar_type()).unsqueeze(1);
  }

  torch::Tensor Paired(const torch::Tensor& products) const {
    return pairs.defined() ? products * pairs : products;
  }
  torch::Tensor Started(const torch::Tensor& rows) const {
    return start.defined() ? rows * start : rows;
  }
};

/// y [B, H, n, K]; `state` becomes that behind the chunk. With G_t the product of the decays up to
/// token t and u_s = S_{s-1} a_s,
///   S_t = (S_0 + sum_{s<=t} (u_s b_s^T + v_s k_s^T) / G_s) G_t,
/// where the u solve a unit lower triangular system.
torch::Tensor RunOperators(const OperatorChunk& x, torch::Tensor& state) {
  // Decays are taken apart: what is written is divided by G, what reads is multiplied.
  const auto product = x.w.log().cumsum(2).exp();  // G [B, H, n, K]
  const auto before = product / x.w;               // G of the token before
  const auto removing = x.a * before, reading = x.r * product;
  const auto adding_b = x.b / product, adding_k = x.k / product;
  const auto with = [&](const torch::Tensor& left, const torch::Tensor& right) {
    return x.Paired(torch::matmul(left, right.transpose(2, 3)));  // [B, H, n, n]
  };
  // u_s = S_0 part + sum over earlier r of (u_r b_r^T + v_r k_r^T) / G_r, times G_(s-1) a_s:
  // what is known on the right, what holds u on the left.
  const auto values = state.transpose(2, 3);  // [B, H, K keys, K values]
  const auto known = x.Started(torch::matmul(removing, values)) +
                     torch::matmul(with(removing, adding_k).tril(-1), x.v);
  const auto own = torch::eye(x.w.size(2), x.w.options()) - with(removing, adding_b).tril(-1);
  const auto u = at::linalg_solve_triangular(own, known, /*upper=*/false, /*left=*/true,
                                             /*unitriangular=*/true);  // [B, H, n, K]
  // y_t = S_t r_t likewise, the token itself included.
  auto y = x.Started(torch::matmul(reading, values)) +
           torch::matmul(with(reading, adding_b).tril(), u) +
           torch::matmul(with(reading, adding_k).tril(), x.v);
  // S behind the chunk: what the newest token still sees, times all of the decay.
  const int64_t newest = x.w.size(2) - 1;
  const auto end = product.narrow(2, newest, 1);      // [B, H, 1, K]
  auto kept = torch::ones_like(x.w.narrow(3, 0, 1));  // [B, H, n, 1]
  if (x.pairs.defined()) kept = kept * x.pairs.narrow(2, newest, 1).transpose(2, 3);
  const auto carried = x.start.defined() ? state * x.start.narrow(2, newest, 1) : state;
  state = (carried + torch::matmul((u * kept).transpose(2, 3), adding_b) +
           torch::matmul((x.v * kept).transpose(2, 3), adding_k)) *
          end;
  return y;
}

}  // namespace

Wkv7Output Wkv7(const Wkv7Input& input, const torch::Tensor& state) {
  Check(input, state);
  if (!input.r.device().is_cpu()) return Wkv7OnAnyDevice(input, state);
  if (!at::GradMode::is_enabled()) {
    const auto last = state.clone(at::MemoryFormat::Contiguous);
    const auto y = RunForward(Contiguous(input), last, {});
    return {y, last};
  }
  const std::vector<torch::Tensor> inputs{input.r, input.w, input.k, input.v,
                                          input.a, input.b, state};
  auto out = Wkv7Function::apply(at::TensorList(inputs), std::vector<torch::Tensor>{input.starts});
  return {out[0], out[1]};
}

Wkv7Output Wkv7OnAnyDevice(const Wkv7Input& input, const torch::Tensor& state) {
  Check(input, state);
  const int64_t T = input.r.size(1);
  auto last = state;
  std::vector<torch::Tensor> y;
  for (int64_t first = 0; first < T; first += kOperatorChunk) {
    y.push_back(
        RunOperators(OperatorChunk(input, first, std::min(kOperatorChunk, T - first)), last));
  }
  return {torch::cat(y, 2).transpose(1, 2).contiguous(), last};
}

}  // namespace longplay
