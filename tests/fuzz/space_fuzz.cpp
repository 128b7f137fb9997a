// SPDX-License-Identifier: MIT
#include <exception>
#include <nlohmann/json.hpp>
#include <string>

#include "datasets/formats/dataset_info_json.h"
#include "datasets/formats/minari_metadata.h"
#include "datasets/formats/space_json.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace longplay;
  const std::string text(reinterpret_cast<const char*>(data), size);
  ParseMinariMetadata(ParsePythonJson(text));
  ParseSpace(text);
  EnvironmentOfSpec(text);
  try {
    DatasetInfoFromText(text);
  } catch (const std::exception&) {
  }
  return 0;
}
