#pragma once

#include <memory>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

namespace tocsin::http {

using key_ptr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using certificate_ptr = std::unique_ptr<X509, decltype(&X509_free)>;

/// A certificate for this name ("DNS:…" or "IP:…"), signed by itself and valid for an hour.
inline certificate_ptr certify(EVP_PKEY* key, const char* name) {
  certificate_ptr out(X509_new(), X509_free);
  X509_set_version(out.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), -60);
  X509_gmtime_adj(X509_getm_notAfter(out.get()), 3600);
  X509_set_pubkey(out.get(), key);
  X509_NAME* subject = X509_get_subject_name(out.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(out.get(), subject);
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, name);
  X509_add_ext(out.get(), names, -1);
  X509_EXTENSION_free(names);
  X509_sign(out.get(), key, EVP_sha256());
  return out;
}

} // namespace tocsin::http
