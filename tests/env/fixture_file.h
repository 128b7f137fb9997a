// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

namespace longplay {

/// A fixture of our own making, read without ceremony: what is missing throws.
class FixtureFile {
 public:
  explicit FixtureFile(const std::string& path)
      : file_(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT)) {
    if (file_ < 0) throw std::runtime_error("opening a fixture: " + path);
  }
  ~FixtureFile() { H5Fclose(file_); }
  FixtureFile(const FixtureFile&) = delete;
  FixtureFile& operator=(const FixtureFile&) = delete;

  /// Numbers of dataset `name`, row after row, converted to T (double or int64_t).
  template <typename T>
  std::vector<T> Read(const std::string& name) const {
    const hid_t set = H5Dopen2(file_, name.c_str(), H5P_DEFAULT);
    if (set < 0) throw std::runtime_error("reading a fixture: " + name);
    const hid_t space = H5Dget_space(set);
    std::vector<T> values(H5Sget_simple_extent_npoints(space));
    const hid_t type = std::is_same_v<T, double> ? H5T_NATIVE_DOUBLE : H5T_NATIVE_INT64;
    const herr_t status = H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
    H5Sclose(space);
    H5Dclose(set);
    if (status < 0) throw std::runtime_error("reading a fixture: " + name);
    return values;
  }

  /// A text attribute of the file (of variable length, as h5py writes them).
  std::string Text(const std::string& name) const {
    const hid_t attribute = H5Aopen(file_, name.c_str(), H5P_DEFAULT);
    if (attribute < 0) throw std::runtime_error("reading a fixture: " + name);
    const hid_t type = H5Aget_type(attribute);
    char* text = nullptr;
    const herr_t status = H5Aread(attribute, type, &text);
    std::string copy = status < 0 || text == nullptr ? "" : text;
    H5free_memory(text);
    H5Tclose(type);
    H5Aclose(attribute);
    return copy;
  }

  /// Names below a group; empty if there is no such group.
  std::vector<std::string> Names(const std::string& group) const {
    std::vector<std::string> names;
    if (H5Lexists(file_, group.c_str(), H5P_DEFAULT) <= 0) return names;
    const auto add = [](hid_t, const char* name, const H5L_info_t*, void* list) -> herr_t {
      static_cast<std::vector<std::string>*>(list)->push_back(name);
      return 0;
    };
    H5Literate_by_name(file_, group.c_str(), H5_INDEX_NAME, H5_ITER_INC, nullptr, add, &names,
                       H5P_DEFAULT);
    return names;
  }

 private:
  hid_t file_;
};

}  // namespace longplay
