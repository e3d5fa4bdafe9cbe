// A shared library that is no plugin.
extern "C" __attribute__((visibility("default"))) int aisp_unrelated() { return 1; }
