// SPDX-License-Identifier: MIT
#include "agent/acting/policy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numeric>
#include <random>

#include "agent/acting/function_policy.h"
#include "agent/acting/make_policy.h"
#include "agent/acting/rollout.h"
#include "agent/batches/step_tensors.h"
#include "agent/collecting/history_player.h"
#include "agent/evaluation/evaluation.h"
#include "agent/runs/checkpoint.h"
#include "agent/training/train.h"
#include "datasets/chains/fill_batch.h"
#include "env/list/make_listed_environment.h"
#include "model/policy/action_head.h"
#include "tests/agent/small_data.h"

namespace longplay {
namespace {

std::string TrainedRun(TokenLayout layout) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.model.tokens.layout = layout;
  Train(options, set, TemporaryPath("run"), RunStart::kFresh, {});
  return TemporaryPath("run");
}

/// Plays two episodes of a made-up task in one context and records them.
std::vector<Episode> PlayTwoEpisodes(const std::string& run, const PolicyOptions& options) {
  const std::unique_ptr<Policy> policy = MakePolicy(run, options);
  std::vector<Episode> episodes;
  std::vector<double> reward = {0};
  for (int64_t e = 0; e < 2; ++e) {
    Episode episode{.observation_size = 2, .action_columns = 1, .terminated = true};
    for (int64_t t = 0; t < 4 + e; ++t) {
      const std::vector<double> seen = {std::cos(static_cast<double>(5 * e + t)),
                                        static_cast<double>(t)};
      const std::vector<uint8_t> starts = {static_cast<uint8_t>(t == 0)}, active = {1};
      std::vector<double> action(1);
      policy->Act({.observations = seen, .rewards = reward, .starts = starts, .active = active},
                  action);
      episode.observations.insert(episode.observations.end(), seen.begin(), seen.end());
      episode.actions.push_back(action[0]);
      reward = {static_cast<double>(e + 1) * 0.25};  // exact in float32
      episode.rewards.push_back(reward[0]);
    }
    episode.observations.insert(episode.observations.end(), {0, 0});
    episodes.push_back(episode);
  }
  return episodes;
}

class PolicyTest : public testing::TestWithParam<TokenLayout> {};

// What a roll-out fed step by step through the caches is, as recorded data, what training sees; and
// the network run on all of that at once chooses the same actions.
TEST_P(PolicyTest, CachedRolloutEqualsAFullForwardOverTheRecordedEpisodes) {
  const std::string run = TrainedRun(GetParam());
  const double target = 5 * 0.5;  // the second episode's return: the chain's best when recorded
  const std::vector<Episode> episodes = PlayTwoEpisodes(run, {.target = target});
  MinariWriter writer(TemporaryPath("played"), {.observation_size = 2, .action_size = 1});
  for (const Episode& episode : episodes) writer.Write(episode);
  writer.Finish();
  const EpisodeSet set = EpisodeSet::Load({TemporaryPath("played")});

  const LoadedPolicy policy = LoadPolicy(run, torch::kCPU);
  std::mt19937_64 random(0);
  const ChainOptions chain{.episodes = 2, .order = ChainOrder::kCollected};
  Batch batch = MakeBatch(set, policy.record.normalizer, {MakeChain(set, {0, 1}, chain, random)},
                          chain, random);
  PolicyNetwork network = policy.network;
  const torch::NoGradGuard no_grad;
  const torch::Tensor output = network->forward(ToStepTensors(batch.rows, 1, torch::kFloat32));
  const torch::Tensor actions =
      ChooseAction(policy.record.options.model.head, output[0], ActionChoice::kMean)
          .clamp(-1, 1);  // [N, A]
  int64_t row = 0;
  for (const Episode& episode : episodes) {
    for (const double action : episode.actions) {
      EXPECT_NEAR(actions[row++][0].item<double>(), action, 1e-5);
    }
  }
  EXPECT_EQ(row, 9);
}

TEST_P(PolicyTest, WithoutATargetTheBestReturnInTheDataIsAskedFor) {
  const std::string run = TrainedRun(GetParam());
  const double best = MakePolicy(run, {})->description().best_return;
  EXPECT_EQ(best, 6 * 11 * 0.125);  // of the last episode
  const auto actions = [&](const PolicyOptions& options) {
    return PlayTwoEpisodes(run, options).back().actions;
  };
  EXPECT_EQ(actions({}), actions({.target = best}));
  EXPECT_NE(actions({}), actions({.target = 0}));
}

// A loop of one's own that hands over other sizes must not read or write beyond them.
TEST_P(PolicyTest, AViewOfOtherSizesIsRefused) {
  RunOptions actor = SmallRun(WriteSmallData());
  actor.train.method = Method::kTd3Bc;
  Train(actor, EpisodeSet::Load(actor.data.files), TemporaryPath("actor"), RunStart::kFresh, {});
  const std::vector<double> seen(4, 0.5), rewards(2, 0);  // 2 chains, 2 observations
  const std::vector<uint8_t> ones(2, 1);
  const RolloutView view{.observations = seen, .rewards = rewards, .starts = ones, .active = ones};
  for (const std::string& run : {TrainedRun(GetParam()), TemporaryPath("actor")}) {
    std::vector<double> actions(3);
    const auto refusal = [&](const RolloutView& shown, std::span<double> to_fill) -> std::string {
      try {
        MakePolicy(run, {.chains = 2})->Act(shown, to_fill);
      } catch (const std::invalid_argument& error) {
        return error.what();
      }
      return "none";
    };
    const std::span<double> fitting = std::span(actions).first(2);
    EXPECT_EQ(refusal(view, fitting), "none");
    EXPECT_EQ(refusal(view, actions), "acting: actions: expected 2 values, got 3");
    RolloutView other = view;
    other.observations = std::span(seen).first(3);
    EXPECT_EQ(refusal(other, fitting), "acting: observations: expected 4 values, got 3");
    other = view;
    other.starts = std::span(ones).first(1);
    EXPECT_EQ(refusal(other, fitting), "acting: starts: expected 2 values, got 1");
  }
  EXPECT_THROW(MakePolicy(TemporaryPath("actor"), {.chains = 0}), std::invalid_argument);
  const std::vector<uint8_t> none(2, 0);
  std::vector<double> actions(2);
  RolloutView late = view;
  late.starts = none;
  EXPECT_THROW(MakePolicy(TemporaryPath("run"), {.chains = 2})->Act(late, actions),
               std::invalid_argument);
}

/// What chain i of a made-up task sees at time t of its episode e, and how long that episode is.
std::vector<double> Seen(int64_t i, int64_t e, int64_t t) {
  return {std::cos(static_cast<double>(7 * i + 5 * e + t)), static_cast<double>(t)};
}
int64_t LengthOf(int64_t i, int64_t e) { return 2 + (2 * i + 3 * e) % 5; }

/// Actions of the chains `chains`, played side by side for three episodes each: they end at
/// different times, and a chain that is done leaves the others behind.
std::vector<std::vector<double>> PlayRagged(const LoadedPolicy& loaded, PolicyOptions options,
                                            const std::vector<int64_t>& chains) {
  const auto B = static_cast<int64_t>(chains.size());
  options.chains = B;
  const std::unique_ptr<Policy> policy = MakePolicy(loaded, options);
  std::vector<std::vector<double>> actions(B);
  std::vector<int64_t> episode(B, 0), step(B, 0);
  std::vector<double> rewards(B, 0.0), seen(2 * B), chosen(B);
  std::vector<uint8_t> starts(B, 1), active(B, 1);
  while (std::ranges::find(active, 1) != active.end()) {
    for (int64_t i = 0; i < B; ++i) {
      std::ranges::copy(Seen(chains[i], episode[i], step[i]), seen.begin() + 2 * i);
    }
    policy->Act({.observations = seen, .rewards = rewards, .starts = starts, .active = active},
                chosen);
    for (int64_t i = 0; i < B; ++i) {
      if (!active[i]) continue;
      actions[i].push_back(chosen[i]);
      rewards[i] = 0.25 * chosen[i];
      starts[i] = ++step[i] == LengthOf(chains[i], episode[i]);
      if (!starts[i]) continue;
      step[i] = 0;
      active[i] = ++episode[i] < 3;
    }
  }
  return actions;
}

TEST_P(PolicyTest, ChainsAtDifferentTimesActAsTheyWouldAlone) {
  const LoadedPolicy loaded = LoadPolicy(TrainedRun(GetParam()), torch::kCPU);
  for (const PolicyOptions& options :
       {PolicyOptions{.target = 2}, PolicyOptions{.target = 2, .context = ContextUse::kOneEpisode},
        PolicyOptions{.target = 2, .window = 3},
        PolicyOptions{.target = 2, .window = 3, .window_use = WindowUse::kRecomputed},
        PolicyOptions{.target = 0.1, .target_step = 0.5}}) {
    const auto together = PlayRagged(loaded, options, {0, 1, 2, 3});
    for (int64_t i = 0; i < 4; ++i) {
      const auto alone = PlayRagged(loaded, options, {i});
      ASSERT_EQ(together[i].size(), alone[0].size());
      for (size_t k = 0; k < alone[0].size(); ++k) {
        EXPECT_NEAR(together[i][k], alone[0][k], 1e-5) << "chain " << i << ", decision " << k;
      }
    }
  }
}

// As a Decision Transformer acts: the last steps anew, from an empty context.
TEST_P(PolicyTest, ARecomputedWindowSeesNothingBeforeIt) {
  const LoadedPolicy loaded = LoadPolicy(TrainedRun(GetParam()), torch::kCPU);
  const auto all = PlayRagged(loaded, {.target = 2}, {1});
  const auto recomputed =
      PlayRagged(loaded, {.target = 2, .window = 100, .window_use = WindowUse::kRecomputed}, {1});
  const auto short_sighted =
      PlayRagged(loaded, {.target = 2, .window = 2, .window_use = WindowUse::kRecomputed}, {1});
  for (size_t k = 0; k < all[0].size(); ++k) EXPECT_NEAR(recomputed[0][k], all[0][k], 1e-5);
  for (size_t k = 0; k < 2; ++k) EXPECT_NEAR(short_sighted[0][k], all[0][k], 1e-5);
  EXPECT_GT(std::abs(short_sighted[0].back() - all[0].back()), 1e-6);
}

TEST_P(PolicyTest, SampledActionsAreRepeatableBySeed) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions options = SmallRun(set.info().path);
  options.head = ActionHead::kGaussian;
  options.model.tokens.layout = GetParam();
  const std::string run = TemporaryPath("gaussian");
  Train(options, set, run, RunStart::kFresh, {});
  const auto actions = [&](uint64_t seed) {
    return PlayTwoEpisodes(run, {.target = 1, .sample = true, .seed = seed})[1].actions;
  };
  EXPECT_EQ(actions(1), actions(1));
  EXPECT_NE(actions(1), actions(2));
}

