//! HTTP in: records that clients push, over a receiver their own libraries know how to talk to. It reads no format
//! and touches no ledger: the engine does. It answers no question about the lineage.
//!
//! Whoever may speak is settled in `guard` before a body is read; how much and how long in `connection` and `body`;
//! what is answered where is put together in `routes`.

mod body;
mod connection;
mod guard;
mod ledger;
mod lines;
mod openlineage;
mod otlp;
mod routes;
mod said;
mod webhooks;

pub use guard::Token;
pub use said::{Refusal, Said};
pub use webhooks::Secrets;

use crate::engine::{Engine, EngineError, Reception};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;

/// Everything a receiver is opened with.
pub struct Setup {
    /// The ledger.
    pub engine: Engine,
    /// Where to listen.
    pub listen: SocketAddr,
    /// What clients must show.
    pub token: Option<Token>,
    /// What webhooks are signed with.
    pub secrets: Secrets,
    /// The names, beside addresses and `localhost`, under which it may be called.
    pub hosts: Vec<String>,
    /// Hears what happens.
    pub hear: Box<dyn Fn(&Said) + Send + Sync>,
}

/// Why it does not receive.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Anybody on the network could write.
    #[error("{0} can be reached from other machines, so clients must show a token")]
    Open(SocketAddr),
    /// The address cannot be had.
    #[error("cannot listen on {at}: {source}")]
    Listen {
        /// The address.
        at: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The system refuses what is needed.
    #[error("cannot receive: {0}")]
    System(std::io::Error),
    /// The ledger.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// What every request is answered with.
struct Serving {
    engine: Arc<Engine>,
    reception: Arc<Reception>,
    guard: guard::Guard,
    secrets: Secrets,
    /// Bodies under way of whoever has not proven anything yet.
    unproven: Semaphore,
    /// Bytes of bodies that may be in memory at once.
    memory: Arc<Semaphore>,
    hear: Box<dyn Fn(&Said) + Send + Sync>,
}

/// Receives until a signal tells it to stop: what has arrived by then is written and answered. Gives the exit code of
/// the signal.
///
/// # Errors
/// When it cannot begin to.
pub fn run(setup: Setup) -> Result<u8, ServeError> {
    if !setup.listen.ip().is_loopback() && setup.token.is_none() {
        return Err(ServeError::Open(setup.listen));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::System)?;
    let engine = Arc::new(setup.engine);
    let (reception, writer) = Reception::open(&engine)?;
    let code = runtime.block_on(async {
        let at = setup.listen;
        let listener = TcpListener::bind(at).await.map_err(|source| ServeError::Listen { at, source })?;
        let address = listener.local_addr().map_err(ServeError::System)?;
        let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::System)?;
        let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::System)?;
        let serving = Arc::new(Serving {
            engine,
            reception: Arc::new(reception),
            guard: guard::Guard::new(setup.token, setup.hosts),
            secrets: setup.secrets,
            unproven: Semaphore::new(webhooks::UNPROVEN),
            memory: Arc::new(Semaphore::new(body::MEMORY)),
            hear: setup.hear,
        });
        let ledger = serving.engine.path().to_owned();
        (serving.hear)(&Said::Listening { address, ledger, token: serving.guard.asks_for_a_token() });
        let stop = async {
            tokio::select! {
                _ = interrupt.recv() => 130,
                _ = terminate.recv() => 143,
            }
        };
        Ok::<u8, ServeError>(connection::accept(&listener, routes::all(serving), stop).await)
    })?;
    // Whoever still hangs on is let go; the writer then has nothing more to wait for.
    runtime.shutdown_timeout(connection::FAREWELL);
    writer.join().map_err(|_| EngineError::Stopped("the writer"))?;
    Ok(code)
}
