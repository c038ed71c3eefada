//! `serve`: opens the receiver, and prints what it tells of itself. It answers no request.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::open;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::{complain, say};
use crate::config::CredentialSetting;
use crate::engine::{Accepted, credential};
use crate::report::screen::screen;
use crate::serve::{self, Door, End, Kept, Request, Said, Secrets, ServeError, Setup, Tokens};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

/// The shortest secret of webhooks that is not guessed.
const SHORTEST: usize = 8;
/// Lines that may wait to be printed: whoever does not read them holds up no client.
const WAITING: usize = 1024;

/// `serve`
pub(crate) fn run(session: &Session, it: args::Serve) -> Result<Exit, Failure> {
    let usage = |why: String| Failure::new(Exit::Usage, why);
    let settings = session.settings.serve.clone();
    let senders = tokens("serve", it.token_file, "LASTGOOD_SERVE_TOKEN", settings.token).map_err(usage)?;
    let readers = (it.ledger_token_file, "LASTGOOD_SERVE_LEDGER_TOKEN", settings.ledger);
    let readers = tokens("the ledger", readers.0, readers.1, readers.2).map_err(usage)?;
    let github = kept("GitHub's webhooks", it.github_secret_file, "LASTGOOD_SERVE_GITHUB_SECRET", settings.github);
    let mlflow = kept("MLflow's webhooks", it.mlflow_secret_file, "LASTGOOD_SERVE_MLFLOW_SECRET", settings.mlflow);
    let secrets = Secrets { github: github.map_err(usage)?, mlflow: mlflow.map_err(usage)? };
    if [&secrets.github, &secrets.mlflow].into_iter().flatten().any(|secret| secret.len() < SHORTEST) {
        return Err(usage(format!("a secret of webhooks has at least {SHORTEST} characters: openssl rand -hex 32")));
    }
    let listen = it.listen.or(settings.listen).unwrap_or(SocketAddr::from(([127, 0, 0, 1], 4318)));
    let hosts = if it.hosts.is_empty() { settings.hosts } else { it.hosts };
    let engine = open::or_create(session)?;
    let (in_json, quiet) = (session.out.json, session.global.quiet);
    let (out, lines) = sync_channel(WAITING);
    let (done, printed) = sync_channel::<()>(0);
    drop(std::thread::spawn(move || {
        print(&lines, in_json);
        drop(done);
    }));
    let hear = move |said: &Said| {
        if quiet && !in_json {
            return;
        }
        let line = if in_json { in_json_words(said).to_string() } else { in_words(said) };
        // Where nobody takes them, lines are lost; what they tell of is in the ledger.
        out.try_send(line).unwrap_or_default();
    };
    let ended = serve::run(Setup { engine, listen, senders, readers, secrets, hosts, hear: Arc::new(hear) });
    // The last lines, unless nobody takes them.
    printed.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    let error = match ended {
        Ok(End::Told) => return Ok(Exit::Answered),
        Ok(End::Interrupted) => return Ok(Exit::Signal(130)),
        Err(ServeError::Engine(error)) => return Err(error.into()),
        Err(error) => error,
    };
    let said = usage(error.to_string());
    Err(match error {
        ServeError::Open(_) | ServeError::Named(_) => {
            said.hint("umask 077; openssl rand -hex 32 > token; then --token-file token (or LASTGOOD_SERVE_TOKEN)")
        }
        ServeError::Listen { .. } => said.hint("another address: --listen 127.0.0.1:0 takes any free port"),
        ServeError::SameToken | ServeError::System(_) | ServeError::Engine(_) => said,
    })
}

/// The tokens of a door, where there are any.
fn tokens(
    of: &str,
    file: Option<PathBuf>,
    variable: &str,
    setting: Option<CredentialSetting>,
) -> Result<Option<Tokens>, String> {
    let text = kept(of, file, variable, setting)?;
    text.map(|text| Tokens::read(&text)).transpose().map_err(|why| format!("the tokens of {of}: {why}"))
}

