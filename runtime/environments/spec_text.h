// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "env/environment.h"

namespace longplay {

/// What a caller must know of environments, as JSON; longplay_environments_spec has the keys. A bound
/// that is none is null.
std::string SpecText(Environment& environment);

/// The same of every environment of a list, without bounds.
std::string ListText(const std::vector<EnvironmentSpec>& specs);

}  // namespace longplay
