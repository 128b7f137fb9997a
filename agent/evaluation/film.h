// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "agent/runs/checkpoint.h"

namespace longplay {

struct FilmOptions {
  int width = 320, height = 240;  // [pixels] of each simulation; both even
  int64_t chains = 1;             // side by side, each with its own seed and hidden parameter
  int64_t frames = 0;             // stop after so many; 0 = all episodes of evaluate.episodes
  int frames_per_second = 15;
};

/// Plays chains of the policy as `evaluate` says and films them, one frame a decision, with
/// episode, return and target drawn in: an mp4 at `out`. A hidden goal is drawn as a marker.
/// Returns the number of frames. Throws std::runtime_error naming the package to install when EGL
/// or ffmpeg is missing, std::invalid_argument for impossible sizes.
int64_t Film(const LoadedPolicy& policy, const EvaluateOptions& evaluate,
             const FilmOptions& options, const std::string& out);

/// Where the film of a run lies unless the user says otherwise, and where reports look for it.
std::string FilmOfRun(const std::string& run);

}  // namespace longplay
