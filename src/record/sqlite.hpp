// The little of SQLite that the history needs, with errors as StoreError of one line.
#pragma once

#include "record/store_error.hpp"

#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace aisp::record {

// Another process has the database, and has had it for longer than is waited.
struct DatabaseBusy : StoreError {
  using StoreError::StoreError;
};

class Database {
 public:
  // ":memory:" is a database of its own that ends with this object. Waits up to ten seconds for other writers.
  explicit Database(const std::filesystem::path& file);

  // Replaces everything by what a file holds, which is neither locked nor written. What another process has not yet
  // brought from its log into the file is missing.
  void copy_from(const std::filesystem::path& file);

  void execute(const char* sql);
  std::int64_t integer(const char* sql);  // the first column of the first row; 0 without one
  std::string text(const char* sql);
  sqlite3* get() const { return db_.get(); }
  [[noreturn]] void fail() const;

 private:
  Database(std::string name, const std::string& opened, int flags);
  struct Close {
    void operator()(sqlite3* db) const { ::sqlite3_close_v2(db); }
  };
  std::string name_;
  std::unique_ptr<sqlite3, Close> db_;
};

class Statement {
 public:
  Statement(Database&, const char* sql);

  template <class... Values> Statement& bind(const Values&... values) {
    ::sqlite3_reset(statement_.get());
    int column = 0;
    (bind_one(++column, values), ...);
    return *this;
  }
  bool step();  // false after the last row
  void run() {
    while (step()) {
    }
  }

  std::string text(int column) const;
  double number(int column) const { return ::sqlite3_column_double(statement_.get(), column); }
  std::int64_t integer(int column) const { return ::sqlite3_column_int64(statement_.get(), column); }

 private:
  void bind_one(int column, std::string_view text) const;
  void bind_one(int column, double number) const { ::sqlite3_bind_double(statement_.get(), column, number); }
  void bind_one(int column, std::int64_t n) const { ::sqlite3_bind_int64(statement_.get(), column, n); }
  void bind_one(int column, std::uint64_t n) const { bind_one(column, static_cast<std::int64_t>(n)); }
  void bind_one(int column, int n) const { bind_one(column, std::int64_t{n}); }

  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { ::sqlite3_finalize(statement); }
  };
  Database& db_;
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

// Everything until commit() happens or nothing does. Takes the write lock at once, so that it cannot fail half way for
// another writer's sake.
class Transaction {
 public:
  explicit Transaction(Database& db) : db_(db) { db_.execute("BEGIN IMMEDIATE"); }
  ~Transaction() {
    if (!committed_) ::sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
  }
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit() {
    db_.execute("COMMIT");
    committed_ = true;
  }

 private:
  Database& db_;
  bool committed_ = false;
};

}  // namespace aisp::record
