#include "config/secret_reader.hpp"

#include "config/byte_order_mark.hpp"
#include "config/control_character.hpp"
#include "config/json_text.hpp"
#include "config/value_reader.hpp"

#include <fmt/format.h>

namespace tocsin {

namespace {

constexpr std::size_t secret_bytes_max = 4'096;

std::string_view first_line(std::string_view text) {
  auto line = without_byte_order_mark(text);
  line = line.substr(0, line.find('\n'));
  if (line.ends_with('\r'))
    line.remove_suffix(1);
  return line;
}

} // namespace

std::string object_to_secret(std::string_view text) {
  if (text.empty())
    return "is empty";
  if (text.size() > secret_bytes_max)
    return fmt::format("is longer than {} characters", secret_bytes_max);
  return holds_control_character(text) ? "holds a control character" : "";
}

std::optional<json_cursor> secret_reader::at(std::string_view key) const {
  const auto* member = object_.node().find(key);
  return member ? std::optional(object_.child(*member)) : std::nullopt;
}

std::string secret_reader::read(const secret_keys& keys) {
  std::string out;
  const auto given = at(keys.key);
  if (given)
    if (const auto text = read_text(*given, problems_))
      out = take(keys, given->place(), fmt::format("the {}", keys.key), *text);
  const auto in_file = at(keys.file_key);
  const auto path = in_file ? read_text(*in_file, problems_) : std::nullopt;
  if (!path)
    return out;
  if (given) {
    problems_.error(in_file->place(),
                    fmt::format("`{}` stands here too: keep one of them", keys.key));
    return {};
  }
  const auto found = file(*in_file, *path);
  if (!found)
    return {};
  warn_if_open(*in_file, *found);
  return take(keys, in_file->place(),
              fmt::format("the {} in {}", keys.key, quote_for_people(found->path)),
              first_line(found->text));
}

std::string secret_reader::take(const secret_keys& keys, const origin& where,
                                const std::string& what, std::string_view text) {
  if (const auto objection = keys.objection(text); !objection.empty()) {
    problems_.error(where, fmt::format("{} {}", what, objection));
    return {};
  }
  if (const auto doubt = keys.doubt ? keys.doubt(text) : std::string(); !doubt.empty())
    problems_.warn(where, fmt::format("{} {}", what, doubt));
  return std::string(text);
}

std::string secret_reader::read_authorities(std::optional<bool> tls) {
  warn_without_tls("caFile", tls, "authorities are asked about");
  return read_pem("caFile", "-----BEGIN", "certificate");
}

client_certificate secret_reader::read_certificate(std::optional<bool> tls) {
  warn_without_tls("certFile", tls, "certificates are shown over");
  client_certificate out{read_pem("certFile", "-----BEGIN CERTIFICATE", "certificate"),
                         read_pem("keyFile", "PRIVATE KEY-----", "private key")};
  for (const auto& [one, other] : {std::pair("certFile", "keyFile"), {"keyFile", "certFile"}})
    if (const auto given = at(one); given && !at(other))
      problems_.error(given->place(), fmt::format("`{}` is missing: a certificate and its key go "
                                                  "together",
                                                  other));
  return out;
}

std::string secret_reader::read_pem(std::string_view key, std::string_view begin,
                                    std::string_view what) {
  const auto given = at(key);
  const auto path = given ? read_text(*given, problems_) : std::nullopt;
  const auto found = path ? file(*given, *path) : std::nullopt;
  if (!found)
    return {};
  if (found->text.find(begin) == std::string::npos)
    problems_.error(given->place(),
                    fmt::format("{} holds no {} in PEM form", quote_for_people(found->path), what));
  if (key == "keyFile")
    warn_if_open(*given, *found);
  return found->path;
}

// None without a source of files, and with an error.
std::optional<named_file> secret_reader::file(const json_cursor& at, const std::string& path) {
  if (!files_)
    return std::nullopt;
  auto found = files_(path);
  if (found)
    return std::move(*found);
  problems_.error(at.place(),
                  fmt::format("{}: {}", quote_for_people(path), found.failure().message));
  return std::nullopt;
}

void secret_reader::warn_if_open(const json_cursor& at, const named_file& found) {
  if (found.open_to_others)
    problems_.warn(at.place(), fmt::format("{} can be read by other users; try: chmod 600",
                                           quote_for_people(found.path)));
}

void secret_reader::warn_without_tls(std::string_view key, std::optional<bool> tls,
                                     std::string_view what) {
  if (const auto given = at(key); given && tls == false)
    problems_.warn(given->place(), fmt::format("{} https:// only: this does nothing", what));
}

} // namespace tocsin
