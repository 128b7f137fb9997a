// SPDX-License-Identifier: MIT
#include "agent/ranks/rank_sums.h"

#include <c10/core/GradMode.h>
#include <torch/types.h>

#include <algorithm>
#include <span>

namespace longplay {
namespace {

/// Parameters that are exchanged at once: enough for a message to be worth its way, few enough that
/// the next rank soon has something to do.
constexpr int64_t kBucketNumbers = 1 << 20;

/// Consecutive parameters of one type.
struct Bucket {
  size_t begin = 0, end = 0;  // of the parameters
  torch::Tensor flat;         // [numbers] on the CPU
};

/// Their flat tensors are made when it is their turn.
std::vector<Bucket> BucketsOf(const std::vector<torch::Tensor>& parameters) {
  std::vector<Bucket> buckets;
  int64_t numbers = 0;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const bool fits = !buckets.empty() && numbers + parameters[i].numel() <= kBucketNumbers &&
                      parameters[i].scalar_type() == parameters[i - 1].scalar_type();
    if (!fits) {
      buckets.push_back({.begin = i});
      numbers = 0;
    }
    buckets.back().end = i + 1;
    numbers += parameters[i].numel();
  }
  return buckets;
}

torch::Tensor FlatZeros(const std::vector<torch::Tensor>& parameters, const Bucket& bucket) {
  int64_t numbers = 0;
  for (size_t i = bucket.begin; i < bucket.end; ++i) numbers += parameters[i].numel();
  return torch::zeros({numbers}, torch::dtype(parameters[bucket.begin].scalar_type()));
}

/// do_with(i, its numbers in the bucket, in the parameter's shape) for every parameter.
template <typename F>
void ForEachIn(const Bucket& bucket, const std::vector<torch::Tensor>& parameters, F do_with) {
  int64_t at = 0;
  for (size_t i = bucket.begin; i < bucket.end; ++i) {
    const int64_t numbers = parameters[i].numel();
    do_with(i, bucket.flat.narrow(0, at, numbers).view(parameters[i].sizes()));
    at += numbers;
  }
}

/// In place: a gradient may be a view of another one.
void SetGradient(const torch::Tensor& parameter, const torch::Tensor& sum) {
  if (parameter.grad().defined()) {
    parameter.mutable_grad().copy_(sum);
  } else {
    parameter.mutable_grad() = sum.to(parameter.device(), /*non_blocking=*/false, /*copy=*/true);
  }
}

std::span<std::byte> BytesOf(const torch::Tensor& flat) {
  return {static_cast<std::byte*>(flat.mutable_data_ptr()), static_cast<size_t>(flat.nbytes())};
}

}  // namespace

std::vector<std::vector<double>> OfAllPasses(ProcessGroup* group, const OwnPasses& passes,
                                             std::vector<std::vector<double>> own) {
  if (group == nullptr) return own;
  // Zeros stand for what other ranks fill in: adding them changes no number.
  const size_t numbers = own.front().size();
  std::vector<double> flat(passes.all * numbers);
  for (size_t i = 0; i < own.size(); ++i) {
    std::ranges::copy(own[i], flat.begin() + static_cast<int64_t>((passes.first + i) * numbers));
  }
  group->AllReduce(std::span(flat));
  std::vector<std::vector<double>> all(passes.all);
  for (size_t i = 0; i < all.size(); ++i) {
    const auto first = flat.begin() + static_cast<int64_t>(i * numbers);
    all[i].assign(first, first + static_cast<int64_t>(numbers));
  }
  return all;
}

void AllReduceGradients(ProcessGroup& group, const std::vector<torch::Tensor>& parameters) {
  const torch::NoGradGuard no_grad;
  for (Bucket& bucket : BucketsOf(parameters)) {
    bucket.flat = FlatZeros(parameters, bucket);
    ForEachIn(bucket, parameters, [&](size_t i, torch::Tensor numbers) {
      if (parameters[i].grad().defined()) numbers.copy_(parameters[i].grad());
    });
    const auto count = static_cast<size_t>(bucket.flat.numel());
    if (bucket.flat.scalar_type() == torch::kDouble) {
      group.AllReduce(std::span(bucket.flat.mutable_data_ptr<double>(), count));
    } else {
      group.AllReduce(std::span(bucket.flat.mutable_data_ptr<float>(), count));
    }
    ForEachIn(bucket, parameters,
              [&](size_t i, const torch::Tensor& numbers) { SetGradient(parameters[i], numbers); });
  }
}

void SumGradientsInOrder(ProcessGroup& group, const std::vector<torch::Tensor>& parameters,
                         const std::vector<std::vector<torch::Tensor>>& passes) {
  const torch::NoGradGuard no_grad;
  const int64_t last = group.size() - 1;
  std::vector<Bucket> buckets = BucketsOf(parameters);
  // Forward through the ranks: while one adds to a bucket, the one before it is at the next.
  for (Bucket& bucket : buckets) {
    bucket.flat = FlatZeros(parameters, bucket);
    const bool first = group.rank() == 0;
    if (!first) group.Receive(BytesOf(bucket.flat), group.rank() - 1);
    for (size_t pass = 0; pass < passes.size(); ++pass) {
      ForEachIn(bucket, parameters, [&](size_t i, torch::Tensor numbers) {
        const torch::Tensor& gradient = passes[pass][i];
        if (!gradient.defined()) return;
        // The first number of a sum is itself, not 0 plus it: that keeps the sign of a zero.
        if (first && pass == 0) {
          numbers.copy_(gradient);
        } else {
          numbers.add_(gradient);
        }
      });
    }
    if (group.rank() != last) group.Send(BytesOf(bucket.flat), group.rank() + 1);
  }
  for (Bucket& bucket : buckets) {
    group.Broadcast(BytesOf(bucket.flat), last);
    ForEachIn(bucket, parameters,
              [&](size_t i, const torch::Tensor& numbers) { SetGradient(parameters[i], numbers); });
    bucket.flat.reset();
  }
}

}  // namespace longplay
