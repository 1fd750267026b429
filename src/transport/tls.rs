//! TLS toward peers (RFC 3261 §26.3.2.1, RFC 5922): the certificate's chain, its time and its name
//! are checked, and there is no setting that leaves any of it out.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{
    CertificateDer, InvalidDnsNameError, PrivateKeyDer, ServerName, pem,
};
use tokio_rustls::rustls::{self, ClientConfig, RootCertStore, ServerConfig};
use tokio_rustls::{TlsAcceptor, TlsConnector};

/// What a peer's certificate must say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsPeer {
    /// The name in it: the trunk's domain (RFC 5922 §7.1), or its address.
    pub name: String,
    /// PEM: who may have signed it. `None` is whom the operating system trusts.
    pub authorities: Option<PathBuf>,
}

/// Who we are to peers that connect to us.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TlsIdentity {
    /// PEM: our certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// PEM: its private key.
    pub key: PathBuf,
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
    /// A file of ours that cannot be read.
    #[error("{path}: {source}")]
    Identity {
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

/// How TLS is spoken with peers that connect to us. They show no certificate: their address says who
/// they are, as with datagrams.
pub(super) fn acceptor(identity: &TlsIdentity) -> Result<TlsAcceptor, TlsFault> {
    let TlsIdentity { certificate, key } = identity;
    let fault = |path: &PathBuf| {
        let path = path.clone();
        |source| TlsFault::Identity { path, source }
    };
    let chain = CertificateDer::pem_file_iter(certificate).map_err(fault(certificate))?;
    let chain = chain.collect::<Result<Vec<_>, _>>().map_err(fault(certificate))?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(fault(key))?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
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
