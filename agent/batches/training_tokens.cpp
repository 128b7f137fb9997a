// SPDX-License-Identifier: MIT
#include "agent/batches/training_tokens.h"

#include <algorithm>
#include <cmath>
#include <random>

#include "datasets/chains/chain.h"

namespace longplay {
namespace {

constexpr int kDraws = 1000;  // chains; their mean length is then known to a few percent

}  // namespace

int64_t TokensPerTimeStep(const RunOptions& options) {
  const TokenOptions& tokens = options.model.tokens;
  const bool transitions = EntryOf(options.train.method).transitions != nullptr;
  if (transitions || tokens.layout == TokenLayout::kMerged) return 1;
  return int64_t{tokens.use_return} + tokens.use_observation + tokens.use_action +
         tokens.use_reward + tokens.use_completion;
}

int64_t ChainsPerStep(const RunOptions& options, const EpisodeSet& set) {
  // From the mean length of episodes; how long drawn chains really are ExpectTokens says.
  double steps = static_cast<double>(options.chain.episodes * set.steps()) /
                 static_cast<double>(set.episodes());
  if (options.chain.window > 0) steps = std::min(steps, static_cast<double>(options.chain.window));
  const double tokens = steps * static_cast<double>(TokensPerTimeStep(options));
  return std::max<int64_t>(
      1, std::llround(static_cast<double>(options.train.tokens_per_step) / tokens));
}

int64_t StepsPerPass(const RunOptions& options) {
  const int64_t tokens = TokensPerTimeStep(options);
  return (options.train.tokens_per_pass + tokens - 1) / tokens;
}

ExpectedTokens ExpectTokens(const RunOptions& options, const EpisodeSet& set) {
  if (const auto transitions = EntryOf(options.train.method).transitions) {
    return {.chain_steps = 1, .tokens_per_step = static_cast<double>(transitions(options.methods))};
  }
  // Drawn, because weights and the best fraction change which episodes chains hold.
  const ChainSampler sampler(set, options.chain);
  std::mt19937_64 random(0);
  int64_t total = 0;
  for (int draw = 0; draw < kDraws; ++draw) {
    int64_t length = 0;
    for (const int64_t episode : sampler.Sample(random).episodes) length += set.length(episode);
    if (options.chain.window > 0) length = std::min(length, options.chain.window);
    total += length;
  }
  const double steps = static_cast<double>(total) / kDraws;
  return {.chain_steps = steps,
          .tokens_per_step = steps * static_cast<double>(ChainsPerStep(options, set) *
                                                         TokensPerTimeStep(options))};
}

}  // namespace longplay
