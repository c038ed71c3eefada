//! `serve`: opens the receiver, and prints what it tells of itself. It answers no request.

use crate::cli::Session;
use crate::cli::args;
use crate::cli::command::open;
use crate::cli::failure::{Exit, Failure};
use crate::cli::output::complain;
use crate::config::CredentialSetting;
use crate::engine::credential;
use crate::report::screen::screen;
use crate::serve::{self, Said, ServeError, Setup, Token};
use serde_json::json;
use std::path::PathBuf;

/// Where the token is when no file holds it.
const VARIABLE: &str = "LASTGOOD_SERVE_TOKEN";

/// `serve`
pub(crate) fn run(session: &Session, it: args::Serve) -> Result<Exit, Failure> {
    let usage = |why: String| Failure::new(Exit::Usage, why);
    let token = kept("serve", it.token_file, VARIABLE).map_err(usage)?;
    let token = token.map(|text| Token::new(&text)).transpose().map_err(usage)?;
    let engine = open::or_create(session)?;
    let (in_json, quiet) = (session.out.json, session.global.quiet);
    let hear = move |said: &Said| tell(said, in_json, quiet);
    let ended = serve::run(Setup { engine, listen: it.listen, token, hosts: it.hosts, hear: Box::new(hear) });
    match ended {
        Ok(code) => Ok(Exit::Signal(code)),
        Err(error @ ServeError::Open(_)) => Err(usage(error.to_string())
            .hint(format!("openssl rand -hex 32 > token && chmod 600 token, then --token-file token (or {VARIABLE})"))),
        Err(error @ ServeError::Listen { .. }) => {
            Err(usage(error.to_string()).hint("another address: --listen 127.0.0.1:0 takes any free port"))
        }
        Err(error @ ServeError::System(_)) => Err(usage(error.to_string())),
        Err(ServeError::Engine(error)) => Err(error.into()),
    }
}

/// A secret from a file, or from the environment where it is set there.
fn kept(of: &str, file: Option<PathBuf>, variable: &str) -> Result<Option<String>, String> {
    let env = std::env::var_os(variable).is_some_and(|value| !value.is_empty()).then(|| variable.to_owned());
    let setting = match (file, env) {
        (None, None) => return Ok(None),
        (None, env) => CredentialSetting { env, ..CredentialSetting::default() },
        (file, _) => CredentialSetting { file, ..CredentialSetting::default() },
    };
    credential(of, &setting).map(Some)
}

/// One line of what happened: for people on stderr, in JSON on stdout.
fn tell(said: &Said, in_json: bool, quiet: bool) {
    if in_json {
        let line = in_words_of_json(said).to_string();
        crate::cli::output::say(&line).unwrap_or_default();
    } else if !quiet {
        complain(&in_words(said));
    }
}

fn in_words_of_json(said: &Said) -> serde_json::Value {
    let mut line = match said {
        Said::Listening { address, ledger, token } => {
            json!({"event": "listening", "address": address, "ledger": ledger, "token": token})
        }
        Said::Kept { source, peer, records, already_known, not_read } => json!({
            "event": "kept", "source": source, "peer": peer, "records": records, "already_known": already_known,
            "quarantined": not_read,
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
        Said::Kept { source, peer, records, already_known, not_read } => {
            let mut line = format!("{source} from {peer}: {records} records added, {already_known} known already");
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
