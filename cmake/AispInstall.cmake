# cmake --install: bin/aisp, the helpers in libexec/aisp, plugins, headers, data, and the package for find_package(aisp).
# The paths are fixed below the prefix, not taken from GNUInstallDirs: aisp finds its parts from where it lies itself,
# so that the whole tree can be moved.
include(CMakePackageConfigHelpers)

install(TARGETS aisp RUNTIME DESTINATION bin)
install(TARGETS aisp-worker aisp-replay aisp-meddler RUNTIME DESTINATION libexec/aisp)
get_property(plugins GLOBAL PROPERTY AISP_PLUGINS)
foreach(plugin IN LISTS plugins)
  string(REGEX REPLACE "_.*" "" kind ${plugin})  # workloads_ch09, variants_ch09
  install(TARGETS ${plugin} LIBRARY DESTINATION lib/aisp/${kind})
endforeach()
install(FILES ${CMAKE_BINARY_DIR}/share/aisp/targets.json DESTINATION share/aisp)
install(DIRECTORY chapters DESTINATION share/aisp FILES_MATCHING PATTERN "*.cpp" PATTERN "*.cu" PATTERN "*.md" PATTERN "*.h" PATTERN "*.hpp" PATTERN "expectations_*.json" PATTERN "*.golden")
install(DIRECTORY attacks DESTINATION share/aisp FILES_MATCHING PATTERN "*.txt" PATTERN "CMakeLists.txt" EXCLUDE)
install(FILES LICENSE DESTINATION share/doc/aisp)

add_library(aisp_headers INTERFACE)
set_target_properties(aisp_headers PROPERTIES EXPORT_NAME aisp)
target_include_directories(aisp_headers INTERFACE $<INSTALL_INTERFACE:include>)
install(DIRECTORY include/aisp DESTINATION include)
install(TARGETS aisp_headers EXPORT aispTargets)
install(EXPORT aispTargets NAMESPACE aisp:: DESTINATION lib/cmake/aisp)
configure_package_config_file(cmake/aispConfig.cmake.in ${CMAKE_BINARY_DIR}/aispConfig.cmake
  INSTALL_DESTINATION lib/cmake/aisp)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/aispConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/aispConfig.cmake ${CMAKE_BINARY_DIR}/aispConfigVersion.cmake cmake/AispVariant.cmake
  DESTINATION lib/cmake/aisp)
