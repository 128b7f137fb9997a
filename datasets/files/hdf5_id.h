// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <string>
#include <utility>

namespace longplay {

/// Owns one HDF5 id; the kind of id decides how it is closed.
class Hdf5Id {
 public:
  Hdf5Id() = default;
  explicit Hdf5Id(hid_t id) : id_(id) {}
  Hdf5Id(Hdf5Id&& other) noexcept : id_(other.id_) { other.id_ = -1; }
  Hdf5Id& operator=(Hdf5Id&& other) noexcept;
  ~Hdf5Id();
  hid_t get() const { return id_; }
  hid_t release() { return std::exchange(id_, -1); }
  explicit operator bool() const { return id_ >= 0; }

 private:
  hid_t id_ = -1;
};

/// The file that an object lies in, by the name that it was opened by; "" on failure.
std::string FileNameOf(hid_t object);

}  // namespace longplay
