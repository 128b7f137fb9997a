// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_sources.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_call.h"
#include "datasets/files/hdf5_filters.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

constexpr char kLayout[] = "a readable layout";
// Virtual data sets of virtual data sets; those of a damaged file can go in circles.
constexpr int kDeepestSource = 8;
// A file that is missing among numbered ones is told from their end by one of this many after it.
constexpr hsize_t kNumbersBehind = 10;

/// What a variable names folders by; it may begin with the folder of the file that names others.
std::string FoldersOf(const char* variable, const std::string& file) {
  const char* text = std::getenv(variable);
  std::string folders = text == nullptr ? "" : text;
  constexpr std::string_view kOrigin = "${ORIGIN}";
  if (!folders.starts_with(kOrigin)) return folders;
  return fs::absolute(file).parent_path().string() + folders.substr(kOrigin.size());
}

using Extent = std::vector<hsize_t>;

Extent ExtentOf(hid_t space, const std::string& where) {
  Extent sizes(Checked(H5Sget_simple_extent_ndims(space), where, kLayout));
  Checked(H5Sget_simple_extent_dims(space, sizes.data(), nullptr), where, kLayout);
  return sizes;
}

hsize_t Product(const Extent& sizes) {
  hsize_t product = 1;
  for (const hsize_t size : sizes) product *= size;
  return product;
}

// ---- Selections -------------------------------------------------------------------------------

/// One dimension of a regular selection: `count` blocks, a `stride` apart; H5S_UNLIMITED: no end.
struct Blocks {
  hsize_t start = 0, stride = 1, count = 1, block = 1;

  /// How many begin within a dimension of this size.
  hsize_t Begun(hsize_t size) const {
    return size <= start ? 0 : std::min(count, (size - start - 1) / stride + 1);
  }
  /// How many places within it are selected.
  hsize_t Within(hsize_t size) const {
    const hsize_t begun = Begun(size);
    if (begun == 0) return 0;
    return (begun - 1) * block + std::min(block, size - start - (begun - 1) * stride);
  }
};

/// What a mapping takes from its source, or gives to the virtual data set.
struct Selection {
  bool is_all = false;
  std::vector<Blocks> dimensions;  // empty: all, or no regular one
  hsize_t points = 0;              // of one that ends
  Extent ends;                     // of no regular one, a place behind its last in each dimension
  std::optional<size_t> endless;   // dimension without an end

  /// How many places of an array of these sizes are selected.
  hsize_t Within(const Extent& sizes) const {
    if (is_all) return Product(sizes);
    if (dimensions.empty())
      return std::ranges::equal(ends, sizes, std::less_equal<>()) ? points : 0;
    if (dimensions.size() != sizes.size()) return 0;
    hsize_t product = 1;
    for (size_t d = 0; d < sizes.size(); ++d) product *= dimensions[d].Within(sizes[d]);
    return product;
  }
};

Selection SelectionOf(const Hdf5Id& space, const std::string& where) {
  Selection selection;
  const H5S_sel_type kind = Checked(H5Sget_select_type(space.get()), where, kLayout);
  selection.is_all = kind == H5S_SEL_ALL;
  if (kind != H5S_SEL_HYPERSLABS) return selection;
  const size_t rank =
      static_cast<size_t>(Checked(H5Sget_simple_extent_ndims(space.get()), where, kLayout));
  if (Checked(H5Sis_regular_hyperslab(space.get()), where, kLayout) == 0) {
    selection.points =
        static_cast<hsize_t>(Checked(H5Sget_select_npoints(space.get()), where, kLayout));
    Extent first(rank);
    selection.ends.resize(rank);
    Checked(H5Sget_select_bounds(space.get(), first.data(), selection.ends.data()), where, kLayout);
    for (hsize_t& end : selection.ends) ++end;
    return selection;
  }
  Extent start(rank), stride(rank), count(rank), block(rank);
  Checked(H5Sget_regular_hyperslab(space.get(), start.data(), stride.data(), count.data(),
                                   block.data()),
          where, kLayout);
  for (size_t d = 0; d < rank; ++d) {
    selection.dimensions.push_back({start[d], std::max<hsize_t>(stride[d], 1), count[d], block[d]});
    if (count[d] == H5S_UNLIMITED || block[d] == H5S_UNLIMITED) selection.endless = d;
  }
  return selection;
}

