# SPDX-License-Identifier: MIT
# Installs the tree, builds the outside program against it, trains a tiny policy with the installed
# program and asks for an action: cmake -DBUILD=<build> -DSOURCE=<source> -P run.cmake
set(work "${BUILD}/install_test")
file(REMOVE_RECURSE "${work}")

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE error)
  if(NOT status EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\n${output}\n${error}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

run(${CMAKE_COMMAND} --install "${BUILD}" --prefix "${work}/prefix")
run(${CMAKE_COMMAND} -S "${SOURCE}/tests/install" -B "${work}/outside" -G Ninja
    -DCMAKE_BUILD_TYPE=Release "-DCMAKE_PREFIX_PATH=${work}/prefix")
run(${CMAKE_COMMAND} --build "${work}/outside")
set(longplay "${work}/prefix/bin/longplay")
run(${longplay} collect --env dm_control/cartpole-swingup-v0 --algorithm random --steps 200
    --action-repeat 50 --out "${work}/data.hdf5")
run(${longplay} train --data "${work}/data.hdf5" train.steps=2 model.width=16 model.heads=2
    --out "${work}/run")
run("${work}/outside/outside" "${work}/run")
if(NOT output MATCHES "action -?[0-9]")
  message(FATAL_ERROR "expected an action, got: ${output}")
endif()
run(${longplay} eval "${work}/run" --seeds 2 --episodes 1)
file(REMOVE_RECURSE "${work}")
