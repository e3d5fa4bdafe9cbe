// Any text as preprocessed C or C++: the scan ends, and what it names is short and printable.
#include "validity/source_switches.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace aisp::validity;
  const std::string text(reinterpret_cast<const char*>(data), size);
  renames_lines(text);
  for (const auto language : {Language::c, Language::cpp}) {
    const auto all = source_switches(text, language, [](const std::string& file) { return file.starts_with("/usr/"); });
    if (all.size() > 64) std::abort();
    for (const auto& s : all) {
      if (s.text.empty() || s.text.size() > 200) std::abort();
      for (const unsigned char c : s.text)
        if (c < 0x20 || c >= 0x7f) std::abort();
    }
  }
  return 0;
}
