// Workload libraries: opened by the judge's process, because the problem belongs to the judge.
#pragma once

#include <aisp/workload.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace aisp::app {

// Opens libraries on first use and keeps them until it dies; entries point into them.
class WorkloadLibraries {
 public:
  explicit WorkloadLibraries(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The declaration of `target` in library `file` ("ch09.so"). Throws std::runtime_error when the library cannot be
  // opened, does not export aisp_workloads_v1, or declares the target not exactly once.
  const WorkloadEntry& find(const std::string& file, const std::string& target);
  // Every declaration of that name, in the order of the library: calibration declares one problem per duration.
  std::vector<WorkloadEntry> all(const std::string& file, const std::string& target);

 private:
  const std::vector<WorkloadEntry>& open(const std::string& file);

  struct Close {
    void operator()(void* handle) const;
  };
  struct Library {
    std::unique_ptr<void, Close> handle;
    const std::vector<WorkloadEntry>* entries = nullptr;
  };
  std::filesystem::path folder_;
  std::map<std::string, Library> open_;
};

}  // namespace aisp::app
