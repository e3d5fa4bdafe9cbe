# CUDA, when its toolkit is at hand: without it everything else builds and CUDA variants are left out.
# AISP_CUDA_ARCH: what variants are compiled for: the machine's own GPU when it has one, else Hopper (sm_90a).
# Sources that need Blackwell (named *_sm100.cu) are compiled for sm_100a whatever it says.
include(CheckLanguage)
option(AISP_CUDA "Build the CUDA parts when a CUDA toolkit is found" ON)
if(AISP_CUDA AND NOT AISP_SANITIZE)
  if(NOT CMAKE_CUDA_COMPILER AND NOT DEFINED ENV{CUDACXX} AND EXISTS /usr/local/cuda/bin/nvcc)
    set(CMAKE_CUDA_COMPILER /usr/local/cuda/bin/nvcc)
  endif()
  check_language(CUDA)
endif()
set(AISP_HAVE_CUDA OFF)
if(AISP_CUDA AND NOT AISP_SANITIZE AND CMAKE_CUDA_COMPILER)
  set(detected 90a)
  execute_process(COMMAND nvidia-smi --query-gpu=compute_cap --format=csv,noheader OUTPUT_VARIABLE capability
    ERROR_QUIET RESULT_VARIABLE no_gpu OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(no_gpu STREQUAL "0" AND capability MATCHES "^([0-9]+)\\.([0-9])")
    set(detected ${CMAKE_MATCH_1}${CMAKE_MATCH_2})
    if(detected GREATER_EQUAL 90)
      string(APPEND detected a)
    endif()
  endif()
  set(AISP_CUDA_ARCH ${detected} CACHE STRING "CUDA architecture of the variants: 80, 90a, 100a, …")
  set(CMAKE_CUDA_ARCHITECTURES OFF)  # given file by file below: CMake 3.25 knows neither nvcc 13 nor sm_90a
  set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
  enable_language(CUDA)
  foreach(kind STANDARD EXTENSION)  # before CMake 3.26
    if(NOT CMAKE_CUDA20_${kind}_COMPILE_OPTION)
      set(CMAKE_CUDA20_${kind}_COMPILE_OPTION "-std=c++20")
    endif()
  endforeach()
  if(CMAKE_CUDA_COMPILER_VERSION VERSION_LESS 13.0)
    message(STATUS "CUDA ${CMAKE_CUDA_COMPILER_VERSION} is too old (13.0 is needed): CUDA variants are left out")
  else()
    set(AISP_HAVE_CUDA ON)
    set(AISP_CUDA_VERSION ${CMAKE_CUDA_COMPILER_VERSION})
    set(AISP_BUILD_CUDA_ARCH ${AISP_CUDA_ARCH})
    find_package(CUDAToolkit REQUIRED)
    message(STATUS "CUDA ${CMAKE_CUDA_COMPILER_VERSION} for ${AISP_CUDA_ARCH}")
  endif()
else()
  message(STATUS "No CUDA toolkit: CUDA variants are left out")
endif()
set(AISP_CUDA_FLAGS -O3 -lineinfo --expt-relaxed-constexpr)  # baseline and optimized alike

# aisp_cuda_source(FILE [ARCH]): how one .cu file is compiled.
function(aisp_cuda_source file)
  set(arch ${AISP_CUDA_ARCH})
  if(ARGC GREATER 1)
    set(arch ${ARGV1})
  endif()
  set_property(SOURCE ${file} APPEND PROPERTY COMPILE_OPTIONS
    -gencode=arch=compute_${arch},code=sm_${arch} ${AISP_CUDA_FLAGS})
endfunction()

# aisp_device_launches(NAME OUT FILE...): sources that launch kernels from the device need relocatable code and the device
# runtime. They become objects of their own, linked for the device by themselves, so that no other kernel of the plugin
# NAME is compiled differently for their sake. OUT: what to build NAME from.
function(aisp_device_launches name out)
  set(launching "")
  foreach(file IN LISTS ARGN)
    file(STRINGS ${file} found REGEX "cudaStream(TailLaunch|FireAndForget)" LIMIT_COUNT 1)
    if(found)
      list(APPEND launching ${file})
    endif()
  endforeach()
  set(sources ${ARGN})
  if(launching)
    list(REMOVE_ITEM sources ${launching})
    set_property(SOURCE ${launching} APPEND PROPERTY COMPILE_OPTIONS -rdc=true --no-compress)  # list-kernels reads it
    add_library(${name}_launching OBJECT ${launching})
    set_target_properties(${name}_launching PROPERTIES CUDA_VISIBILITY_PRESET hidden)
    target_link_libraries(${name}_launching PRIVATE aisp_flags)
    set(linked ${CMAKE_CURRENT_BINARY_DIR}/${name}_launching.device.o)
    add_custom_command(OUTPUT ${linked} DEPENDS ${name}_launching $<TARGET_OBJECTS:${name}_launching>
      COMMAND ${CMAKE_CUDA_COMPILER} -gencode=arch=compute_${AISP_CUDA_ARCH},code=sm_${AISP_CUDA_ARCH} -lineinfo
        -Xcompiler=-fPIC -dlink $<TARGET_OBJECTS:${name}_launching> -lcudadevrt -o ${linked}
      COMMAND_EXPAND_LISTS VERBATIM COMMENT "Linking device code of ${name}")
    list(APPEND sources $<TARGET_OBJECTS:${name}_launching> ${linked})
  endif()
  set(${out} ${sources} PARENT_SCOPE)
endfunction()
