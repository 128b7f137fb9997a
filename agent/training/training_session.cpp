// SPDX-License-Identifier: MIT
#include "agent/training/training_session.h"

#include <torch/types.h>

#include <iomanip>
#include <sstream>
#include <stdexcept>

#include "agent/config/config_difference.h"
#include "agent/learners/sequence_learner.h"
#include "agent/runs/checkpoint.h"

namespace longplay {

namespace {

std::string Short(double value) {
  std::ostringstream text;
  text << std::setprecision(3) << value;
  return text.str();
}

/// Refuses another policy; says what else is trained otherwise from here on.
void CompareWith(const LoadedPolicy& saved, const RunOptions& options,
                 std::vector<std::string>& notes) {
  const auto differences = DifferencesBetween(saved.record.options, options);
  const std::string policy = ShownDifferences(differences, KeyRole::kPolicy);
  if (!policy.empty()) {
    throw std::invalid_argument(
        "resuming: " + saved.folder + ": expected the policy that it holds, " + policy +
        " (another --out trains another policy, train.start_from goes on from these weights)");
  }
  const std::string schedule = ShownDifferences(differences, KeyRole::kSchedule);
  if (schedule.empty()) return;
  std::string note = "another schedule from here on: " + schedule;
  const int64_t next = saved.record.step + 1;
  const double before = LearningRateAt(saved.record.options.train, next);
  const double now = LearningRateAt(options.train, next);
  // Only a sequence model's learning rate follows a schedule.
  if (options.train.method == Method::kSequence && before != now) {
    note += "; the learning rate of step " + std::to_string(next) + " would have been " +
            Short(before) + " and is " + Short(now);
  }
  notes.push_back(note);
}

/// Where the draws stood. Throws std::runtime_error, naming the file, for anything else.
std::mt19937_64 DrawsOf(const TrainingState& state, const std::string& checkpoint) {
  std::istringstream text(state.sampler);
  std::mt19937_64 random;
  text >> random;
  if (text.fail() || !(text >> std::ws).eof()) {
    throw std::runtime_error("loading policy: " + checkpoint +
                             "/sampler.txt: expected where the draws stood, got something else");
  }
  return random;
}

}  // namespace

TrainingSession::TrainingSession(const RunOptions& options, const EpisodeSet& set,
                                 const std::string& run, RunStart start,
                                 std::vector<std::string>& notes)
    : made_(MakeLearner(options, set)), random_(options.train.seed) {
  // A checkpoint of the run itself goes before the policy that it once started from.
  if (start == RunStart::kResume && !NewestCheckpoint(run).empty()) {
    ResumeNewest(run, notes);
  } else if (!options.train.start_from.empty()) {
    const LoadedPolicy start = LoadPolicy(options.train.start_from, torch::kCPU);
    // Its weights know observations as its own normaliser gives them.
    made_.record.normalizer = start.record.normalizer;
    CopyWeights(NamedWeights(start), made_.learner->weights(), start.folder);
    made_.learner->StartAgain();
  }
}

void TrainingSession::ResumeNewest(const std::string& run, std::vector<std::string>& notes) {
  // From the newest to the first that is whole; what is damaged becomes a note.
  const std::vector<int64_t> steps = CheckpointSteps(run);
  for (size_t k = steps.size(); k-- > 0;) {
    try {
      Resume(CheckpointFolder(run, steps[k]), notes);
    } catch (const std::invalid_argument&) {
      throw;  // whole, and of something else
    } catch (const std::exception& damage) {
      if (k == 0) throw;
      notes.push_back(std::string(damage.what()) + "; going on from step " +
                      std::to_string(steps[k - 1]) + " in its place");
      continue;
    }
    // Those that were passed over count no more: as the newest they would outlive whole ones.
    for (size_t later = k + 1; later < steps.size(); ++later) SetAsideCheckpoint(run, steps[later]);
    return;
  }
}

void TrainingSession::Resume(const std::string& checkpoint, std::vector<std::string>& notes) {
  const LoadedPolicy saved = LoadPolicy(checkpoint, torch::kCPU);
  const TrainingState state = LoadTrainingState(checkpoint);
  const std::mt19937_64 random = DrawsOf(state, checkpoint);
  if (saved.record.data_hash != made_.record.data_hash) {
    throw std::invalid_argument("resuming: " + checkpoint +
                                ": expected the data it was trained on, got other data");
  }
  CompareWith(saved, made_.record.options, notes);
  // Read and compared: from here on the session changes.
  made_.record.step = saved.record.step;
  made_.record.normalizer = saved.record.normalizer;
  CopyWeights(NamedWeights(saved), made_.learner->weights(), checkpoint);
  made_.learner->Load(state.optimizer);
  log_ = state.log;
  random_ = random;
}

nlohmann::json TrainingSession::Place() const {
  std::ostringstream sampler;
  sampler << random_;
  return {{"step", step()},
          {"normalizer", ToJson(made_.record.normalizer)},
          {"sampler", sampler.str()},
          {"log", log_}};
}

void TrainingSession::StandAt(const nlohmann::json& place) {
  made_.record.step = place.at("step");
  made_.record.normalizer = NormalizerFromJson(place.at("normalizer"));
  std::istringstream(place.at("sampler").get<std::string>()) >> random_;
  log_ = place.at("log");
}

void TrainingSession::Save(const std::string& run, const nlohmann::json& log) const {
  std::ostringstream sampler;
  sampler << random_;
  const Learner& learner = *made_.learner;
  SaveCheckpoint(CheckpointFolder(run, step()),
                 {.weights = learner.weights(), .probe = learner.Probe()}, made_.record,
                 {.optimizer = learner.state(), .sampler = sampler.str(), .log = log});
}

}  // namespace longplay
