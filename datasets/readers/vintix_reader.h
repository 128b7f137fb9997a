// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include "datasets/formats/format_reader.h"
#include "datasets/formats/path_options.h"

namespace longplay {

/// Vintix's layout: one learner's run in a file, in groups named by their steps, 0-9999,
/// 10000-19999 ..., each with proprio_observation, action, reward and step_num. An episode begins
/// where step_num is 0. How episodes end is not recorded: all count as truncated.
///
/// Vintix II adds demonstrator_action (also called demonstrator_actions or expert_action): what a
/// demonstrator would have done. It is an info, or, if asked for, the actions, and those that were
/// done are the info `action`. Source: dunnolab/vintix-II, README.md, train/data/torch_dataloaders.py.
std::unique_ptr<FormatReader> OpenVintix(const std::string& hdf5_path,
                                         const PathOptions& options = {});

/// Whether a group's name is that of such steps.
bool IsVintixGroup(const std::string& name);

}  // namespace longplay
