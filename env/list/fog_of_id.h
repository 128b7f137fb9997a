// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "env/family/fog.h"

namespace longplay {

/// The arguments of family/fog-v0 in an environment's id, however a user writes it ("fog?drift=1e-5");
/// nothing for other environments, unknown ones among them. Throws std::invalid_argument for
/// arguments that the task refuses.
std::optional<FogOptions> FogOfId(const std::string& id);

}  // namespace longplay
