// SPDX-License-Identifier: MIT
#include "datasets/formats/space_json.h"

#include <algorithm>
#include <cmath>
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

/// Whole numbers in row-major order; others are left out.
std::vector<int64_t> WholeNumbers(const nlohmann::json& json) {
  std::vector<int64_t> values;
  std::vector<double> numbers;
  Flatten(json, numbers);
  for (const double number : numbers) {
    if (std::abs(number) < 1e9) values.push_back(static_cast<int64_t>(number));
  }
  return values;
}

/// What is missing, or of another type, keeps its default.
Space FromJson(const nlohmann::json& json, int depth) {
  Space space;
  if (!json.is_object() || depth == kMostDimensions) return space;
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
  if (json.contains("nvec")) space.counts = WholeNumbers(json["nvec"]);
  // One number of a Discrete space, several of a MultiDiscrete one.
  if (json.contains("start") && json["start"].is_number_integer()) space.start = json["start"];
  if (json.contains("start") && json["start"].is_array()) {
    space.starts = WholeNumbers(json["start"]);
  }
  if (!json.contains("subspaces")) return space;
  const nlohmann::json& parts = json["subspaces"];
  for (auto part = parts.begin(); part != parts.end() && parts.is_structured(); ++part) {
    space.names.push_back(parts.is_object() ? part.key()
                                            : "_index_" + std::to_string(space.names.size()));
    space.parts.push_back(FromJson(*part, depth + 1));
  }
  return space;
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

std::vector<std::pair<int64_t, int64_t>> Space::Choices() const {
  if (type == "Discrete") return {{start, n}};
  std::vector<std::pair<int64_t, int64_t>> choices;
  if (type != "MultiDiscrete") return choices;
  for (size_t k = 0; k < counts.size(); ++k) {
    choices.emplace_back(k < starts.size() ? starts[k] : 0, counts[k]);
  }
  return choices;
}

const Space* Space::Find(const std::string& path) const {
  if (path.empty()) return this;
  const size_t slash = std::min(path.find('/'), path.size());
  const auto name = std::ranges::find(names, path.substr(0, slash));
  if (name == names.end()) return nullptr;
  return parts[name - names.begin()].Find(path.substr(std::min(slash + 1, path.size())));
}

Space ParseSpace(const std::string& text) { return FromJson(ParsePythonJson(text), 0); }

std::string EnvironmentOfSpec(const std::string& text) {
  const nlohmann::json json = ParsePythonJson(text);
  if (!json.is_object() || !json.contains("id") || !json["id"].is_string()) return "";
  return json["id"].get<std::string>();
}

}  // namespace longplay
