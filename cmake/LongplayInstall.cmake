# SPDX-License-Identifier: MIT
# `cmake --install`: the program, public headers, libraries, a package config, and what they need at run
# time (LibTorch, MuJoCo, the task models), so that the tree works when this checkout is gone.
include(CMakePackageConfigHelpers)
include(public_headers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/longplay")
set(bundle_dir "${CMAKE_INSTALL_LIBDIR}/longplay")

set_target_properties(longplay PROPERTIES INSTALL_RPATH "$ORIGIN/../${bundle_dir}")
install(TARGETS longplay RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install(TARGETS longplay_datasets longplay_env longplay_model longplay_agent
        EXPORT longplayTargets ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(EXPORT longplayTargets NAMESPACE longplay:: DESTINATION "${package_dir}")
# C interfaces of data sets and environments: headers that include nothing of ours.
set_target_properties(longplay_c_data longplay_c_environments PROPERTIES
                      INSTALL_RPATH "$ORIGIN/longplay")
install(TARGETS longplay_c_data longplay_c_environments LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install(FILES runtime/data/longplay_data.h runtime/environments/longplay_environments.h
        DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
foreach(header IN LISTS LONGPLAY_PUBLIC_HEADERS)
  get_filename_component(folder "${header}" DIRECTORY)
  install(FILES "${header}" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/longplay/${folder}")
endforeach()

# Shared libraries and headers of the pinned parts.
file(GLOB torch_libraries "${LibTorch_ROOT}/lib/libtorch.so*" "${LibTorch_ROOT}/lib/libtorch_c*.so*"
     "${LibTorch_ROOT}/lib/libc10*.so*" "${LibTorch_ROOT}/lib/libgomp*.so*"
     "${LibTorch_ROOT}/lib/libshm.so*")
install(FILES ${torch_libraries} "${MuJoCo_LIBRARY}" DESTINATION "${bundle_dir}")
if(Arrow_FOUND)
  install(FILES "${Arrow_LIBRARY}" "${Arrow_PARQUET_LIBRARY}" DESTINATION "${bundle_dir}")
  get_filename_component(arrow_name "${Arrow_LIBRARY}" NAME)
  get_filename_component(parquet_name "${Arrow_PARQUET_LIBRARY}" NAME)
endif()
get_filename_component(mujoco_name "${MuJoCo_LIBRARY}" NAME)
install(DIRECTORY "${LibTorch_INCLUDE_DIR}/" DESTINATION "${bundle_dir}/include/torch")
install(DIRECTORY "${MuJoCo_INCLUDE_DIR}/mujoco" DESTINATION "${bundle_dir}/include")

# Task models, laid out as in the packages they come from.
install(DIRECTORY "${LONGPLAY_DEPS_DIR}/gymnasium/envs/mujoco/assets"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/longplay/mjcf/gymnasium/envs/mujoco")
install(DIRECTORY "${LONGPLAY_DEPS_DIR}/dm_control/suite"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/longplay/mjcf/dm_control"
        FILES_MATCHING PATTERN "*.xml" PATTERN "*.stl" PATTERN "*.png" PATTERN "*.obj")
install(DIRECTORY "${LONGPLAY_DEPS_DIR}/dm_control/third_party/kinova"
        DESTINATION "${CMAKE_INSTALL_DATADIR}/longplay/mjcf/dm_control/third_party"
        FILES_MATCHING PATTERN "*.xml" PATTERN "*.stl")

configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/longplayConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/longplayConfig.cmake" INSTALL_DESTINATION "${package_dir}")
write_basic_package_version_file("${PROJECT_BINARY_DIR}/longplayConfigVersion.cmake"
  VERSION "${PROJECT_VERSION}" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/longplayConfig.cmake"
              "${PROJECT_BINARY_DIR}/longplayConfigVersion.cmake" DESTINATION "${package_dir}")
