// SPDX-License-Identifier: MIT
#pragma once

#include <c10/core/Device.h>

#include <string>

namespace longplay {

/// cpu or cuda from "auto", "cpu", "cuda", "cuda:N".
/// Throws std::invalid_argument when there is no such device.
c10::Device ChooseDevice(const std::string& name);

}  // namespace longplay
