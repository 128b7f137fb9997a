// SPDX-License-Identifier: MIT
#pragma once

#include <functional>

#include "datasets/episode_reader.h"
#include "datasets/formats/problem_log.h"

namespace longplay {

/// Warnings about what a sound file says: episodes that look joined (the state jumps within one),
/// episodes that are there twice, ends that are two things at once, actions out of their range,
/// reference scores that cannot be. Reads every episode, twice. `alive` is called now and then.
void Lint(const EpisodeReader& reader, ProblemLog& log, const std::function<void()>& alive);

}  // namespace longplay
