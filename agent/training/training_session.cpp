// SPDX-License-Identifier: MIT
#include "agent/training/training_session.h"

#include <torch/types.h>

#include <sstream>
#include <stdexcept>

#include "agent/runs/checkpoint.h"

namespace longplay {

TrainingSession::TrainingSession(const RunOptions& options, const EpisodeSet& set,
                                 const std::string& checkpoint)
    : made_(MakeLearner(options, set)), random_(options.train.seed) {
  if (!checkpoint.empty()) {
    Resume(checkpoint);
  } else if (!options.train.start_from.empty()) {
    const LoadedPolicy start = LoadPolicy(options.train.start_from, torch::kCPU);
    made_.record.normalizer = start.record.normalizer;
    CopyWeights(NamedWeights(start), made_.learner->weights(), start.folder);
    made_.learner->StartAgain();
  }
}

void TrainingSession::Resume(const std::string& checkpoint) {
  const LoadedPolicy saved = LoadPolicy(checkpoint, torch::kCPU);
  if (saved.record.data_hash != made_.record.data_hash) {
    throw std::invalid_argument("resuming: " + checkpoint +
                                ": expected the data it was trained on, got other data");
  }
  made_.record.step = saved.record.step;
  made_.record.normalizer = saved.record.normalizer;
  CopyWeights(NamedWeights(saved), made_.learner->weights(), checkpoint);
  const TrainingState state = LoadTrainingState(checkpoint);
  made_.learner->Load(state.optimizer);
  std::istringstream(state.sampler) >> random_;
}

void TrainingSession::Save(const std::string& run) const {
  std::ostringstream sampler;
  sampler << random_;
  const Learner& learner = *made_.learner;
  SaveCheckpoint(CheckpointFolder(run, step()),
                 {.weights = learner.weights(), .probe = learner.Probe()}, made_.record,
                 {.optimizer = learner.state(), .sampler = sampler.str()});
}

}  // namespace longplay
