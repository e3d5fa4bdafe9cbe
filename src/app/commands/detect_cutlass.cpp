// aisp utils detect-cutlass: where CUTLASS lies, which version, what of it is there.
#include "app/commands/utils.hpp"
#include "app/names.hpp"
#include "app/output.hpp"
#include "app/print.hpp"
#include "tools/cutlass.hpp"

#include <fmt/format.h>

namespace aisp::app {
namespace {

int detect_cutlass(const Context& context) {
  const auto places = tools::cutlass_places();
  const auto found = tools::find_cutlass(places);
  if (context.json) {
    Json document{{"found", Json::array()}, {"tried", Json::array()}};
    for (const auto& f : found)
      document["found"].push_back({{"include", f.place.include.string()},
                                   {"through", f.place.why},
                                   {"version", f.version},
                                   {"features", f.features}});
    for (const auto& p : places) document["tried"].push_back(p.include.string());
    print_json(document);
    return kOk;
  }
  if (found.empty()) {
    print_out("no CUTLASS in {} places (--json lists them). It is a library of headers: CUTLASS_DIR names its folder\n",
              places.size());
    return kOk;
  }
  std::vector<std::vector<std::string>> rows{{"version", "include folder", "through", "has"}};
  for (const auto& f : found)
    rows.push_back(
        {f.version, one_line(f.place.include.string()), f.place.why, fmt::format("{}", fmt::join(f.features, ", "))});
  print_out("{}", aligned(rows));
  return kOk;
}

// What the help ends with.
constexpr const char* kMethod =
    R"(Method: looks for cutlass/version.h below CUTLASS_DIR, CUTLASS_PATH, CUTLASS_HOME, the CUDA toolkit, the system's
include folders, /opt/cutlass*, the current folder, home, and Python packages that carry it; reads the version there.)";

}  // namespace

void add_detect_cutlass(CLI::App& utils, Context& context) {
  add_tool(utils, context, "detect-cutlass", "Where CUTLASS lies, which version, what of it is there", kMethod,
           "aisp utils detect-cutlass --json", [&context] { return detect_cutlass(context); });
}

}  // namespace aisp::app
