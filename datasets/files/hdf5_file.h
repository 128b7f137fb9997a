// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "datasets/files/hdf5_id.h"

namespace longplay {

/// What an array in a file is, known without reading it.
struct ArrayInfo {
  std::vector<int64_t> shape;
  bool is_float = false;
  bool is_integer = false;  // enums, bool among them, count as the integers that they are made of
  bool is_enum = false;
  bool is_native_float = false;  // stored as this machine's float
  std::string type;              // "float32", "int64", "bool" ...; "" = no numbers
  int64_t value_bytes = 0;       // of one number
  bool is_allocated = true;      // false: declared, but no value was ever written
  int64_t rows() const { return shape.empty() ? 1 : shape.front(); }
  int64_t row_size() const;  // product of the other dimensions
};

/// One array of a file, kept open. Sequential reads of compressed columns stay fast.
class Hdf5Array {
 public:
  /// `where` names it in messages: file:path. Where its values lie in other files, these are there.
  Hdf5Array(Hdf5Id dataset, std::string where);

  const std::string& where() const { return where_; }
  const ArrayInfo& info() const { return info_; }
  hid_t id() const { return dataset_.get(); }
  int64_t rows() const { return info_.rows(); }
  /// Rows [first, first + count) as doubles, row-major; count -1 = all that follow.
  std::vector<double> Read(int64_t first = 0, int64_t count = -1) const;
  /// The same into memory that is there already.
  void ReadInto(std::vector<double>& values, int64_t first = 0, int64_t count = -1) const;
  /// Throws DataError "file:path: expected X, got Y".
  [[noreturn]] void Fail(const std::string& expected, const std::string& got) const;

 private:
  std::string where_;
  Hdf5Id dataset_;
  ArrayInfo info_;
};

/// One HDF5 file opened for reading. Every failure is a DataError.
class Hdf5File {
 public:
  explicit Hdf5File(const std::string& path);

  const std::string& path() const { return path_; }
  /// Whether there is something, or a link, of this name. What lies beyond a link that leads
  /// nowhere is an error and not an absence.
  bool Exists(const std::string& name) const;
  /// A link that leads nowhere is an error, too.
  bool IsGroup(const std::string& name) const;
  std::vector<std::string> Children(const std::string& group) const;
  /// To be read as a whole.
  Hdf5Array Open(const std::string& name) const;
  /// To be read some rows at a time: with room for a chunk of every column, so that each is unpacked once.
  Hdf5Array OpenForPieces(const std::string& name) const;
  /// Attributes: nothing where there is none, where its type is another, or where it holds more
  /// than one value, or less. A list of one element counts as that element.
  std::optional<std::string> StringAttribute(const std::string& object,
                                             const std::string& name) const;
  /// The bits of a whole number that may be signed or not.
  std::optional<uint64_t> WholeAttribute(const std::string& object, const std::string& name) const;
  std::optional<double> NumberAttribute(const std::string& object, const std::string& name) const;

  /// The error that this class throws, for its users' own checks.
  [[noreturn]] void Fail(const std::string& name, const std::string& expected,
                         const std::string& got) const;

 private:
  Hdf5Array Open(const std::string& name, hid_t access) const;
  /// Right after a call of HDF5 failed: says whether a link leads nowhere, else what HDF5 says.
  [[noreturn]] void FailToOpen(const std::string& name, const std::string& expected) const;
  /// Of what a link leads to.
  H5I_type_t KindOf(const std::string& name) const;
  struct Attribute;
  /// Nothing when there is none that holds one value.
  std::optional<Attribute> SingleAttribute(const std::string& object,
                                           const std::string& name) const;

  std::string path_;
  Hdf5Id file_;
};

}  // namespace longplay
