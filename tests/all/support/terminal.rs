//! The real binary in a pseudo-terminal, with a terminal emulator reading what it draws: whole frames, as a
//! terminal that knows synchronised updates shows them. Waits for what is seen, never for time.

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::termios::{LocalModes, Termios, tcgetattr};
use std::io::{Read as _, Write};
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(60);

/// How a frame begins and ends.
const FRAME: (&[u8], &[u8]) = (b"\x1b[?2026h", b"\x1b[?2026l");

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// How many of them the parser has read.
    shown: usize,
    closed: bool,
}

impl Seen {
    /// Takes bytes in, and shows them but for a frame that has not ended.
    fn take(&mut self, bytes: &[u8]) {
        self.raw.extend_from_slice(bytes);
        let new = &self.raw[self.shown..];
        let begun = memchr::memmem::rfind(new, FRAME.0);
        let ended = memchr::memmem::rfind(new, FRAME.1);
        let whole = match begun {
            Some(begun) if ended.is_none_or(|ended| ended < begun) => begun,
            _ => {
                let cut = (1..FRAME.0.len()).rev().find(|length| new.ends_with(&FRAME.0[..*length]));
                new.len() - cut.unwrap_or(0)
            }
        };
        self.parser.process(&new[..whole]);
        self.shown += whole;
    }
}

/// A running console and the terminal it believes to be in.
pub(crate) struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    seen: Arc<(Mutex<Seen>, Condvar)>,
    before: Termios,
}

impl Terminal {
    /// Starts a command in a terminal of that size.
    pub(crate) fn start(command: &std::process::Command, columns: u16, rows: u16) -> Terminal {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut builder = CommandBuilder::new(command.get_program());
        builder.args(command.get_args());
        builder.env_clear();
        for (name, value) in command.get_envs() {
            if let Some(value) = value {
                builder.env(name, value);
            }
        }
        builder.env("TERM", "xterm-256color");
        builder.env("LANG", "C.UTF-8");
        if let Some(folder) = command.get_current_dir() {
            builder.cwd(folder);
        }
        let before = settings(&*pair.master);
        let child = pair.slave.spawn_command(builder).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        let seen = Arc::new((Mutex::new(Seen { parser, raw: Vec::new(), shown: 0, closed: false }), Condvar::new()));
        let writes = Arc::clone(&seen);
        std::thread::spawn(move || {
            let mut buffer = [0; 8192];
            loop {
                let read = reader.read(&mut buffer).unwrap_or(0);
                let (lock, changed) = &*writes;
                let mut seen = lock.lock().unwrap();
                if read == 0 {
                    seen.closed = true;
                } else {
                    seen.take(&buffer[..read]);
                }
                changed.notify_all();
                if read == 0 {
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Terminal { child, master: pair.master, keys, seen, before }
    }

    /// Types these bytes.
    pub(crate) fn keys(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits until the screen satisfies `wanted`, and gives it.
    pub(crate) fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let (lock, changed) = &*self.seen;
        let deadline = Instant::now() + PATIENCE;
        let mut seen = lock.lock().unwrap();
        loop {
            let screen = seen.parser.screen().contents();
            if wanted(&screen) {
                return screen;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !seen.closed, "waited in vain for {what}; the screen is:\n{screen}");
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Waits for this text on the screen.
    pub(crate) fn sees(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    /// What it last asked the terminal to copy, in base64 as it is sent; waits until it is there.
    pub(crate) fn copied(&self) -> String {
        let (lock, changed) = &*self.seen;
        let deadline = Instant::now() + PATIENCE;
        let mut seen = lock.lock().unwrap();
        loop {
            let raw = String::from_utf8_lossy(&seen.raw);
            let sent = raw.rsplit_once("\u{1b}]52;c;").and_then(|(_, rest)| rest.split_once(['\u{7}', '\u{1b}']));
            if let Some((copied, _)) = sent {
                return copied.to_owned();
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero() && !seen.closed, "nothing was copied");
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// The process's id.
    pub(crate) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_raw(self.child.process_id().unwrap().cast_signed()).unwrap()
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// Whether input is read key by key now (as a console does) rather than by lines.
    pub(crate) fn is_raw(&self) -> bool {
        !settings(&*self.master).local_modes.contains(LocalModes::ICANON)
    }

    /// Waits until the process has ended; says how and checks that the terminal is as it was.
    pub(crate) fn ended_cleanly(mut self) -> u32 {
        let status = self.child.wait().unwrap();
        let now = settings(&*self.master);
        assert_eq!(now.local_modes, self.before.local_modes, "the terminal's modes are not restored");
        assert_eq!(now.input_modes, self.before.input_modes, "the terminal's input modes are not restored");
        let (lock, _) = &*self.seen;
        let deadline = Instant::now() + PATIENCE;
        // The last bytes may still be on their way through the pseudo-terminal.
        loop {
            let seen = lock.lock().unwrap();
            let screen = seen.parser.screen();
            if !screen.alternate_screen() && !screen.hide_cursor() {
                break;
            }
            assert!(Instant::now() < deadline, "the alternate screen is left on, or the cursor hidden");
            let left = deadline.saturating_duration_since(Instant::now());
            drop(self.seen.1.wait_timeout(seen, left).unwrap());
        }
        status.exit_code()
    }
}

/// The emulator's smallest screen is two by two.
fn cells(count: u16) -> std::num::NonZero<u16> {
    std::num::NonZero::new(count.max(2)).unwrap()
}

fn settings(master: &dyn MasterPty) -> Termios {
    let descriptor = master.as_raw_fd().unwrap();
    // SAFETY: the descriptor belongs to `master`, which outlives this call.
    #[expect(unsafe_code, reason = "the terminal's own settings can only be read through its descriptor")]
    let borrowed = unsafe { BorrowedFd::borrow_raw(descriptor) };
    tcgetattr(borrowed).unwrap()
}
