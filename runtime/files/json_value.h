// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace longplay::runtime {

/// A JSON document, small and read once. Numbers are doubles: what the exporter writes as larger
/// whole numbers it writes as text.
struct JsonValue {
  enum class Kind { kNull, kSwitch, kNumber, kText, kList, kObject };
  Kind kind = Kind::kNull;
  double number = 0;  // of a switch: 0 or 1
  std::string text;
  std::vector<JsonValue> items;    // of a list, or the values of an object
  std::vector<std::string> names;  // of these values

  /// Null where there is none: no object, or no such member.
  const JsonValue* Find(std::string_view name) const;
};

/// The whole of `text`. Throws Failure (LONGPLAY_DAMAGED), "reading <path>: ...", for what is no
/// JSON, or is nested deeper than 16. Of members with one name the first counts.
JsonValue ParseJson(std::string_view text, const std::string& path);

}  // namespace longplay::runtime
