#include "app/result_table.hpp"

#include "app/print.hpp"
#include "app/terminal.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace aisp::app {

std::vector<analysis::Row> table_of(const record::RunData& data) {
  std::vector<analysis::Row> rows;
  for (const auto& evidence : data.evidence)
    for (auto& row : analysis::rows_of(evidence, data.verdict_of(evidence.target))) rows.push_back(std::move(row));
  return rows;
}

void print_table(const std::vector<analysis::Row>& rows) {
  print_out("{}\n", analysis::render_table(rows, stdout_columns(), stdout_wants_colour()));
  std::fflush(stdout);
}

}  // namespace aisp::app
