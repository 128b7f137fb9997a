// SPDX-License-Identifier: MIT
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include "agent/training/train.h"

namespace longplay {

inline std::string Bytes(const std::string& path) {
  std::ostringstream bytes;
  bytes << std::ifstream(path, std::ios::binary).rdbuf();
  EXPECT_FALSE(bytes.str().empty()) << path;
  return bytes.str();
}

/// Weights, training state and draws after step 8.
inline void ExpectSameCheckpoint(const std::string& a, const std::string& b) {
  for (const char* file : {"weights.safetensors", "training.safetensors", "sampler.txt"}) {
    const std::string name = std::string("/checkpoints/step_8/") + file;
    EXPECT_TRUE(Bytes(a + name) == Bytes(b + name)) << file;
  }
}

/// Trains in `run` until step 6 is logged, past the checkpoint of step 4, so that rows and steps
/// are left that must be done again.
inline void TrainUntilKilled(const RunOptions& options, const EpisodeSet& set,
                             const std::string& run) {
  EXPECT_THROW(Train(options, set, run, RunStart::kFresh,
                     [](const TrainingProgress& progress) {
                       if (progress.step == 6) throw std::runtime_error("killed");
                     }),
               std::runtime_error);
}

}  // namespace longplay
