// SPDX-License-Identifier: MIT
#include "agent/learners/sequence_learner.h"

#include <gtest/gtest.h>
#include <torch/types.h>

#include <cmath>
#include <vector>

#include "agent/training/fit_to_data.h"
#include "agent/training/make_learner.h"
#include "datasets/writers/minari_writer.h"
#include "tests/agent/small_data.h"
#include "tests/temporary_folder.h"

namespace longplay {
namespace {

constexpr int kEpisodes = 4, kSteps = 3, kChoices = 3;

int Taken(int episode, int step) { return (episode + 2 * step) % kChoices; }
int Wished(int episode, int step) { return (2 * episode + step) % kChoices; }

/// Step t of episode e sees (0.5 e, t), does Taken, would have done Wished, earns t.
std::string WriteLabelled() {
  std::string path = TemporaryPath("labelled.hdf5");
  MinariWriter writer(path, {.observation_size = 2,
                             .action_size = kChoices,
                             .action_kind = ActionKind::kDiscrete,
                             .action_type = "int64"});
  for (int e = 0; e < kEpisodes; ++e) {
    Episode episode{.observation_size = 2, .action_columns = 1, .truncated = true};
    InfoArray labels{.type = "int64", .row_shape = {}, .values = {}};
    for (int t = 0; t <= kSteps; ++t) {
      episode.observations.insert(episode.observations.end(), {0.5 * e, 1.0 * t});
      if (t == kSteps) break;
      episode.actions.push_back(Taken(e, t));
      episode.rewards.push_back(t);
      labels.values.push_back(Wished(e, t));
    }
    writer.Write(episode, {}, {.seed = {}, .infos = {{"label", labels}}, .left_out = {}});
  }
  writer.Finish();
  return path;
}

/// DPT's loss as it is written down (arXiv 2306.14892, equation 1), for one chain of episodes: the
/// mean of -log pi(label | what was seen, done and earned before, what is seen).
double PlainLoss(PolicyNetwork network, const Normalizer& units, const std::vector<int>& chain) {
  const int64_t N = kSteps * static_cast<int64_t>(chain.size());
  const auto numbers = torch::TensorOptions(torch::kFloat64);
  StepTensors steps{.returns = torch::zeros({1, N}, numbers),
                    .observations = torch::zeros({1, N, 2}, numbers),
                    .previous_actions = torch::zeros({1, N, kChoices}, numbers),
                    .previous_rewards = torch::zeros({1, N}, numbers),
                    .previous_completions = torch::zeros({1, N}, numbers),
                    .episode_steps = torch::zeros({1, N}, torch::kInt64),
                    .episodes = torch::zeros({1, N}, torch::kInt64)};
  int64_t n = 0;
  for (size_t place = 0; place < chain.size(); ++place) {
    for (int t = 0; t < kSteps; ++t, ++n) {
      const double seen[] = {0.5 * chain[place], 1.0 * t};
      for (int k = 0; k < 2; ++k) {
        steps.observations[0][n][k] =
            (seen[k] - units.observation_mean[k]) / units.observation_std[k];
      }
      steps.episode_steps[0][n] = t;
      steps.episodes[0][n] = static_cast<int64_t>(place);
      if (t == 0) continue;
      steps.previous_actions[0][n][Taken(chain[place], t - 1)] = 1;
      steps.previous_rewards[0][n] = (t - 1) * units.reward_scale;
    }
  }
  const torch::Tensor logits = network->forward(steps)[0];  // [N, kChoices]
  double sum = 0;
  n = 0;
  for (const int episode : chain) {
    for (int t = 0; t < kSteps; ++t, ++n) {
      double all = 0;
      for (int a = 0; a < kChoices; ++a) all += std::exp(logits[n][a].item<double>());
      sum += std::log(all) - logits[n][Wished(episode, t)].item<double>();
    }
  }
  return sum / static_cast<double>(N);
}

TEST(SequenceLearnerTest, LabelsGiveTheLossOfDptWrittenOut) {
  const std::string path = WriteLabelled();
  const EpisodeSet set = EpisodeSet::Load({path}, {.labels = "label"});
  RunOptions options = SmallRun(path);
  options.data.labels = "label";
  options.chain.order = ChainOrder::kShuffled;
  options.chain.episodes = 3;
  options.model.dropout = 0;
  options.model.tokens.use_return = options.model.tokens.use_completion = false;
  options.train.dtype = "float64";
  options.train.device = "cpu";
  options.train.tokens_per_step = 3 * kSteps;
  options = FitToData(options, set);

  LearnerAndRecord made = MakeLearner(options, set);
  const Normalizer& units = made.record.normalizer;
  PolicyNetwork network(options.model);
  network->to(torch::kFloat64);
  CopyWeights(made.learner->weights(), NamedWeights(network), "the learner's");
  const torch::NoGradGuard no_grad;
  std::mt19937_64 random(1);
  const auto source = made.learner->MakeSource(set, units);
  for (int draw = 0; draw < 3; ++draw) {
    const std::vector<ChainWindow> drawn = source->Draw(random);
    ASSERT_EQ(drawn.size(), 1U);
    std::vector<Batch> passes(1);
    source->Load(drawn, passes[0]);
    const auto batches = ToTrainingBatches(passes, 0, 1, made.learner->tensor_options());
    const LossShare share =
        made.learner->Loss(0, batches[0], {.steps_in_loss = 3 * kSteps, .rows = 1}, {});
    const std::vector<int> chain(drawn[0].chain.episodes.begin(), drawn[0].chain.episodes.end());
    // Measured: 2e-10; observations come as float32.
    EXPECT_NEAR(share.loss.item<double>(), PlainLoss(network, units, chain), 2e-9);
  }
}

}  // namespace
}  // namespace longplay
