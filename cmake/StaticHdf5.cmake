# SPDX-License-Identifier: MIT
# longplay_static_hdf5: HDF5 from libhdf5.a, so that a library of ours brings it along instead of the
# system's and the thirty libraries (network, cryptography) that Debian's is linked with.
#
# Debian compiles the archive for programs, not for shared libraries: what keeps it out of one is only
# that it takes the addresses of stdio's streams. They get names that stand in our own library.
find_file(HDF5_STATIC_LIBRARY NAMES libhdf5.a libhdf5_serial.a
          PATH_SUFFIXES hdf5/serial ${CMAKE_LIBRARY_ARCHITECTURE} ${CMAKE_LIBRARY_ARCHITECTURE}/hdf5/serial
          PATHS /usr/lib /usr/local/lib NO_CMAKE_FIND_ROOT_PATH)
find_library(SZ_STATIC_LIBRARY NAMES libsz.a)
find_library(AEC_STATIC_LIBRARY NAMES libaec.a)
if(NOT HDF5_STATIC_LIBRARY OR NOT SZ_STATIC_LIBRARY OR NOT AEC_STATIC_LIBRARY)
  message(FATAL_ERROR "LONGPLAY_WHEEL: expected libhdf5.a, libsz.a and libaec.a; Debian has them in "
          "libhdf5-dev and libaec-dev")
endif()

set(archive "${PROJECT_BINARY_DIR}/hdf5/libhdf5.a")
file(MAKE_DIRECTORY "${PROJECT_BINARY_DIR}/hdf5")
add_custom_command(OUTPUT "${archive}" DEPENDS "${HDF5_STATIC_LIBRARY}" VERBATIM
  COMMAND ${CMAKE_OBJCOPY} --redefine-sym stderr=longplay_hdf5_stderr
          --redefine-sym stdout=longplay_hdf5_stdout "${HDF5_STATIC_LIBRARY}" "${archive}")
file(CONFIGURE OUTPUT "${PROJECT_BINARY_DIR}/hdf5/streams.c" @ONLY CONTENT
"#include <stdio.h>
FILE *longplay_hdf5_stderr, *longplay_hdf5_stdout;
__attribute__((constructor)) static void SetStreams(void) {
  longplay_hdf5_stderr = stderr;
  longplay_hdf5_stdout = stdout;
}
")
add_library(longplay_hdf5_streams OBJECT "${PROJECT_BINARY_DIR}/hdf5/streams.c")
target_compile_options(longplay_hdf5_streams PRIVATE -fPIC -fvisibility=hidden)
add_custom_target(longplay_hdf5_archive DEPENDS "${archive}")
add_library(longplay_static_hdf5 INTERFACE)
add_dependencies(longplay_static_hdf5 longplay_hdf5_archive)
target_link_libraries(longplay_static_hdf5 INTERFACE
  $<TARGET_OBJECTS:longplay_hdf5_streams> "${archive}" "${SZ_STATIC_LIBRARY}" "${AEC_STATIC_LIBRARY}"
  ZLIB::ZLIB ${CMAKE_DL_LIBS} m)
target_link_options(longplay_static_hdf5 INTERFACE LINKER:--exclude-libs,ALL)
