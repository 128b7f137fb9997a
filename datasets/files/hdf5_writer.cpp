// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_writer.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <stdexcept>
#include <utility>

#include "datasets/files/hdf5_call.h"

namespace longplay {
namespace {

// [bytes] of a growing array's chunk; HDF5's cache of an array holds 1 MiB.
constexpr int64_t kChunkBytes = 1 << 18;

/// The result of a call that writes.
template <typename Result>
Result Written(Result result, const std::string& where) {
  return Checked<WriteError>(result, where, "success");
}

/// file:group/name; what HDF5 does not know of it is left out.
std::string Place(hid_t group, const std::string& name) {
  std::array<char, 1024> file{}, path{};
  H5Fget_name(group, file.data(), file.size());
  H5Iget_name(group, path.data(), path.size());
  const std::string below = path.data();
  return std::string(file.data()) + ":" + (below.size() > 1 ? below.substr(1) + "/" : "") + name;
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

/// h5py's bool: an enum of one byte, FALSE and TRUE.
Hdf5Id BooleanType() {
  Hdf5Id type(Written(H5Tenum_create(H5T_NATIVE_INT8), "bool"));
  int8_t value = 0;
  Written(H5Tenum_insert(type.get(), "FALSE", &value), "bool");
  value = 1;
  Written(H5Tenum_insert(type.get(), "TRUE", &value), "bool");
  return type;
}

/// Where values go to, in an array that is there.
struct Target {
  const Hdf5Id& dataset;
  const Hdf5Id& type;  // as it is stored
  bool is_bool;
  hid_t memory = H5S_ALL, file = H5S_ALL;  // spaces
};

/// Enums are not converted from numbers: they are written as the integers that they are.
void WriteValues(const Target& to, std::span<const double> values, const std::string& where) {
  const auto write = [&](hid_t type, const void* from) {
    Written(H5Dwrite(to.dataset.get(), type, to.memory, to.file, H5P_DEFAULT, from), where);
  };
  if (!to.is_bool) return write(H5T_NATIVE_DOUBLE, values.data());
  std::vector<int8_t> flags(values.size());
  std::ranges::transform(values, flags.begin(), [](double x) { return x != 0 ? 1 : 0; });
  write(to.type.get(), flags.data());
}

/// An attribute of a single value.
void WriteOne(hid_t object, const std::string& name, hid_t file_type, hid_t memory_type,
              const void* value) {
  const std::string where = Place(object, name);
  const Hdf5Id space(Written(H5Screate(H5S_SCALAR), where));
  const Hdf5Id attribute(Written(
      H5Acreate2(object, name.c_str(), file_type, space.get(), H5P_DEFAULT, H5P_DEFAULT), where));
  Written(H5Awrite(attribute.get(), memory_type, value), where);
}

std::vector<hsize_t> Sizes(const std::vector<int64_t>& shape) {
  return {shape.begin(), shape.end()};
}

/// Without the time at which it is made: the same data are the same bytes.
Hdf5Id ArrayProperties(const std::string& where) {
  Hdf5Id properties(Written(H5Pcreate(H5P_DATASET_CREATE), where));
  Written(H5Pset_obj_track_times(properties.get(), false), where);
  return properties;
}

}  // namespace

Hdf5Id Hdf5Type(const std::string& name) {
  if (name == "bool") return BooleanType();
  const auto* found = std::ranges::find_if(kTypes, [&](const auto& t) { return name == t.name; });
  if (found != kTypes.end()) return Hdf5Id(Written(H5Tcopy(found->type()), name));
  throw std::invalid_argument("writing data: expected a type of numbers, got " + name);
}

Hdf5Id CreateHdf5File(const std::string& path) {
  SilenceHdf5();
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  return Hdf5Id(Checked<WriteError>(file, path, "a writable place"));
}

void FlushHdf5File(const Hdf5Id& file) {
  const std::string where = Place(file.get(), "");
  Written(H5Fflush(file.get(), H5F_SCOPE_GLOBAL), where);
}

// Not left to the destructor, which could not say that the last bytes found no room.
void CloseHdf5File(Hdf5Id file) {
  const std::string where = Place(file.get(), "");
  Written(H5Fclose(file.release()), where);
}

void WriteArray(hid_t group, const std::string& name, const std::vector<int64_t>& shape,
                const std::string& type, std::span<const double> values) {
  const std::string where = Place(group, name);
  const std::vector<hsize_t> sizes = Sizes(shape);
  const auto rank = static_cast<int>(sizes.size());
  const Hdf5Id space(Written(
      rank == 0 ? H5Screate(H5S_SCALAR) : H5Screate_simple(rank, sizes.data(), nullptr), where));
  const Hdf5Id stored = Hdf5Type(type);
  const Hdf5Id properties = ArrayProperties(where);
  const Hdf5Id dataset(Written(H5Dcreate2(group, name.c_str(), stored.get(), space.get(),
                                          H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                               where));
  WriteValues({.dataset = dataset, .type = stored, .is_bool = type == "bool"}, values, where);
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
  // As h5py writes str: UTF-8 of variable length.
  const Hdf5Id type(Written(H5Tcopy(H5T_C_S1), name));
  Written(H5Tset_size(type.get(), H5T_VARIABLE), name);
  Written(H5Tset_cset(type.get(), H5T_CSET_UTF8), name);
  const char* text = value.c_str();
  WriteOne(object, name, type.get(), type.get(), &text);
}

Hdf5Id MakeGroup(hid_t file, const std::string& path) {
  const size_t slash = path.find('/');
  const std::string first = path.substr(0, slash), where = Place(file, first);
  // One level a call: HDF5 makes no groups above by itself.
  const bool is_there = Written(H5Lexists(file, first.c_str(), H5P_DEFAULT), where) > 0;
  Hdf5Id group(Written(is_there
                           ? H5Gopen2(file, first.c_str(), H5P_DEFAULT)
                           : H5Gcreate2(file, first.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                       where));
  return slash == std::string::npos ? std::move(group)
                                    : MakeGroup(group.get(), path.substr(slash + 1));
}

Hdf5Column::Hdf5Column(hid_t group, const std::string& name, const std::string& type,
                       std::vector<int64_t> row_shape)
    : where_(Place(group, name)),
      type_(Hdf5Type(type)),
      is_bool_(type == "bool"),
      shape_(std::move(row_shape)) {
  const int64_t row_bytes =
      static_cast<int64_t>(Written(H5Tget_size(type_.get()), where_)) *
      std::accumulate(shape_.begin(), shape_.end(), int64_t{1}, std::multiplies<>());
  // No rows yet and no limit to them; HDF5 lets only chunked arrays grow.
  shape_.insert(shape_.begin(), 0);
  std::vector<hsize_t> size = Sizes(shape_), most = size, chunk = size;
  most[0] = H5S_UNLIMITED;
  chunk[0] =
      static_cast<hsize_t>(std::max<int64_t>(1, kChunkBytes / std::max<int64_t>(row_bytes, 1)));
  const auto rank = static_cast<int>(size.size());
  const Hdf5Id space(Written(H5Screate_simple(rank, size.data(), most.data()), where_));
  const Hdf5Id properties = ArrayProperties(where_);
  Written(H5Pset_chunk(properties.get(), rank, chunk.data()), where_);
  // For a name such as infos/a/b, groups above are made on the way.
  const Hdf5Id links(Written(H5Pcreate(H5P_LINK_CREATE), where_));
  Written(H5Pset_create_intermediate_group(links.get(), 1), where_);
  dataset_ = Hdf5Id(Written(H5Dcreate2(group, name.c_str(), type_.get(), space.get(), links.get(),
                                       properties.get(), H5P_DEFAULT),
                            where_));
}

void Hdf5Column::Append(std::span<const double> rows) {
  int64_t width = 1;
  for (size_t d = 1; d < shape_.size(); ++d) width *= shape_[d];
  if (rows.empty()) return;
  std::vector<hsize_t> start(shape_.size(), 0), count = Sizes(shape_);
  start[0] = static_cast<hsize_t>(shape_[0]);
  count[0] = rows.size() / static_cast<size_t>(width);
  shape_[0] += static_cast<int64_t>(count[0]);
  // The array grows first; then the new rows at its end are selected.
  const std::vector<hsize_t> size = Sizes(shape_);
  Written(H5Dset_extent(dataset_.get(), size.data()), where_);
  const Hdf5Id file(Written(H5Dget_space(dataset_.get()), where_));
  Written(
      H5Sselect_hyperslab(file.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr),
      where_);
  const Hdf5Id memory(
      Written(H5Screate_simple(static_cast<int>(count.size()), count.data(), nullptr), where_));
  WriteValues({.dataset = dataset_,
               .type = type_,
               .is_bool = is_bool_,
               .memory = memory.get(),
               .file = file.get()},
              rows, where_);
}

}  // namespace longplay
