#include "actors/http/tls_identity.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

namespace tocsin::http {

namespace {

// Of TLS 1.2; all of TLS 1.3 is sane.
constexpr const char* ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

error cannot_use(std::string_view what, const std::string& file, std::string_view why) {
  return {fmt::format("cannot use the {} in {}: {}", what, file, why)};
}

std::string openssl_reason() {
  const auto code = ERR_peek_last_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return reason == nullptr ? "it cannot be read" : reason;
}

int no_passphrase(char*, int, int, void*) {
  return -1;
}

// Takes HTTP/1.1 where a client offers protocols; one that offers only others is told at its first
// request.
int choose_protocol(SSL*, const unsigned char** out, unsigned char* out_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char ours[] = "\x08http/1.1";
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_size, ours, sizeof ours - 1, offered, offered_size) !=
      OPENSSL_NPN_NEGOTIATED)
    return SSL_TLSEXT_ERR_NOACK;
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

std::shared_ptr<SSL_CTX> empty_context() {
  const std::shared_ptr<SSL_CTX> ctx(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!ctx)
    return ctx;
  SSL_CTX_set_min_proto_version(ctx.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(ctx.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_cipher_list(ctx.get(), ciphers);
  // Tickets resume sessions without memory of ours.
  SSL_CTX_set_session_cache_mode(ctx.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(ctx.get(), choose_protocol, nullptr);
  SSL_CTX_set_default_passwd_cb(ctx.get(), no_passphrase);
  return ctx;
}

status check_readable(std::string_view what, const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rb"),
                                                             std::fclose);
  struct stat about {};
  if (!file || fstat(fileno(file.get()), &about) != 0)
    return cannot_use(what, path, std::strerror(errno));
  if (!S_ISREG(about.st_mode))
    return cannot_use(what, path, "it is no file");
  if (what == "key" && (about.st_mode & (S_IRGRP | S_IROTH)) != 0)
    spdlog::warn("the key file {} can be read by other users; try: chmod 600 {}", path, path);
  return done{};
}

result<std::shared_ptr<SSL_CTX>> read_context(const std::string& certificate,
                                              const std::string& key) {
  for (const auto& [what, path] : {std::pair("certificate", certificate), std::pair("key", key)})
    if (const auto s = check_readable(what, path); !s)
      return s.failure();
  ERR_clear_error();
  auto ctx = empty_context();
  if (!ctx)
    return error{"TLS cannot be set up: " + openssl_reason()};
  if (SSL_CTX_use_certificate_chain_file(ctx.get(), certificate.c_str()) != 1)
    return cannot_use("certificate", certificate, openssl_reason());
  if (SSL_CTX_use_PrivateKey_file(ctx.get(), key.c_str(), SSL_FILETYPE_PEM) != 1 &&
      ERR_GET_LIB(ERR_peek_last_error()) != ERR_LIB_X509)
    return cannot_use("key", key, openssl_reason() + " (a key with a passphrase is not taken)");
  if (SSL_CTX_check_private_key(ctx.get()) != 1)
    return cannot_use("key", key, "it does not belong to the certificate in " + certificate);
  return ctx;
}

std::int64_t end_of(const SSL_CTX* ctx) {
  std::tm end{};
  const X509* shown = SSL_CTX_get0_certificate(ctx);
  return shown != nullptr && ASN1_TIME_to_tm(X509_get0_notAfter(shown), &end) == 1 ? timegm(&end)
                                                                                   : 0;
}

} // namespace

result<std::shared_ptr<tls_identity>> tls_identity::load(std::string certificate_file,
                                                         std::string key_file) {
  std::shared_ptr<tls_identity> made(
      new tls_identity(std::move(certificate_file), std::move(key_file)));
  if (const auto s = made->reload(); !s)
    return s.failure();
  return made;
}

status tls_identity::reload() {
  auto next = read_context(certificate_file_, key_file_);
  if (!next)
    return next.failure();
  const auto expires_s = end_of(next->get());
  if (expires_s < std::time(nullptr))
    spdlog::warn("the certificate in {} has expired: clients will refuse it", certificate_file_);
  const std::lock_guard lock(mutex_);
  context_.swap(*next);
  expires_s_ = expires_s;
  return done{};
}

std::shared_ptr<ssl_ctx_st> tls_identity::context() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

std::int64_t tls_identity::expires_s() const {
  const std::lock_guard lock(mutex_);
  return expires_s_;
}

} // namespace tocsin::http
