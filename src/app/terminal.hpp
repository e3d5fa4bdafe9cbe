// What the streams lead to: how wide it is, and whether it shows colour and can redraw a line.
#pragma once

namespace aisp::app {

bool stderr_is_terminal();   // and not TERM=dumb, so that a line can be redrawn
bool stderr_wants_colour();  // on such a terminal, unless NO_COLOR is set to something
bool stdout_wants_colour();

int stderr_columns();
int stdout_columns();  // of the terminal; 160 when the output goes elsewhere
int table_columns();   // of the terminal; no limit when the output goes elsewhere: there a row is one line

}  // namespace aisp::app
