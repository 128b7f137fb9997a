// SPDX-License-Identifier: MIT
#pragma once

#include <arrow/result.h>
#include <arrow/status.h>

#include <exception>
#include <string>
#include <utility>

#include "datasets/data_error.h"

namespace longplay {

/// A message of Arrow as part of one line.
inline std::string OneLine(std::string text) {
  for (char& c : text) c = c == '\n' ? ' ' : c;
  return text;
}

/// Throws Error(where, "expected <expected>, got <what Arrow says>") when a call failed.
template <typename Error>
void CheckCall(const arrow::Status& status, const std::string& where, const std::string& expected) {
  if (!status.ok())
    throw Error(where, "expected " + expected + ", got " + OneLine(status.message()));
}

/// What a call returned.
template <typename Error, typename Value>
Value TakeResult(arrow::Result<Value> result, const std::string& where,
                 const std::string& expected) {
  CheckCall<Error>(result.status(), where, expected);
  return std::move(result).ValueUnsafe();
}

/// Runs `work`, whose calls may throw what Arrow's Parquet throws.
template <typename Error, typename Work>
auto GuardCall(const std::string& where, const std::string& expected, const Work& work) {
  try {
    return work();
  } catch (const Error&) {
    throw;
  } catch (const std::exception& error) {
    throw Error(where, "expected " + expected + ", got " + OneLine(error.what()));
  }
}

}  // namespace longplay