// What a chain draws: the same whoever plays beside it and when they end, but its own.
TEST_P(PolicyTest, SampledActionsDoNotDependOnTheChainsBeside) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions run = SmallRun(set.info().path);
  run.head = ActionHead::kGaussian;
  run.model.tokens.layout = GetParam();
  Train(run, set, TemporaryPath("gaussian"), RunStart::kFresh, {});
  const LoadedPolicy loaded = LoadPolicy(TemporaryPath("gaussian"), torch::kCPU);
  const PolicyOptions options{.target = 2, .sample = true, .seed = 5};
  const auto four = PlayRagged(loaded, options, {0, 1, 2, 3});
  const auto two = PlayRagged(loaded, options, {0, 1});
  for (int64_t i = 0; i < 2; ++i) {
    ASSERT_EQ(four[i].size(), two[i].size());
    for (size_t k = 0; k < two[i].size(); ++k) EXPECT_NEAR(four[i][k], two[i][k], 1e-5);
  }
  const auto twins = PlayRagged(loaded, options, {0, 0});  // two chains of one task
  EXPECT_GT(std::abs(twins[0][0] - twins[1][0]), 1e-3);
}

// Of a policy that always says the same, only the random numbers make a difference: three decisions in
// a row have those of the first.
TEST_P(PolicyTest, DrawsLastAsManyDecisionsAsAskedFor) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions run = SmallRun(set.info().path);
  run.head = ActionHead::kGaussian;
  run.model.tokens.layout = GetParam();
  Train(run, set, TemporaryPath("gaussian"), RunStart::kFresh, {});
  const LoadedPolicy loaded = LoadPolicy(TemporaryPath("gaussian"), torch::kCPU);
  {
    const torch::NoGradGuard no_grad;
    PolicyNetwork network = loaded.network;
    auto weights = network->named_parameters();
    weights["head.weight"].zero_();
    weights["head.bias"].copy_(torch::tensor({0.1F, -2.0F}));  // mean, log of the deviation
  }
  const auto every = PlayRagged(loaded, {.sample = true, .seed = 5}, {0, 1});
  const auto third = PlayRagged(loaded, {.sample = true, .draw_every = 3, .seed = 5}, {0, 1});
  for (size_t i = 0; i < 2; ++i) {
    ASSERT_EQ(every[i].size(), third[i].size());
    for (size_t k = 0; k < every[i].size(); ++k) {
      EXPECT_EQ(third[i][k], every[i][k - k % 3]);
      if (k > 0) {
        EXPECT_NE(every[i][k], every[i][k - 1]);
      }
    }
  }
}

