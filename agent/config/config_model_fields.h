// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/config/config_field.h"

namespace longplay {

/// The section "model" of the configuration.
std::vector<ConfigField> ModelFields();

}  // namespace longplay
