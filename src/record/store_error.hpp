// The one exception of everything that keeps files.
#pragma once

#include <stdexcept>

namespace aisp::record {

// A file or folder that cannot be read, written or found. One line; the command line ends with exit 2.
struct StoreError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A file that could not be written for want of room or a fault of the disk: no bad input, exit 6.
struct WriteError : StoreError {
  using StoreError::StoreError;
};

}  // namespace aisp::record
