// Neighbours: the same kernel, but blocks that need the same weights have numbers that follow each other. They then
// start at the same time on multiprocessors close to each other, whose requests for the same line reach the second
// cache level as one. Nothing asks for that, and nothing guarantees it. What binds it: shared memory, which takes every
// byte in and gives it out once.
#include "alone.hpp"

AISP_VARIANT(ch10::Alone<ch10::Neighbours::sequences_of_a_cell>, .about = "blocks of a cell side by side");
