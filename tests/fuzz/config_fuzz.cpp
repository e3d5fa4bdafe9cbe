// Whatever a settings file holds, it is read or refused by CLI11's error with a message of one line.
#include "app/config_file.hpp"

#include <cstdlib>
#include <sstream>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream text(std::string(reinterpret_cast<const char*>(data), size));
  try {
    aisp::app::ConfigFile().from_config(text);
  } catch (const CLI::Error& error) {
    if (std::string(error.what()).find('\n') != std::string::npos) std::abort();
  }
  return 0;
}
