//! Several sources pulled at once: a slow or dead one holds none of the others up, and what they bring is appended in
//! turns. It does not choose which sources those are.

use crate::config::SourceSetting;
use crate::engine::{Engine, EngineError, Progress, SyncReport};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex, PoisonError};

/// Sources that are pulled at once.
const AT_ONCE: usize = 4;

/// One source that is to be pulled.
pub struct Pulling<'p> {
    /// Its name.
    pub name: &'p str,
    /// Where it is.
    pub setting: &'p SourceSetting,
    /// Hears how far it is.
    pub progress: Box<dyn Progress + 'p>,
}

/// What is the same for all of them.
pub struct Several<'p> {
    /// Asks a person for a credential; one at a time is asked for.
    pub prompt: &'p (dyn Fn(&str) -> Option<String> + Sync),
    /// Stops them all.
    pub cancel: &'p Arc<AtomicBool>,
}

impl Engine {
    /// Pulls what is new from several sources, and hands on what came of each as it ends. The reports are in the
    /// order of the sources.
    ///
    /// # Errors
    /// When the ledger cannot be written. That a server fails is told in its report.
    pub fn sync_several(
        &self,
        sources: &[Pulling<'_>],
        how: &Several<'_>,
        ended: &mut dyn FnMut(&SyncReport),
    ) -> Result<Vec<SyncReport>, EngineError> {
        let (next, asking) = (AtomicUsize::new(0), Mutex::new(()));
        let prompt = |what: &str| {
            let _one = asking.lock().unwrap_or_else(PoisonError::into_inner);
            (how.prompt)(what)
        };
        let mut reports: Vec<Option<SyncReport>> = sources.iter().map(|_| None).collect();
        std::thread::scope(|scope| {
            let (send, receive) = channel();
            for _ in 0..AT_ONCE.min(sources.len()) {
                let (send, next, prompt) = (send.clone(), &next, &prompt);
                scope.spawn(move || {
                    loop {
                        let place = next.fetch_add(1, Ordering::Relaxed);
                        let Some(source) = sources.get(place) else { return };
                        let report = self.sync(source.name, source.setting, prompt, how.cancel, &*source.progress);
                        if send.send((place, report)).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(send);
            let mut failed = None;
            for (place, report) in receive {
                match report {
                    Ok(report) => {
                        ended(&report);
                        if let Some(slot) = reports.get_mut(place) {
                            *slot = Some(report);
                        }
                    }
                    Err(error) => {
                        // What cannot be written for one cannot for another.
                        next.store(sources.len(), Ordering::Relaxed);
                        how.cancel.store(true, Ordering::Relaxed);
                        failed = failed.or(Some(error));
                    }
                }
            }
            failed.map_or(Ok(()), Err)
        })?;
        Ok(reports.into_iter().flatten().collect())
    }
}
