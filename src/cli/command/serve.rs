//! `serve`: opens the receiver, and prints what it tells of itself. It answers no request.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::open;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::{complain, say};
use crate::config::CredentialSetting;
use crate::engine::{Accepted, credential};
use crate::report::screen::screen;
use crate::serve::{self, Said, Secrets, ServeError, Setup, Token};
use serde_json::json;
use std::net::SocketAddr;
use std::path::PathBuf;
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
    let token = kept("serve", it.token_file, "LASTGOOD_SERVE_TOKEN", settings.token).map_err(usage)?;
    let token = token.map(|text| Token::new(&text)).transpose().map_err(usage)?;
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
    let ended = serve::run(Setup { engine, listen, token, secrets, hosts, hear: Box::new(hear) });
    // The last lines, unless nobody takes them.
    printed.recv_timeout(Duration::from_secs(1)).unwrap_or_default();
    match ended {
        Ok(code) => Ok(Exit::Signal(code)),
        Err(error @ ServeError::Open(_)) => Err(usage(error.to_string())
            .hint("umask 077; openssl rand -hex 32 > token; then --token-file token (or LASTGOOD_SERVE_TOKEN)")),
        Err(error @ ServeError::Listen { .. }) => {
            Err(usage(error.to_string()).hint("another address: --listen 127.0.0.1:0 takes any free port"))
        }
        Err(error @ ServeError::System(_)) => Err(usage(error.to_string())),
        Err(ServeError::Engine(error)) => Err(error.into()),
    }
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

fn in_json_words(said: &Said) -> serde_json::Value {
    let mut line = match said {
        Said::Listening { address, ledger, token } => {
            json!({"event": "listening", "address": address, "ledger": ledger, "token": token})
        }
        Said::Kept { source, peer, accepted } => json!({
            "event": "kept", "source": source, "peer": peer, "records": accepted.records,
            "already_known": accepted.already_known, "conflicts": accepted.conflicts, "quarantined": accepted.not_read,
        }),
        Said::Refused { path, peer, refusal } => {
            json!({"event": "refused", "path": path, "peer": peer, "why": refusal.to_string()})
        }
    };
    line["schema"] = "lastgood/serve/1".into();
    line
}

fn in_words(said: &Said) -> String {
    match said {
        Said::Listening { address, ledger, token } => {
            let shown = if *token { "clients must show the token" } else { "no token is asked for" };
            let ledger = screen(&ledger.display().to_string()).into_owned();
            format!("receiving at http://{address} into {ledger}; {shown}; stop with Ctrl-C")
        }
        Said::Kept { source, peer, accepted } => {
            let Accepted { records, already_known, conflicts, not_read } = accepted;
            let mut line = format!("{source} from {peer}: {records} records added, {already_known} known already");
            for it in conflicts {
                line += &format!(
                    "\n  CONFLICT: {} was told before with another content; both are kept",
                    screen(&it.repeats)
                );
            }
            for it in not_read {
                line += &format!("\n  could not be read: {} {}", screen(&it.place), screen(&it.why));
            }
            line
        }
        Said::Refused { path, peer, refusal } => {
            let peer = peer.map_or_else(|| "somebody".to_owned(), |peer| peer.to_string());
            format!("refused {} from {peer}: {}", screen(path), screen(&refusal.to_string()))
        }
    }
}
