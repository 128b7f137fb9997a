// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <functional>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/config/config_field.h"

/// The kinds of fields that a configuration has: how each is read, checked and printed. Only for
/// the tables of fields (agent/config/config_*fields.cpp).
namespace longplay::config {

inline constexpr int64_t kMany = std::numeric_limits<int64_t>::max();
inline constexpr double kHuge = std::numeric_limits<double>::max();

template <typename T>
using Place = std::function<T&(RunOptions&)>;
template <typename T>
using Choices = std::vector<std::pair<std::string, T>>;

template <typename T>
const T& At(const Place<T>& place, const RunOptions& options) {
  return place(const_cast<RunOptions&>(options));  // the place only finds the field
}

inline std::string Number(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;  // shortest that reads back
  return {text, end};
}

template <typename T>
std::optional<T> Parse(const YAML::Node& node) {
  if (!node.IsScalar()) return std::nullopt;
  T value{};
  const std::string& text = node.Scalar();
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

/// Whole numbers with all their digits: 1000000 is read more easily than 1e+06.
inline std::string Bound(double value) {
  const bool whole = std::abs(value) < 1e15 && value == std::floor(value);
  return whole ? std::to_string(static_cast<int64_t>(value)) : Number(value);
}

inline std::string Range(double low, double high) {
  const std::string from = " from " + Bound(low);
  return high >= 1e18 ? from : from + " to " + Bound(high);
}

template <typename T>
ConfigField Integer(std::string key, Place<T> place, T low, T high, std::string comment) {
  return {.key = std::move(key),
          .accepted = "an integer" + Range(static_cast<double>(low), static_cast<double>(high)),
          .comment = std::move(comment),
          .read =
              [=](const YAML::Node& node, RunOptions& options) {
                const auto value = Parse<T>(node);
                if (!value || *value < low || *value > high) return false;
                place(options) = *value;
                return true;
              },
          .print = [=](const RunOptions& options) { return std::to_string(At(place, options)); }};
}

inline ConfigField Real(std::string key, Place<double> place, double low, double high,
                        std::string comment) {
  return {.key = std::move(key),
          .accepted = "a number" + Range(low, high),
          .comment = std::move(comment),
          .read =
              [=](const YAML::Node& node, RunOptions& options) {
                const auto value = Parse<double>(node);
                if (!value || !(*value >= low && *value <= high)) return false;
                place(options) = *value;
                return true;
              },
          .print = [=](const RunOptions& options) { return Number(At(place, options)); }};
}

template <typename T>
std::string Names(const Choices<T>& choices) {
  std::string names;
  for (const auto& [name, value] : choices) names += (names.empty() ? "" : ", ") + name;
  return names;
}

template <typename T>
ConfigField Choice(std::string key, Place<T> place, Choices<T> choices, std::string comment) {
  return {.key = std::move(key),
          .accepted = "one of " + Names(choices),
          .comment = std::move(comment) + " (" + Names(choices) + ")",
          .read =
              [=](const YAML::Node& node, RunOptions& options) {
                if (!node.IsScalar()) return false;
                for (const auto& [name, value] : choices) {
                  if (name != node.Scalar()) continue;
                  place(options) = value;
                  return true;
                }
                return false;
              },
          .print =
              [=](const RunOptions& options) {
                for (const auto& [name, value] : choices) {
                  if (value == At(place, options)) return name;
                }
                return std::string();
              }};
}

inline ConfigField Switch(std::string key, Place<bool> place, std::string comment) {
  return Choice<bool>(std::move(key), std::move(place), {{"true", true}, {"false", false}},
                      std::move(comment));
}

inline ConfigField Text(std::string key, Place<std::string> place, std::string comment) {
  return {.key = std::move(key),
          .accepted = "text",
          .comment = std::move(comment),
          .read =
              [=](const YAML::Node& node, RunOptions& options) {
                if (!node.IsScalar() && !node.IsNull()) return false;
                place(options) = node.IsNull() ? "" : node.Scalar();
                return true;
              },
          .print =
              [=](const RunOptions& options) {
                YAML::Emitter out;
                out << YAML::DoubleQuoted << At(place, options);
                return std::string(out.c_str());
              }};
}

/// The same fields, which all decide this.
inline std::vector<ConfigField> As(KeyRole role, std::vector<ConfigField> fields) {
  for (ConfigField& field : fields) field.role = role;
  return fields;
}

inline std::vector<ConfigField> Together(std::vector<std::vector<ConfigField>> groups) {
  std::vector<ConfigField> all;
  for (auto& group : groups) {
    std::ranges::move(group, std::back_inserter(all));
  }
  return all;
}

// `field` in a row of a table names a member of RunOptions. A type has no parentheses around it.
#define LONGPLAY_AT(type, field) \
  [](RunOptions& o) -> type& { return o.field; }  // NOLINT(bugprone-macro-parentheses)

}  // namespace longplay::config
