#include "pimjit/search/database/exchange.h"

#include <istream>
#include <ostream>

#include "pimjit/core/support/text.h"

namespace pimjit {
namespace {

constexpr size_t kLongestLine = size_t{1} << 20;  // bytes; hundreds of times what a record needs

// A line up to kLongestLine + 1 bytes; the rest of a longer one is dropped.
bool read_line(std::istream& in, std::string& line) {
  line.clear();
  int c = in.get();
  if (c == std::istream::traits_type::eof()) return false;
  for (; c != std::istream::traits_type::eof() && c != '\n'; c = in.get()) {
    if (line.size() <= kLongestLine) line += static_cast<char>(c);
  }
  if (!line.empty() && line.back() == '\r') line.pop_back();
  return true;
}

}  // namespace

Result<int64_t> export_records(const Database& database, std::ostream& out) {
  int64_t written = 0;
  const Status done = database.for_each([&](const Record& record) -> Status {
    out << to_json_line(record) << '\n';
    ++written;
    if (!out) return fail(user_error("unwritable_output", "the records could not be written"));
    return {};
  });
  if (!done) return fail(done.error());
  out.flush();
  if (!out) return fail(user_error("unwritable_output", "the records could not be written"));
  return written;
}

Result<Imported> import_records(const Database& database, std::istream& in) {
  Imported imported;
  std::vector<Record> records;
  std::string line;
  for (int64_t number = 1; read_line(in, line); ++number) {
    if (line.empty()) continue;
    ++imported.read;
    Result<Record> record =
        line.size() > kLongestLine
            ? Result<Record>(fail(user_error("bad_record", "this is no record: it is too long")))
            : from_json_line(line);
    if (record) {
      records.push_back(std::move(*record));
      continue;
    }
    ++imported.skipped_count;
    if (imported.skipped.size() < kSkippedShown) {
      imported.skipped.push_back(cat("line ", number, ": ", record.error().what));
    }
  }
  const Result<int64_t> added = database.add_all(records);
  if (!added) return fail(added.error());
  imported.added = *added;
  return imported;
}

Result<int64_t> merge_records(const Database& into, const Database& from) {
  std::vector<Record> records;
  const Status read = from.for_each([&records](const Record& record) -> Status {
    records.push_back(record);
    return {};
  });
  if (!read) return fail(read.error());
  return into.add_all(records);
}

}  // namespace pimjit
