#include "app/workloads.hpp"

#include <dlfcn.h>

#include <stdexcept>

namespace aisp::app {

void WorkloadLibraries::Close::operator()(void* handle) const { ::dlclose(handle); }

const std::vector<WorkloadEntry>& WorkloadLibraries::open(const std::string& file) {
  const auto known = open_.find(file);
  if (known != open_.end()) return *known->second.entries;

  const std::string path = (folder_ / file).string();
  Library library;
  library.handle.reset(::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!library.handle) throw std::runtime_error(std::string("workload library cannot be opened: ") + ::dlerror());
  using List = const std::vector<WorkloadEntry>* (*)();
  const auto list = reinterpret_cast<List>(::dlsym(library.handle.get(), AISP_WORKLOADS_SYMBOL));
  if (!list) throw std::runtime_error(path + " is no workload library: it does not export " AISP_WORKLOADS_SYMBOL);
  library.entries = list();
  return *open_.emplace(file, std::move(library)).first->second.entries;
}

std::vector<WorkloadEntry> WorkloadLibraries::all(const std::string& file, const std::string& target) {
  std::vector<WorkloadEntry> found;
  for (const auto& entry : open(file))
    if (entry.target == target) found.push_back(entry);
  return found;
}

const WorkloadEntry& WorkloadLibraries::find(const std::string& file, const std::string& target) {
  const WorkloadEntry* found = nullptr;
  for (const auto& entry : open(file)) {
    if (entry.target != target) continue;
    if (found) throw std::runtime_error("workload " + target + " is declared twice in " + file);
    found = &entry;
  }
  if (!found) throw std::runtime_error("workload " + target + " is not declared in " + file);
  return *found;
}

}  // namespace aisp::app
