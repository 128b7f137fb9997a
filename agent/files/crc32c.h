// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

namespace longplay {

/// CRC-32C (Castagnoli), as TensorBoard's event files and our journals have it.
uint32_t Crc32c(std::string_view bytes);

}  // namespace longplay
