//! Being stopped by a signal while the ledger is written: what is to be said then. It undoes nothing, since every batch
//! is in the ledger whole or not at all.

use tokio::signal::unix::{SignalKind, signal};

/// Runs `stopped` with the exit code of the signal whenever the process is told to stop: on a thread of its own,
/// whatever the others wait for. Nothing is done where the system does not let us listen: the signal then ends the process.
pub fn on_stop(mut stopped: impl FnMut(u8) + Send + 'static) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
    let Ok(runtime) = runtime else { return };
    let listen = move || {
        runtime.block_on(async {
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                return;
            };
            loop {
                let code = tokio::select! {
                    _ = interrupt.recv() => 130,
                    _ = terminate.recv() => 143,
                };
                stopped(code);
            }
        });
    };
    // a thread that cannot be had leaves the signal as it was
    drop(std::thread::Builder::new().name("signals".to_owned()).spawn(listen));
}
