// SPDX-License-Identifier: MIT
#pragma once

#include <hdf5.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "datasets/files/hdf5_call.h"
#include "datasets/files/hdf5_id.h"

namespace longplay {

// Which places of an array a virtual data set takes from its source, and gives to its own.

inline constexpr char kLayout[] = "a readable layout";

using Extent = std::vector<hsize_t>;

inline Extent ExtentOf(hid_t space, const std::string& where) {
  Extent sizes(Checked(H5Sget_simple_extent_ndims(space), where, kLayout));
  Checked(H5Sget_simple_extent_dims(space, sizes.data(), nullptr), where, kLayout);
  return sizes;
}

inline hsize_t Product(const Extent& sizes) {
  hsize_t product = 1;
  for (const hsize_t size : sizes) product *= size;
  return product;
}

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

inline Selection SelectionOf(const Hdf5Id& space, const std::string& where) {
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

/// A part of a virtual data set: where it comes from.
struct Mapping {
  std::string file, array;  // names; in numbered ones %b stands for the number
  Selection to, from;
};

}  // namespace longplay
