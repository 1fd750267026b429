//! TLS toward peers (RFC 3261 §26.3.2.1, RFC 5922): the certificate's chain, its time and its name
//! are checked, and there is no setting that leaves any of it out.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, InvalidDnsNameError, ServerName, pem};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore};

/// What a peer's certificate must say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsPeer {
    /// The name in it: the trunk's domain (RFC 5922 §7.1), or its address.
    pub name: String,
    /// PEM: who may have signed it. `None` is whom the operating system trusts.
    pub authorities: Option<PathBuf>,
}

/// Why TLS cannot be spoken.
#[derive(Debug, thiserror::Error)]
pub enum TlsFault {
    /// A file of authorities that cannot be read.
    #[error("{path}: {source}")]
    Authorities {
        /// Which.
        path: PathBuf,
        /// What is wrong with it.
        source: pem::Error,
    },
    /// What the peer must be called is no name.
    #[error("{name:?} cannot stand in a certificate: {source}")]
    Name {
        /// What it is to be called.
        name: String,
        /// Why.
        source: InvalidDnsNameError,
    },
    /// Nobody is trusted.
    #[error("no certificate authority is trusted: neither a file nor the system has any")]
    NoAuthorities,
    /// The library refuses the settings.
    #[error(transparent)]
    Rustls(#[from] rustls::Error),
}

/// How TLS is spoken with this peer, and what it must be called.
pub(super) fn connector(peer: &TlsPeer) -> Result<(TlsConnector, ServerName<'static>), TlsFault> {
    let name = ServerName::try_from(peer.name.clone())
        .map_err(|source| TlsFault::Name { name: peer.name.clone(), source })?;
    let mut roots = RootCertStore::empty();
    match &peer.authorities {
        Some(path) => {
            let fault = |source| TlsFault::Authorities { path: path.clone(), source };
            for certificate in CertificateDer::pem_file_iter(path).map_err(fault)? {
                roots.add(certificate.map_err(fault)?)?;
            }
        }
        None => {
            // What of it cannot be read is left out; what is left must do.
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
        }
    }
    if roots.is_empty() {
        return Err(TlsFault::NoAuthorities);
    }
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok((TlsConnector::from(Arc::new(config)), name))
}
