# SPDX-License-Identifier: MIT
# Imports a policy of zoo/ and plays its result again: cmake -DLONGPLAY= -DPOLICY= -DWORK= -P
file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
foreach(command "import;${POLICY};--out;${WORK}/run"
                "eval;--verify;${POLICY}/result.json;--run;${WORK}/run")
  execute_process(COMMAND ${LONGPLAY} ${command} RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "longplay ${command}: expected exit code 0, got ${status}")
  endif()
endforeach()