// ---- Virtual data sets ------------------------------------------------------------------------

/// A part of a virtual data set: where it comes from.
struct Mapping {
  std::string file, array;  // names; in numbered ones %b stands for the number
  Selection to, from;
};

/// A text that HDF5 copies to where it is told: `get` is called for its length first.
std::string TextOf(const std::function<ssize_t(char*, size_t)>& get, const std::string& where) {
  const ssize_t size = Checked(get(nullptr, 0), where, kLayout);
  std::string text(static_cast<size_t>(size) + 1, '\0');
  Checked(get(text.data(), text.size()), where, kLayout);
  text.pop_back();
  return text;
}

Mapping MappingOf(hid_t properties, size_t i, const std::string& where) {
  const auto file = [&](char* text, size_t n) {
    return H5Pget_virtual_filename(properties, i, text, n);
  };
  const auto array = [&](char* text, size_t n) {
    return H5Pget_virtual_dsetname(properties, i, text, n);
  };
  const Hdf5Id to(Checked(H5Pget_virtual_vspace(properties, i), where, kLayout));
  const Hdf5Id from(Checked(H5Pget_virtual_srcspace(properties, i), where, kLayout));
  return {.file = TextOf(file, where),
          .array = TextOf(array, where),
          .to = SelectionOf(to, where),
          .from = SelectionOf(from, where)};
}

/// The name of source `number`: %b is the number, %% a percent sign.
std::string Numbered(std::string_view name, hsize_t number) {
  std::string result;
  for (size_t i = 0; i < name.size(); ++i) {
    if (name[i] != '%' || i + 1 == name.size()) {
      result += name[i];
    } else {
      result += name[++i] == 'b' ? std::to_string(number) : "%";
    }
  }
  return result;
}

/// Opens the sources of one virtual data set, one after another; the last file is kept open.
class Sources {
 public:
  Sources(hid_t dataset, const std::string& where)
      : properties_(Checked(H5Dget_create_plist(dataset), where, kLayout)),
        file_(Checked(H5Iget_file_id(dataset), where, kLayout)),
        path_(FileNameOf(dataset)),
        where_(where) {}

  std::vector<Mapping> Mappings() const {
    size_t count = 0;
    Checked(H5Pget_virtual_count(properties_.get(), &count), where_, kLayout);
    std::vector<Mapping> mappings;
    for (size_t i = 0; i < count; ++i) mappings.push_back(MappingOf(properties_.get(), i, where_));
    return mappings;
  }

  /// Nothing when it is not there: `why` says what is.
  Hdf5Id Open(const std::string& file, const std::string& array, std::string& why) {
    if (file == ".") return OpenArray(file_, array, why);
    if (file != last_name_) {
      last_file_ =
          OpenFirstOf(PlacesOf(file, path_, FoldersOf("HDF5_VDS_PREFIX", path_)), last_why_);
      last_name_ = file;
    }
    if (last_file_) return OpenArray(last_file_, array, why);
    why = last_why_;
    return {};
  }

  const std::string& where() const { return where_; }

 private:
  static Hdf5Id OpenArray(const Hdf5Id& file, const std::string& name, std::string& why) {
    Hdf5Id array(H5Dopen2(file.get(), name.c_str(), H5P_DEFAULT));
    if (array) return array;
    why = Hdf5Error();
    const auto dangling = FindDanglingLink(file.get(), name);
    if (dangling) {
      why = dangling->target;
    } else if (H5Oexists_by_name(file.get(), name.c_str(), H5P_DEFAULT) <= 0) {
      why = "no such array in it";
    }
    return {};
  }

  Hdf5Id properties_, file_;
  std::string path_, where_;
  std::string last_name_, last_why_;
  Hdf5Id last_file_;
};

bool HasOwnValues(hid_t dataset, const std::string& where, int depth);

