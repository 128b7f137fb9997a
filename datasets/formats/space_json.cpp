// SPDX-License-Identifier: MIT
#include "datasets/formats/space_json.h"

#include <limits>

namespace longplay {
namespace {

constexpr int kMostDimensions = 32;  // dimensions of an array, as in numpy

/// A bound: numbers in row-major order. What lies deeper than an array can is left out.
void Flatten(const nlohmann::json& json, std::vector<double>& values, int depth = 0) {
  if (json.is_array()) {
    if (depth == kMostDimensions) return;
    for (const nlohmann::json& part : json) Flatten(part, values, depth + 1);
  } else if (json.is_number()) {
    values.push_back(json.get<double>());
  } else if (json.is_string()) {
    const bool negative = json.get<std::string>().starts_with('-');
    values.push_back(negative ? -std::numeric_limits<double>::infinity()
                              : std::numeric_limits<double>::infinity());
  }
}

}  // namespace

nlohmann::json ParsePythonJson(const std::string& text) {
  // Python's json module writes infinities and NaN bare, which is no JSON: they become texts.
  std::string legal;
  bool in_string = false, escaped = false;
  for (size_t i = 0; i < text.size(); ++i) {
    // Inside a text such words are left alone.
    if (text[i] == '"' && !escaped) in_string = !in_string;
    escaped = text[i] == '\\' && !escaped;
    const auto is = [&](const char* word) {
      return !in_string && text.compare(i, std::char_traits<char>::length(word), word) == 0;
    };
    if (is("-Infinity")) {
      legal += "\"-inf\"";
      i += 8;
    } else if (is("Infinity")) {
      legal += "\"inf\"";
      i += 7;
    } else if (is("NaN")) {
      legal += "\"nan\"";
      i += 2;
    } else {
      legal += text[i];
    }
  }
  return nlohmann::json::parse(legal, nullptr, false);
}

Space ParseSpace(const std::string& text) {
  const nlohmann::json json = ParsePythonJson(text);
  Space space;
  // What is missing, or of another type, keeps its default.
  if (!json.is_object()) return space;
  if (json.contains("type") && json["type"].is_string()) space.type = json["type"];
  if (json.contains("dtype") && json["dtype"].is_string()) space.dtype = json["dtype"];
  if (json.contains("shape") && json["shape"].is_array()) {
    for (const nlohmann::json& size : json["shape"]) {
      if (size.is_number_integer()) space.shape.push_back(size.get<int64_t>());
    }
  }
  if (json.contains("low")) Flatten(json["low"], space.low);
  if (json.contains("high")) Flatten(json["high"], space.high);
  if (json.contains("n") && json["n"].is_number_integer()) space.n = json["n"];
  if (json.contains("start") && json["start"].is_number_integer()) space.start = json["start"];
  return space;
}

std::string EnvironmentOfSpec(const std::string& text) {
  const nlohmann::json json = ParsePythonJson(text);
  if (!json.is_object() || !json.contains("id") || !json["id"].is_string()) return "";
  return json["id"].get<std::string>();
}

}  // namespace longplay
