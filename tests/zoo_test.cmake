# SPDX-License-Identifier: MIT
# A policy of zoo/ does what its record says: imported, played again, compared.
#   cmake -DPROGRAM=<longplay> -DPOLICY=<folder in zoo/> -DWORK=<folder> -P zoo_test.cmake
function(run)
  execute_process(COMMAND ${ARGV} OUTPUT_VARIABLE told ERROR_VARIABLE told RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGV}:\n${told}")
  endif()
endfunction()

file(REMOVE_RECURSE "${WORK}")
run(${PROGRAM} import "${POLICY}" --out "${WORK}")
run(${PROGRAM} eval --verify "${POLICY}/result.json" --run "${WORK}")

# Small enough for a repository.
file(SIZE "${POLICY}/model.safetensors" bytes)
if(bytes GREATER 1048576)
  message(FATAL_ERROR "${POLICY}: expected at most 1 MiB of weights, got ${bytes} bytes")
endif()
