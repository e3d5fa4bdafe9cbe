#include "record/sqlite.hpp"

#include "record/text.hpp"

#include <fmt/format.h>

namespace aisp::record {
namespace {
constexpr int kPatience = 10'000;  // milliseconds

// The folder without links, since SQLITE_OPEN_NOFOLLOW refuses a link anywhere in the path. The file itself must be
// none.
std::string resolved(const std::filesystem::path& file) {
  if (file == ":memory:") return file.string();
  std::error_code error;
  const auto folder = std::filesystem::canonical(std::filesystem::absolute(file).parent_path(), error);
  return error ? file.string() : (folder / file.filename()).string();
}
}  // namespace

Database::Database(const std::filesystem::path& file)
    : Database(file.string(), resolved(file), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOFOLLOW) {}

Database::Database(std::string name, const std::string& opened, int flags) : name_(std::move(name)) {
  sqlite3* db = nullptr;
  const int rc = ::sqlite3_open_v2(opened.c_str(), &db, flags, nullptr);
  db_.reset(db);
  if (rc != SQLITE_OK) fail();
  ::sqlite3_busy_timeout(db, kPatience);
  // The file may be anybody's: what its schema says is data, not code.
  ::sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  ::sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  ::sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
}

void Database::copy_from(const std::filesystem::path& file) {
  std::string uri = "file:";
  for (const char c : resolved(file))
    uri += c == '?' || c == '#' || c == '%' ? fmt::format("%{:02x}", c) : std::string(1, c);
  Database source(file.string(), uri + "?immutable=1", SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOFOLLOW);
  auto* copy = ::sqlite3_backup_init(db_.get(), "main", source.get(), "main");
  if (!copy) fail();
  ::sqlite3_backup_step(copy, -1);
  if (::sqlite3_backup_finish(copy) != SQLITE_OK)
    throw StoreError(source.name_ + ": " + shown(::sqlite3_errmsg(db_.get()), 200));
}

void Database::fail() const {
  const std::string why = db_ ? ::sqlite3_errmsg(db_.get()) : "out of memory";
  if (db_ && (::sqlite3_errcode(db_.get()) & 0xff) == SQLITE_BUSY) throw DatabaseBusy(name_ + ": " + shown(why, 200));
  throw StoreError(name_ + ": " + shown(why, 200));
}

void Database::execute(const char* sql) {
  if (::sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

std::int64_t Database::integer(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.integer(0) : 0;
}

std::string Database::text(const char* sql) {
  Statement statement(*this, sql);
  return statement.step() ? statement.text(0) : "";
}

Statement::Statement(Database& db, const char* sql) : db_(db) {
  sqlite3_stmt* statement = nullptr;
  if (::sqlite3_prepare_v2(db.get(), sql, -1, &statement, nullptr) != SQLITE_OK) db.fail();
  statement_.reset(statement);
}

bool Statement::step() {
  const int rc = ::sqlite3_step(statement_.get());
  if (rc != SQLITE_ROW && rc != SQLITE_DONE) db_.fail();
  return rc == SQLITE_ROW;
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(::sqlite3_column_text(statement_.get(), column));
  const int length = ::sqlite3_column_bytes(statement_.get(), column);
  return bytes ? std::string(bytes, static_cast<std::size_t>(length)) : "";
}

void Statement::bind_one(int column, std::string_view text) const {
  ::sqlite3_bind_text(statement_.get(), column, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

}  // namespace aisp::record
