# cmake --install: bin/aisp, libexec/aisp/aisp-worker, plugins, headers, data, and the package for find_package(aisp).
include(GNUInstallDirs)
