//! Which servers the ledger does not hold whole, and how an answer has to say so. It asks no server: what came of
//! the last looks at each is told by `pulls.rs`.

use crate::connector::server;
use crate::engine::pulls::{self, Place, Pulled};
use crate::engine::{Engine, View};
use crate::investigate::answer::{Answer, InPart};
use crate::investigate::said::LEDGER_SOURCE;

/// Places that are named in a sentence.
const NAMED: usize = 3;

impl Engine {
    /// The servers of which records are held here, though not all that there is.
    pub(super) fn in_part(&self) -> Vec<InPart> {
        let settings = match self.sources() {
            Ok(settings) => settings,
            Err(error) => {
                let says = format!("which servers are pulled from cannot be read: {error}");
                return vec![InPart { source: String::new(), says, failing: true }];
            }
        };
        let servers = settings.into_iter().filter(|(_, setting)| server::kind(&setting.kind).is_some());
        let names: Vec<String> = servers.map(|(name, _)| name).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let reader = self.reader();
        let (origin, held) = (reader.origin().to_owned(), reader.source_names().unwrap_or_default());
        drop(reader);
        let holds = |name: &String| {
            let within = format!("{LEDGER_SOURCE}{name}/");
            held.iter().any(|source| source == name || source.starts_with(&within))
        };
        let told = |name: String| {
            let (says, failing) = says(&name, &pulls::state(&self.home, &origin, &name))?;
            Some(InPart { source: name, says, failing })
        };
        names.into_iter().filter(holds).filter_map(told).collect()
    }
}

/// Why not all that a server has is held, and whether it fails; nothing where everything is that may be seen.
fn says(name: &str, pulled: &Pulled) -> Option<(String, bool)> {
    let Pulled { tried, succeeded, error, refused, failed, stopped, failing, .. } = pulled;
    let asked = tried.map_or_else(String::new, |at| format!(" {}", at.short()));
    let why = match (error, failed.as_slice()) {
        (Some(error), _) => Some(error.clone()),
        (None, []) => None,
        (None, [first, ..]) => Some(format!("{}: {}", places(failed), first.why)),
    };
    Some(match (succeeded, why) {
        (None, None) => (format!("{name} was never pulled whole: lastgood sync {name}"), false),
        (None, Some(why)) => (format!("{name} was never pulled whole, last tried{asked}: {why}"), true),
        (Some(whole), Some(why)) => {
            let since = failing.or(*tried).map_or_else(String::new, |at| format!(" since {}", at.short()));
            (format!("{name}: last seen whole {}, failing{since}: {why}", whole.short()), true)
        }
        (Some(whole), None) if *stopped => {
            (format!("{name}: last seen whole {}, and the look after it{asked} was stopped", whole.short()), false)
        }
        (Some(_), None) if refused.is_empty() => return None,
        (Some(_), None) => (format!("{name} does not let us look at {}", places(refused)), false),
    })
}

fn places(of: &[Place]) -> String {
    let named: Vec<&str> = of.iter().take(NAMED).map(|it| it.place.as_str()).collect();
    match of.len().saturating_sub(named.len()) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}

impl View<'_> {
    /// An answer that counts, with what it cannot have counted.
    pub(super) fn counted<R, S>(&self, mut answer: Answer<R, S>) -> Answer<R, S> {
        let unseen = self.engine.in_part().into_iter().map(|it| it.says);
        answer.completeness.leave_open(unseen);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Time;

    #[test]
    fn each_state_of_a_server_has_its_words() {
        let at = |text: &str| Some(Time::parse_stated(text).unwrap().0);
        let place = |place: &str| Place { place: place.to_owned(), why: "it says 403".to_owned() };
        let said = |pulled: &Pulled| says("prod-mlflow", pulled);
        assert_eq!(
            said(&Pulled::default()),
            Some(("prod-mlflow was never pulled whole: lastgood sync prod-mlflow".to_owned(), false))
        );
        let whole =
            Pulled { tried: at("2026-11-19T02:00:00Z"), succeeded: at("2026-11-19T02:00:00Z"), ..Pulled::default() };
        assert_eq!(said(&whole), None);
        let refused = ["runs", "traces", "models", "a", "b"].map(place).to_vec();
        let (text, failing) = said(&Pulled { refused, ..whole.clone() }).unwrap();
        assert_eq!(
            (text.as_str(), failing),
            ("prod-mlflow does not let us look at runs, traces, models and 2 more", false)
        );
        let tried = at("2026-11-19T02:52:00Z");
        let failing = Pulled { tried, error: Some("it refuses the credential".to_owned()), ..whole };
        assert_eq!(
            said(&failing),
            Some((
                "prod-mlflow: last seen whole 2026-11-19 02:00, failing since 2026-11-19 02:52: \
                 it refuses the credential"
                    .to_owned(),
                true
            ))
        );
        let (text, _) = said(&Pulled { succeeded: None, ..failing.clone() }).unwrap();
        assert_eq!(text, "prod-mlflow was never pulled whole, last tried 2026-11-19 02:52: it refuses the credential");
        let (text, _) = said(&Pulled { error: None, failed: vec![place("runs")], ..failing }).unwrap();
        assert!(text.ends_with("02:52: runs: it says 403"), "{text}");
    }
}