// A decision that was watched is counted: what comes later is drawn as if it had been its own.
TEST_P(PolicyTest, WatchedDecisionsCountAsOwnOnes) {
  const EpisodeSet set = EpisodeSet::Load({WriteSmallData()});
  RunOptions run = SmallRun(set.info().path);
  run.head = ActionHead::kGaussian;
  run.model.tokens.layout = GetParam();
  Train(run, set, TemporaryPath("gaussian"), RunStart::kFresh, {});
  const PolicyOptions options{.target = 2, .sample = true, .seed = 5};
  const auto acts = MakePolicy(TemporaryPath("gaussian"), options);
  const auto watches = MakePolicy(TemporaryPath("gaussian"), options);
  const std::vector<double> reward = {0};
  const std::vector<uint8_t> active = {1};
  for (int64_t t = 0; t < 6; ++t) {
    const std::vector<double> seen = Seen(0, 0, t);
    const std::vector<uint8_t> starts = {static_cast<uint8_t>(t == 0)};
    const RolloutView view{
        .observations = seen, .rewards = reward, .starts = starts, .active = active};
    std::vector<double> action(1), other(1);
    acts->Act(view, action);
    if (t < 5) {
      watches->Watch(view, action);
    } else {
      watches->Act(view, other);
      EXPECT_NEAR(other[0], action[0], 1e-6);
    }
  }
}

