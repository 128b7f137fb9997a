// SPDX-License-Identifier: MIT
#include "datasets/hdf5_file.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/hdf5_writer.h"

namespace longplay {
namespace {

// More than any data set of rows has; a damaged header can ask for exabytes.
constexpr double kMostValues = 1e11;

}  // namespace

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

Hdf5Array::Hdf5Array(Hdf5Id dataset, std::string where)
    : where_(std::move(where)), dataset_(std::move(dataset)) {
  const Hdf5Id space(H5Dget_space(dataset_.get()));
  const Hdf5Id type(H5Dget_type(dataset_.get()));
  if (!space || !type) Fail("an array", "a damaged one");
  const int rank = H5Sget_simple_extent_ndims(space.get());
  std::vector<hsize_t> dims(std::max(rank, 0));
  H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr);
  const H5T_class_t kind = H5Tget_class(type.get());
  info_ = {.shape = {dims.begin(), dims.end()},
           .is_float = kind == H5T_FLOAT,
           .is_integer = kind == H5T_INTEGER || kind == H5T_ENUM,
           .is_enum = kind == H5T_ENUM,
           .is_native_float = H5Tequal(type.get(), H5T_NATIVE_FLOAT) > 0,
           .type = TypeName(type.get()),
           .value_bytes = static_cast<int64_t>(H5Tget_size(type.get())),
           .is_allocated = H5Dget_storage_size(dataset_.get()) > 0};
  double values = 1;
  for (const hsize_t size : dims) values *= static_cast<double>(size);
  if (values > kMostValues) Fail("at most 10^11 values", "more: the file is damaged");
}

void Hdf5Array::Fail(const std::string& expected, const std::string& got) const {
  throw DataError(where_, "expected " + expected + ", got " + got);
}

std::vector<double> Hdf5Array::Read(int64_t first, int64_t count) const {
  std::vector<double> values;
  ReadInto(values, first, count);
  return values;
}

void Hdf5Array::ReadInto(std::vector<double>& values, int64_t first, int64_t count) const {
  if (count < 0) count = rows() - first;
  if (first < 0 || count < 0 || first + count > rows()) {
    Fail("rows " + std::to_string(first) + " to " + std::to_string(first + count),
         std::to_string(rows()) + " rows");
  }
  Hdf5Id space, memory;  // without: everything
  if (!info_.shape.empty() && count != rows()) {
    std::vector<hsize_t> start(info_.shape.size(), 0), size(info_.shape.begin(), info_.shape.end());
    start[0] = static_cast<hsize_t>(first);
    size[0] = static_cast<hsize_t>(count);
    space = Hdf5Id(H5Dget_space(dataset_.get()));
    H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(), nullptr);
    memory = Hdf5Id(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr));
  }
  const auto read = [&](hid_t type, void* into) {
    return H5Dread(dataset_.get(), type, memory ? memory.get() : H5S_ALL,
                   space ? space.get() : H5S_ALL, H5P_DEFAULT, into);
  };
  const size_t size = static_cast<size_t>(count * info_.row_size());
  values.resize(size);
  herr_t status = 0;
  if (info_.is_enum) {
    // HDF5 does not convert enums to numbers: read them as the integers that they are stored as.
    const Hdf5Id type(H5Dget_type(dataset_.get()));
    const size_t bytes = H5Tget_size(type.get());
    std::vector<unsigned char> raw(size * bytes);
    status = read(type.get(), raw.data());
    for (size_t i = 0; i < size; ++i) values[i] = raw[i * bytes];
  } else if (info_.is_native_float) {
    // Into the second half, then widened from the front: HDF5 does the same ten times slower.
    char* const bytes = reinterpret_cast<char*>(values.data());
    status = read(H5T_NATIVE_FLOAT, bytes + size * sizeof(float));
    for (size_t i = 0; i < size; ++i) {
      float value = 0;
      std::memcpy(&value, bytes + (size + i) * sizeof(float), sizeof value);
      values[i] = value;
    }
  } else {
    status = read(H5T_NATIVE_DOUBLE, values.data());
  }
  if (status < 0) Fail("readable values", "an error of the HDF5 library (truncated or damaged)");
}

Hdf5File::Hdf5File(const std::string& path) : path_(path) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  if (!std::filesystem::exists(path)) throw DataError(path, "expected a file, got none");
  if (!std::filesystem::is_regular_file(path)) {
    throw DataError(path, "expected a file, got something else");
  }
  if (std::filesystem::file_size(path) == 0) {
    throw DataError(path, "expected an HDF5 file, got an empty one");
  }
  file_ = Hdf5Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
  if (file_) return;
  const bool signature = H5Fis_hdf5(path.c_str()) > 0;
  throw DataError(path, std::string("expected an HDF5 file, got ") +
                            (signature ? "a truncated or damaged one" : "something else"));
}

void Hdf5File::Fail(const std::string& name, const std::string& expected,
                    const std::string& got) const {
  throw DataError(path_ + ":" + name, "expected " + expected + ", got " + got);
}

bool Hdf5File::Exists(const std::string& name) const {
  for (size_t at = name.find('/', 1);; at = name.find('/', at + 1)) {
    if (H5Lexists(file_.get(), name.substr(0, at).c_str(), H5P_DEFAULT) <= 0) return false;
    if (at == std::string::npos) return true;
  }
}

Hdf5Array Hdf5File::Open(const std::string& name) const { return Open(name, H5P_DEFAULT); }

Hdf5Array Hdf5File::OpenForPieces(const std::string& name) const {
  const Hdf5Id access(H5Pcreate(H5P_DATASET_ACCESS));
  // D4RL's files are chunked (15625, 1) and compressed.
  H5Pset_chunk_cache(access.get(), 12421, size_t{64} << 20, 1);
  return Open(name, access.get());
}

Hdf5Array Hdf5File::Open(const std::string& name, hid_t access) const {
  Hdf5Id dataset(H5Dopen2(file_.get(), name.c_str(), access));
  if (dataset) return {std::move(dataset), path_ + ":" + name};
  if (!Exists(name)) Fail(name, "an array", "nothing");
  Fail(name, "an array", IsGroup(name) ? "a group" : "something unreadable");
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

std::optional<uint64_t> Hdf5File::WholeAttribute(const std::string& object,
                                                 const std::string& name) const {
  if (H5Aexists_by_name(file_.get(), object.c_str(), name.c_str(), H5P_DEFAULT) <= 0) return {};
  const Hdf5Id attribute(
      H5Aopen_by_name(file_.get(), object.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT));
  const Hdf5Id space(H5Aget_space(attribute.get())), type(H5Aget_type(attribute.get()));
  uint64_t value = 0;
  const bool is_signed = H5Tget_sign(type.get()) == H5T_SGN_2;
  if (H5Tget_class(type.get()) != H5T_INTEGER || H5Sget_simple_extent_npoints(space.get()) != 1 ||
      H5Aread(attribute.get(), is_signed ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64, &value) < 0) {
    return {};
  }
  return value;
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
