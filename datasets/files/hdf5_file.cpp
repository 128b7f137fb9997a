// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_file.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <utility>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_call.h"
#include "datasets/files/hdf5_filters.h"
#include "datasets/files/hdf5_reason.h"
#include "datasets/files/hdf5_sources.h"

namespace longplay {
namespace {

// More than any data set of rows has; a damaged header can ask for exabytes.
constexpr double kMostValues = 1e11;
constexpr size_t kMostEnumBytes = 16;

constexpr char kArray[] = "a readable array", kValues[] = "readable values";
constexpr char kObject[] = "a readable array or group", kAttribute[] = "a readable attribute";

/// h5py's bool, an enum of one byte with the values 0 and 1.
bool IsBool(hid_t type, const std::string& where) {
  if (Checked(H5Tget_size(type), where, kArray) != 1) return false;
  if (Checked(H5Tget_nmembers(type), where, kArray) != 2) return false;
  unsigned char first = 0, second = 0;
  Checked(H5Tget_member_value(type, 0, &first), where, kArray);
  Checked(H5Tget_member_value(type, 1, &second), where, kArray);
  return first + second == 1;
}

/// As Hdf5Type takes it: the smallest that holds such numbers; "" for what is no number.
std::string TypeName(hid_t type, const std::string& where) {
  const H5T_class_t kind = Checked(H5Tget_class(type), where, kArray);
  // Other enums count as the integers that they are made of.
  if (kind == H5T_ENUM) {
    if (IsBool(type, where)) return "bool";
    return TypeName(Hdf5Id(Checked(H5Tget_super(type), where, kArray)).get(), where);
  }
  if (kind != H5T_INTEGER && kind != H5T_FLOAT) return "";
  const size_t bytes = Checked(H5Tget_size(type), where, kArray);
  if (kind == H5T_FLOAT) return bytes <= 4 ? "float32" : "float64";
  // HDF5 has integers of 3 or 5 bytes, too: they get the next size that numpy has.
  const bool is_signed = Checked(H5Tget_sign(type), where, kArray) != H5T_SGN_NONE;
  return (is_signed ? "int" : "uint") +
         std::to_string(8 * std::min<size_t>(std::bit_ceil(bytes), 8));
}

/// Of a type that is a list.
std::vector<hsize_t> ArraySizes(hid_t type, const std::string& where) {
  std::vector<hsize_t> sizes(Checked(H5Tget_array_ndims(type), where, kAttribute));
  Checked(H5Tget_array_dims2(type, sizes.data()), where, kAttribute);
  return sizes;
}

/// `number`, in the same lists as this type's; HDF5 converts lists only to such.
Hdf5Id OfNumbers(hid_t type, hid_t number, const std::string& where) {
  if (Checked(H5Tget_class(type), where, kAttribute) != H5T_ARRAY) {
    return Hdf5Id(Checked(H5Tcopy(number), where, kAttribute));
  }
  const std::vector<hsize_t> sizes = ArraySizes(type, where);
  const Hdf5Id super(Checked(H5Tget_super(type), where, kAttribute));
  const Hdf5Id element = OfNumbers(super.get(), number, where);
  const auto rank = static_cast<unsigned>(sizes.size());
  return Hdf5Id(Checked(H5Tarray_create2(element.get(), rank, sizes.data()), where, kAttribute));
}

}  // namespace

int64_t ArrayInfo::row_size() const {
  int64_t size = 1;
  for (size_t d = 1; d < shape.size(); ++d) size *= shape[d];
  return size;
}

Hdf5Array::Hdf5Array(Hdf5Id dataset, std::string where)
    : where_(std::move(where)), dataset_(std::move(dataset)) {
  const Hdf5Id space(Checked(H5Dget_space(dataset_.get()), where_, kArray));
  const Hdf5Id type(Checked(H5Dget_type(dataset_.get()), where_, kArray));
  const int rank = Checked(H5Sget_simple_extent_ndims(space.get()), where_, kArray);
  std::vector<hsize_t> dims(rank);
  Checked(H5Sget_simple_extent_dims(space.get(), dims.data(), nullptr), where_, kArray);
  // In double, because damaged sizes overflow integers; a size 0 must not hide the others.
  double values = 1;
  for (const hsize_t size : dims) values *= static_cast<double>(std::max<hsize_t>(size, 1));
  if (values > kMostValues) Fail("at most 10^11 values", "more: the file is damaged");
  const H5T_class_t kind = Checked(H5Tget_class(type.get()), where_, kArray);
  info_ = {.shape = {dims.begin(), dims.end()},
           .is_float = kind == H5T_FLOAT,
           .is_integer = kind == H5T_INTEGER || kind == H5T_ENUM,
           .is_enum = kind == H5T_ENUM,
           .is_native_float = Checked(H5Tequal(type.get(), H5T_NATIVE_FLOAT), where_, kArray) > 0,
           .type = TypeName(type.get(), where_),
           .value_bytes = static_cast<int64_t>(Checked(H5Tget_size(type.get()), where_, kArray)),
           .is_allocated = HasValues(dataset_.get(), where_)};
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
  // Some rows: selected in the file, and memory of just their size.
  if (!info_.shape.empty() && count != rows()) {
    std::vector<hsize_t> start(info_.shape.size(), 0), size(info_.shape.begin(), info_.shape.end());
    start[0] = static_cast<hsize_t>(first);
    size[0] = static_cast<hsize_t>(count);
    space = Hdf5Id(Checked(H5Dget_space(dataset_.get()), where_, kValues));
    Checked(H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, size.data(),
                                nullptr),
            where_, kValues);
    memory = Hdf5Id(Checked(H5Screate_simple(static_cast<int>(size.size()), size.data(), nullptr),
                            where_, kValues));
  }
  const auto read = [&](hid_t type, void* into) {
    const herr_t read = H5Dread(dataset_.get(), type, memory ? memory.get() : H5S_ALL,
                                space ? space.get() : H5S_ALL, H5P_DEFAULT, into);
    if (read < 0) Fail(kValues, WhyNotRead(dataset_.get()));
  };
  const size_t size = static_cast<size_t>(count * info_.row_size());
  values.resize(size);
  if (info_.is_enum) {
    // HDF5 does not read enums as numbers: they are read as they are stored, and converted in place
    // from the integers that they are made of.
    const Hdf5Id type(Checked(H5Dget_type(dataset_.get()), where_, kValues));
    const Hdf5Id integer(Checked(H5Tget_super(type.get()), where_, kValues));
    const auto bytes = static_cast<size_t>(info_.value_bytes);
    if (bytes > kMostEnumBytes) Fail("an enum of integers", std::to_string(bytes) + " bytes each");
    values.resize(size * ((bytes + sizeof(double) - 1) / sizeof(double)));
    read(type.get(), values.data());
    Checked(H5Tconvert(integer.get(), H5T_NATIVE_DOUBLE, size, values.data(), nullptr, H5P_DEFAULT),
            where_, kValues);
    values.resize(size);
  } else if (info_.is_native_float) {
    // Into the second half, then widened from the front: HDF5 does the same ten times slower.
    char* const bytes = reinterpret_cast<char*>(values.data());
    read(H5T_NATIVE_FLOAT, bytes + size * sizeof(float));
    for (size_t i = 0; i < size; ++i) {
      float value = 0;
      std::memcpy(&value, bytes + (size + i) * sizeof(float), sizeof value);
      values[i] = value;
    }
  } else {
    read(H5T_NATIVE_DOUBLE, values.data());
  }
}

