//! The terminal as it was, whatever happens: entered once, given back on exit, error, panic and
//! suspension. It draws nothing.

use crate::report::screen::screen;
use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use std::io::{self, IsTerminal, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The most bytes put on the clipboard: many terminals drop longer sequences whole.
pub const CLIPBOARD: usize = 64 * 1024;

static ENTERED: AtomicBool = AtomicBool::new(false);
/// The thread that owns the screen: a panic elsewhere is caught there and must not touch it.
static OWNER: AtomicU64 = AtomicU64::new(0);

thread_local! {
    static HERE: u64 = {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        NEXT.fetch_add(1, Ordering::Relaxed)
    };
}

/// Why the console cannot have the terminal.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// Input or output is no terminal.
    #[error("the console needs a terminal, and {0} is none: ask on the command line instead (lastgood --help)")]
    NoTerminal(&'static str),
    /// The terminal does not do what it is told.
    #[error("the terminal failed: {0}")]
    Io(#[from] io::Error),
}

/// The terminal in the console's hands; dropped, it is as it was.
pub struct Guard(());

impl Guard {
    /// Takes the terminal: raw, alternate screen, mouse, bracketed paste.
    ///
    /// # Errors
    /// When there is none, or it refuses.
    pub fn enter() -> Result<Guard, TerminalError> {
        if !io::stdin().is_terminal() {
            return Err(TerminalError::NoTerminal("standard input"));
        }
        if !io::stdout().is_terminal() {
            return Err(TerminalError::NoTerminal("standard output"));
        }
        hook_panics();
        OWNER.store(HERE.with(|id| *id), Ordering::SeqCst);
        let guard = Guard(());
        take()?;
        Ok(guard)
    }

    /// Gives the terminal back and stops the process group. It may return before the stop takes
    /// hold: take the terminal again only when told to continue.
    ///
    /// # Errors
    /// When the process may not stop itself.
    pub fn stop(&self) -> io::Result<()> {
        give_back();
        // The whole group, as the terminal itself would: whoever started us must stop too, or the
        // shell does not notice.
        Ok(rustix::process::kill_current_process_group(rustix::process::Signal::STOP)?)
    }

    /// Takes the terminal anew after a stop, be it our own or one that could not be caught.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn retake(&self) -> io::Result<()> {
        disable_raw_mode()?;
        take()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    enable_raw_mode()?;
    ENTERED.store(true, Ordering::SeqCst);
    execute!(io::stdout(), EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste, cursor::Hide)
}

/// Puts the terminal back, once. Errors have nowhere to go: the terminal may be gone.
pub fn give_back() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout();
        let steps = [
            execute!(out, EndSynchronizedUpdate, DisableBracketedPaste, DisableMouseCapture),
            execute!(out, LeaveAlternateScreen, cursor::Show),
            disable_raw_mode(),
            out.flush(),
        ];
        drop(steps);
    }
}

/// Puts the terminal back before a panic message, which is cleaned and cut: it may quote data.
fn hook_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !ENTERED.load(Ordering::SeqCst) {
                return before(info);
            }
            if OWNER.load(Ordering::SeqCst) != HERE.with(|id| *id) {
                // A question's thread: the worker catches it and the screen shows that it failed.
                return;
            }
            give_back();
            let place = info.location().map(ToString::to_string).unwrap_or_default();
            let text = info.payload_as_str().unwrap_or("no message");
            let text = screen(&text[..text.floor_char_boundary(300)]).into_owned();
            let words = format!("lastgood stopped on an internal error at {place}: {text}\nThe ledger is unharmed.\n");
            // Standard error may be gone with the terminal.
            drop(io::stderr().write_all(words.as_bytes()));
        }));
    });
}

/// Holds the terminal's picture still while a frame is written.
///
/// # Errors
/// When the terminal is gone.
pub fn begin_frame() -> io::Result<()> {
    queue!(io::stdout(), BeginSynchronizedUpdate)
}

/// Shows what was written.
///
/// # Errors
/// When the terminal is gone.
pub fn end_frame() -> io::Result<()> {
    execute!(io::stdout(), EndSynchronizedUpdate)
}

/// What goes onto the clipboard: printable text, cut to what terminals take.
pub fn clipboard_text(text: &str) -> String {
    let head = &text[..text.floor_char_boundary(CLIPBOARD)];
    let lines: Vec<String> = head.split('\n').map(|line| screen(line).into_owned()).collect();
    lines.join("\n")
}

/// Asks the terminal to copy a text (OSC 52), and says what was done.
pub fn copy(text: &str) -> String {
    let clean = clipboard_text(text);
    let cut = text.len() > CLIPBOARD;
    match execute!(io::stdout(), CopyToClipboard::to_clipboard_from(clean.as_bytes())) {
        Ok(()) if cut => format!("asked the terminal to copy the first {} bytes", clean.len()),
        Ok(()) => "asked the terminal to copy it; where it cannot: select with Shift and the mouse".to_owned(),
        Err(_) => "the terminal takes no copy: select with Shift and the mouse".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_copied_is_cut_and_clean() {
        assert_eq!(clipboard_text("model-version:a@1"), "model-version:a@1");
        assert_eq!(clipboard_text("a\x1b]52;c;x\x07b\nc"), "a␛]52;c;x␇b\nc");
        assert!(clipboard_text(&"é".repeat(1 << 20)).len() <= CLIPBOARD);
    }
}
