# SPDX-License-Identifier: MIT
# What the Python wheel holds (python/pyproject.toml builds the target longplay_wheel and installs the
# component python):
#   longplay/liblongplay_*.so           the C interfaces
#   longplay/lib*.so.N                  small libraries of the system that they need
#   longplay/share/longplay/mjcf        task models
#   longplay/bin/longplay               the program, where LibTorch was found
# torch, mujoco and pyarrow are not copied: their wheels lie beside this one.

# Names a library of the system by what others look for, "libcsv.so.3", and installs it beside ours.
function(longplay_bring library)
  get_filename_component(real "${library}" REALPATH)
  execute_process(COMMAND ${CMAKE_OBJDUMP} -p "${real}" OUTPUT_VARIABLE header COMMAND_ERROR_IS_FATAL ANY)
  if(NOT header MATCHES "SONAME +([^\n]+)")
    return()   # an archive: it is inside already
  endif()
  install(FILES "${real}" DESTINATION . RENAME "${CMAKE_MATCH_1}" COMPONENT python)
endfunction()

# Where the wheels of others lie, seen from a file `up` folders below the packages' folder.
function(longplay_wheel_paths target up)
  set(own "$ORIGIN")
  if(up STREQUAL "../..")
    set(own "$ORIGIN/..")
  endif()
  set_target_properties(${target} PROPERTIES INSTALL_RPATH
    "${own};$ORIGIN/${up}/mujoco;$ORIGIN/${up}/pyarrow;$ORIGIN/${up}/torch/lib")
endfunction()

set(libraries longplay_c_data longplay_c_environments)
if(TARGET longplay_c_data_plain)
  list(APPEND libraries longplay_c_data_plain)
endif()
add_custom_target(longplay_wheel DEPENDS ${libraries})
if(TARGET longplay_acting)   # needs nothing beside it; a wheel has no links, so it gets its plain name
  add_dependencies(longplay_wheel longplay_acting)
  install(PROGRAMS $<TARGET_FILE:longplay_acting> RENAME liblongplay_acting.so DESTINATION . COMPONENT python)
endif()
foreach(library IN LISTS libraries)
  longplay_wheel_paths(${library} ..)
endforeach()
install(TARGETS ${libraries} LIBRARY DESTINATION . COMPONENT python)
longplay_bring("${LZF_LIBRARY}")
longplay_bring("${CSV_LIBRARY}")

if(TARGET longplay)
  add_dependencies(longplay_wheel longplay)
  longplay_wheel_paths(longplay ../..)
  install(TARGETS longplay RUNTIME DESTINATION bin COMPONENT python)
  get_target_property(yaml yaml-cpp LOCATION)
  longplay_bring("${yaml}")
endif()

set(models share/longplay/mjcf)
install(DIRECTORY "${LONGPLAY_DEPS_DIR}/gymnasium/envs/mujoco/assets"
        DESTINATION "${models}/gymnasium/envs/mujoco" COMPONENT python)
install(DIRECTORY "${LONGPLAY_DEPS_DIR}/dm_control/suite" DESTINATION "${models}/dm_control"
        COMPONENT python FILES_MATCHING PATTERN "*.xml" PATTERN "dog_assets" EXCLUDE)
install(DIRECTORY "${LONGPLAY_DEPS_DIR}/dm_control/third_party/kinova"
        DESTINATION "${models}/dm_control/third_party" COMPONENT python
        FILES_MATCHING PATTERN "*.xml" PATTERN "*.stl")
