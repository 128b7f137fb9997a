// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

namespace longplay {

/// An environment's id, which may carry arguments of its task: NAME?argument=value&argument=value,
/// as in "Hopper-v5?healthy_z_range=0.8,inf&frame_skip=2".
struct EnvironmentId {
  std::string name;
  std::map<std::string, std::string> arguments;
};

/// Throws std::invalid_argument for a part without '=' or an argument given twice.
EnvironmentId ParseEnvironmentId(const std::string& id);

}  // namespace longplay
