// SPDX-License-Identifier: MIT
#include <exception>
#include <string>

#include "agent/files/safetensors_header.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    for (const auto& entry : longplay::ParseSafetensorsHeader(text, 1000, "fuzz")) {
      uint64_t numbers = 1;
      for (const int64_t dimension : entry.shape) numbers *= static_cast<uint64_t>(dimension);
      if (numbers > 1000 || entry.end > 1000) __builtin_trap();
    }
  } catch (const std::exception&) {
  }
  return 0;
}
