// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>

namespace longplay {

/// {"longplay", "libtorch", "mujoco", "hdf5"}: the versions in use at run time, as strings.
nlohmann::json Versions();

}  // namespace longplay
