// SPDX-License-Identifier: MIT
#include "datasets/hdf5_writer.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace longplay {
namespace {

constexpr int64_t kChunkBytes = 1 << 18;

hid_t Checked(hid_t id, const std::string& what) {
  if (id >= 0) return id;
  throw std::runtime_error("writing data: " + what +
                           ": expected success, got an HDF5 error (disk full?)");
}

struct NamedType {
  const char* name;
  hid_t (*type)();
};

// HDF5's own types are macros that call into the library.
constexpr std::array kTypes = {NamedType{"float32", [] { return H5T_IEEE_F32LE; }},
                               NamedType{"float64", [] { return H5T_IEEE_F64LE; }},
                               NamedType{"int8", [] { return H5T_STD_I8LE; }},
                               NamedType{"int16", [] { return H5T_STD_I16LE; }},
                               NamedType{"int32", [] { return H5T_STD_I32LE; }},
                               NamedType{"int64", [] { return H5T_STD_I64LE; }},
                               NamedType{"uint8", [] { return H5T_STD_U8LE; }},
                               NamedType{"uint16", [] { return H5T_STD_U16LE; }},
                               NamedType{"uint32", [] { return H5T_STD_U32LE; }},
                               NamedType{"uint64", [] { return H5T_STD_U64LE; }}};

Hdf5Id BooleanType() {
  Hdf5Id type(Checked(H5Tenum_create(H5T_NATIVE_INT8), "boolean type"));
  int8_t value = 0;
  H5Tenum_insert(type.get(), "FALSE", &value);
  value = 1;
  H5Tenum_insert(type.get(), "TRUE", &value);
  return type;
}

/// Enums are not converted from numbers: they are written as the integers that they are.
void WriteValues(const Hdf5Id& dataset, const std::string& name, bool is_bool, hid_t type,
                 hid_t memory, hid_t file, std::span<const double> values) {
  if (!is_bool) {
    Checked(H5Dwrite(dataset.get(), H5T_NATIVE_DOUBLE, memory, file, H5P_DEFAULT, values.data()),
            name);
    return;
  }
  std::vector<int8_t> flags(values.size());
  std::ranges::transform(values, flags.begin(), [](double x) { return x != 0 ? 1 : 0; });
  Checked(H5Dwrite(dataset.get(), type, memory, file, H5P_DEFAULT, flags.data()), name);
}

void WriteOne(hid_t object, const std::string& name, hid_t file_type, hid_t memory_type,
              const void* value) {
  const Hdf5Id space(H5Screate(H5S_SCALAR));
  const Hdf5Id attribute(Checked(
      H5Acreate2(object, name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT), name));
  Checked(H5Awrite(attribute.get(), memory_type, value), name);
}

std::vector<hsize_t> Sizes(const std::vector<int64_t>& shape) {
  return {shape.begin(), shape.end()};
}

}  // namespace

Hdf5Id Hdf5Type(const std::string& name) {
  if (name == "bool") return BooleanType();
  const auto* found = std::ranges::find_if(kTypes, [&](const auto& t) { return name == t.name; });
  if (found != kTypes.end()) return Hdf5Id(H5Tcopy(found->type()));
  throw std::invalid_argument("writing data: expected a type of numbers, got " + name);
}

std::string TypeName(hid_t type) {
  const H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_ENUM) return "bool";
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return "";
  const size_t bytes = H5Tget_size(type);
  if (kind == H5T_FLOAT) return bytes <= 4 ? "float32" : "float64";
  return (H5Tget_sign(type) == H5T_SGN_NONE ? "uint" : "int") + std::to_string(8 * bytes);
}

void WriteArray(hid_t group, const std::string& name, const std::vector<int64_t>& shape,
                const std::string& type, std::span<const double> values) {
  const std::vector<hsize_t> sizes = Sizes(shape);
  const Hdf5Id space(sizes.empty()
                         ? H5Screate(H5S_SCALAR)
                         : H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr));
  const Hdf5Id stored = Hdf5Type(type);
  const Hdf5Id dataset(Checked(H5Dcreate2(group, name.c_str(), stored.get(), space.get(),
                                          H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                               name));
  WriteValues(dataset, name, type == "bool", stored.get(), H5S_ALL, H5S_ALL, values);
}