/// Throws unless the source is there and has as many values as are taken from it.
void CheckSource(Sources& sources, const Mapping& mapping, hsize_t number, hsize_t values,
                 int depth) {
  const std::string file = Numbered(mapping.file, number), array = Numbered(mapping.array, number);
  const std::string name = file == "." ? array : file + ":" + array;
  const std::string expected = "expected " + std::to_string(values) + " values of " + name +
                               " in this virtual data set, got ";
  std::string why;
  const Hdf5Id source = sources.Open(file, array, why);
  if (!source) {
    if (why == kNoSuchFile) {
      why += ": it belongs beside this one, or in a folder of HDF5_VDS_PREFIX";
    }
    throw DataError(sources.where(), expected + why);
  }
  const std::string where = sources.where() + ", source " + name;
  const Hdf5Id space(Checked(H5Dget_space(source.get()), where, kLayout));
  const hsize_t there = mapping.from.Within(ExtentOf(space.get(), where));
  // A source that is taken whole has to be of just the size that it had.
  if (there < values || (mapping.from.is_all && there != values)) {
    throw DataError(sources.where(), expected + std::to_string(there));
  }
  if (!HasOwnValues(source.get(), where, depth + 1)) {
    throw DataError(sources.where(), expected + "none: nothing was ever written to it");
  }
}

/// Numbered sources: one a block, and HDF5 ends the array where the first is missing.
hsize_t CheckNumbered(Sources& sources, const Mapping& mapping, const Extent& sizes, int depth) {
  const size_t d = *mapping.to.endless;
  Mapping block = mapping;
  block.to.dimensions[d].count = 1;
  block.to.endless.reset();
  hsize_t values = 1;
  for (size_t k = 0; k < sizes.size(); ++k) {
    values *= k == d ? block.to.dimensions[d].block : block.to.dimensions[k].Within(sizes[k]);
  }
  const hsize_t count = mapping.to.dimensions[d].Begun(sizes[d]);
  for (hsize_t number = 0; number < count; ++number) {
    CheckSource(sources, block, number, values, depth);
  }
  // One behind a missing one: the array would end too early.
  for (hsize_t number = count + 1; number <= count + kNumbersBehind; ++number) {
    std::string why;
    const bool is_there = static_cast<bool>(
        sources.Open(Numbered(mapping.file, number), Numbered(mapping.array, number), why));
    if (is_there) CheckSource(sources, block, count, values, depth);
  }
  if (count == 0) CheckSource(sources, block, 0, values, depth);
  return count * values;
}

void CheckSources(hid_t dataset, const std::string& where, int depth) {
  if (depth == kDeepestSource) {
    throw DataError(where, "expected values of other arrays, got virtual data sets more than " +
                               std::to_string(kDeepestSource) + " deep");
  }
  Sources sources(dataset, where);
  const Hdf5Id space(Checked(H5Dget_space(dataset), where, kLayout));
  const Extent sizes = ExtentOf(space.get(), where);
  hsize_t values = 0;
  for (const Mapping& mapping : sources.Mappings()) {
    if (mapping.to.endless && !mapping.from.endless) {
      values += CheckNumbered(sources, mapping, sizes, depth);
    } else {
      const hsize_t wanted = mapping.to.Within(sizes);
      CheckSource(sources, mapping, 0, wanted, depth);
      values += wanted;
    }
  }
  // Where no mapping reaches, HDF5 reads its fill value.
  if (values < Product(sizes)) {
    throw DataError(where, "expected a source for each of its " + std::to_string(Product(sizes)) +
                               " values in this virtual data set, got one for " +
                               std::to_string(values));
  }
}

// ---- External storage -------------------------------------------------------------------------

/// A slice of a file without structure.
struct ExternalFile {
  std::string name;
  int64_t offset = 0;  // [bytes]
  hsize_t size = 0;    // [bytes]; H5F_UNLIMITED = to its end
};

ExternalFile ExternalFileOf(hid_t properties, unsigned i, const std::string& where) {
  std::vector<char> name(1 << 12, '\0');
  off_t offset = 0;
  hsize_t size = 0;
  Checked(H5Pget_external(properties, i, name.size() - 1, name.data(), &offset, &size), where,
          kLayout);
  return {.name = name.data(), .offset = offset, .size = size};
}

