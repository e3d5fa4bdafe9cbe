// Block lists: only tiles of keys that have a document in common with the queries are fetched, and only those with a
// border in them masked. Effect: the work falls with the share of pairs that are seen. What binds it: the tensor cores.
// Spills: three registers around the borders of documents at dim 64, where three warpgroups have 160 registers each.
#include "documents.hpp"

AISP_VARIANT(attention::WithinDocuments<attention::Lists::sparse>, .about = "only tiles of keys that are seen");
