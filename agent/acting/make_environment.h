// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "env/environment.h"

namespace longplay {

/// An environment by its id (`longplay env list`), which may carry arguments of its task
/// ("Hopper-v5?healthy_z_range=0.8,inf"), or by the path of a task file (*.yaml, *.yml;
/// configs/tasks/crawler.yaml is a commented one).
/// Throws std::invalid_argument for an unknown id, bad options or a bad task file, naming what would
/// do; std::runtime_error when the model files are missing.
std::unique_ptr<Environment> MakeEnvironment(const std::string& id,
                                             const EnvironmentOptions& options);

}  // namespace longplay
