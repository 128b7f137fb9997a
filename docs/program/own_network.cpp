// SPDX-License-Identifier: MIT
// Trains a network of one's own, written with LibTorch, on chains of episodes:
//
//   own_network DATA
//
// The data set, its batches and the blockwise attention are longplay's; the network, the loss and
// the loop are written here. docs/cpp.md walks through this program.
#include <datasets/chains/chain.h>
#include <datasets/chains/fill_batch.h>
#include <datasets/store/episode_set.h>
#include <model/attention/blockwise_attention.h>
#include <torch/nn/module.h>
#include <torch/nn/modules/linear.h>
#include <torch/nn/pimpl.h>
#include <torch/optim/adam.h>
#include <torch/types.h>
#include <torch/utils.h>

#include <cstdint>
#include <cstdio>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

/// A chain's steps as tokens, and one layer of attention over all of its episodes:
///
///   return, observation [B, N, 1 + O] ─► embed ─► x [B, N, D]
///   x ─┬─► q, k, v [B, H, N, K] ─► attention ─┐
///      └──────────────────────────────────────+─► head ─► action [B, N, A]
class OwnNetworkImpl : public torch::nn::Module {
 public:
  OwnNetworkImpl(int64_t observation_size, int64_t action_size) {
    embed_ = register_module("embed", torch::nn::Linear(1 + observation_size, kWidth));
    project_ = register_module("project", torch::nn::Linear(kWidth, 3 * kWidth));
    head_ = register_module("head", torch::nn::Linear(kWidth, action_size));
  }

  ///   steps    [B, N, 1 + O] float32
  ///   valid    [B, N] bool, true = a real step, false = padding, which no step sees
  ///   returns  [B, N, A]
  torch::Tensor forward(const torch::Tensor& steps, const torch::Tensor& valid) {
    const torch::Tensor x = embed_(steps);  // [B, N, D]
    const auto qkv =
        project_(x).unflatten(2, {3, kHeads, kWidth / kHeads}).permute({2, 0, 3, 1, 4});
    // qkv [3, B, H, N, K], heads [B, H, N, K]: a step sees itself and all earlier ones of its
    // chain. The scores of 64 by 64 steps are in memory at once, whatever the chain's length.
    const torch::Tensor heads = longplay::BlockwiseAttend(qkv[0], qkv[1], qkv[2], {.keys = valid},
                                                          {.query_block = 64, .key_block = 64});
    return head_(x + heads.transpose(1, 2).flatten(2));  // [B, N, D] ─► [B, N, A]
  }

 private:
  static constexpr int64_t kWidth = 32, kHeads = 2;  // D, H

  torch::nn::Linear embed_{nullptr}, project_{nullptr}, head_{nullptr};
};
TORCH_MODULE(OwnNetwork);

/// A batch's numbers as a tensor, without a copy: the batch must outlive it.
torch::Tensor Wrap(std::vector<float>& values, at::IntArrayRef shape) {
  return torch::from_blob(values.data(), shape, torch::kFloat32);
}
torch::Tensor Wrap(std::vector<uint8_t>& values, at::IntArrayRef shape) {
  return torch::from_blob(values.data(), shape, torch::kUInt8).to(torch::kBool);
}

/// Squared error of the actions, averaged over the steps that count: padding does not.
torch::Tensor Loss(OwnNetwork& network, longplay::Batch& batch) {
  const int64_t B = batch.chains, N = batch.steps;
  const int64_t O = batch.rows.observation_size, A = batch.rows.action_size;
  const torch::Tensor steps =
      torch::cat({Wrap(batch.rows.returns, {B, N, 1}), Wrap(batch.rows.observations, {B, N, O})},
                 2);  // [B, N, 1 + O] in the policy's units
  const torch::Tensor wanted = Wrap(batch.target_actions, {B, N, A});
  const torch::Tensor counts = Wrap(batch.in_loss, {B, N});
  const torch::Tensor error = network(steps, Wrap(batch.valid, {B, N})) - wanted;
  return error.square().mean(2).masked_select(counts).mean();
}

void Run(const std::vector<std::string>& arguments) {
  if (arguments.size() != 1) throw std::invalid_argument("expected DATA");
  const auto set = longplay::EpisodeSet::Load(arguments);
  const longplay::Normalizer normalizer = set.ComputeNormalizer();
  // Two episodes a chain, the better one second, each asked for the better one's return.
  const longplay::ChainOptions chains{.episodes = 2};
  const longplay::ChainSampler sampler(set, chains);

  torch::manual_seed(0);
  std::mt19937_64 random(0);
  OwnNetwork network(set.info().observation_size, set.info().action_size);
  torch::optim::Adam optimizer(network->parameters(), torch::optim::AdamOptions(3e-3));
  for (int step = 0; step <= 100; ++step) {
    std::vector<longplay::Chain> drawn;
    for (int b = 0; b < 8; ++b) drawn.push_back(sampler.Sample(random));
    longplay::Batch batch = longplay::MakeBatch(set, normalizer, drawn, chains, random);
    const torch::Tensor loss = Loss(network, batch);
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
    if (step % 50 == 0) std::printf("step %d: loss %.6f\n", step, loss.item<double>());
  }
}

}  // namespace

int main(int count, char** arguments) {
  try {
    Run({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
