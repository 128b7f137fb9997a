// SPDX-License-Identifier: MIT
#pragma once

#include <stdexcept>
#include <string>

namespace longplay {

/// Something wrong at one place of a data set. what() is "reading data: <where>: <problem>".
class DataError : public std::runtime_error {
 public:
  DataError(const std::string& where, const std::string& problem)
      : std::runtime_error("reading data: " + where + ": " + problem),
        where_(where),
        problem_(problem) {}

  const std::string& where() const { return where_; }      // file, HDF5 path, [row, column]
  const std::string& problem() const { return problem_; }  // expected X, got Y

 private:
  std::string where_, problem_;
};

/// A data set that cannot be written. what() is "writing data: <where>: <problem>".
class WriteError : public std::runtime_error {
 public:
  WriteError(const std::string& where, const std::string& problem)
      : std::runtime_error("writing data: " + where + ": " + problem) {}
};

}  // namespace longplay
