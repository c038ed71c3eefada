//! Where text goes: stdout and stderr, without dying of a closed pipe. It formats nothing.

use crate::cli::args::{Colour, Global};
use crate::report::screen::screen_lines;
use crate::report::table::Layout;
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};

/// The two streams and what was asked of them.
pub(super) struct Output {
    /// How tables are laid out.
    pub layout: Layout,
    /// One JSON object instead of tables.
    pub json: bool,
    /// Short Markdown instead of tables.
    pub markdown: bool,
    /// Lists whole rather than their beginning.
    pub verbose: bool,
    quiet: bool,
}

impl Output {
    /// Decides width and colour from the terminal and the options.
    pub(super) fn new(global: &Global) -> Output {
        let terminal = io::stdout().is_terminal();
        let width = rustix::termios::tcgetwinsize(io::stdout()).ok().map(|size| size.ws_col).filter(|w| *w >= 20);
        let colour = match global.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
        };
        Output {
            layout: Layout { width: if terminal { width } else { None }, colour },
            json: global.json,
            markdown: global.markdown,
            verbose: global.verbose,
            quiet: global.quiet,
        }
    }

    /// Writes an answer. A reader that closed its end (`| head`) has what it wanted.
    ///
    /// # Errors
    /// When stdout cannot take it for another reason.
    pub(super) fn say(&self, text: &str) -> io::Result<()> {
        say(text)
    }

    /// Writes a remark to stderr unless `--quiet`, foreign text in it made harmless; that stderr is
    /// closed is no reason to stop.
    pub(super) fn remark(&self, text: &str) {
        self.remark_laid_out(&harmless(text));
    }

    /// The same for text that was made harmless where it was laid out.
    pub(super) fn remark_laid_out(&self, text: &str) {
        if !self.quiet {
            complain(text);
        }
    }

    /// Whether progress may be drawn.
    pub(super) fn draws_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }
}

/// Writes an answer from wherever it is known.
///
/// # Errors
/// As [`Output::say`].
pub(super) fn say(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    let mut write = || -> io::Result<()> {
        out.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            out.write_all(b"\n")?;
        }
        out.flush()
    };
    match write() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}

/// Text of several lines with whatever would act on a terminal made visible.
pub(super) fn harmless(text: &str) -> String {
    screen_lines(text).join("\n")
}

/// Writes to stderr; there is nowhere left to report a failure to.
pub fn complain(text: &str) {
    let mut err = io::stderr().lock();
    if writeln!(err, "{text}").is_err() {
        drop(err);
    }
}
