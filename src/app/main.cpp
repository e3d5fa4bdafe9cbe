// The aisp command line.
#include "app/options.hpp"

int main(int argc, char** argv) { return aisp::app::run(argc, argv); }
