//! TLS with a generated authority: trust, protocols, and faults below TLS.

use std::io::{self, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::harness::{TestServer, get, soon};
use super::http2;
use crate::http::{Authority, DEFAULT_NAMES, Limits, Validity};

pub(super) type Encrypted = TlsStream<tokio::net::TcpStream>;

/// Connects as `name`, offers `alpn`, and trusts `authority` only.
pub(super) async fn connect(
    server: &TestServer,
    authority: &Authority,
    name: &str,
    alpn: &[&str],
) -> io::Result<Encrypted> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.ca_pem().as_bytes()).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    soon(TlsConnector::from(Arc::new(config)).connect(name, server.connect().await.0)).await
}

async fn server(authority: &Authority) -> TestServer {
    TestServer::with(Limits::default(), Some(authority.server_config(&DEFAULT_NAMES).unwrap())).await
}

#[tokio::test]
async fn every_default_name_is_trusted_with_the_authority_and_none_without() {
    let authority = Authority::new().unwrap();
    let server = server(&authority).await;
    for name in DEFAULT_NAMES {
        connect(&server, &authority, name, &[]).await.unwrap();
    }
    let other_authority = Authority::new().unwrap();
    assert!(connect(&server, &other_authority, "localhost", &[]).await.is_err());
    assert!(connect(&server, &authority, "example.com", &[]).await.is_err());
}

#[tokio::test]
async fn a_certificate_outside_its_validity_is_refused() {
    let authority = Authority::new().unwrap();
    for validity in [Validity::expired(), Validity::not_yet()] {
        let config = authority.leaf(&["localhost"], validity).unwrap().server_config().unwrap();
        let server = TestServer::with(Limits::default(), Some(config)).await;
        assert!(connect(&server, &authority, "localhost", &[]).await.is_err());
    }
}

#[tokio::test]
async fn alpn_selects_the_protocol() {
    let authority = Authority::new().unwrap();
    let server = server(&authority).await;
    let both = connect(&server, &authority, "localhost", &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(http2::ask(&mut http2::client(both).await, "/tls").await.unwrap(), "true");
    for alpn in [&["http/1.1"][..], &[]] {
        let mut one = connect(&server, &authority, "localhost", alpn).await.unwrap();
        one.write_all(b"GET /tls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut answer = String::new();
        // TLS ends cleanly, or this would be an error.
        soon(one.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.ends_with("true"), "{answer}");
    }
}

#[tokio::test]
async fn faults_act_below_tls() {
    let authority = Authority::new().unwrap();
    let server = server(&authority).await;
    for (path, kind, bytes) in [
        ("/reset", ErrorKind::ConnectionReset, 0),
        ("/close", ErrorKind::UnexpectedEof, 0),
        ("/cut/1000000/length", ErrorKind::UnexpectedEof, 1_000_000),
    ] {
        let mut client = connect(&server, &authority, "localhost", &[]).await.unwrap();
        client.write_all(get(path).as_bytes()).await.unwrap();
        let mut received = Vec::new();
        let error = soon(client.read_to_end(&mut received)).await.expect_err(path);
        assert_eq!(error.kind(), kind, "{path}");
        assert_eq!(String::from_utf8(received).unwrap().matches('x').count(), bytes, "{path}");
    }
}

#[tokio::test]
async fn a_handshake_that_never_completes_is_ended() {
    let authority = Authority::new().unwrap();
    let limits = Limits { header_timeout: Duration::from_millis(100), ..Limits::default() };
    let server = TestServer::with(limits, Some(authority.server_config(&["localhost"]).unwrap())).await;
    let mut client = server.connect().await;
    client.send([0x16, 3, 1]).await;
    assert_eq!(client.rest().await, "");
}
