// A plugin of another ABI version.
#include <aisp/plugin.h>
extern "C" __attribute__((visibility("default"))) const aisp_plugin* aisp_plugin_v1() {
  static const aisp_plugin plugin{0, 0, nullptr};
  return &plugin;
}
