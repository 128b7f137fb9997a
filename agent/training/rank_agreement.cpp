// SPDX-License-Identifier: MIT
#include "agent/training/rank_agreement.h"

#include <torch/types.h>

#include <array>
#include <cmath>
#include <span>
#include <stdexcept>

#include "agent/batches/training_tokens.h"
#include "agent/config/config.h"
#include "agent/config/config_difference.h"
#include "model/layers/layers_over_ranks.h"

namespace longplay {
namespace {

constexpr std::array<const char*, 3> kStopSignals = {"SIGINT", "SIGTERM", "SIGUSR1"};

std::string NameOfRank(const ProcessGroup& group) {
  return "rank " + std::to_string(group.rank()) + " of " + std::to_string(group.size());
}

/// What rank 0 has, into `tensor`, which may be on any device and of any type.
void BroadcastTensor(ProcessGroup& group, torch::Tensor& tensor) {
  const torch::NoGradGuard no_grad;
  torch::Tensor here = tensor.detach().to(torch::kCPU).contiguous().clone();
  group.Broadcast(
      {static_cast<std::byte*>(here.mutable_data_ptr()), static_cast<size_t>(here.nbytes())}, 0);
  if (group.rank() != 0) tensor.detach().copy_(here);
}

}  // namespace

int64_t ThreadsOfAll(ProcessGroup* group, int64_t own) {
  if (group == nullptr) return own;
  auto threads = static_cast<double>(own);
  group->AllReduce(std::span(&threads, 1));
  return std::llround(threads);
}

void CheckContext(const ProcessGroup* group, const RunOptions& fitted) {
  const int64_t context = fitted.parallel.context;
  if (context == 1) return;
  const auto refuse = [&](const std::string& expected) {
    throw std::invalid_argument("training: parallel.context: expected " + expected + ", got " +
                                std::to_string(context));
  };
  const int64_t ranks = group == nullptr ? 1 : group->size();
  if (ranks % context != 0) {
    refuse(ranks == 1 ? "1 in one process (--ranks starts several)"
                      : "a divisor of the " + std::to_string(ranks) + " ranks");
  }
  const MethodEntry& method = EntryOf(fitted.train.method);
  if (method.method != Method::kSequence) {
    refuse("1 with train.method " + std::string(method.name) +
           " (ranks share its chains or transitions out without it)");
  }
  // What stays together are whole segments, of whole steps, at the same places in all rows.
  const ModelOptions& model = fitted.model;
  const SlicePlan plan = PlanSlices(model);
  if (plan.unit == 1) return;
  if (fitted.chain.rows == ChainRows::kPacked || model.episode_context == EpisodeContext::kReset) {
    refuse(
        "1 with model.mixer recurrent_memory where a row holds several chains or episodes start "
        "anew (chain.rows: padded and model.episode_context: carry can be shared)");
  }
  const int64_t k = TokensPerTimeStep(fitted);
  if (plan.unit % k != 0 || model.tokens.follow_stream) {
    refuse("1 with a segment of recurrent_memory that holds no whole steps (" + std::to_string(k) +
           " tokens each, none left out in front)");
  }
}

void CheckEnoughChains(int64_t ranks, int64_t chains, const RunOptions& options) {
  if (chains >= ranks) return;
  const bool transitions = EntryOf(options.train.method).transitions != nullptr;
  throw std::invalid_argument(
      "training: " + std::to_string(ranks) + " ranks: expected a step of at least as many " +
      (transitions ? "transitions" : "chains") + ", got " + std::to_string(chains) +
      (transitions ? "; a larger batch, or fewer ranks"
                   : "; a larger train.tokens_per_step, shorter chains, or fewer ranks"));
}

void CheckSameTraining(ProcessGroup& group, const RunOptions& options, uint64_t data_hash) {
  const std::string first = BroadcastText(group, ConfigToYaml(options), 0);
  const std::string data = BroadcastText(group, std::to_string(data_hash), 0);
  std::string problem;
  if (data != std::to_string(data_hash)) problem = "the data of rank 0, got others";
  const RunOptions of_first = ParseConfig(first, "rank 0's configuration", {});
  // Decides no weight, but who sends what to whom.
  if (of_first.parallel.context != options.parallel.context) {
    problem = "parallel.context of rank 0, " + std::to_string(of_first.parallel.context) +
              ", got " + std::to_string(options.parallel.context);
  }
  const auto differences = DifferencesBetween(of_first, options);
  for (const KeyRole role : {KeyRole::kPolicy, KeyRole::kData, KeyRole::kSchedule}) {
    const std::string shown = ShownDifferences(differences, role);
    if (!shown.empty()) problem = "the configuration of rank 0, " + shown;
  }
  if (problem.empty()) return;
  throw std::invalid_argument("training: " + NameOfRank(group) + ": expected " + problem);
}

void FollowRankZero(ProcessGroup& group, TrainingSession& session) {
  session.StandAt(nlohmann::json::parse(BroadcastText(group, session.Place().dump(), 0)));
  // Weights are the learner's own tensors; its state may be copies, which it then loads.
  for (auto& [name, tensor] : session.learner().weights()) {
    torch::Tensor weight = tensor;
    BroadcastTensor(group, weight);
  }
  TensorMap state;
  for (const auto& [name, tensor] : session.learner().state()) {
    torch::Tensor copy = tensor.detach().clone();
    BroadcastTensor(group, copy);
    state[name] = copy;
  }
  if (group.rank() != 0) session.learner().Load(state);
}

std::string AgreedSignal(ProcessGroup* group, const std::string& own) {
  if (group == nullptr) return own;
  // How many ranks each signal came to.
  std::array<double, kStopSignals.size()> counts = {};
  for (size_t i = 0; i < counts.size(); ++i) counts[i] = own == kStopSignals[i] ? 1 : 0;
  group->AllReduce(std::span(counts));
  for (size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] > 0) return kStopSignals[i];
  }
  return "";
}

}  // namespace longplay