/// Shortest ways to goals that the walker of family/grid-goal-oracle-v0 sees, first along x.
class ToTheSeenGoal : public Explorer {
 public:
  void StartHistory(int64_t, uint64_t) override {}
  void StartEpisode(int64_t) override {}
  void Act(int64_t, std::span<const double> seen, std::span<double> action) override {
    const double dx = seen[2] - seen[0], dy = seen[3] - seen[1];
    action[0] = dx > 0 ? 4 : dx < 0 ? 3 : dy > 0 ? 1 : dy < 0 ? 2 : 0;
  }
  void See(int64_t, std::span<const double>, double) override {}
};

constexpr const char* kGrid = "family/grid-goal-oracle-v0?size=5&limit=8";

/// Histories of two episodes with the shortest ways, and a policy trained on them.
LoadedPolicy PolicyOfShortestWays(TokenLayout layout) {
  const auto environment = MakeListedEnvironment(kGrid, {.batch = 32});
  MinariWriter writer(TemporaryPath("ways"), {.environment = kGrid,
                                              .observation_size = 4,
                                              .action_size = 5,
                                              .max_episode_steps = 8,
                                              .action_kind = ActionKind::kDiscrete,
                                              .action_type = "int64"});
  ToTheSeenGoal walker;
  EpisodeJournal journal(TemporaryPath("ways.journal"), 0);
  PlayHistories(*environment, walker, {.steps = 1600, .episodes = 2}, journal,
                {.on_episode = [](const PlayedEpisode&) {}, .on_step = [](int64_t) {}});
  journal.ForEach([&](const Episode& episode) {
    writer.Write(episode, {{"history", episode.history}});
  });
  writer.Finish();
  RunOptions options = SmallRun(TemporaryPath("ways"));
  options.model.tokens.layout = layout;
  options.model.dropout = 0;
  options.model.attention.width = 32;
  options.model.tokens.use_return = options.model.tokens.use_completion = false;
  options.chain.source = ChainSource::kHistory;
  options.train.steps = 300;
  options.train.checkpoint_every = 300;
  options.train.tokens_per_step = 512;
  options.train.learning_rate = 1e-2;
  Train(options, EpisodeSet::Load(options.data.files), TemporaryPath("walk"), RunStart::kFresh, {});
  return LoadPolicy(TemporaryPath("walk"), torch::kCPU);
}

