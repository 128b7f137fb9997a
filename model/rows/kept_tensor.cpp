// SPDX-License-Identifier: MIT
#include "model/rows/kept_tensor.h"

#include <torch/types.h>
#include <torch/utils.h>

#include "model/rows/layer_pass.h"
#include "model/rows/mapped_tensor.h"
#include "model/tensors/keyed_noise.h"

namespace longplay {
namespace {

constexpr double kLargestCode = 255;
constexpr int64_t kRowsAtOnce = 1024;  // bounds the temporaries in float32

struct Coded {
  torch::Tensor codes;   // [R, D] uint8
  torch::Tensor ranges;  // [R, 2] float32: smallest, step
};

Coded Encode(const torch::Tensor& x, const torch::Tensor& keys) {
  const auto options = x.options();
  Coded coded{torch::empty(x.sizes(), options.dtype(torch::kUInt8)),
              torch::empty({x.size(0), 2}, options.dtype(torch::kFloat32))};
  ForEachRowBlock(x.size(0), kRowsAtOnce, [&](const RowBlock& block) {
    // A copy, which the steps below overwrite; the row's range is its own.
    auto rows = block.Of(x).to(torch::kFloat32, /*non_blocking=*/false, /*copy=*/true);
    const auto [smallest, largest] = rows.aminmax(1, /*keepdim=*/true);
    // A row of equal numbers has no range: any step above 0 restores it.
    const auto step = ((largest - smallest) / kLargestCode).clamp_min_(1e-30);
    // Stochastic rounding: floor(x + u) with u uniform in (0, 1) has mean x.
    const auto carry = KeyedUniform(block.Of(keys), rows.size(1), torch::kFloat32);
    rows.sub_(smallest).div_(step).add_(carry).floor_().clamp_(0, kLargestCode);
    block.Of(coded.codes).copy_(rows);
    block.Of(coded.ranges).copy_(torch::cat({smallest, step}, 1));
  });
  return coded;
}

torch::Tensor Decode(const Coded& coded, const torch::TensorOptions& like) {
  auto x = torch::empty(coded.codes.sizes(), like);
  ForEachRowBlock(x.size(0), kRowsAtOnce, [&](const RowBlock& block) {
    const auto ranges = block.Of(coded.ranges);
    // smallest + code * step, in float32, rounded to the type of x.
    block.Of(x).copy_(torch::addcmul(
        ranges.narrow(1, 0, 1), block.Of(coded.codes).to(torch::kFloat32), ranges.narrow(1, 1, 1)));
  });
  return x;
}

torch::Tensor Put(const torch::Tensor& values, KeptPlace place) {
  switch (place) {
    case KeptPlace::kDevice:
      return values;
    case KeptPlace::kHost:
      if (values.device().is_cpu()) return values;
      // Pinned, so that the device copies from it directly.
      return torch::empty(values.sizes(), values.options().device(torch::kCPU).pinned_memory(true))
          .copy_(values);
    case KeptPlace::kFile:
      return MappedTensor(values.sizes(), values.scalar_type()).copy_(values);
  }
  TORCH_CHECK(false, "keeping a tensor: place: got unknown number ", static_cast<int>(place));
}

}  // namespace

KeptTensor::KeptTensor(const torch::Tensor& x, const KeptOptions& options,
                       const torch::Tensor& keys)
    : like_(x.options().requires_grad(false)) {
  const torch::NoGradGuard no_grad;
  switch (options.type) {
    case KeptType::kAsComputed:
      values_ = x;
      break;
    case KeptType::kBFloat16:
      values_ = x.to(torch::kBFloat16);
      break;
    case KeptType::kInt8: {
      TORCH_CHECK(keys.defined() && keys.sizes() == x.sizes().slice(0, 2),
                  "keeping a tensor in 8 bits: expected a key for each row of ", x.sizes());
      Coded coded = Encode(x.reshape({-1, x.size(-1)}), keys.reshape(-1));
      values_ = coded.codes.view(x.sizes());
      ranges_ = coded.ranges.view({x.size(0), x.size(1), 2});
      break;
    }
  }
  values_ = Put(values_, options.place);
}

torch::Tensor KeptTensor::Restore(Range tokens) const {
  const torch::NoGradGuard no_grad;
  // Codes and ranges of these tokens only; the rest stays where it waits.
  const auto values = values_.narrow(1, tokens.first, tokens.size()).to(like_.device());
  if (!ranges_.defined()) return values.to(like_);
  const auto ranges = ranges_.narrow(1, tokens.first, tokens.size());
  const Coded coded{values.reshape({-1, values.size(2)}), ranges.reshape({-1, 2})};
  return Decode(coded, like_).view(values.sizes());
}

}  // namespace longplay
