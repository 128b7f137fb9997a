// SPDX-License-Identifier: MIT
#include "datasets/hdf5_file.h"

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace longplay {

Hdf5Id& Hdf5Id::operator=(Hdf5Id&& other) noexcept {
  std::swap(id_, other.id_);
  return *this;
}

Hdf5Id::~Hdf5Id() {
  if (id_ < 0) return;
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

int64_t ArrayInfo::row_size() const {
  int64_t size = 1;
  for (size_t d = 1; d < shape.size(); ++d) size *= shape[d];
  return size;
}

Hdf5File::Hdf5File(const std::string& path) : path_(path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  if (!std::filesystem::exists(path)) {
    throw std::runtime_error("reading data: " + path + ": expected a file, got none");
  }
  file_ = Hdf5Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (!file_) {
    throw std::runtime_error("reading data: " + path +
                             ": expected an HDF5 file, got something else or a damaged one");
  }
}

void Hdf5File::Fail(const std::string& name, const std::string& expected,
                    const std::string& got) const {
  throw std::runtime_error("reading data: " + path_ + ":" + name + ": expected " + expected +
                           ", got " + got);
}

bool Hdf5File::Exists(const std::string& name) const {
  for (size_t at = name.find('/', 1);; at = name.find('/', at + 1)) {
    if (H5Lexists(file_.get(), name.substr(0, at).c_str(), H5P_DEFAULT) <= 0) return false;
    if (at == std::string::npos) return true;
  }
}

ArrayInfo Hdf5File::Info(const std::string& name) const {
  if (!Exists(name)) Fail(name, "an array", "nothing");
  const Hdf5Id dataset(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT));
  if (!dataset) Fail(name, "an array", "something else");
  const Hdf5Id space(H5Dget_space(dataset.get()));
  const Hdf5Id type(H5Dget_type(dataset.get()));
  const int rank = H5Sget_simple_extent_ndims(space.get());
  std::vector<hsize_t> dims(std::max(rank, 0));
  H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr);
  const H5T_class_t kind = H5Tget_class(type.get());
  return {.shape = {dims.begin(), dims.end()},
          .is_float = kind == H5T_FLOAT,
          .is_integer = kind == H5T_INTEGER || kind == H5T_ENUM};
}

std::vector<double> Hdf5File::Read(const std::string& name, int64_t first, int64_t count) const {
  const ArrayInfo info = Info(name);
  const Hdf5Id dataset(H5Dopen2(file_.get(), name.c_str(), H5P_DEFAULT));
  const Hdf5Id space(H5Dget_space(dataset.get()));
  Hdf5Id type(H5Dget_type(dataset.get()));
  const bool is_enum = H5Tget_class(type.get()) == H5T_ENUM;
  if (count < 0) count = info.rows() - first;
  std::vector<hsize_t> start(info.shape.size(), 0), size(info.shape.begin(), info.shape.end());
  if (!size.empty()) {
    start[0] = first;
    size[0] = count;
    H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr);
  }
  const auto total = static_cast<size_t>(count * info.row_size());
  const Hdf5Id memory(H5Screate_simple(std::max<int>(1, static_cast<int>(size.size())),
                                       size.empty() ? std::vector<hsize_t>{1}.data() : size.data(),
                                       nullptr));
  std::vector<double> values(total);
  if (is_enum) {
    std::vector<int8_t> flags(total);
    if (H5Dread(dataset.get(), type.get(), memory.get(), space.get(), H5P_DEFAULT, flags.data()) <
        0)
      Fail(name, "readable values", "an error");
    values.assign(flags.begin(), flags.end());
  } else if (H5Dread(dataset.get(), H5T_NATIVE_DOUBLE, memory.get(), space.get(), H5P_DEFAULT,
                     values.data()) < 0) {
    Fail(name, "readable values", "an error");
  }
  return values;
}

bool Hdf5File::IsGroup(const std::string& name) const {
  if (name != "/" && !Exists(name)) return false;
  const Hdf5Id object(H5Oopen(file_.get(), name.c_str(), H5P_DEFAULT));
  return object && H5Iget_type(object.get()) == H5I_GROUP;
}

std::vector<std::string> Hdf5File::Children(const std::string& group) const {
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  const Hdf5Id id(H5Gopen2(file_.get(), group.c_str(), H5P_DEFAULT));
  if (!id) Fail(group, "a group", "something else");
  if (H5Literate(id.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add, &names) < 0) {
    Fail(group, "a readable group", "an error");
  }
  return names;
}

std::optional<std::string> Hdf5File::StringAttribute(const std::string& object,
                                                     const std::string& name) const {
  if (H5Aexists_by_name(file_.get(), object.c_str(), name.c_str(), H5P_DEFAULT) <= 0) return {};
  const Hdf5Id attribute(
      H5Aopen_by_name(file_.get(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT));
  const Hdf5Id type(H5Aget_type(attribute.get()));
  if (H5Tget_class(type.get()) != H5T_STRING) return {};
  if (H5Tis_variable_str(type.get()) > 0) {
    char* text = nullptr;
    if (H5Aread(attribute.get(), type.get(), &text) < 0 || text == nullptr) return {};
    std::string value = text;
    H5free_memory(text);
    return value;
  }
  std::string value(H5Tget_size(type.get()), '\0');
  if (H5Aread(attribute.get(), type.get(), value.data()) < 0) return {};
  return value.substr(0, value.find('\0'));
}

std::optional<double> Hdf5File::NumberAttribute(const std::string& object,
                                                const std::string& name) const {
  if (H5Aexists_by_name(file_.get(), object.c_str(), name.c_str(), H5P_DEFAULT) <= 0) return {};
  const Hdf5Id attribute(
      H5Aopen_by_name(file_.get(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT));
  const Hdf5Id space(H5Aget_space(attribute.get()));
  double value = 0;
  if (H5Sget_simple_extent_npoints(space.get()) != 1 ||
      H5Aread(attribute.get(), H5T_NATIVE_DOUBLE, &value) < 0) {
    return {};
  }
  return value;
}

}  // namespace longplay
