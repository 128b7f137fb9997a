/* SPDX-License-Identifier: MIT */
/* The interface is C99, and its header may be included twice. */
#include "runtime/data/longplay_data.h"
#include "runtime/data/longplay_data.h"

int longplay_data_in_c(void) {
  longplay_dataset* data;
  const char* path = "hopper.hdf5";
  if (longplay_dataset_open(&path, 1, NULL, &data) != LONGPLAY_DATA_OK) return 1;
  longplay_dataset_close(data);
  return 0;
}
