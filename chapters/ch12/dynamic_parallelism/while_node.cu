// The same loop as a conditional node of a graph, as in ch12:graph_conditional: no kernel launches another, the device
// repeats what was laid out before.
#include "../graph_conditional/while_node.cu"
