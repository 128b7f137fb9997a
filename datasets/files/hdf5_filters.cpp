// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_filters.h"

#include <lzf.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string_view>

#include "datasets/data_error.h"
#include "datasets/files/hdf5_call.h"

namespace longplay {
namespace {

constexpr H5Z_filter_t kLzf = 32000;

struct NamedFilter {
  H5Z_filter_t id;
  std::string_view name;
};

// Of HDF5's list of registered filters; szip is left out of some builds.
constexpr std::array kFilters = {
    NamedFilter{H5Z_FILTER_SZIP, "SZIP"},
    NamedFilter{305, "LZO"},
    NamedFilter{307, "bzip2"},
    NamedFilter{kLzf, "LZF"},
    NamedFilter{32001, "Blosc"},
    NamedFilter{32004, "LZ4"},
    NamedFilter{32008, "bitshuffle"},
    NamedFilter{32013, "ZFP"},
    NamedFilter{32015, "Zstandard"},
    NamedFilter{32017, "SZ"},
    NamedFilter{32019, "JPEG"},
    NamedFilter{32024, "SZ3"},
    NamedFilter{32026, "Blosc2"},
    NamedFilter{32028, "SPERR"},
};

/// "Zstandard (filter 32015)"; others as the file calls them.
std::string FilterName(H5Z_filter_t id, const char* in_file) {
  const auto* known = std::ranges::find(kFilters, id, &NamedFilter::id);
  const std::string number = "filter " + std::to_string(id);
  const std::string name = known != kFilters.end() ? std::string(known->name) : in_file;
  return name.empty() ? number : name + " (" + number + ")";
}

/// Decompresses a chunk, as h5py's own decoder does. 0 = failure. HDF5 wants the memory from its
/// allocator.
size_t DecompressLzf(unsigned flags, size_t count, const unsigned* options, size_t bytes,
                     size_t* buffer_size, void** buffer) {
  if ((flags & H5Z_FLAG_REVERSE) == 0) return 0;  // compressing
  // The third option is the size of a chunk; very old files lack it. LZF makes 264 bytes of 3 at
  // most.
  size_t size = count > 2 && options[2] > 0 ? options[2] : 8 * bytes;
  for (const size_t most = std::max(size, 128 * bytes); size <= most; size *= 2) {
    void* const plain = H5allocate_memory(size, false);
    if (plain == nullptr) return 0;
    const unsigned done =
        lzf_decompress(*buffer, static_cast<unsigned>(bytes), plain, static_cast<unsigned>(size));
    if (done > 0) {
      H5free_memory(*buffer);
      *buffer = plain;
      *buffer_size = size;
      return done;
    }
    H5free_memory(plain);
    if (errno != E2BIG) return 0;  // damaged
  }
  return 0;
}

}  // namespace

void RegisterFilters() {
  static const H5Z_class2_t lzf = {
      H5Z_CLASS_T_VERS, kLzf,    0 /* compresses */, 1 /* decompresses */, "lzf",
      nullptr,          nullptr, DecompressLzf};
  static const herr_t once = Checked(H5Zregister(&lzf), "HDF5", "the LZF filter");
  static_cast<void>(once);
}

std::string MissingFilters(hid_t dataset) {
  const Hdf5Id properties(H5Dget_create_plist(dataset));
  const int count = properties ? H5Pget_nfilters(properties.get()) : 0;
  std::string names;
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, config = 0;
    size_t no_options = 0;
    std::array<char, 64> name{};
    const H5Z_filter_t id =
        H5Pget_filter2(properties.get(), static_cast<unsigned>(i), &flags, &no_options, nullptr,
                       name.size() - 1, name.data(), &config);
    // Looks among the plug-ins, too.
    if (id < 0 || H5Zfilter_avail(id) > 0) continue;
    names += (names.empty() ? "" : ", ") + FilterName(id, name.data());
  }
  if (names.empty()) return "";
  return "values compressed by " + names +
         ", for which HDF5 finds no plug-in: name its folder in HDF5_PLUGIN_PATH, or rewrite the "
         "file "
         "where there is one: h5repack -f GZIP=4 " +
         FileNameOf(dataset) + " OUT";
}

}  // namespace longplay
