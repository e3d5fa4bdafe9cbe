// A plot as data, drawn for a terminal or as a script for gnuplot. Pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace aisp::analysis {

struct PlotPoint {
  double x = 0, y = 0;
  double lo = 0, hi = 0;  // interval of x, on pictures alone; lo = hi: none
};

struct Series {
  std::string label;
  std::vector<PlotPoint> points;  // of a line in ascending x; those that an axis cannot show are left out
  bool line = true;               // else points alone
  bool bare = false;              // a line without marks at its points
  int colour = 0;                 // of gnuplot's sequence; 0 = the next one
};

struct Plot {
  std::string title, x_label, y_label;
  bool log_x = false, log_y = false;
  std::vector<Series> series{};
  std::vector<std::string> rows{};  // names of y = 0, 1, … from the top, in place of numbers; on pictures alone
};

// At most `width` columns, `height` lines for the drawing itself, then the labels of the series, each with its mark.
// Points are letters (a for the first series), lines between them dots. Ends with a newline; "" without a point.
std::string text_plot(const Plot&, int width, int height = 16);

// What gnuplot reads on its standard input; the picture goes to its standard output. `kind`: "svg" or "png".
std::string gnuplot_script(const Plot&, std::string_view kind);

}  // namespace aisp::analysis