Hdf5File::Hdf5File(const std::string& path) : path_(path) {
  SilenceHdf5();
  RegisterFilters();
  std::string why;
  file_ = OpenHdf5File(path, why);
  if (!file_) throw DataError(path, "expected an HDF5 file, got " + why);
}

void Hdf5File::Fail(const std::string& name, const std::string& expected,
                    const std::string& got) const {
  throw DataError(path_ + ":" + name, "expected " + expected + ", got " + got);
}

bool Hdf5File::Exists(const std::string& name) const {
  // Link by link: H5Lexists fails where a group above is missing.
  for (size_t at = name.find('/', 1);; at = name.find('/', at + 1)) {
    const std::string part = name.substr(0, at);
    const htri_t exists = H5Lexists(file_.get(), part.c_str(), H5P_DEFAULT);
    if (Checked(exists, path_ + ":" + part, kObject) == 0) return false;
    if (at == std::string::npos) return true;
    if (KindOf(part) != H5I_GROUP) return false;  // HDF5 fails when it looks below an array
  }
}

void Hdf5File::FailToOpen(const std::string& name, const std::string& expected) const {
  // Asked first: the next call of HDF5 clears its errors.
  const std::string error = Hdf5Error();
  const auto dangling = FindDanglingLink(file_.get(), name);
  if (dangling) Fail(dangling->name, expected, dangling->target);
  Fail(name, expected, error);
}

