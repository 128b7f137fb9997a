// SPDX-License-Identifier: MIT
#include <exception>
#include <string>

#include "agent/acting/task_file.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    longplay::ParseTask(text, "fuzz.yaml");
  } catch (const std::exception&) {
  }
  return 0;
}
