# Libraries that are linked statically, so that the binaries run on another Linux with nothing installed.
# Where a distribution has no archive the shared library stays.
find_library(AISP_SECCOMP_ARCHIVE libseccomp.a HINTS ${SECCOMP_LIBRARY_DIRS})
if(AISP_SECCOMP_ARCHIVE)
  set_target_properties(PkgConfig::SECCOMP PROPERTIES INTERFACE_LINK_LIBRARIES ${AISP_SECCOMP_ARCHIVE})
endif()

find_library(AISP_SQLITE_ARCHIVE libsqlite3.a HINTS ${SQLITE_LIBRARY_DIRS})
if(AISP_SQLITE_ARCHIVE)
  set_target_properties(PkgConfig::SQLITE PROPERTIES INTERFACE_LINK_LIBRARIES "${AISP_SQLITE_ARCHIVE};m;${CMAKE_DL_LIBS}")
endif()

find_library(AISP_ZLIB_ARCHIVE libz.a HINTS ${ZLIB_LIBRARY_DIRS})
if(AISP_ZLIB_ARCHIVE)
  set_target_properties(ZLIB::ZLIB PROPERTIES IMPORTED_LOCATION ${AISP_ZLIB_ARCHIVE} IMPORTED_LOCATION_RELEASE ${AISP_ZLIB_ARCHIVE})
endif()
find_library(AISP_SODIUM_ARCHIVE libsodium.a HINTS ${SODIUM_LIBRARY_DIRS})
if(AISP_SODIUM_ARCHIVE)
  set_target_properties(PkgConfig::SODIUM PROPERTIES INTERFACE_LINK_LIBRARIES ${AISP_SODIUM_ARCHIVE})
endif()

# libhwloc asks libudev for the names of disks, which has no archive and which aisp has no use for: see no_udev.cpp.
find_library(AISP_HWLOC_ARCHIVE libhwloc.a HINTS ${HWLOC_LIBRARY_DIRS})
if(AISP_HWLOC_ARCHIVE)
  set(no_udev ${CMAKE_SOURCE_DIR}/src/device/cpu/hwloc/no_udev.cpp)
  try_compile(AISP_HWLOC_STATIC ${CMAKE_BINARY_DIR}/try-hwloc
    SOURCES ${CMAKE_SOURCE_DIR}/cmake/try_hwloc.cpp ${no_udev}
    LINK_LIBRARIES ${AISP_HWLOC_ARCHIVE} m ${CMAKE_DL_LIBS})
endif()
if(AISP_HWLOC_STATIC)
  add_library(aisp_no_udev STATIC ${no_udev})
  set_target_properties(PkgConfig::HWLOC PROPERTIES
    INTERFACE_LINK_LIBRARIES "${AISP_HWLOC_ARCHIVE};aisp_no_udev;m;${CMAKE_DL_LIBS}")
endif()