/// Throws unless all of them are there and as long as the array needs.
void CheckExternalFiles(hid_t dataset, hid_t properties, int count, const std::string& where) {
  const Hdf5Id space(Checked(H5Dget_space(dataset), where, kLayout));
  const Hdf5Id type(Checked(H5Dget_type(dataset), where, kLayout));
  hsize_t left =
      Product(ExtentOf(space.get(), where)) * Checked(H5Tget_size(type.get()), where, kLayout);
  // Not looked for beside this file, unless the variable says so.
  const fs::path folder = FoldersOf("HDF5_EXTFILE_PREFIX", FileNameOf(dataset));
  for (int i = 0; i < count && left > 0; ++i) {
    const ExternalFile file = ExternalFileOf(properties, static_cast<unsigned>(i), where);
    const hsize_t bytes = std::min(file.size, left);
    const fs::path path = folder / file.name;
    std::error_code error;
    const hsize_t there = fs::file_size(path, error);
    const std::string expected = "expected " + std::to_string(bytes) + " bytes at " +
                                 std::to_string(file.offset) + " of the external file " +
                                 path.string() + ", got ";
    if (error) {
      throw DataError(where,
                      expected + PathError(path, error.value()) +
                          ": HDF5_EXTFILE_PREFIX names its folder ('${ORIGIN}': this file's)");
    }
    if (there < static_cast<hsize_t>(file.offset) + bytes) {
      throw DataError(where, expected + "one of " + std::to_string(there) + " bytes");
    }
    left -= bytes;
  }
}

bool HasOwnValues(hid_t dataset, const std::string& where, int depth) {
  // The usual cases, asked first: an array's properties cost a tenth of what opening it does.
  // In one block (behind a user's own block at the start of a file, the offset of no values is not
  // undefined) ...
  if (H5Dget_offset(dataset) != HADDR_UNDEF && H5Dget_storage_size(dataset) > 0) return true;
  // ... or in chunks of which there is the first.
  constexpr std::array<hsize_t, H5S_MAX_RANK> kFirst = {};
  hsize_t bytes = 0;
  if (H5Dget_chunk_storage_size(dataset, kFirst.data(), &bytes) >= 0 && bytes > 0) return true;
  const Hdf5Id properties(Checked(H5Dget_create_plist(dataset), where, kLayout));
  const H5D_layout_t layout = Checked(H5Pget_layout(properties.get()), where, kLayout);
  if (layout == H5D_VIRTUAL) {
    CheckSources(dataset, where, depth);
    return true;
  }
  const int external = layout == H5D_CONTIGUOUS
                           ? Checked(H5Pget_external_count(properties.get()), where, kLayout)
                           : 0;
  if (external > 0) CheckExternalFiles(dataset, properties.get(), external, where);
  return H5Dget_storage_size(dataset) > 0;  // 0 on failure, too
}

/// The first filter that is missing in a virtual data set's sources; "" when there is none.
std::string FiltersMissingBelow(hid_t dataset, int depth) {
  std::string here = MissingFilters(dataset);
  const Hdf5Id properties(H5Dget_create_plist(dataset));
  const bool is_virtual = properties && H5Pget_layout(properties.get()) == H5D_VIRTUAL;
  if (!here.empty() || !is_virtual || depth == kDeepestSource) return here;
  Sources sources(dataset, FileNameOf(dataset));
  for (const Mapping& mapping : sources.Mappings()) {
    std::string why;
    const Hdf5Id source = sources.Open(Numbered(mapping.file, 0), Numbered(mapping.array, 0), why);
    std::string missing = source ? FiltersMissingBelow(source.get(), depth + 1) : "";
    if (!missing.empty()) return missing;
  }
  return "";
}

}  // namespace

bool HasValues(hid_t dataset, const std::string& where) { return HasOwnValues(dataset, where, 0); }

std::string WhyNotRead(hid_t dataset) {
  const std::string error = Hdf5Error();  // first: the next call clears it
  const std::string missing = FiltersMissingBelow(dataset, 0);
  return missing.empty() ? error : missing;
}

}  // namespace longplay
