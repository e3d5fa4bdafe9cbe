// The five functions of libudev that a statically linked libhwloc asks for, as on a machine without udev: hwloc then
// leaves out the names of disks. libudev itself comes as a shared library only.
extern "C" {

void* udev_new() { return nullptr; }
void* udev_unref(void*) { return nullptr; }
void* udev_device_new_from_subsystem_sysname(void*, const char*, const char*) { return nullptr; }
const char* udev_device_get_property_value(void*, const char*) { return nullptr; }
void* udev_device_unref(void*) { return nullptr; }

}  // extern "C"
