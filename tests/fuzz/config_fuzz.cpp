// SPDX-License-Identifier: MIT
#include <exception>
#include <string>

#include "agent/config/config.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace longplay;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    ConfigToYaml(ParseConfig(text, "fuzz.yaml", {}));
  } catch (const std::exception&) {
  }
  return 0;
}
