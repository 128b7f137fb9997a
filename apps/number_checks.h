// SPDX-License-Identifier: MIT
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdint>
#include <string>
#include <system_error>

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

/// Every whole number of the command and those below it is one as it is written: CLI11 reads 010 as
/// 8, -1 as the largest seed, and what does not fit as the largest number that does.
inline void CheckWholeNumbers(CLI::App& command) {
  const auto check = [](auto zero, const char* expected) {
    return CLI::Validator(
        [zero, expected](std::string& text) {
          auto number = zero;
          const char* end = text.data() + text.size();
          const auto read = std::from_chars(text.data(), end, number);
          const bool leading = text.starts_with("0") || text.starts_with("-0");
          if (read.ec == std::errc() && read.ptr == end && (!leading || text == "0"))
            return std::string();
          return std::string("expected ") + expected + ", got " + text;
        },
        "");
  };
  for (CLI::Option* option : command.get_options([](const CLI::Option*) { return true; })) {
    const std::string type = option->get_type_name();
    if (type.starts_with("INT")) option->check(check(int64_t{0}, "a whole number"));
    if (type.starts_with("UINT")) option->check(check(uint64_t{0}, "a whole number from 0"));
  }
  for (CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; })) {
    CheckWholeNumbers(*below);
  }
}

}  // namespace longplay
