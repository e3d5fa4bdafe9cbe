// The problem of ch12:graph_conditional: passes over a forest until one changes nothing.
#include "../graph_conditional/workload.cpp"
