//! `completions` and `man`: made from the command tree itself.

use crate::cli::failure::{Exit, Failure};
use crate::cli::{Session, command_tree};

/// `completions`
pub(crate) fn completions(session: &Session, shell: clap_complete::Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut command_tree(), "lastgood", &mut script);
    session.say(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Answered)
}

/// `man`
pub(crate) fn man(session: &Session) -> Result<Exit, Failure> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command_tree())
        .render(&mut page)
        .map_err(|error| Failure::new(Exit::NoSpace, format!("the manual page: {error}")))?;
    session.say(&String::from_utf8_lossy(&page))?;
    Ok(Exit::Answered)
}
