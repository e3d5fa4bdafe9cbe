// One measurement at a time per device of a host, across users and folders.
#pragma once

#include "record/descriptor.hpp"

#include <filesystem>
#include <functional>
#include <stdexcept>
#include <string>

namespace aisp::record {

// Who holds a lock, as that process wrote it. Other users can write that file, so this is for display only.
struct Holder {
  int pid = 0;               // 0 = unknown
  std::string command;       // printable ASCII, at most 200 characters
  std::string text() const;  // "process 4711 (aisp bench run)"
};

struct DeviceBusy : std::runtime_error {
  explicit DeviceBusy(const std::string& device, const Holder&);
};

class DeviceLock {
 public:
  // Called when the device is busy and then about every 100 ms; false gives up (DeviceBusy is thrown).
  using OnWait = std::function<bool(const Holder&)>;

  // `device` is "cpu" or "cuda0"; released when the object or its process ends. Without `wait`, a busy device throws
  // DeviceBusy at once. A lock file that is not a plain file of its own (a symbolic or hard link) throws StoreError.
  static DeviceLock acquire(const std::string& device, bool wait, const OnWait& on_wait = {},
                            const std::filesystem::path& folder = shared_folder());

  // The same for every user of the host: /run/lock or /tmp, whichever is first a world-writable folder with the sticky
  // bit; else XDG_RUNTIME_DIR, which excludes only one's own processes.
  static std::filesystem::path shared_folder();

 private:
  explicit DeviceLock(Descriptor file) : file_(std::move(file)) {}
  Descriptor file_;
};

}  // namespace aisp::record
