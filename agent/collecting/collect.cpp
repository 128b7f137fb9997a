// SPDX-License-Identifier: MIT
#include "agent/collecting/collect.h"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "agent/acting/make_environment.h"
#include "agent/acting/rollout.h"
#include "agent/acting/step_sizes.h"
#include "agent/collect_work/collect_config.h"
#include "agent/collect_work/collect_work.h"
#include "agent/collect_work/episode_journal.h"
#include "agent/collecting/goal_search.h"
#include "agent/collecting/learn_to_run.h"
#include "agent/collecting/learner_group.h"
#include "agent/collecting/oracle.h"
#include "agent/collecting/random_explorer.h"
#include "agent/collecting/velocity_search.h"
#include "agent/explorers/fog_demonstrator.h"
#include "agent/explorers/literature_anchors.h"
#include "agent/explorers/oracle_labels.h"
#include "agent/explorers/q_learning_explorer.h"
#include "agent/runs/output_claim.h"
#include "agent/stop_signal.h"
#include "datasets/writers/minari_writer.h"
#include "env/list/environment_id.h"
#include "env/list/fog_of_id.h"

namespace longplay {
namespace {

// Side by side; the same on every machine, for the recorded bytes depend on it.
constexpr int64_t kSearchSimulations = 256;
constexpr int64_t kRandomSimulations = 64;
constexpr int64_t kMostSteps = 1000000000000;

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
}

void CheckReplaces(const CollectOptions& options) {
  namespace fs = std::filesystem;
  if (!fs::exists(options.out)) return;
  if (options.existing == ExistingData::kRefuse) {
    throw std::invalid_argument("collecting data: " + options.out +
                                ": expected nothing there yet, got something (--overwrite replaces "
                                "a data set)");
  }
  // --overwrite deletes: only what looks like a data set.
  if (!fs::is_regular_file(options.out) && !fs::exists(options.out + "/data/main_data.hdf5")) {
    throw std::invalid_argument("collecting data: " + options.out +
                                ": expected a data set to replace, got something else");
  }
}

bool CanSearch(const std::string& environment) {
  return GoalSearch::Handles(environment) || VelocitySearch::Handles(environment);
}

CollectAlgorithm Choose(const CollectOptions& options) {
  if (options.algorithm != CollectAlgorithm::kAuto) return options.algorithm;
  // The published recipes have a learner a task.
  if (CanSearch(options.environment) && options.environment.starts_with("family/")) {
    return CollectAlgorithm::kSearch;
  }
  return FogOfId(options.environment) ? CollectAlgorithm::kFilter
                                      : CollectAlgorithm::kSoftActorCritic;
}

void CheckOptions(const CollectOptions& options) {
  Check(options.steps >= 1 && options.steps <= kMostSteps, "steps",
        "1 to " + std::to_string(kMostSteps), options.steps);
  Check(options.learners >= 1 && options.learners <= 64, "learners", "1 to 64", options.learners);
  Check(options.episodes_per_history >= 1, "episodes_per_history", "at least 1",
        options.episodes_per_history);
  Check(options.learning_steps >= 1, "learning_steps", "at least 1", options.learning_steps);
  const bool sac = Choose(options) == CollectAlgorithm::kSoftActorCritic;
  Check(options.first_task < 0 || sac, "first_task", "none but with algorithm sac",
        options.first_task);
  Check(options.learners == 1 || sac, "learners", "1 but with algorithm sac", options.learners);
  Check(options.episodes_per_history == CollectOptions().episodes_per_history || !sac,
        "episodes_per_history", "none with algorithm sac, whose histories are its learners'",
        options.episodes_per_history);
  if (options.algorithm == CollectAlgorithm::kSearch && !CanSearch(options.environment)) {
    throw std::invalid_argument(
        "collecting data: algorithm: search: expected environment family/point-goal-v0, "
        "family/cheetah-velocity-v0 or literature/cheetah-vel-v0, got " +
        options.environment);
  }
  if (options.algorithm == CollectAlgorithm::kFilter && !FogOfId(options.environment)) {
    throw std::invalid_argument(
        "collecting data: algorithm: filter: expected environment family/fog-v0, got " +
        options.environment);
  }
  if (options.labels == "oracle" && sac) {
    throw std::invalid_argument(
        "collecting data: labels: expected none with algorithm sac, whose simulations share their "
        "tasks, got oracle");
  }
  CheckDestination(options);
}

std::string Describe(const CollectOptions& options, CollectAlgorithm algorithm) {
  std::string text = "Everything that longplay collect did from its start: ";
  if (algorithm == CollectAlgorithm::kSoftActorCritic) {
    text += std::to_string(options.learners) + " run(s) of soft actor-critic";
    if (options.sac.checkpoint_every > 0) {
      text = std::to_string(options.sac.checkpoint_episodes) +
             " episodes of the policy after each " + std::to_string(options.sac.checkpoint_every) +
             " decisions of " + std::to_string(options.learners) + " run(s) of soft actor-critic";
    }
  } else if (algorithm == CollectAlgorithm::kSearch) {
    text += GoalSearch::Handles(options.environment)
                ? "histories of a learner that climbs the reward to a hidden goal"
                : "histories of a learner that searches a hidden velocity by its reward";
  } else if (algorithm == CollectAlgorithm::kFilter) {
    text += "the Kalman filter's mean at every step, which no policy outdoes";
  } else if (algorithm == CollectAlgorithm::kQLearning) {
    text += "histories of tabular Q-learning";
  } else if (algorithm == CollectAlgorithm::kRandom) {
    text += "uniform random actions";
  } else {
    text += "a player that learns nothing: " + AlgorithmName(algorithm);
  }
  return text + "; action repeat " + std::to_string(options.action_repeat) + ", seed " +
         std::to_string(options.seed);
}

MinariMetadata Metadata(const CollectOptions& options, CollectAlgorithm algorithm,
                        const EnvironmentSpec& spec) {
  return {.environment = spec.id,
          .algorithm = AlgorithmName(algorithm),
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

/// How far the work is; may be told from several threads.
class Meter {
 public:
  explicit Meter(int64_t total) { progress_.total = total; }

  void AddSteps(int64_t steps) {
    const std::lock_guard lock(mutex_);
    progress_.steps += steps;
  }
  /// The steps of one that was not kept are added with it, or were one by one.
  void AddEpisode(const PlayedEpisode& episode, bool with_steps) {
    const std::lock_guard lock(mutex_);
    if (episode.kept) progress_.kept += episode.length;
    if (episode.kept || with_steps) progress_.steps += episode.length;
    ++progress_.episodes;
    recent_.push_back(episode.episode_return);
    if (recent_.size() > 20) recent_.pop_front();
    progress_.mean_return =
        std::accumulate(recent_.begin(), recent_.end(), 0.0) / static_cast<double>(recent_.size());
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

/// One call of Collect: where it keeps its work, and who hears of it.
struct Job {
  const CollectOptions& options;
  const OutputClaim& claim;
  const CollectWork& work;
  const OnProgress& on_progress;
  Meter meter;

  /// Tells how far it is, and ends the work when a signal came or another process took it over.
  void Tell() const {
    on_progress(meter.progress());
    StopIfAsked();
  }
  void StopIfAsked() const {
    claim.Check();
    const std::string signal = StopSignal();
    if (signal.empty()) return;
    throw StoppedBySignal("stopped by " + signal + " after " +
                              std::to_string(meter.progress().episodes) +
                              " episodes, all of them are saved in " + work.folder(),
                          ResumeCommand(options));
  }
};

/// Returns the journal.
std::string PlayExplorer(Job& job, Environment& environment, Explorer& explorer) {
  std::string file = job.work.path("histories.journal");
  EpisodeJournal journal(file);
  // Steps are counted one by one, so a new episode adds none.
  const HistoryListener listener = {
      .on_episode = [&](const PlayedEpisode& episode) { job.meter.AddEpisode(episode, false); },
      .on_step =
          [&](int64_t steps) {
            job.meter.AddSteps(steps);
            job.Tell();
          }};
  const HistoryPlan plan = {.steps = job.options.steps,
                            .episodes = job.options.episodes_per_history,
                            .seed = job.options.seed};
  PlayHistories(environment, explorer, plan, journal, listener);
  return file;
}

std::unique_ptr<Environment> MakeFor(const CollectOptions& options, int64_t simulations,
                                     ParameterSet parameters) {
  return MakeEnvironment(options.environment, {.batch = simulations,
                                               .action_repeat = options.action_repeat,
                                               .max_episode_steps = options.max_episode_steps,
                                               .parameters = parameters});
}

/// Mean return of one episode in each of many simulations with held-out parameters.
double OracleReturn(const Job& job, const ToldActor& actor) {
  const std::unique_ptr<Environment> environment =
      MakeFor(job.options, kSearchSimulations, ParameterSet::kHeldOut);
  // Nothing is recorded meanwhile, but a signal is heard at every action.
  const ToldActor stoppable = [&](auto observation, auto parameter, auto action) {
    job.StopIfAsked();
    actor(observation, parameter, action);
  };
  const std::vector<double> returns =
      OracleReturns(*environment, stoppable, {.seed = job.options.seed});
  return std::accumulate(returns.begin(), returns.end(), 0.0) / static_cast<double>(returns.size());
}

LearnerGroupOptions GroupOf(const Job& job, const std::string& name) {
  return {.environment = job.options.environment,
          .action_repeat = job.options.action_repeat,
          .max_episode_steps = job.options.max_episode_steps,
          .learners = job.options.learners,
          .steps = job.options.steps,
          .first_task = job.options.first_task,
          .sac = job.options.sac,
          .kept_at = job.work.path(name),
          .seed = job.options.seed};
}

RunningActors LearnToRunFor(Job& job) {
  LearnerGroupOptions lessons = GroupOf(job, "running_");
  lessons.environment = VelocitySearch::OracleOf(job.options.environment);
  lessons.first_task = -1;
  lessons.sac.checkpoint_every = 0;  // lessons are not recorded
  lessons.steps = job.options.learning_steps;
  return LearnToRun(
      lessons, [&](const PlayedEpisode& episode) { job.meter.AddEpisode(episode, true); },
      [&] { job.Tell(); });
}

/// What was recorded, and what an oracle earns that acts like the learner.
struct Played {
  std::vector<std::string> journals;
  std::optional<double> oracle_return = {};
  ToldActor oracle = {};  // for labels; empty = an anchor's
};

Played Search(Job& job, Environment& environment) {
  // A goal: the search is a controller that needs no learning.
  if (GoalSearch::Handles(job.options.environment)) {
    const int64_t repeat = job.options.action_repeat;
    GoalSearch search(environment.batch(), {.action_repeat = repeat});
    const std::string journal = PlayExplorer(job, environment, search);
    const ToldActor steer = SteerToGoal(repeat);
    return {{journal}, OracleReturn(job, steer), steer};
  }
  // A velocity: first learn to run at any of them, then search the one that is wished for.
  const RunningActors actors = LearnToRunFor(job);
  VelocitySearch search(environment.batch(), actors.noisy, job.options.action_repeat,
                        VelocitySearch::RangeOf(job.options.environment));
  const std::string journal = PlayExplorer(job, environment, search);
  RandomGenerator random(job.options.seed, RandomGenerator::Stream::kLearner);
  const ToldActor told = [&](auto observation, auto wish, auto action) {
    actors.noisy(observation, wish[0], random, action);
  };
  return {{journal}, OracleReturn(job, told), actors.steady};
}

Played RunLearners(Job& job) {
  const LearnerGroupOptions group = GroupOf(job, "learner_");
  RunLearnerGroup(
      group, [&](const PlayedEpisode& episode) { job.meter.AddEpisode(episode, true); },
      [&] { job.Tell(); });
  Played played;
  // In the order of learners, whichever was done first.
  for (int64_t k = 0; k < group.learners; ++k) played.journals.push_back(JournalOf(group, k));
  return played;
}

/// One that needs no tensors. Throws std::invalid_argument when it cannot play that task.
std::unique_ptr<Explorer> MakeExplorer(const CollectOptions& options, CollectAlgorithm algorithm,
                                       const Environment& environment) {
  if (algorithm == CollectAlgorithm::kRandom) {
    return std::make_unique<RandomExplorer>(environment.spec(), environment.batch());
  }
  if (algorithm == CollectAlgorithm::kFilter) {
    return std::make_unique<FogDemonstrator>(*FogOfId(environment.spec().id), environment.batch());
  }
  if (algorithm == CollectAlgorithm::kQLearning) {
    return std::make_unique<QLearningExplorer>(environment.spec(), environment.batch(),
                                               options.episodes_per_history, options.q_learning);
  }
  return MakeAnchor(AlgorithmName(algorithm), environment);
}

/// Whether what it does reckons with where one step leads, or with readings one step apart.
bool CountsSingleSteps(CollectAlgorithm algorithm) {
  return algorithm == CollectAlgorithm::kFilter || algorithm == CollectAlgorithm::kOracle ||
         algorithm == CollectAlgorithm::kTriangulation || algorithm == CollectAlgorithm::kWaypoints;
}

/// Whether the algorithm can play the task, before anything is written.
void CheckPlays(const CollectOptions& options, CollectAlgorithm algorithm,
                const Environment& environment) {
  const EnvironmentSpec& spec = environment.spec();
  if (ParseEnvironmentId(spec.id).arguments["draw"] == "in_turn") {
    throw std::invalid_argument(
        "collecting data: " + spec.id +
        ": draw: expected random, got in_turn (a history's seed does not follow from the one "
        "before; collect a range of tasks, or each by itself: task=N)");
  }
  const bool anchored = options.labels == "oracle" && algorithm != CollectAlgorithm::kSearch;
  if (anchored || CountsSingleSteps(algorithm)) {
    Check(options.action_repeat == 1,
          anchored ? "labels: oracle: action_repeat"
                   : "algorithm: " + AlgorithmName(algorithm) + ": action_repeat",
          "1", options.action_repeat);
  }
  if (algorithm == CollectAlgorithm::kSearch) return;  // it has an oracle of its own
  if (anchored && !AnchorHandles("oracle", spec.id)) {
    throw std::invalid_argument("collecting data: labels: oracle: expected " +
                                AnchorTasks("oracle") + ", or --algorithm search, got " + spec.id);
  }
  if (algorithm != CollectAlgorithm::kSoftActorCritic) {
    MakeExplorer(options, algorithm, environment);
    return;
  }
  if (spec.action_space != ActionSpace::kContinuous) {
    throw std::invalid_argument(
        "collecting data: algorithm: sac: expected continuous actions, got " +
        std::to_string(spec.action_size) + " discrete ones of " + spec.id +
        " (--algorithm q_learning and random take them)");
  }
  // The list must reach as far as the last learner.
  if (options.first_task < 0) return;
  MakeEnvironment(options.environment,
                  {.arguments = TaskArgument(options.first_task, options.learners - 1)});
}

Played Play(Job& job, CollectAlgorithm algorithm, Environment& environment) {
  if (algorithm == CollectAlgorithm::kSoftActorCritic) return RunLearners(job);
  if (algorithm == CollectAlgorithm::kSearch) return Search(job, environment);
  const std::unique_ptr<Explorer> explorer = MakeExplorer(job.options, algorithm, environment);
  return {{PlayExplorer(job, environment, *explorer)}};
}

nlohmann::json ToJson(const CollectResult& result) {
  nlohmann::json json = {{"episodes", result.episodes},
                         {"steps", result.steps},
                         {"mean_return", result.mean_return},
                         {"best_return", result.best_return},
                         {"algorithm", result.algorithm}};
  if (result.oracle_return) json["oracle_return"] = *result.oracle_return;
  return json;
}

CollectResult FromJson(const nlohmann::json& json) {
  CollectResult result = {.episodes = json.at("episodes"),
                          .steps = json.at("steps"),
                          .mean_return = json.at("mean_return"),
                          .best_return = json.at("best_return"),
                          .algorithm = json.at("algorithm")};
  if (json.contains("oracle_return")) result.oracle_return = json["oracle_return"];
  return result;
}

/// What stands beside the steps of the episodes that are written, history after history.
class Labels {
 public:
  /// By the oracle, or an anchor where there is none: labels drawn among all best actions make a
  /// policy that knows little try all of them.
  Labels(const CollectOptions& options, const ToldActor& oracle) : options_(options) {
    if (options.labels != "oracle") return;
    environment_ = MakeFor(options, 1, ParameterSet::kTraining);
    oracle_.emplace(*environment_, oracle ? MakeToldExplorer(*environment_, oracle)
                                          : MakeAnchor("any_way", *environment_));
  }

  EpisodeExtras Beside(const Episode& episode) {
    EpisodeExtras extras;
    if (oracle_) {
      extras.infos["label"] = oracle_->Of(episode, EpisodeSeed(options_.seed, episode.history));
    }
    return extras;
  }

 private:
  const CollectOptions& options_;
  std::unique_ptr<Environment> environment_;
  std::optional<OracleLabels> oracle_;
};

/// Makes the data set out of the journals, and adds up what it amounts to.
CollectResult WriteData(const Job& job, const MinariMetadata& metadata, const Played& played) {
  MinariWriter writer(job.options.out, metadata);
  Labels labels(job.options, played.oracle);
  double sum = 0, best = -std::numeric_limits<double>::infinity();
  for (const std::string& journal : played.journals) {
    EpisodeJournal(journal).ForEach([&](const Episode& episode) {
      job.StopIfAsked();
      writer.Write(episode, {{"history", episode.history}}, labels.Beside(episode));
      const double total = std::accumulate(episode.rewards.begin(), episode.rewards.end(), 0.0);
      sum += total;
      best = std::max(best, total);
    });
  }
  CollectResult result = {.episodes = writer.episodes(),
                          .steps = writer.steps(),
                          .mean_return = sum / static_cast<double>(writer.episodes()),
                          .best_return = best,
                          .algorithm = metadata.algorithm,
                          .oracle_return = played.oracle_return};
  // The result first: once the data set has its name, nothing else is left to do.
  job.claim.Check();
  job.work.KeepResult(ToJson(result));
  writer.Finish();
  return result;
}

}  // namespace

int64_t DecisionsOf(const CollectOptions& options) {
  const bool learns_first =
      Choose(options) == CollectAlgorithm::kSearch && VelocitySearch::Handles(options.environment);
  return options.steps + (learns_first ? options.learning_steps : 0);
}

CollectResult Collect(const CollectOptions& options, const OnProgress& given) {
  const OnProgress on_progress = given ? given : [](const CollectProgress&) {};
  // Phase 1: checks; nothing is written yet but the claim.
  CheckOptions(options);
  const OutputClaim claim(options.out, "collecting data");
  // An earlier call may have been killed when all that was left to do was to remove its work.
  const bool may_be_done =
      options.start == RunStart::kResume && options.existing == ExistingData::kRefuse;
  const nlohmann::json written =
      may_be_done ? CollectWork::ResultOfWritten(options.out) : nlohmann::json();
  if (!written.is_object()) CheckReplaces(options);
  const CollectAlgorithm algorithm = Choose(options);
  const int64_t simulations =
      algorithm == CollectAlgorithm::kSearch ? kSearchSimulations : kRandomSimulations;
  const std::unique_ptr<Environment> environment =
      MakeFor(options, simulations, ParameterSet::kTraining);
  CheckPlays(options, algorithm, *environment);
  // Phase 2: the folder of unfinished work, of an earlier call or a fresh one.
  const CollectWork work(options, AlgorithmName(algorithm));
  if (written.is_object()) {
    work.Remove();
    return FromJson(written);
  }
  // Phase 3: play into journals, make the data set of them, drop them.
  Job job{options, claim, work, on_progress, Meter(DecisionsOf(options))};
  const Played played = Play(job, algorithm, *environment);
  CollectResult result = WriteData(job, Metadata(options, algorithm, environment->spec()), played);
  work.Remove();
  return result;
}

}  // namespace longplay
