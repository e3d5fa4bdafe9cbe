// The reference of workload.cpp on the device.
#include "../graph_conditional/reference.cu"
