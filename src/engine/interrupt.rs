//! Being stopped by a signal while the ledger is written: what is to be said then. It undoes nothing, since every batch
//! is in the ledger whole or not at all.

use tokio::signal::unix::{SignalKind, signal};

/// Runs `stopped` with the exit code of the signal when the process is told to stop: on a thread of its own, whatever
/// the others wait for. Nothing is done where the system does not let us listen: the signal then ends the process.
pub fn on_stop(stopped: impl FnOnce(u8) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let Ok(runtime) = runtime else { return };
    let listen = move || {
        let code = runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return None;
            };
            tokio::select! {
                _ = interrupt.recv() => Some(130),
                _ = terminate.recv() => Some(143),
            }
        });
        if let Some(code) = code {
            stopped(code);
        }
    };
    // a thread that cannot be had leaves the signal as it was
    drop(std::thread::Builder::new().name("signals".to_owned()).spawn(listen));
}
