// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "runtime/files/json_value.h"

namespace longplay::runtime {

/// An object of config.json, whose members are asked for by name. What is missing, of another kind
/// or out of bounds throws Failure (LONGPLAY_DAMAGED) with its place.
class FactsReader {
 public:
  FactsReader(const JsonValue& object, std::string place, std::string path)
      : object_(&object), place_(std::move(place)), path_(std::move(path)) {}

  FactsReader Section(const char* name) const;
  bool Has(const char* name) const { return object_->Find(name) != nullptr; }
  int64_t Whole(const char* name, int64_t least, int64_t most) const;
  /// The same, `otherwise` where there is none: keys that older exports lack.
  int64_t WholeOr(const char* name, int64_t least, int64_t most, int64_t otherwise) const;
  double Real(const char* name) const;
  std::string Text(const char* name) const;
  bool Switch(const char* name, bool otherwise) const;
  std::vector<double> Reals(const char* name, size_t count) const;
  std::vector<std::string> Texts(const char* name) const;  // one text is a list of one
  std::vector<int64_t> Wholes(const char* name, int64_t least, int64_t most) const;

  /// The number of the text among `names`.
  size_t Choice(const char* name, const std::vector<std::string>& names) const;

  [[noreturn]] void Wrong(const char* name, const std::string& expected) const;
  [[noreturn]] void NotSupported(const char* name, const std::string& expected) const;

 private:
  const JsonValue& Member(const char* name, JsonValue::Kind kind, const char* expected) const;
  int64_t WholeOf(const JsonValue& value, const char* name, int64_t least, int64_t most) const;
  std::string Place(const char* name) const;

  const JsonValue* object_;  // not owned
  std::string place_, path_;
};

}  // namespace longplay::runtime
