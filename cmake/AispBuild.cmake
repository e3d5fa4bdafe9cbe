# Compiler settings shared by everything, and the one way to declare a library of src/.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g")
if(AISP_SANITIZE)
  set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1")  # line numbers are what a report needs
  set(AISP_UNHURRIED -O0)               # for code that is slower to compile than to run: tests, command line, JSON
endif()
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

# A compiler cache, where there is one: what was compiled in another checkout or build folder is not compiled again.
find_program(AISP_CCACHE ccache)
if(AISP_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${AISP_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

add_library(aisp_flags INTERFACE)
target_compile_options(aisp_flags INTERFACE
  $<$<COMPILE_LANGUAGE:CXX,C>:-Wall;-Wextra;-Wpedantic;-Wshadow;-Wconversion;-Wno-sign-conversion;-Werror>
  $<$<COMPILE_LANG_AND_ID:CXX,Clang>:-Wno-c99-extensions;-Wno-missing-field-initializers>  # libseccomp's macros
  $<$<COMPILE_LANGUAGE:CUDA>:-Xcompiler=-Wall,-Wextra,-Werror;--Werror=all-warnings>)
target_include_directories(aisp_flags INTERFACE ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
if(AISP_SANITIZE STREQUAL "address")
  target_compile_options(aisp_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_link_options(aisp_flags INTERFACE -fsanitize=address,undefined)
  target_compile_definitions(aisp_flags INTERFACE AISP_NO_CLONES AISP_SANITIZED)
elseif(AISP_SANITIZE STREQUAL "thread")
  target_compile_options(aisp_flags INTERFACE -fsanitize=thread)
  target_link_options(aisp_flags INTERFACE -fsanitize=thread)
  target_compile_definitions(aisp_flags INTERFACE AISP_NO_CLONES AISP_SANITIZED)
elseif(AISP_SANITIZE)
  message(FATAL_ERROR "AISP_SANITIZE is '${AISP_SANITIZE}'; it must be address, thread or empty")
endif()

# aisp_library(NAME [LIBS...]): a static library of every .cpp in the current folder.
function(aisp_library name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_main\\.cpp$")
  if(NOT sources)
    add_library(${name} INTERFACE)
    target_link_libraries(${name} INTERFACE aisp_flags aisp_fmt ${ARGN})
    return()
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC aisp_flags aisp_fmt ${ARGN})
endfunction()
