// SPDX-License-Identifier: MIT
#include "runtime/files/facts_reader.h"

#include <algorithm>

#include "runtime/files/failure.h"
#include "runtime/longplay.h"

namespace longplay::runtime {

using Kind = JsonValue::Kind;

std::string FactsReader::Place(const char* name) const {
  return "opening a policy: " + path_ + ": " + place_ + (place_.empty() ? "" : ".") + name +
         ": expected ";
}
void FactsReader::Wrong(const char* name, const std::string& expected) const {
  Fail(LONGPLAY_DAMAGED, Place(name) + expected);
}
void FactsReader::NotSupported(const char* name, const std::string& expected) const {
  Fail(LONGPLAY_NOT_SUPPORTED, Place(name) + expected);
}

const JsonValue& FactsReader::Member(const char* name, Kind kind, const char* expected) const {
  const JsonValue* value = object_->Find(name);
  if (value == nullptr || value->kind != kind) Wrong(name, expected);
  return *value;
}

FactsReader FactsReader::Section(const char* name) const {
  const JsonValue& section = Member(name, Kind::kObject, "an object");
  return {section, place_ + (place_.empty() ? "" : ".") + name, path_};
}

int64_t FactsReader::WholeOf(const JsonValue& value, const char* name, int64_t least,
                             int64_t most) const {
  const bool fits = value.kind == Kind::kNumber && value.number >= static_cast<double>(least) &&
                    value.number <= static_cast<double>(most);
  if (!fits || static_cast<double>(static_cast<int64_t>(value.number)) != value.number) {
    Wrong(name, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  }
  return static_cast<int64_t>(value.number);
}

int64_t FactsReader::Whole(const char* name, int64_t least, int64_t most) const {
  return WholeOf(Member(name, Kind::kNumber, "a number"), name, least, most);
}

int64_t FactsReader::WholeOr(const char* name, int64_t least, int64_t most,
                             int64_t otherwise) const {
  return Has(name) ? Whole(name, least, most) : otherwise;
}

double FactsReader::Real(const char* name) const {
  return Member(name, Kind::kNumber, "a number").number;
}

std::string FactsReader::Text(const char* name) const {
  return Member(name, Kind::kText, "a text").text;
}

bool FactsReader::Switch(const char* name, bool otherwise) const {
  if (!Has(name)) return otherwise;
  return Member(name, Kind::kSwitch, "true or false").number != 0;
}

std::vector<double> FactsReader::Reals(const char* name, size_t count) const {
  std::vector<double> numbers;
  for (const JsonValue& item : Member(name, Kind::kList, "a list of numbers").items) {
    if (item.kind != Kind::kNumber) Wrong(name, "a list of numbers");
    numbers.push_back(item.number);
  }
  if (numbers.size() != count) Wrong(name, std::to_string(count) + " numbers");
  return numbers;
}

std::vector<std::string> FactsReader::Texts(const char* name) const {
  const JsonValue* value = object_->Find(name);
  if (value != nullptr && value->kind == Kind::kText) return {value->text};
  std::vector<std::string> texts;
  for (const JsonValue& item : Member(name, Kind::kList, "a text or a list of them").items) {
    if (item.kind != Kind::kText) Wrong(name, "a list of texts");
    texts.push_back(item.text);
  }
  return texts;
}

std::vector<int64_t> FactsReader::Wholes(const char* name, int64_t least, int64_t most) const {
  std::vector<int64_t> numbers;
  for (const JsonValue& item : Member(name, Kind::kList, "a list of whole numbers").items) {
    numbers.push_back(WholeOf(item, name, least, most));
  }
  return numbers;
}

size_t FactsReader::Choice(const char* name, const std::vector<std::string>& names) const {
  const std::string text = Text(name);
  const auto found = std::find(names.begin(), names.end(), text);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  std::string list;
  for (const std::string& one : names) list += (list.empty() ? "" : ", ") + one;
  NotSupported(name, "one of " + list + ", got " + text);
}

}  // namespace longplay::runtime
