// SPDX-License-Identifier: MIT
// Reads a data set, and plays a trained policy in the environment that the data come from:
//
//   program DATA RUN CHAINS EPISODES SEED
//
// DATA is any file or folder that longplay reads, RUN a run folder that `longplay train` left. The
// returns are those of `longplay eval RUN --seeds CHAINS --episodes EPISODES --seed SEED`, to the
// last bit. docs/cpp.md walks through this program.
#include <agent/acting/function_policy.h>
#include <agent/acting/make_environment.h>
#include <agent/acting/make_policy.h>
#include <agent/acting/rollout.h>
#include <agent/scores/statistics.h>
#include <datasets/episode_reader.h>
#include <env/environment.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <numeric>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Returns = std::vector<std::vector<double>>;  // [B][E] of B chains with E episodes each

/// What the file holds: its sizes, then the length and return of every episode.
void PrintData(const longplay::EpisodeReader& data) {
  const longplay::DatasetInfo& info = data.info();
  std::printf("%s: %s, %lld episodes, %lld steps, O = %lld, A = %lld, of %s\n", info.path.c_str(),
              info.format.c_str(), static_cast<long long>(info.episodes),
              static_cast<long long>(info.steps), static_cast<long long>(info.observation_size),
              static_cast<long long>(info.action_size), info.environment.c_str());
  longplay::Episode episode;  // its memory is used again
  for (int64_t e = 0; e < info.episodes; ++e) {
    data.Read(e, episode);  // observations [N + 1 or N, O], actions [N, A], rewards [N]
    const double sum = std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
    std::printf("  episode %lld: %lld steps, return %g\n", static_cast<long long>(e),
                static_cast<long long>(episode.length()), sum);
  }
}

/// B simulations of the task that the data are of, with decisions as long as in the data.
std::unique_ptr<longplay::Environment> MakeEnvironmentOf(const longplay::DatasetInfo& info,
                                                         int64_t chains) {
  return longplay::MakeEnvironment(info.environment,
                                   {.batch = chains,
                                    .action_repeat = info.action_repeat,  // [simulator's steps]
                                    .max_episode_steps = info.max_episode_steps,  // [decisions]
                                    .parameters = longplay::ParameterSet::kHeldOut});
}

/// Plays E episodes in each of B chains. A chain's episodes follow one another in one context: the
/// policy still knows what it saw and did in the earlier ones. Chains need not be in step.
Returns Play(longplay::Environment& environment, longplay::Policy& policy, int64_t episodes,
             uint64_t seed) {
  const longplay::EnvironmentSpec& spec = environment.spec();
  const int64_t chains = environment.batch();                        // B
  std::vector<double> observations(chains * spec.observation_size);  // [B, O] in the task's units
  std::vector<double> rewards(chains, 0.0);  // [B] of the decision before; 0 at a chain's first
  std::vector<double> actions(chains * spec.action_columns());  // [B, A]; of discrete ones [B]
  std::vector<uint8_t> starts(chains, 0);                       // [B] 1 = an episode begins
  std::vector<uint8_t> active(chains, 1);                       // [B] 0 = all episodes are done
  Returns returns(chains);

  const auto look = [&](int64_t i) {
    std::ranges::copy(environment.observation(i), observations.begin() + i * spec.observation_size);
  };
  const auto begin_episode = [&](int64_t i) {
    const auto number = static_cast<int64_t>(returns[i].size());
    environment.Reset(i, longplay::EpisodeSeed(seed + static_cast<uint64_t>(i), number));
    returns[i].push_back(0);
    starts[i] = 1;
    look(i);
  };
  for (int64_t i = 0; i < chains; ++i) {
    environment.StartChain(i, seed + static_cast<uint64_t>(i));  // draws what the task hides
    begin_episode(i);
  }
  while (std::ranges::count(active, 1) > 0) {
    policy.Act(
        {.observations = observations, .rewards = rewards, .starts = starts, .active = active},
        actions);
    const std::vector<longplay::StepOutcome>& outcomes = environment.Step(actions, active);  // [B]
    for (int64_t i = 0; i < chains; ++i) {
      if (active[i] == 0) continue;
      rewards[i] = outcomes[i].reward;
      returns[i].back() += rewards[i];
      starts[i] = 0;
      if (!outcomes[i].over()) {
        look(i);
      } else if (static_cast<int64_t>(returns[i].size()) < episodes) {
        begin_episode(i);
      } else {
        active[i] = 0;
      }
    }
  }
  return returns;
}

/// A row for each chain, with every digit; then the mean over chains of the last episodes.
void Print(const std::string& name, const Returns& returns) {
  std::vector<double> last;
  for (const std::vector<double>& chain : returns) {
    std::printf("%s:", name.c_str());
    for (const double value : chain) std::printf(" %.17g", value);
    std::printf("\n");
    last.push_back(chain.back());
  }
  const longplay::Estimate mean = longplay::BootstrapMean(last);  // 95 % interval over chains
  std::printf("%s, last episode: %.17g [%.17g, %.17g]\n", name.c_str(), mean.value, mean.low,
              mean.high);
}

/// A policy that is a lambda, in longplay's own loop: it always takes the middle of an action's
/// bounds (the first choice where actions are discrete).
Returns PlayIdle(longplay::Environment& environment, int64_t episodes, uint64_t seed) {
  const longplay::EnvironmentSpec& spec = environment.spec();
  longplay::FunctionPolicy idle([&](const longplay::RolloutView&, std::span<double> actions) {
    for (size_t k = 0; k < actions.size(); ++k) {
      const size_t a = k % static_cast<size_t>(spec.action_columns());
      actions[k] = spec.action_space == longplay::ActionSpace::kDiscrete
                       ? 0
                       : (spec.action_low[a] + spec.action_high[a]) / 2;
    }
  });
  Returns returns;
  for (const std::vector<longplay::EpisodeResult>& chain :
       longplay::Rollout(environment, idle, {.episodes = episodes, .seed = seed})) {
    returns.emplace_back();
    for (const longplay::EpisodeResult& episode : chain) {
      returns.back().push_back(episode.episode_return);
    }
  }
  return returns;
}

void Run(const std::vector<std::string>& arguments) {
  if (arguments.size() != 5) {
    throw std::invalid_argument("expected DATA RUN CHAINS EPISODES SEED");
  }
  const std::string &data_path = arguments[0], &run = arguments[1];
  const int64_t chains = std::stoll(arguments[2]), episodes = std::stoll(arguments[3]);
  const uint64_t seed = std::stoull(arguments[4]);

  const std::unique_ptr<longplay::EpisodeReader> data = longplay::OpenDataset(data_path);
  PrintData(*data);

  const auto environment = MakeEnvironmentOf(data->info(), chains);
  // The return asked for is the best one in the training data, unless .target says another.
  const auto policy = longplay::MakePolicy(run, {.chains = chains});
  Print("policy", Play(*environment, *policy, episodes, seed));
  Print("idle", PlayIdle(*environment, episodes, seed));
}

}  // namespace

int main(int count, char** arguments) {
  try {
    Run({arguments + 1, arguments + count});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());  // what, where, what was expected, got
    return 1;
  }
}
