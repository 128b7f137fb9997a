// SPDX-License-Identifier: MIT
#include <exception>
#include <span>

#include "datasets/files/npz.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace longplay;
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), size);
  const NpzLimits limits = {.array_bytes = 1 << 20};
  try {
    ParseNpz(
        file, [](const std::string&) { return true; }, limits);
  } catch (const std::exception&) {
  }
  try {
    ListNpz(file);
  } catch (const std::exception&) {
  }
  try {
    ParseNpy(file, limits);
  } catch (const std::exception&) {
  }
  return 0;
}
