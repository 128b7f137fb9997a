// SPDX-License-Identifier: MIT
// model/memory/memory_meter.h for ctypes; and for whole programs: with LD_PRELOAD of this library and
// LONGPLAY_METER=FOLDER every process leaves the most bytes that its tensors held in FOLDER/<its id>.
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include "model/memory/memory_meter.h"

extern "C" {
void longplay_install_memory_meter() { longplay::InstallMemoryMeter(); }
int64_t longplay_current_tensor_bytes() { return longplay::CurrentTensorBytes(); }
int64_t longplay_peak_tensor_bytes() { return longplay::PeakTensorBytes(); }
void longplay_reset_peak_tensor_bytes() { longplay::ResetPeakTensorBytes(); }
}

namespace {

/// Counts from before main until the process ends.
struct WholeProcess {
  WholeProcess() {
    if (std::getenv("LONGPLAY_METER") != nullptr) longplay::InstallMemoryMeter();
  }
  ~WholeProcess() {
    const char* folder = std::getenv("LONGPLAY_METER");
    if (folder == nullptr) return;
    std::ofstream(folder + ("/" + std::to_string(getpid()))) << longplay::PeakTensorBytes();
  }
} whole_process;

}  // namespace
