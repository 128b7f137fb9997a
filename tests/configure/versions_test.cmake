# SPDX-License-Identifier: MIT
# Which versions of MuJoCo configuring accepts: cmake -DSOURCE=<tree> -DWORK=<folder> -P ...
# expect(NUMBER OUTCOME [cmake options]): a header of that number; "accepted", or part of the message.
function(expect number outcome)
  file(REMOVE_RECURSE "${WORK}")
  file(WRITE "${WORK}/mujoco/include/mujoco/mujoco.h" "#define mjVERSION_HEADER ${number}\n")
  file(WRITE "${WORK}/mujoco/libmujoco.so.0" "")
  execute_process(COMMAND ${CMAKE_COMMAND} -S "${SOURCE}/tests/configure" -B "${WORK}/build"
                          "-DSOURCE=${SOURCE}" "-DCMAKE_PREFIX_PATH=${WORK}" ${ARGN}
                  OUTPUT_VARIABLE text ERROR_VARIABLE text RESULT_VARIABLE status)
  if(status EQUAL 0)
    set(text "accepted")
  endif()
  string(REGEX REPLACE "[ \n]+" " " text "${text}")
  if(NOT text MATCHES "${outcome}")
    message(FATAL_ERROR "MuJoCo ${number}: expected ${outcome}, got ${text}")
  endif()
endfunction()

expect(3017000 "^accepted")
expect(3017001 "^accepted")
expect(337 "MuJoCo 3.3.7 .* was never tested")
expect(337 "^accepted" -DLONGPLAY_ANY_MUJOCO=ON)
expect(4000000 "MuJoCo 4.0.0 .* computes wrong accelerations")
expect(4000000 "MuJoCo 4.0.0 .* computes wrong accelerations" -DLONGPLAY_ANY_MUJOCO=ON)
expect(4000001 "MuJoCo 4.0.1 .* was never tested")