void WriteAttribute(hid_t object, const std::string& name, int64_t value) {
  WriteOne(object, name, H5T_STD_I64LE, H5T_NATIVE_INT64, &value);
}
void WriteAttribute(hid_t object, const std::string& name, uint64_t value) {
  WriteOne(object, name, H5T_STD_U64LE, H5T_NATIVE_UINT64, &value);
}
void WriteAttribute(hid_t object, const std::string& name, double value) {
  WriteOne(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &value);
}
void WriteAttribute(hid_t object, const std::string& name, const std::string& value) {
  const Hdf5Id type(H5Tcopy(H5T_C_S1));
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  const char* text = value.c_str();
  WriteOne(object, name, type.get(), type.get(), &text);
}

Hdf5Id MakeGroup(hid_t file, const std::string& path) {
  if (H5Lexists(file, path.substr(0, path.find('/')).c_str(), H5P_DEFAULT) > 0) {
    const Hdf5Id there(H5Gopen2(file, path.substr(0, path.find('/')).c_str(), H5P_DEFAULT));
    const size_t slash = path.find('/');
    if (slash != std::string::npos) return MakeGroup(there.get(), path.substr(slash + 1));
    return Hdf5Id(Checked(H5Gopen2(file, path.c_str(), H5P_DEFAULT), path));
  }
  const Hdf5Id links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links.get(), 1);
  return Hdf5Id(
      Checked(H5Gcreate2(file, path.c_str(), links.get(), H5P_DEFAULT, H5P_DEFAULT), path));
}

Hdf5Column::Hdf5Column(hid_t group, const std::string& name, const std::string& type,
                       std::vector<int64_t> row_shape)
    : type_(Hdf5Type(type)), name_(name), is_bool_(type == "bool"), shape_(std::move(row_shape)) {
  const int64_t row_bytes =
      static_cast<int64_t>(H5Tget_size(type_.get())) *
      std::accumulate(shape_.begin(), shape_.end(), int64_t{1}, std::multiplies<>());
  shape_.insert(shape_.begin(), 0);
  std::vector<hsize_t> size = Sizes(shape_), most = size, chunk = size;
  most[0] = H5S_UNLIMITED;
  chunk[0] =
      static_cast<hsize_t>(std::max<int64_t>(1, kChunkBytes / std::max<int64_t>(row_bytes, 1)));
  const Hdf5Id space(H5Screate_simple(static_cast<int>(size.size()), size.data(), most.data()));
  const Hdf5Id properties(H5Pcreate(H5P_DATASET_CREATE));
  H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data());
  const Hdf5Id links(H5Pcreate(H5P_LINK_CREATE));
  H5Pset_create_intermediate_group(links.get(), 1);
  dataset_ = Hdf5Id(Checked(H5Dcreate2(group, name.c_str(), type_.get(), space.get(), links.get(),
                                       properties.get(), H5P_DEFAULT),
                            name));
}

void Hdf5Column::Append(std::span<const double> rows) {
  int64_t width = 1;
  for (size_t d = 1; d < shape_.size(); ++d) width *= shape_[d];
  if (rows.empty()) return;
  std::vector<hsize_t> start(shape_.size(), 0), count = Sizes(shape_);
  start[0] = static_cast<hsize_t>(shape_[0]);
  count[0] = rows.size() / static_cast<size_t>(width);
  shape_[0] += static_cast<int64_t>(count[0]);
  const std::vector<hsize_t> size = Sizes(shape_);
  Checked(H5Dset_extent(dataset_.get(), size.data()), name_);
  const Hdf5Id file(H5Dget_space(dataset_.get()));
  H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  const Hdf5Id memory(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr));
  WriteValues(dataset_, name_, is_bool_, type_.get(), memory.get(), file.get(), rows);
}

}  // namespace longplay
