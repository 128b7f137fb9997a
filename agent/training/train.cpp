// SPDX-License-Identifier: MIT
#include "agent/training/train.h"

#include <stdexcept>

#include "agent/training/fit_to_data.h"
#include "agent/training/td3_bc_trainer.h"
#include "agent/training/trainer.h"

namespace longplay {

TrainingResult Train(const RunOptions& options, const TrajectorySet& set, const std::string& run,
                     RunStart start,
                     const std::function<void(const TrainingProgress&)>& on_progress) {
  const RunOptions fitted = FitToData(options, set);
  switch (fitted.train.method) {
    case Method::kSequence:
      return TrainSequenceModel(fitted, set, run, start, on_progress);
    case Method::kTd3Bc:
      return TrainTd3Bc(fitted, set, run, start, on_progress);
  }
  throw std::invalid_argument("training: train.method: expected sequence or td3_bc, got another");
}

}  // namespace longplay
