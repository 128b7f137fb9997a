// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace longplay {

/// Version of the MuJoCo library in use, "3.17.0".
std::string MujocoVersion();

}  // namespace longplay
