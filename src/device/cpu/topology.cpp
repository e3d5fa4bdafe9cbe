#include "device/cpu/topology.hpp"

#include <hwloc.h>

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

// hwloc's static library refers to libudev, which it asks for the vendor names of disks and network cards and does
// without when udev_new() gives nothing. Those devices are filtered out below, so these stand in for libudev and spare
// the binary a run-time dependency. They have to be in this file: the linker takes it for discover_topology().
#ifdef AISP_HWLOC_STATIC
extern "C" {
struct udev;
struct udev_device;
udev* udev_new(void);
udev* udev_unref(udev*);
udev_device* udev_device_new_from_subsystem_sysname(udev*, const char*, const char*);
const char* udev_device_get_property_value(udev_device*, const char*);
udev_device* udev_device_unref(udev_device*);

udev* udev_new(void) { return nullptr; }
udev* udev_unref(udev*) { return nullptr; }
udev_device* udev_device_new_from_subsystem_sysname(udev*, const char*, const char*) { return nullptr; }
const char* udev_device_get_property_value(udev_device*, const char*) { return nullptr; }
udev_device* udev_device_unref(udev_device*) { return nullptr; }
}
#endif

namespace aisp::device {
namespace {

struct Destroy {
  void operator()(hwloc_topology* t) const { hwloc_topology_destroy(t); }
};

int numa_node_of(hwloc_topology_t topology, hwloc_obj_t pu) {
  for (hwloc_obj_t node = nullptr; (node = hwloc_get_next_obj_by_type(topology, HWLOC_OBJ_NUMANODE, node));)
    if (hwloc_bitmap_isset(node->cpuset, pu->os_index)) return static_cast<int>(node->logical_index);
  return 0;
}

// Hides the user's HWLOC_* from hwloc and gives them back afterwards, for programs that this one starts.
class WithoutVariables {
 public:
  WithoutVariables() {
    for (const auto& name : ignored_variables()) {
      kept_.emplace_back(name, std::getenv(name.c_str()));
      unsetenv(name.c_str());
    }
    setenv("HWLOC_PLUGINS_PATH", "/dev/null", 1);  // its plugins look for GPUs and displays; not wanted here
  }
  ~WithoutVariables() {
    unsetenv("HWLOC_PLUGINS_PATH");
    for (const auto& [name, value] : kept_) setenv(name.c_str(), value.c_str(), 1);
  }
  WithoutVariables(const WithoutVariables&) = delete;
  WithoutVariables& operator=(const WithoutVariables&) = delete;

 private:
  std::vector<std::pair<std::string, std::string>> kept_;
};

}  // namespace

std::vector<std::string> ignored_variables() {
  std::vector<std::string> names;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view line = *entry;
    if (line.starts_with("HWLOC_")) names.emplace_back(line.substr(0, line.find('=')));
  }
  return names;
}

Topology discover_topology(const char* synthetic) {
  const WithoutVariables hidden;
  hwloc_topology_t raw = nullptr;
  if (hwloc_topology_init(&raw)) throw std::runtime_error("hwloc cannot be initialised");
  const std::unique_ptr<hwloc_topology, Destroy> topology(raw);
  hwloc_topology_set_io_types_filter(raw, HWLOC_TYPE_FILTER_KEEP_NONE);
  if (synthetic && hwloc_topology_set_synthetic(raw, synthetic))
    throw std::runtime_error("hwloc does not understand the topology '" + std::string(synthetic) + "'");
  if (hwloc_topology_load(raw)) throw std::runtime_error("hwloc cannot read the topology of this machine");

  Topology found;
  const auto count = [&](hwloc_obj_type_t type) { return std::max(0, hwloc_get_nbobjs_by_type(raw, type)); };
  found.packages = count(HWLOC_OBJ_PACKAGE);
  found.cores = count(HWLOC_OBJ_CORE);
  found.logical = count(HWLOC_OBJ_PU);
  found.numa_nodes = count(HWLOC_OBJ_NUMANODE);

  for (hwloc_obj_t pu = nullptr; (pu = hwloc_get_next_obj_by_type(raw, HWLOC_OBJ_PU, pu));) {
    const hwloc_obj_t core = hwloc_get_ancestor_obj_by_type(raw, HWLOC_OBJ_CORE, pu);
    const int kind = hwloc_cpukinds_get_by_cpuset(raw, pu->cpuset, 0);
    int efficiency = -1;  // −1: hwloc could not rank the kinds
    if (kind >= 0) hwloc_cpukinds_get_info(raw, static_cast<unsigned>(kind), nullptr, &efficiency, nullptr, nullptr, 0);
    found.cpus.push_back({.cpu = static_cast<int>(pu->os_index),
                          .core = static_cast<int>(core ? core->logical_index : pu->logical_index),
                          .numa_node = numa_node_of(raw, pu),
                          .efficiency = std::max(0, efficiency)});
  }
  std::sort(found.cpus.begin(), found.cpus.end(), [](auto& a, auto& b) { return a.cpu < b.cpu; });

  for (hwloc_obj_t obj = hwloc_get_obj_by_type(raw, HWLOC_OBJ_PU, 0); obj; obj = obj->parent)
    if (hwloc_obj_type_is_dcache(obj->type) && obj->attr->cache.size)
      found.caches.push_back({.level = static_cast<int>(obj->attr->cache.depth),
                              .bytes = obj->attr->cache.size,
                              .shared_by = hwloc_bitmap_weight(obj->cpuset)});
  return found;
}

}  // namespace aisp::device
