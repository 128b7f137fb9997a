// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_sources.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <string_view>
#include <utility>
#include <vector>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_call.h"
#include "datasets/files/hdf5_filters.h"
#include "datasets/files/hdf5_reason.h"
#include "datasets/files/hdf5_selection.h"

namespace longplay {
namespace {

namespace fs = std::filesystem;

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

// ---- Virtual data sets ------------------------------------------------------------------------

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

// ---- Which files these are --------------------------------------------------------------------

/// All files that one takes values from, found link by link.
class OtherFiles {
 public:
  explicit OtherFiles(const std::function<void()>& alive) : alive_(alive) {}

  std::vector<std::string> Of(const std::string& path) {
    left_ = {path};
    opened_ = {fs::weakly_canonical(path).string()};
    while (!left_.empty()) {
      const std::string next = std::exchange(left_.back(), "");
      left_.pop_back();
      std::string why;
      const Hdf5Id file = OpenHdf5File(next, why);
      if (file) H5Lvisit(file.get(), H5_INDEX_NAME, H5_ITER_NATIVE, Visit, this);
    }
    return {found_.begin(), found_.end()};
  }

 private:
  /// H5Lvisit calls this, which is no place for exceptions: what cannot be looked at names no file.
  static herr_t Visit(hid_t group, const char* name, const H5L_info_t* info, void* self) {
    try {
      auto& files = *static_cast<OtherFiles*>(self);
      files.alive_();
      if (info->type == H5L_TYPE_EXTERNAL) files.AddLink(group, name, info->u.val_size);
      if (info->type == H5L_TYPE_HARD) files.AddObject(Hdf5Id(H5Oopen(group, name, H5P_DEFAULT)));
    } catch (const std::exception&) {
    }
    return 0;
  }

  void AddLink(hid_t group, const char* name, size_t size) {
    std::vector<char> value(size + 1, '\0');
    unsigned flags = 0;
    const char *file = nullptr, *target = nullptr;
    if (H5Lget_val(group, name, value.data(), size, H5P_DEFAULT) < 0) return;
    if (H5Lunpack_elink_val(value.data(), size, &flags, &file, &target) < 0) return;
    const char* folders = std::getenv("HDF5_EXT_PREFIX");
    AddHdf5(PlacesOf(file, FileNameOf(group), folders == nullptr ? "" : folders));
  }

  void AddObject(const Hdf5Id& array) {
    if (!array || H5Iget_type(array.get()) != H5I_DATASET) return;
    const std::string path = FileNameOf(array.get());
    const Hdf5Id properties(Checked(H5Dget_create_plist(array.get()), path, kLayout));
    const H5D_layout_t layout = H5Pget_layout(properties.get());
    if (layout == H5D_VIRTUAL) AddSources(Sources(array.get(), path), path);
    if (layout != H5D_CONTIGUOUS) return;
    const fs::path folder = FoldersOf("HDF5_EXTFILE_PREFIX", path);
    const int count = H5Pget_external_count(properties.get());
    for (int i = 0; i < count; ++i) {
      const auto slice = ExternalFileOf(properties.get(), static_cast<unsigned>(i), path);
      if (fs::exists(folder / slice.name)) found_.insert(fs::absolute(folder / slice.name));
    }
  }

  void AddSources(const Sources& sources, const std::string& path) {
    const std::string folders = FoldersOf("HDF5_VDS_PREFIX", path);
    for (const Mapping& mapping : sources.Mappings()) {
      if (mapping.file == ".") continue;
      const bool numbered = Numbered(mapping.file, 0) != Numbered(mapping.file, 1);
      // Numbered ones: until so many in a row are missing.
      for (hsize_t number = 0, missing = 0; missing <= (numbered ? kNumbersBehind : 0); ++number) {
        const bool is_there = AddHdf5(PlacesOf(Numbered(mapping.file, number), path, folders));
        missing = is_there && numbered ? 0 : missing + 1;
      }
    }
  }

  /// The first that is there; false = none.
  bool AddHdf5(const std::vector<std::string>& places) {
    std::error_code ignored;
    const auto place = std::ranges::find_if(
        places, [&](const std::string& each) { return fs::is_regular_file(each, ignored); });
    if (place == places.end()) return false;
    found_.insert(fs::absolute(*place));
    if (opened_.insert(fs::weakly_canonical(*place).string()).second) left_.push_back(*place);
    return true;
  }

  const std::function<void()>& alive_;
  std::set<std::string> found_, opened_;
  std::vector<std::string> left_;  // to be looked into
};

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

std::vector<std::string> OtherFilesOf(const std::string& path, const std::function<void()>& alive) {
  return OtherFiles(alive).Of(path);
}

std::string WhyNotRead(hid_t dataset) {
  const std::string error = Hdf5Error();  // first: the next call clears it
  const std::string missing = FiltersMissingBelow(dataset, 0);
  return missing.empty() ? error : missing;
}

}  // namespace longplay
