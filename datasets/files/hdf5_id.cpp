// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_id.h"

namespace longplay {

Hdf5Id& Hdf5Id::operator=(Hdf5Id&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

Hdf5Id::~Hdf5Id() {
  if (id_ < 0) return;
  // Each kind of id is closed by its own call.
  switch (H5Iget_type(id_)) {
    case H5I_FILE:
      H5Fclose(id_);
      break;
    case H5I_GROUP:
      H5Gclose(id_);
      break;
    case H5I_DATASET:
      H5Dclose(id_);
      break;
    case H5I_DATASPACE:
      H5Sclose(id_);
      break;
    case H5I_DATATYPE:
      H5Tclose(id_);
      break;
    case H5I_ATTR:
      H5Aclose(id_);
      break;
    default:
      H5Pclose(id_);
      break;
  }
}

std::string FileNameOf(hid_t object) {
  const ssize_t size = H5Fget_name(object, nullptr, 0);
  if (size <= 0) return "";
  std::string name(static_cast<size_t>(size) + 1, '\0');  // with its end
  H5Fget_name(object, name.data(), name.size());
  name.pop_back();
  return name;
}

}  // namespace longplay
