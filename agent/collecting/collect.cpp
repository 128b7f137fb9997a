// SPDX-License-Identifier: MIT
#include "agent/collecting/collect.h"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <memory>
#include <mutex>
#include <numeric>
#include <stdexcept>

#include "agent/acting/make_environment.h"
#include "agent/acting/step_sizes.h"
#include "agent/collecting/goal_search.h"
#include "agent/collecting/learn_to_run.h"
#include "agent/collecting/learner_group.h"
#include "agent/collecting/oracle.h"
#include "agent/collecting/random_explorer.h"
#include "agent/collecting/velocity_search.h"
#include "datasets/writers/minari_writer.h"

namespace longplay {
namespace {

constexpr int64_t kSearchSimulations = 256;
constexpr int64_t kRandomSimulations = 64;

void Check(bool valid, const std::string& option, const std::string& expected, int64_t got) {
  if (valid) return;
  throw std::invalid_argument("collecting data: " + option + ": expected " + expected + ", got " +
                              std::to_string(got));
}

std::filesystem::path Parent(const std::string& out) {
  const std::filesystem::path parent = std::filesystem::absolute(out).parent_path();
  return std::filesystem::path(out).has_filename() ? parent : parent.parent_path();
}

void CheckDestination(const CollectOptions& options) {
  namespace fs = std::filesystem;
  if (options.out.empty()) {
    throw std::invalid_argument("collecting data: out: expected a path, got nothing");
  }
  const fs::path parent = Parent(options.out);
  if (!fs::is_directory(parent) || access(parent.c_str(), W_OK) != 0) {
    throw std::runtime_error("collecting data: " + options.out +
                             ": expected a folder to write in, got " + parent.string());
  }
  if (!fs::exists(options.out)) return;
  if (options.existing == ExistingData::kRefuse) {
    throw std::invalid_argument("collecting data: " + options.out +
                                ": expected nothing there yet, got something (--overwrite replaces "
                                "a data set)");
  }
  if (!fs::is_regular_file(options.out) && !fs::exists(options.out + "/data/main_data.hdf5")) {
    throw std::invalid_argument("collecting data: " + options.out +
                                ": expected a data set to replace, got something else");
  }
}

bool CanSearch(const std::string& environment) {
  return GoalSearch::Handles(environment) || VelocitySearch::Handles(environment);
}

void CheckOptions(const CollectOptions& options) {
  Check(options.steps >= 1, "steps", "at least 1", options.steps);
  Check(options.learners >= 1 && options.learners <= 64, "learners", "1 to 64", options.learners);
  Check(options.episodes_per_history >= 1, "episodes_per_history", "at least 1",
        options.episodes_per_history);
  Check(options.learning_steps >= 1, "learning_steps", "at least 1", options.learning_steps);
  if (options.algorithm == CollectAlgorithm::kSearch && !CanSearch(options.environment)) {
    throw std::invalid_argument(
        "collecting data: algorithm: search: expected environment family/point-goal-v0 or "
        "family/cheetah-velocity-v0, got " +
        options.environment);
  }
  CheckDestination(options);
}

CollectAlgorithm Choose(const CollectOptions& options) {
  if (options.algorithm != CollectAlgorithm::kAuto) return options.algorithm;
  return CanSearch(options.environment) ? CollectAlgorithm::kSearch
                                        : CollectAlgorithm::kSoftActorCritic;
}

std::string Name(CollectAlgorithm algorithm) {
  switch (algorithm) {
    case CollectAlgorithm::kSoftActorCritic:
      return "sac";
    case CollectAlgorithm::kSearch:
      return "search";
    default:
      return "random";
  }
}

void CheckActions(const EnvironmentSpec& spec, CollectAlgorithm algorithm) {
  if (algorithm != CollectAlgorithm::kSoftActorCritic) return;
  if (spec.action_space == ActionSpace::kContinuous) return;
  throw std::invalid_argument("collecting data: algorithm: sac: expected continuous actions, got " +
                              std::to_string(spec.action_size) + " discrete ones of " + spec.id +
                              " (--algorithm random takes them)");
}

std::string Describe(const CollectOptions& options, CollectAlgorithm algorithm) {
  std::string text = "Everything that longplay collect did from its start: ";
  if (algorithm == CollectAlgorithm::kSoftActorCritic) {
    text += std::to_string(options.learners) + " run(s) of soft actor-critic";
  } else if (algorithm == CollectAlgorithm::kSearch) {
    text += GoalSearch::Handles(options.environment)
                ? "histories of a learner that climbs the reward to a hidden goal"
                : "histories of a learner that searches a hidden velocity by its reward";
  } else {
    text += "uniform random actions";
  }
  return text + "; action repeat " + std::to_string(options.action_repeat) + ", seed " +
         std::to_string(options.seed);
}

MinariMetadata Metadata(const CollectOptions& options, CollectAlgorithm algorithm,
                        const EnvironmentSpec& spec) {
  return {.environment = spec.id,
          .algorithm = Name(algorithm),
          .description = Describe(options, algorithm),
          .observation_size = spec.observation_size,
          .action_size = spec.action_size,
          .action_low = spec.action_low,
          .action_high = spec.action_high,
          .max_episode_steps = spec.max_episode_steps,
          .action_repeat = options.action_repeat,
          .action_kind = ActionKindOf(spec),
          .action_type = spec.action_space == ActionSpace::kDiscrete ? "int64" : "float32"};
}

double Return(const Episode& episode) {
  return std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
}

/// Writes episodes and adds up what they amount to.
class Record {
 public:
  Record(const std::string& path, const MinariMetadata& metadata) : writer_(path, metadata) {}

