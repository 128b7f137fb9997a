// SPDX-License-Identifier: MIT
#include "datasets/files/hdf5_call.h"

#include <hdf5.h>

#include <algorithm>
#include <string_view>

namespace longplay {
namespace {

/// Keeps the first description of a walk through the error stack.
herr_t Take(unsigned /*depth*/, const H5E_error2_t* error, void* text) {
  // A filter is looked for among the plug-ins before the error that names it.
  const bool says_something = error->desc != nullptr && *error->desc != '\0';
  if (!says_something || error->maj_num == H5E_PLUGIN) return 0;
  *static_cast<std::string*>(text) = error->desc;
  return 1;  // enough
}

// Every file is closed by its owner. The library's own closing at exit would write again what did not
// fit on a full disk, and crash (HDF5 1.10.8). Has to come before its first call.
[[maybe_unused]] const herr_t kNothingAtExit = H5dont_atexit();

/// "file write failed: File too large" of a description that goes on with time, file, buffer ...
std::string Short(const std::string& text) {
  const size_t details = text.find(": time = ");
  if (details == std::string::npos) return text;
  constexpr std::string_view kReason = "error message = '";
  const size_t reason = text.find(kReason);
  if (reason == std::string::npos) return text.substr(0, details);
  const size_t first = reason + kReason.size();
  return text.substr(0, details) + ": " + text.substr(first, text.find('\'', first) - first);
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; }

}  // namespace

std::string Hdf5Error() {
  // From the innermost call outwards: the first text is the one nearest to the cause.
  std::string text;
  if (H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, Take, &text) < 0 || text.empty()) {
    return "an error of HDF5 without a description";
  }
  std::ranges::replace_if(text, IsControl, ' ');  // some have the time in them, with its line end
  return "an error of HDF5: " + Short(text);
}

void SilenceHdf5() {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);  // the one failure that nothing can be done about
}

}  // namespace longplay
