# CUTLASS, for the peers that stand on it (peer_cutlass.cu): headers alone, found by the code of `aisp utils detect-cutlass`.
# AISP_CUTLASS: its folder, or that of its headers; OFF leaves these peers out; empty: wherever it lies.
# Sets AISP_CUTLASS_INCLUDE: the headers' folder, or empty.
set(AISP_CUTLASS "" CACHE STRING "Folder of CUTLASS; empty: where `aisp utils detect-cutlass` finds it; OFF: without")
set(AISP_CUTLASS_INCLUDE "")
if(AISP_HAVE_CUDA AND (AISP_CUTLASS STREQUAL "" OR AISP_CUTLASS))
  set(finder ${CMAKE_BINARY_DIR}/find-cutlass/find_cutlass)
  set(finder_sources ${CMAKE_SOURCE_DIR}/cmake/find_cutlass.cpp ${CMAKE_SOURCE_DIR}/src/tools/cutlass.cpp)
  foreach(source IN LISTS finder_sources)
    if(${source} IS_NEWER_THAN ${finder})
      try_compile(AISP_CUTLASS_FINDER ${CMAKE_BINARY_DIR}/find-cutlass SOURCES ${finder_sources}
        CMAKE_FLAGS -DINCLUDE_DIRECTORIES=${CMAKE_SOURCE_DIR}/src COPY_FILE ${finder})
      break()
    endif()
  endforeach()
  execute_process(COMMAND ${finder} ${AISP_CUTLASS} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    OUTPUT_VARIABLE AISP_CUTLASS_INCLUDE ERROR_QUIET RESULT_VARIABLE nowhere)
  if(AISP_CUTLASS AND NOT nowhere STREQUAL "0")
    message(FATAL_ERROR "AISP_CUTLASS is '${AISP_CUTLASS}', where no headers of CUTLASS for Hopper lie")
  endif()
endif()
if(AISP_CUTLASS_INCLUDE)
  message(STATUS "CUTLASS in ${AISP_CUTLASS_INCLUDE}")
elseif(AISP_HAVE_CUDA)
  message(STATUS "No CUTLASS (or none wanted): peers named cutlass are left out")
endif()

# aisp_cutlass_source(FILE): a .cu file that includes CUTLASS's headers, as a system's: its warnings are its own.
function(aisp_cutlass_source file)
  if(NOT AISP_CUTLASS_INCLUDE IN_LIST CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES)  # those are found, and must keep their order
    set_property(SOURCE ${file} APPEND PROPERTY COMPILE_OPTIONS -isystem=${AISP_CUTLASS_INCLUDE})
  endif()
endfunction()