  void Add(const Episode& episode, int64_t history) {
    writer_.Write(episode, {{"history", history}});
    const double total = Return(episode);
    sum_ += total;
    best_ = writer_.episodes() == 1 ? total : std::max(best_, total);
  }

  CollectResult Finish() {
    writer_.Finish();
    return {.episodes = writer_.episodes(),
            .steps = writer_.steps(),
            .mean_return = sum_ / static_cast<double>(writer_.episodes()),
            .best_return = best_};
  }

 private:
  MinariWriter writer_;
  double sum_ = 0, best_ = 0;
};

/// How far the work is; may be told from several threads.
class Meter {
 public:
  explicit Meter(int64_t total) { progress_.total = total; }

  void AddSteps(int64_t steps) {
    const std::lock_guard lock(mutex_);
    progress_.steps += steps;
  }
  void AddEpisode(double episode_return) {
    const std::lock_guard lock(mutex_);
    ++progress_.episodes;
    recent_.push_back(episode_return);
    if (recent_.size() > 20) recent_.pop_front();
    progress_.mean_return =
        std::accumulate(recent_.begin(), recent_.end(), 0.0) / static_cast<double>(recent_.size());
  }
  void AddWhole(int64_t length, double episode_return) {
    AddSteps(length);
    AddEpisode(episode_return);
  }
  CollectProgress progress() const {
    const std::lock_guard lock(mutex_);
    return progress_;
  }

