// SPDX-License-Identifier: MIT
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace longplay {

/// {"longplay": "0.2.0", "libtorch": .., "mujoco": .., "hdf5": ..}, each as text. MuJoCo's and
/// HDF5's are those of the libraries loaded, the others those it was compiled with.
nlohmann::json Versions();

/// The name of this machine's processor, or "unknown".
std::string Processor();

}  // namespace longplay