TEST_P(PolicyTest, ACategoricalHeadEarnsWhatItsDataShow) {
  const LoadedPolicy policy = PolicyOfShortestWays(GetParam());
  EXPECT_EQ(policy.record.action_kind, ActionKind::kDiscrete);
  EvaluateOptions options = policy.record.options.evaluate;
  options.episodes = 2;
  options.seeds = 12;
  for (const ActionChoice act : {ActionChoice::kMean, ActionChoice::kSample}) {
    options.act = act;
    const EvaluationResult result = Evaluate(policy, options);
    const auto environment = MakeEvaluationEnvironment(policy, options, options.seeds);
    double earned = 0, most = 0;
    for (int64_t i = 0; i < options.seeds; ++i) {
      environment->StartChain(i, options.seed + static_cast<uint64_t>(i));
      const auto goal = environment->hidden_parameter()->parameter(i);
      most += 2 * (8 - (std::abs(goal[0] - 2) + std::abs(goal[1] - 2)) + 1);
      for (const double one : result.returns[i]) earned += one;
    }
    EXPECT_LE(earned, most);
    EXPECT_GE(earned, 0.95 * most) << (act == ActionChoice::kMean ? "mean" : "sample");
    EXPECT_EQ(result.returns, Evaluate(policy, options).returns);
  }
}

/// Sixty episodes that count: any first action of five, then always the next one. The observation,
/// the time step, does not tell where the count stands.
std::string WriteCounts() {
  std::string path = TemporaryPath("counts");
  MinariWriter writer(path, {.observation_size = 1,
                             .action_size = 5,
                             .action_kind = ActionKind::kDiscrete,
                             .action_type = "int64"});
  for (int64_t e = 0; e < 60; ++e) {
    Episode episode{.observation_size = 1, .action_columns = 1, .truncated = true};
    for (int64_t t = 0; t <= 6; ++t) {
      episode.observations.push_back(static_cast<double>(t));
      if (t == 6) break;
      episode.actions.push_back(static_cast<double>((e + t) % 5));
      episode.rewards.push_back(0);
    }
    writer.Write(episode);
  }
  writer.Finish();
  return path;
}

// What was done must stand in the tokens that follow as it does in training, whoever decided it.
TEST_P(PolicyTest, ADiscreteActionIsSeenAgainAsTheOneThatWasTaken) {
  RunOptions options = SmallRun(WriteCounts());
  options.model.tokens.layout = GetParam();
  options.model.dropout = 0;
  options.chain.episodes = 1;
  options.train.steps = options.train.checkpoint_every = 400;
  options.train.tokens_per_step = 256;
  options.train.learning_rate = 1e-2;
  Train(options, EpisodeSet::Load(options.data.files), TemporaryPath("run"), RunStart::kFresh, {});
  const std::vector<double> reward = {0};
  const std::vector<uint8_t> active = {1};
  for (int first = 0; first < 5; ++first) {
    const std::unique_ptr<Policy> policy = MakePolicy(TemporaryPath("run"), {});
    EXPECT_EQ(policy->description().action_columns, 1);
    std::vector<double> action = {static_cast<double>(first)};
    for (int t = 0; t < 6; ++t) {
      const std::vector<double> seen = {static_cast<double>(t)};
      const std::vector<uint8_t> starts = {static_cast<uint8_t>(t == 0)};
      const RolloutView view = {
          .observations = seen, .rewards = reward, .starts = starts, .active = active};
      if (t == 0) {
        policy->Watch(view, action);
      } else {
        policy->Act(view, action);
      }
      EXPECT_EQ(action[0], (first + t) % 5) << t;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Layouts, PolicyTest,
                         testing::Values(TokenLayout::kMerged, TokenLayout::kInterleaved),
                         [](const auto& info) {
                           return info.param == TokenLayout::kMerged ? "Merged" : "Interleaved";
                         });

}  // namespace
}  // namespace longplay
