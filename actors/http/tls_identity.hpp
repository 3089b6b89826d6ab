#pragma once

#include "config/result.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>

struct ssl_ctx_st;

namespace tocsin::http {

/// The certificate and key that a server shows, from two PEM files. Connections take what is in
/// force when they begin and keep it, so that a reload disturbs none.
///
/// 1. TLS 1.2 and 1.3, forward secrecy and AEAD only, no renegotiation, no compression.
/// 2. A key with a passphrase is an error: nobody is asked for one.
/// 3. Any thread may call anything.
class tls_identity {
public:
  /// The certificate's file holds the chain behind it, too. The error names the file.
  static result<std::shared_ptr<tls_identity>> load(std::string certificate_file,
                                                    std::string key_file);

  /// Reads both files again. After an error what was in force stays.
  status reload();

  std::shared_ptr<ssl_ctx_st> context() const;
  /// Unix time, in seconds, at which the certificate in force ends.
  std::int64_t expires_s() const;

private:
  tls_identity(std::string certificate_file, std::string key_file)
      : certificate_file_(std::move(certificate_file)), key_file_(std::move(key_file)) {}

  const std::string certificate_file_, key_file_;
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_;
  std::int64_t expires_s_ = 0;
};

} // namespace tocsin::http
