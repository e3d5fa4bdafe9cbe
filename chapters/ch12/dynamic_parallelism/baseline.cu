// Baseline: the host fetches the flag after every pass and launches the next one, as in ch12:graph_conditional.
#include "../graph_conditional/baseline.cu"