 private:
  mutable std::mutex mutex_;
  CollectProgress progress_;
  std::deque<double> recent_;
};

using OnProgress = std::function<void(const CollectProgress&)>;

void PlayExplorer(const CollectOptions& options, Environment& environment, Explorer& explorer,
                  Record& record, Meter& meter, const OnProgress& on_progress) {
  const auto sink = [&](const Episode& episode, int64_t history) {
    record.Add(episode, history);
    meter.AddEpisode(Return(episode));
  };
  const auto on_step = [&](int64_t steps) {
    meter.AddSteps(steps);
    on_progress(meter.progress());
  };
  const HistoryPlan plan = {
      .steps = options.steps, .episodes = options.episodes_per_history, .seed = options.seed};
  PlayHistories(environment, explorer, plan, sink, on_step);
}

std::unique_ptr<Environment> MakeFor(const CollectOptions& options, int64_t simulations,
                                     ParameterSet parameters) {
  return MakeEnvironment(options.environment, {.batch = simulations,
                                               .action_repeat = options.action_repeat,
                                               .max_episode_steps = options.max_episode_steps,
                                               .parameters = parameters});
}

/// Mean return of one episode in each of many simulations with held-out parameters.
double OracleReturn(const CollectOptions& options, const ToldActor& actor) {
  const std::unique_ptr<Environment> environment =
      MakeFor(options, kSearchSimulations, ParameterSet::kHeldOut);
  const std::vector<double> returns = OracleReturns(*environment, actor, {.seed = options.seed});
  return std::accumulate(returns.begin(), returns.end(), 0.0) / static_cast<double>(returns.size());
}

/// What an oracle earns that acts like the learner.
double Search(const CollectOptions& options, Environment& environment, Record& record, Meter& meter,
              const OnProgress& on_progress) {
  if (GoalSearch::Handles(options.environment)) {
    GoalSearch search(environment.batch(), {});
    PlayExplorer(options, environment, search, record, meter, on_progress);
    return OracleReturn(options, SteerToGoal);
  }
  const VelocityActor actor = LearnToRun(
      {.environment = VelocitySearch::OracleOf(options.environment),
       .action_repeat = options.action_repeat,
       .max_episode_steps = options.max_episode_steps,
       .steps = options.learning_steps,
       .seed = options.seed},
      [&](int64_t length, double episode_return) { meter.AddWhole(length, episode_return); },
      [&] { on_progress(meter.progress()); });
  VelocitySearch search(environment.batch(), actor, options.action_repeat);
  PlayExplorer(options, environment, search, record, meter, on_progress);
  return OracleReturn(options, [&](auto observation, auto wish, auto action) {
    actor(observation, wish[0], action);
  });
}

void RunLearners(const CollectOptions& options, Record& record, Meter& meter,
                 const OnProgress& on_progress) {
  const auto on_episode = [&](int64_t length, double episode_return) {
    meter.AddWhole(length, episode_return);
  };
  RunLearnerGroup(
      {.environment = options.environment,
       .action_repeat = options.action_repeat,
       .max_episode_steps = options.max_episode_steps,
       .learners = options.learners,
       .steps = options.steps,
       .seed = options.seed},
      [&](const Episode& episode, int64_t learner) { record.Add(episode, learner); }, on_episode,
      [&] { on_progress(meter.progress()); });
}

}  // namespace

int64_t DecisionsOf(const CollectOptions& options) {
  const bool learns_first =
      Choose(options) == CollectAlgorithm::kSearch && VelocitySearch::Handles(options.environment);
  return options.steps + (learns_first ? options.learning_steps : 0);
}

CollectResult Collect(const CollectOptions& options, const OnProgress& given) {
  const OnProgress on_progress = given ? given : [](const CollectProgress&) {};
  CheckOptions(options);
  const CollectAlgorithm algorithm = Choose(options);
  const int64_t simulations =
      algorithm == CollectAlgorithm::kSearch ? kSearchSimulations : kRandomSimulations;
  const std::unique_ptr<Environment> environment =
      MakeFor(options, simulations, ParameterSet::kTraining);
  const EnvironmentSpec& spec = environment->spec();
  CheckActions(spec, algorithm);
  Record record(options.out, Metadata(options, algorithm, spec));
  Meter meter(DecisionsOf(options));
  std::optional<double> oracle_return;
  if (algorithm == CollectAlgorithm::kSoftActorCritic) {
    RunLearners(options, record, meter, on_progress);
  } else if (algorithm == CollectAlgorithm::kSearch) {
    oracle_return = Search(options, *environment, record, meter, on_progress);
  } else {
    RandomExplorer random(spec, simulations);
    PlayExplorer(options, *environment, random, record, meter, on_progress);
  }
  if (options.existing == ExistingData::kReplace) std::filesystem::remove_all(options.out);
  CollectResult result = record.Finish();
  result.algorithm = Name(algorithm);
  result.oracle_return = oracle_return;
  return result;
}

}  // namespace longplay