/// A secret from a file, else from the environment where it is set there, else from where the settings say.
fn kept(
    of: &str,
    file: Option<PathBuf>,
    variable: &str,
    setting: Option<CredentialSetting>,
) -> Result<Option<String>, String> {
    let env = std::env::var_os(variable).is_some_and(|value| !value.is_empty()).then(|| variable.to_owned());
    let setting = match (file, env) {
        (Some(file), _) => Some(CredentialSetting { file: Some(file), ..CredentialSetting::default() }),
        (None, Some(env)) => Some(CredentialSetting { env: Some(env), ..CredentialSetting::default() }),
        (None, None) => setting,
    };
    setting.map(|setting| credential(of, &setting)).transpose()
}

/// One line of what happened: for people on stderr, in JSON on stdout.
fn print(lines: &Receiver<String>, in_json: bool) {
    for line in lines {
        match in_json {
            // A reader that went away is no reason to stop.
            true => say(&line).unwrap_or_default(),
            false => complain(&line),
        }
    }
}

fn in_json_words(said: &Said) -> Value {
    let mut line = match said {
        Said::Listening { at, address, ledger, senders, readers } => json!({
            "event": "listening", "at": at, "address": address, "ledger": ledger, "token": senders.token,
            "clients": senders.clients, "ledger_handed_out": readers.token, "ledger_readers": readers.clients,
        }),
        Said::Answered(it) => request_in_json(it),
        Said::Stopped { at } => json!({"event": "stopped", "at": at}),
    };
    line["schema"] = "lastgood/serve/1".into();
    line
}

/// What came of a request, in a word.
fn event(it: &Request) -> &'static str {
    match it.status {
        // Whoever looks what answers here finds nothing, and that is no alarm.
        404 => "answered",
        400.. => "refused",
        _ if it.kept.is_some() => "kept",
        _ => "answered",
    }
}

fn request_in_json(it: &Request) -> Value {
    let Request { at, method, path, caller, client, status, kept, refusal } = it;
    let mut line = json!({
        "event": event(it), "at": at, "method": method, "path": path, "peer": caller.peer,
        "on_behalf_of": caller.on_behalf_of, "client": client, "status": status,
    });
    if let Some(Kept { source, delivery, accepted }) = kept {
        line["source"] = source.as_str().into();
        line["delivery"] = delivery.as_deref().into();
        line["records"] = accepted.records.into();
        line["first"] = accepted.numbers.map(|(first, _)| first).into();
        line["last"] = accepted.numbers.map(|(_, last)| last).into();
        line["already_known"] = accepted.already_known.into();
        line["conflicts"] = json!(accepted.conflicts);
        line["quarantined"] = json!(accepted.not_read);
    }
    if let Some(refusal) = refusal {
        line["why"] = refusal.to_string().into();
    }
    line
}

fn in_words(said: &Said) -> String {
    match said {
        Said::Listening { at, address, ledger, senders, readers } => {
            let ledger = screen(&ledger.display().to_string()).into_owned();
            let sends = match senders {
                Door { token: false, .. } => "no token is asked for".to_owned(),
                door => format!("clients must show a token{}", named(door)),
            };
            let reads = match readers {
                Door { token: false, .. } => "the ledger is not handed out".to_owned(),
                door => format!("the ledger is handed out to who shows its token{}", named(door)),
            };
            format!("{at} receiving at http://{address} into {ledger}; {sends}; {reads}; stop with Ctrl-C")
        }
        Said::Answered(it) => request_in_words(it),
        Said::Stopped { at } => format!("{at} stopped: everything that had arrived is written"),
    }
}

fn named(door: &Door) -> String {
    if door.clients.is_empty() { String::new() } else { format!(" ({})", door.clients.join(", ")) }
}

