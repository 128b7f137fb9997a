// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <string>

namespace longplay {

/// A check of an option's number whose refusal a person can read (CLI11's own prints 300 digits).
/// `accepts` is named by `expected` in the message and by `name` in --help.
template <typename Accepts>
CLI::Validator CheckNumber(const char* name, const char* expected, const Accepts& accepts) {
  return {[accepts, expected](std::string& text) {
            double number = 0;
            if (CLI::detail::lexical_cast(text, number) && accepts(number)) return std::string();
            return std::string("expected ") + expected + ", got " + text;
          },
          name};
}

/// Above 0.
inline CLI::Validator Positive() {
  return CheckNumber("POSITIVE", "a number above 0", [](double number) { return number > 0; });
}

/// 0 or above.
inline CLI::Validator NotNegative() {
  return CheckNumber("NONNEGATIVE", "0 or a number above 0",
                     [](double number) { return number >= 0; });
}

}  // namespace longplay
