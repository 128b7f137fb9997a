// SPDX-License-Identifier: MIT
// model/memory/memory_meter.h for ctypes.
#include "model/memory/memory_meter.h"

extern "C" {
void longplay_install_memory_meter() { longplay::InstallMemoryMeter(); }
int64_t longplay_current_tensor_bytes() { return longplay::CurrentTensorBytes(); }
int64_t longplay_peak_tensor_bytes() { return longplay::PeakTensorBytes(); }
void longplay_reset_peak_tensor_bytes() { longplay::ResetPeakTensorBytes(); }
}
