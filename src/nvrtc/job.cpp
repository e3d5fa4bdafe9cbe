#include "nvrtc/job.hpp"

#include "nvrtc/library.hpp"

#include <fstream>

namespace aisp::nvrtc {

// One "key value" a line.
void write_job(const std::filesystem::path& file, const Job& job) {
  std::ofstream out(file);
  const auto line = [&](const char* key, const std::string& value) {
    if (value.find('\n') != std::string::npos) throw Error(file.string() + ": a name or path holds a line break");
    out << key << ' ' << value << '\n';
  };
  line("library", job.library);
  line("name", job.name);
  line("headers", job.headers);
  for (const auto& option : job.options) line("option", option);
  if (!out.flush()) throw Error(file.string() + " cannot be written");
}

Job read_job(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw Error(file.string() + " cannot be read");
  Job job;
  for (std::string line; std::getline(in, line);) {
    const auto space = line.find(' ');
    const auto key = line.substr(0, space), value = space == std::string::npos ? "" : line.substr(space + 1);
    if (key == "library")
      job.library = value;
    else if (key == "name")
      job.name = value;
    else if (key == "headers")
      job.headers = value;
    else if (key == "option")
      job.options.push_back(value);
    else
      throw Error(file.string() + " is no job: '" + line + "'");
  }
  return job;
}

}  // namespace aisp::nvrtc
