// SPDX-License-Identifier: MIT
#include "agent/files/safetensors_header.h"

#include <algorithm>
#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

namespace longplay {
namespace {

constexpr std::array<std::pair<const char*, uint64_t>, 8> kTypeSizes = {{{"F32", 4},
                                                                         {"F64", 8},
                                                                         {"F16", 2},
                                                                         {"BF16", 2},
                                                                         {"I64", 8},
                                                                         {"I32", 4},
                                                                         {"U8", 1},
                                                                         {"BOOL", 1}}};
constexpr uint64_t kMostNumbers = std::numeric_limits<int64_t>::max();

uint64_t ElementSize(const std::string& path, const std::string& type) {
  for (const auto& [known, size] : kTypeSizes) {
    if (type == known) return size;
  }
  FailReadingWeights(path, "dtype F32, F64, F16, BF16, I64, I32, U8 or BOOL", type);
}

SafetensorsEntry ParseEntry(const std::string& path, const std::string& name,
                            const nlohmann::json& json, uint64_t data_size) {
  SafetensorsEntry entry{.name = name, .type = json.at("dtype").get<std::string>()};
  entry.begin = json.at("data_offsets").at(0).get<uint64_t>();
  entry.end = json.at("data_offsets").at(1).get<uint64_t>();
  // Numbers are counted without overflow, sizes of 0 aside; each takes a byte or more.
  uint64_t bytes = ElementSize(path, entry.type), numbers = 1;
  for (const nlohmann::json& size : json.at("shape")) {
    // Also sizes beside a 0 must be ones that a tensor can have.
    const bool fits = size.is_number_unsigned() &&
                      (size.get<uint64_t>() == 0 || numbers <= kMostNumbers / size.get<uint64_t>());
    if (!fits) FailReadingWeights(path, "sizes of " + name + " from 0 that fit the file", "others");
    entry.shape.push_back(size.get<int64_t>());
    numbers *= std::max<uint64_t>(size.get<uint64_t>(), 1);
  }
  for (const int64_t size : entry.shape) bytes *= static_cast<uint64_t>(size);
  if (numbers > data_size && bytes != 0)
    FailReadingWeights(path, "a shape of " + name + " inside the file", "more");
  if (entry.begin > entry.end || entry.end > data_size || entry.end - entry.begin != bytes) {
    // Not shown: text that nobody has checked may be nested without bound.
    FailReadingWeights(path, std::to_string(bytes) + " bytes of " + name + " inside the file",
                       "others");
  }
  return entry;
}

/// Two names for the same bytes are no file that a writer makes.
void CheckNoOverlap(const std::string& path, const std::vector<SafetensorsEntry>& entries) {
  std::vector<std::pair<uint64_t, uint64_t>> ranges;
  ranges.reserve(entries.size());
  for (const SafetensorsEntry& entry : entries) ranges.emplace_back(entry.begin, entry.end);
  std::ranges::sort(ranges);
  for (size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].first < ranges[i - 1].second)
      FailReadingWeights(path, "tensors side by side", "an overlap");
  }
}

}  // namespace

void FailReadingWeights(const std::string& path, const std::string& expected,
                        const std::string& got) {
  throw std::runtime_error("reading weights: " + path + ": expected " + expected + ", got " + got);
}

std::vector<SafetensorsEntry> ParseSafetensorsHeader(const std::string& text, uint64_t data_size,
                                                     const std::string& path) {
  const nlohmann::json header = nlohmann::json::parse(text, nullptr, false);
  if (!header.is_object()) FailReadingWeights(path, "a JSON header", "something else");
  std::vector<SafetensorsEntry> entries;
  try {
    for (const auto& [name, json] : header.items()) {
      if (name != "__metadata__") entries.push_back(ParseEntry(path, name, json, data_size));
    }
  } catch (const nlohmann::json::exception& error) {
    FailReadingWeights(path, "dtype, shape and data_offsets for every tensor", error.what());
  }
  CheckNoOverlap(path, entries);
  return entries;
}

}  // namespace longplay