fn request_in_words(it: &Request) -> String {
    let Request { at, method, path, caller, client, status, kept, refusal } = it;
    let client = client.as_ref().map_or_else(String::new, |client| format!(", token of {client}"));
    let mut line = format!("{at} {} {} from {caller}{client}: ", screen(method), screen(path));
    line += &match (event(it), kept, refusal) {
        ("kept", Some(kept), _) => kept_in_words(kept),
        ("refused", _, Some(refusal)) => format!("refused with {status}: {}", screen(&refusal.to_string())),
        ("refused", Some(_), _) => format!("refused with {status}: nothing of it could be read"),
        (_, _, Some(refusal)) => format!("{status}, {}", screen(&refusal.to_string())),
        _ => format!("answered with {status}"),
    };
    if let Some(kept) = kept {
        for it in &kept.accepted.conflicts {
            let name = screen(&it.repeats);
            line += &format!("\n  CONFLICT: {name} was told before with another content; both are kept");
        }
        for it in &kept.accepted.not_read {
            line += &format!("\n  could not be read: {} {}", screen(&it.place), screen(&it.why));
        }
    }
    line
}

fn kept_in_words(kept: &Kept) -> String {
    let Kept { source, delivery, accepted: Accepted { records, numbers, already_known, .. } } = kept;
    let plural = if *records == 1 { "" } else { "s" };
    let numbers = match numbers {
        Some((first, last)) if first == last => format!(" ({first})"),
        Some((first, last)) => format!(" ({first}-{last})"),
        None => String::new(),
    };
    let delivery = delivery.as_ref().map_or_else(String::new, |delivery| format!("delivery {}, ", screen(delivery)));
    format!("{delivery}{records} record{plural} added{numbers} to {source}, {already_known} known already")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::NotRead;
    use crate::model::Time;
    use crate::serve::{Caller, Refusal};
    use std::net::IpAddr;

    fn request(status: u16, kept: Option<Kept>, refusal: Option<Refusal>) -> String {
        let caller = Caller { peer: IpAddr::from([127, 0, 0, 1]), on_behalf_of: vec![IpAddr::from([203, 0, 113, 7])] };
        request_in_words(&Request {
            at: Time::from_seconds(1_790_000_000),
            method: "POST".to_owned(),
            path: "/records\u{1b}[2J".to_owned(),
            caller,
            client: Some("airflow".to_owned()),
            status,
            kept,
            refusal,
        })
    }

    #[test]
    fn a_line_tells_when_how_where_who_and_what_came_of_it() {
        let head = request(200, None, None);
        let head = head.strip_suffix("answered with 200").unwrap();
        assert!(head.starts_with("2026-09-21T14:13:20Z POST /records"), "{head}");
        assert!(!head.contains('\u{1b}'), "{head}");
        assert!(head.ends_with(" from 127.0.0.1, for 203.0.113.7 as it says, token of airflow: "), "{head}");
        let kept = |records, numbers, not_read: Vec<NotRead>| {
            let accepted = Accepted { records, numbers, not_read, ..Accepted::default() };
            Some(Kept { source: "serve:github".to_owned(), delivery: Some("d-1".to_owned()), accepted })
        };
        let bad = NotRead { file: String::new(), place: "line 2 (byte 9)".to_owned(), why: "no id".to_owned() };
        for (line, expected) in [
            (
                request(201, kept(1, Some((7, 7)), Vec::new()), None),
                "delivery d-1, 1 record added (7) to serve:github, 0 known already",
            ),
            (
                request(201, kept(3, Some((7, 9)), vec![bad.clone()]), None),
                "delivery d-1, 3 records added (7-9) to serve:github, 0 known already\n  could not be read: line 2 (byte 9) no id",
            ),
            (
                request(400, kept(0, None, vec![bad]), None),
                "refused with 400: nothing of it could be read\n  could not be read: line 2 (byte 9) no id",
            ),
            (request(401, None, Some(Refusal::WrongToken)), "refused with 401: this is not the token"),
            (request(404, None, Some(Refusal::Nowhere)), "404, nothing is here"),
        ] {
            assert_eq!(line.strip_prefix(head), Some(expected), "{line}");
        }
    }
}
