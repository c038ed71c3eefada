//! HTTP in: records that clients push, over a receiver their own libraries know how to talk to. It reads no format
//! and touches no ledger: the engine does. It answers no question about the lineage.
//!
//! Whoever may speak is settled in `guard` before a body is read; how much and how long in `connection` and `body`;
//! what is answered where is put together in `routes`.

mod body;
mod caller;
mod connection;
mod guard;
mod health;
mod ledger;
mod lines;
mod openlineage;
mod otlp;
mod routes;
mod said;
mod token;
mod webhooks;

pub use caller::Caller;
pub use said::{Door, Kept, Refusal, Request, Said};
pub use token::Tokens;
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
    /// What clients must show to send.
    pub senders: Option<Tokens>,
    /// What must be shown for the ledger to be handed out.
    pub readers: Option<Tokens>,
    /// What webhooks are signed with.
    pub secrets: Secrets,
    /// The names, beside addresses and `localhost`, under which it may be called.
    pub hosts: Vec<String>,
    /// Hears what happens.
    pub hear: Arc<dyn Fn(&Said) + Send + Sync>,
}

/// Why it does not receive.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// Anybody on the network could write.
    #[error("{0} can be reached from other machines, so clients must show a token")]
    Open(SocketAddr),
    /// Whoever reaches what passes requests on could write.
    #[error("who calls it {0} comes from other machines, by way of something before it, so clients must show a token")]
    Named(String),
    /// Who may send could read.
    #[error("a token of senders is among those that the ledger is handed out to: make another for each")]
    SameToken,
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
    hear: Arc<dyn Fn(&Said) + Send + Sync>,
}

/// How it came to an end; either way what had arrived is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It was told to stop.
    Told,
    /// Ctrl-C.
    Interrupted,
}

/// Receives until a signal tells it to stop: what has arrived by then is written and answered.
///
/// # Errors
/// When it cannot begin to.
pub fn run(setup: Setup) -> Result<End, ServeError> {
    let Setup { engine, listen: at, senders, readers, secrets, hosts, hear } = setup;
    match (&senders, &readers, hosts.first()) {
        (None, _, _) if !at.ip().is_loopback() => return Err(ServeError::Open(at)),
        (None, _, Some(host)) => return Err(ServeError::Named(host.clone())),
        (Some(senders), Some(readers), _) if senders.meet(readers) => return Err(ServeError::SameToken),
        _ => {}
    }
    let door = |tokens: &Option<Tokens>| Door {
        token: tokens.is_some(),
        clients: tokens.as_ref().map(Tokens::names).unwrap_or_default(),
    };
    let doors = (door(&senders), door(&readers));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(ServeError::System)?;
    let engine = Arc::new(engine);
    let (reception, writer) = Reception::open(&engine)?;
    let serving = Arc::new(Serving {
        engine: Arc::clone(&engine),
        reception: Arc::new(reception),
        guard: guard::Guard::new(senders, readers, hosts),
        secrets,
        unproven: Semaphore::new(webhooks::UNPROVEN),
        memory: Arc::new(Semaphore::new(body::MEMORY)),
        hear: Arc::clone(&hear),
    });
    let end = runtime.block_on(async {
        let listener = TcpListener::bind(at).await.map_err(|source| ServeError::Listen { at, source })?;
        let address = listener.local_addr().map_err(ServeError::System)?;
        let stop = stop().map_err(ServeError::System)?;
        let ledger = engine.path().to_owned();
        let (senders, readers) = doors;
        hear(&Said::Listening { at: engine.clock().now(), address, ledger, senders, readers });
        Ok::<End, ServeError>(connection::accept(&listener, routes::all(serving), stop).await)
    })?;
    // Whoever still hangs on is let go; the writer then has nothing more to wait for.
    runtime.shutdown_timeout(connection::FAREWELL);
    writer.join().map_err(|_| EngineError::Stopped("the writer"))?;
    hear(&Said::Stopped { at: engine.clock().now() });
    Ok(end)
}

/// Waits for a signal that tells it to stop; from now on none of them ends the process by itself.
fn stop() -> std::io::Result<impl Future<Output = End>> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Whoever started it so that it outlives its terminal (nohup) is not to be heard as one who tells it to stop.
    let mut hangup = if ignores_hangup() { None } else { Some(signal(SignalKind::hangup())?) };
    Ok(async move {
        let hung_up = async {
            match &mut hangup {
                Some(hangup) => drop(hangup.recv().await),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = interrupt.recv() => End::Interrupted,
            _ = terminate.recv() => End::Told,
            () = hung_up => End::Told,
        }
    })
}

/// Whether it was started with SIGHUP ignored, as far as the system tells.
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & 1 == 1)
}
