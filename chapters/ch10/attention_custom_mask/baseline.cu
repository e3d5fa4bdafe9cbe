// Baseline: a dense mask. All tiles of keys are multiplied and the documents of every pair are compared, by the kernel
// of
// ../attention_ping_pong.hpp. What binds it: products of which nearly all are thrown away, and the comparisons.
#include "documents.hpp"

AISP_VARIANT(attention::WithinDocuments<attention::Lists::dense>, .about = "every tile of keys, each score masked");
