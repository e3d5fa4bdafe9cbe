// Links when no_udev.cpp covers everything that this libhwloc.a asks of libudev.
#include <hwloc.h>

int main() {
  hwloc_topology_t topology = nullptr;
  return hwloc_topology_init(&topology) || hwloc_topology_load(topology);
}