H5I_type_t Hdf5File::KindOf(const std::string& name) const {
  const Hdf5Id object(H5Oopen(file_.get(), name.c_str(), H5P_DEFAULT));
  if (!object) FailToOpen(name, kObject);
  return H5Iget_type(object.get());
}

bool Hdf5File::IsGroup(const std::string& name) const {
  return Exists(name) && KindOf(name) == H5I_GROUP;
}

Hdf5Array Hdf5File::Open(const std::string& name) const { return Open(name, H5P_DEFAULT); }

namespace {

/// [bytes] of the chunks that lie side by side in the first rows of an array; 0 = it has none.
size_t ChunkRowBytes(hid_t dataset, const std::string& where) {
  const Hdf5Id made(Checked(H5Dget_create_plist(dataset), where, kArray));
  if (H5Pget_layout(made.get()) != H5D_CHUNKED) return 0;
  const Hdf5Id space(Checked(H5Dget_space(dataset), where, kArray));
  const Hdf5Id type(Checked(H5Dget_type(dataset), where, kArray));
  const int rank = Checked(H5Sget_simple_extent_ndims(space.get()), where, kArray);
  std::vector<hsize_t> sizes(rank), chunk(rank);
  Checked(H5Sget_simple_extent_dims(space.get(), sizes.data(), nullptr), where, kArray);
  Checked(H5Pget_chunk(made.get(), rank, chunk.data()), where, kArray);
  // In double: sizes of a damaged file overflow integers.
  auto bytes = static_cast<double>(Checked(H5Tget_size(type.get()), where, kArray));
  for (int d = 0; d < rank; ++d) {
    const auto size = static_cast<double>(std::max<hsize_t>(chunk[d], 1));
    bytes *= d == 0 ? size : std::ceil(static_cast<double>(sizes[d]) / size) * size;
  }
  return static_cast<size_t>(std::min(bytes, 1e15));
}

}  // namespace

Hdf5Array Hdf5File::OpenForPieces(const std::string& name) const {
  const std::string where = path_ + ":" + name;
  // D4RL's files are chunked (15625, 1) and compressed: rows touch a chunk of each column, and
  // without a cache for all of them every read would unpack them anew. Twice as many, because reads
  // cross from chunk to chunk; more would only take memory.
  const size_t cache =
      std::clamp(2 * ChunkRowBytes(Open(name).id(), where), size_t{1} << 20, size_t{64} << 20);
  const Hdf5Id access(Checked(H5Pcreate(H5P_DATASET_ACCESS), where, kArray));
  Checked(H5Pset_chunk_cache(access.get(), 12421, cache, 1), where, kArray);
  return Open(name, access.get());
}

Hdf5Array Hdf5File::Open(const std::string& name, hid_t access) const {
  Hdf5Id dataset(H5Dopen2(file_.get(), name.c_str(), access));
  if (dataset) return {std::move(dataset), path_ + ":" + name};
  const std::string error = Hdf5Error();  // first, as above
  const auto dangling = FindDanglingLink(file_.get(), name);
  if (dangling) Fail(dangling->name, "an array", dangling->target);
  if (!Exists(name)) Fail(name, "an array", "nothing");
  Fail(name, "an array", IsGroup(name) ? "a group" : error);
}

std::vector<std::string> Hdf5File::Children(const std::string& group) const {
  std::vector<std::string> names;
  const auto add = [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
    static_cast<std::vector<std::string>*>(out)->emplace_back(name);
    return 0;
  };
  const std::string where = path_ + ":" + group;
  const Hdf5Id id(H5Gopen2(file_.get(), group.c_str(), H5P_DEFAULT));
  if (!id) FailToOpen(group, "a group");
  Checked(H5Literate(id.get(), H5_INDEX_NAME, H5_ITER_NATIVE, nullptr, add, &names), where,
          "a readable group");
  return names;
}

struct Hdf5File::Attribute {
  std::string where;
  Hdf5Id id;
  Hdf5Id type, element;  // as a whole; of the one value, the same unless the type is a list
  H5T_class_t kind;      // of the value

