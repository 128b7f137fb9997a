// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace longplay {

struct ImportOptions {
  std::string folder;       // config.json and model.safetensors
  std::string environment;  // id to play by default; empty = the data's
  std::string data;         // file of episodes: their observations' mean and standard deviation
                            // are the policy's, the best return is the default target
  std::string statistics;   // JSON {"mean": [O], "std": [O], "scale": S}, each optional: policy
                            // observation = (observation - mean) / std, policy return = return / S;
                            // comes after `data`
  std::optional<double> target;   // return asked for by default
  std::optional<int64_t> window;  // [steps] that the policy sees; 0 = all, unset = as the
                                  // architecture says
  // For folders that hold no policy but a trunk; 0 = as in `data`.
  int64_t observation_size = 0, action_size = 0;
};

struct ImportResult {
  std::string run, architecture;
  int64_t parameters = 0;
  std::vector<std::string> notes;  // what a user should know, a sentence each
};

/// Reads weights of others, or what ExportPolicy wrote, and leaves a run folder: config.yaml and
/// checkpoints/step_N that LoadPolicy reads. Nothing is written unless all of it fits.
/// Throws std::runtime_error "importing: <file>: <key>: expected X, got Y", std::invalid_argument
/// when `run` has checkpoints already.
ImportResult ImportPolicy(const ImportOptions& options, const std::string& run);

}  // namespace longplay
