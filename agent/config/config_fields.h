// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include "agent/config/config_field.h"

namespace longplay {

/// Every key of the configuration, in the order in which they are printed.
const std::vector<ConfigField>& ConfigFields();

}  // namespace longplay
