//! TLS for helpdesks: rustls with ring, the public roots compiled in, and one more authority where configured.
//!
//! The platform's verifier is not used: an image from scratch has no certificate store.

use std::error::Error;
use std::io;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::SetupError;

/// Whether a cause of a failed request is that the host's certificate is not trusted. Causes of a connection come inside
/// of I/O errors, one in another, which do not name them among their sources.
pub(super) fn is_distrust(cause: &(dyn Error + 'static)) -> bool {
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return error.get_ref().is_some_and(|inner| is_distrust(inner));
    }
    matches!(cause.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
}

/// Builds the configuration; `extra_ca` holds certificates in PEM.
pub(super) fn client_config(extra_ca: Option<&str>) -> Result<ClientConfig, SetupError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    if let Some(pem) = extra_ca {
        let mut count = 0;
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate = certificate.map_err(|_| SetupError::Ca)?;
            roots.add(certificate).map_err(|_| SetupError::Ca)?;
            count += 1;
        }
        if count == 0 {
            return Err(SetupError::Ca);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|_| SetupError::Tls)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::*;

    #[test]
    fn a_certificate_that_is_not_trusted_is_found_inside_of_other_errors_and_no_other_error_is_taken_for_it()
    {
        let unknown = || rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        let inside = || io::Error::new(io::ErrorKind::InvalidData, unknown());
        assert!(
            is_distrust(&unknown()) && is_distrust(&inside()) && is_distrust(&io::Error::other(inside()))
        );
        let broken = io::Error::other(rustls::Error::DecryptError);
        assert!(!is_distrust(&broken) && !is_distrust(&io::Error::from(io::ErrorKind::ConnectionReset)));
    }
}
