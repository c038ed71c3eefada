//! Connections: how many, how large a head, and how long each may take to say what it wants. It looks at no body.

use super::End;
use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

/// Connections at once.
const CONNECTIONS: usize = 512;
/// Headers of a request, and bytes of all of them.
const HEADERS: usize = 64;
const HEAD: usize = 32 << 10;
/// How long a head may take; also how long a connection may lie idle between two requests.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// How long what is under way when it is told to stop may still take.
pub(super) const FAREWELL: Duration = Duration::from_secs(5);
/// What is answered beyond the limit. Clients try again on 503, and some of them lose the event on 429.
const CROWDED: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Peer(pub(super) IpAddr);

/// Accepts until `stop` says how it ends, then lets what is under way finish.
pub(super) async fn accept(listener: &TcpListener, routes: Router, stop: impl Future<Output = End>) -> End {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let (leave, leaving) = watch::channel(false);
    let mut stop = std::pin::pin!(stop);
    let end = loop {
        let accepted = tokio::select! {
            end = &mut stop => break end,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, peer)) = accepted else {
            // Out of file descriptors, or gone before we looked: others may be served meanwhile.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&places).try_acquire_owned() else {
            drop(tokio::spawn(turn_away(stream)));
            continue;
        };
        let (routes, leaving) = (routes.clone(), leaving.clone());
        drop(tokio::spawn(async move {
            serve(stream, peer, routes, leaving).await;
            drop(place);
        }));
    };
    // Nobody listening means nobody is connected.
    leave.send_replace(true);
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    drop(tokio::time::timeout(FAREWELL, places.acquire_many(all)).await);
    end
}

async fn serve(stream: TcpStream, peer: SocketAddr, routes: Router, mut leaving: watch::Receiver<bool>) {
    // Answers are small and waited for.
    stream.set_nodelay(true).unwrap_or_default();
    let service = TowerToHyperService::new(routes.layer(axum::Extension(Peer(peer.ip()))));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_headers(HEADERS)
        .max_buf_size(HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    loop {
        tokio::select! {
            // How a connection ends is its client's affair.
            _ = connection.as_mut() => return,
            left = leaving.changed() => {
                connection.as_mut().graceful_shutdown();
                if left.is_err() {
                    return;
                }
            }
        }
    }
}

async fn turn_away(mut stream: TcpStream) {
    drop(tokio::time::timeout(Duration::from_secs(1), stream.write_all(CROWDED)).await);
}
