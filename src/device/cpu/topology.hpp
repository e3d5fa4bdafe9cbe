// Processor topology through hwloc (https://www.open-mpi.org/projects/hwloc/).
#pragma once

#include "device/cpu/facts.hpp"

namespace aisp::device {

struct Topology {
  int packages = 0, cores = 0, logical = 0, numa_nodes = 0;
  std::vector<LogicalCpu> cpus;
  std::vector<CacheLevel> caches;  // on the path of the first core, data and unified ones, L1d first
};

// This machine's, or a synthetic one in hwloc's notation ("pack:2 core:4 pu:2") for tests. Throws std::runtime_error.
// Variables of the environment that begin with HWLOC_ could describe another machine; they have no effect here.
Topology discover_topology(const char* synthetic = nullptr);

}  // namespace aisp::device