  void Read(hid_t as, void* into) const { Checked(H5Aread(id.get(), as, into), where, kAttribute); }
};

std::optional<Hdf5File::Attribute> Hdf5File::SingleAttribute(const std::string& object,
                                                             const std::string& name) const {
  if (!Exists(object)) return {};
  const std::string where = path_ + ":" + object + ", attribute " + name;
  // Not by name: HDF5 1.10 loses its way where the name goes through a link into another file.
  const Hdf5Id owner(H5Oopen(file_.get(), object.c_str(), H5P_DEFAULT));
  if (!owner) FailToOpen(object, kAttribute);
  if (Checked(H5Aexists(owner.get(), name.c_str()), where, kAttribute) == 0) return {};
  Hdf5Id id(Checked(H5Aopen(owner.get(), name.c_str(), H5P_DEFAULT), where, kAttribute));
  const Hdf5Id space(Checked(H5Aget_space(id.get()), where, kAttribute));
  // Lists of values are not taken for one, whether the space has several places or each is a list.
  if (Checked(H5Sget_simple_extent_npoints(space.get()), where, kAttribute) != 1) return {};
  Hdf5Id type(Checked(H5Aget_type(id.get()), where, kAttribute));
  Hdf5Id element(Checked(H5Tcopy(type.get()), where, kAttribute));
  H5T_class_t kind = Checked(H5Tget_class(element.get()), where, kAttribute);
  for (; kind == H5T_ARRAY; kind = Checked(H5Tget_class(element.get()), where, kAttribute)) {
    for (const hsize_t size : ArraySizes(element.get(), where)) {
      if (size != 1) return {};
    }
    element = Hdf5Id(Checked(H5Tget_super(element.get()), where, kAttribute));
  }
  return Attribute{where, std::move(id), std::move(type), std::move(element), kind};
}

std::optional<std::string> Hdf5File::StringAttribute(const std::string& object,
                                                     const std::string& name) const {
  const auto attribute = SingleAttribute(object, name);
  if (!attribute || attribute->kind != H5T_STRING) return {};
  const std::string& where = attribute->where;
  // Of variable length, as h5py writes texts: HDF5 allocates and frees it.
  if (Checked(H5Tis_variable_str(attribute->element.get()), where, kAttribute) > 0) {
    char* text = nullptr;
    attribute->Read(attribute->type.get(), &text);
    if (text == nullptr) return {};
    std::string value = text;
    H5free_memory(text);
    return value;
  }
  // Of fixed length, filled up with zeros or, as Fortran does it, with spaces.
  std::string value(Checked(H5Tget_size(attribute->type.get()), where, kAttribute), '\0');
  attribute->Read(attribute->type.get(), value.data());
  value.resize(std::min(value.find('\0'), value.size()));
  const H5T_str_t padding = Checked(H5Tget_strpad(attribute->element.get()), where, kAttribute);
  if (padding == H5T_STR_SPACEPAD) value.resize(value.find_last_not_of(' ') + 1);
  return value;
}

std::optional<uint64_t> Hdf5File::WholeAttribute(const std::string& object,
                                                 const std::string& name) const {
  const auto attribute = SingleAttribute(object, name);
  if (!attribute || attribute->kind != H5T_INTEGER) return {};
  // Read with its own sign and kept as bits: a seed uses all 64.
  const std::string& where = attribute->where;
  const H5T_sign_t sign = Checked(H5Tget_sign(attribute->element.get()), where, kAttribute);
  const hid_t as = sign == H5T_SGN_2 ? H5T_NATIVE_INT64 : H5T_NATIVE_UINT64;
  uint64_t value = 0;
  attribute->Read(OfNumbers(attribute->type.get(), as, where).get(), &value);
  return value;
}

std::optional<double> Hdf5File::NumberAttribute(const std::string& object,
                                                const std::string& name) const {
  const auto attribute = SingleAttribute(object, name);
  const bool is_number =
      attribute && (attribute->kind == H5T_INTEGER || attribute->kind == H5T_FLOAT);
  if (!is_number) return {};
  double value = 0;
  const Hdf5Id as = OfNumbers(attribute->type.get(), H5T_NATIVE_DOUBLE, attribute->where);
  attribute->Read(as.get(), &value);
  return value;
}

}  // namespace longplay
